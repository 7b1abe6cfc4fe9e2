"""A strict reader of Inno Setup's scripts: what it does not know is an error.

Only what packaging/windows/labkeep.iss uses is known: https://jrsoftware.org/ishelp/ names it all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

DIRECTIVES = frozenset(
    {
        *("AppId", "AppName", "AppVersion", "AppVerName", "AppPublisher", "AppComments"),
        *("VersionInfoVersion", "VersionInfoProductTextVersion", "VersionInfoDescription"),
        *("VersionInfoCompany", "DefaultDirName", "DefaultGroupName", "DisableProgramGroupPage"),
        *("PrivilegesRequired", "PrivilegesRequiredOverridesAllowed", "UsePreviousPrivileges", "MinVersion"),
        *("ArchitecturesAllowed", "ArchitecturesInstallIn64BitMode", "LicenseFile", "OutputDir"),
        *("OutputBaseFilename", "SetupIconFile", "UninstallDisplayIcon", "UninstallDisplayName"),
        *("Compression", "SolidCompression", "WizardStyle", "CloseApplications", "CloseApplicationsFilter"),
        *("RestartApplications", "ChangesAssociations", "ChangesEnvironment", "SignTool"),
        *("SignedUninstaller",),
    }
)
COMMON = frozenset({"Check", "Flags", "Languages", "Tasks"})
PARAMETERS = {
    "Languages": frozenset({"Name", "MessagesFile"}),
    "Tasks": frozenset({"Name", "Description", "GroupDescription"}) | COMMON,
    "InstallDelete": frozenset({"Type", "Name"}) | COMMON,
    "Dirs": frozenset({"Name", "Permissions"}) | COMMON,
    "Files": frozenset({"Source", "DestDir", "DestName", "Permissions"}) | COMMON,
    "Icons": frozenset({"Name", "Filename", "Parameters", "Comment", "IconFilename"}) | COMMON,
    "Registry": frozenset({"Root", "Subkey", "ValueType", "ValueName", "ValueData", "Permissions"}) | COMMON,
    "Run": frozenset({"Filename", "Parameters", "Description", "StatusMsg", "WorkingDir"}) | COMMON,
}
FLAGS = {
    "Tasks": frozenset({"unchecked", "checkedonce", "exclusive"}),
    "Dirs": frozenset({"uninsneveruninstall", "uninsalwaysuninstall"}),
    "Files": frozenset(
        {
            *("ignoreversion", "recursesubdirs", "createallsubdirs", "onlyifdoesntexist", "uninsneveruninstall"),
            "signonce",
        }
    ),
    "Registry": frozenset({"uninsdeletevalue", "uninsdeletekey", "uninsdeletekeyifempty"}),
    "Run": frozenset({"runhidden", "waituntilterminated", "nowait", "postinstall", "skipifsilent"}),
}
CONSTANTS = frozenset(
    {"app", "sys", "autopf", "autoprograms", "autodesktop", "commonappdata", "localappdata", "olddata", "cm"}
)
ROOTS = frozenset({"HKA", "HKLM", "HKCU"})
VALUE_TYPES = frozenset({"string", "expandsz", "dword"})
BUILT_IN_CHECKS = frozenset({"IsAdminInstallMode"})
_PARAMETER = re.compile(r'\s*(\w+):\s*("(?:[^"]|"")*"|[^;"]*)\s*(?:;|$)')
_CONSTANT = re.compile(r"\{(\{|[^}]*\}?)")


class ScriptError(Exception):
    """The script has something that Inno Setup does not know, or that is not closed."""


@dataclass
class Script:
    """A script after its preprocessor: directives, the lines of the other sections, and the code."""

    directives: dict[str, str] = field(default_factory=dict)
    messages: dict[str, dict[str, str]] = field(default_factory=dict)
    entries: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    code: str = ""

    def flags(self, section: str, number: int) -> set[str]:
        """The flags of an entry."""
        return set(self.entries[section][number].get("Flags", "").split())


def read_script(path: Path, *defined: str) -> Script:
    """Read a script and what it includes; raises ScriptError at the first thing that is wrong."""
    text = "\n".join(_preprocessed(path, dict.fromkeys(defined, "")))
    script, section = Script(), ""
    head, _, script.code = text.partition("\n[Code]\n")
    for line in head.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith(";"):
            continue
        if found := re.fullmatch(r"\[(\w+)\]", stripped):
            section = found[1]
            _demand(section in {"Setup", "CustomMessages", *PARAMETERS}, f"an unknown section: {section}")
        elif section == "Setup":
            _take_directive(script, stripped)
        elif section == "CustomMessages":
            _take_message(script, stripped)
        else:
            _demand(bool(section), f"outside of any section: {stripped}")
            script.entries.setdefault(section, []).append(_entry(section, stripped))
    _check_code(script)
    return script


def _preprocessed(path: Path, names: dict[str, str]) -> Iterator[str]:
    """Follow #include, #define and #ifdef, and put values in the place of {#Name}."""
    content = path.read_text("utf-8-sig")
    taken: list[bool] = []
    for line in content.splitlines():
        word, _, rest = line.partition(" ")
        if word == "#endif":
            taken.pop()
        elif word in ("#ifdef", "#ifndef"):
            taken.append((rest.strip() in names) == (word == "#ifdef"))
        elif not all(taken):
            continue
        elif word == "#include":
            place = PureWindowsPath(rest.strip().strip('"'))
            yield from _preprocessed(path.parent.joinpath(*place.parts), names)
        elif word == "#define":
            name, _, expression = rest.strip().partition(" ")
            names[name] = "".join(_value(part.strip(), names) for part in expression.split(" + "))
        else:
            _demand(not line.startswith("#"), f"an unknown word of the preprocessor: {line}")
            yield re.sub(r"\{#(\w+)\}", lambda found: _value(found[1], names), line)
    _demand(not taken, "#ifdef without #endif")


def _value(part: str, names: dict[str, str]) -> str:
    if part.startswith('"') and part.endswith('"') and len(part) > 1:
        return part[1:-1]
    _demand(part in names, f"not defined: {part}")
    return names[part]


def _take_directive(script: Script, line: str) -> None:
    name, equals, value = line.partition("=")
    _demand(bool(equals) and name in DIRECTIVES, f"an unknown directive: {line}")
    _demand(name not in script.directives, f"said twice: {name}")
    _check_constants(value)
    script.directives[name] = value


def _take_message(script: Script, line: str) -> None:
    found = re.fullmatch(r"(\w+)\.(\w+)=(.+)", line)
    _demand(found is not None, f"no message of a language: {line}")
    assert found is not None
    script.messages.setdefault(found[1], {})[found[2]] = found[3]


def _entry(section: str, line: str) -> dict[str, str]:
    entry: dict[str, str] = {}
    at = 0
    while at < len(line):
        found = _PARAMETER.match(line, at)
        _demand(found is not None and found.end() > at, f"not closed, or no parameter: {line[at:]}")
        assert found is not None
        name, value = found[1], found[2].strip()
        _demand(name in PARAMETERS[section] and name not in entry, f"[{section}] has no {name}, or has it twice")
        entry[name] = value[1:-1].replace('""', '"') if value.startswith('"') else value
        if name != "Check":
            _check_constants(entry[name])
        at = found.end()
    unknown = set(entry.get("Flags", "").split()) - FLAGS.get(section, frozenset())
    _demand(not unknown, f"[{section}] has no flags {unknown}")
    if section == "Registry":
        _demand(entry["Root"] in ROOTS and entry["ValueType"] in VALUE_TYPES, f"no such root or type: {line}")
    return entry


def _check_constants(value: str) -> None:
    """Every { is one half of {{ or begins a known constant that is closed."""
    for found in _CONSTANT.finditer(value):
        if found[1] == "{":
            continue
        name = re.split(r"[:,|}]", found[1])[0]
        _demand(found[1].endswith("}") and name in CONSTANTS, f"an unknown constant, or not closed: {value}")


def _check_code(script: Script) -> None:
    code = re.sub(r"'[^'\n]*'", "''", re.sub(r"(?<!')\{[^}]*\}", "", script.code))
    declared = set(re.findall(r"^(?:function|procedure) (\w+)", code, re.MULTILINE))
    for entries in script.entries.values():
        for entry in entries:
            words = set(re.findall(r"\w+", entry.get("Check", ""))) - {"not", "and", "or"}
            _demand(words <= declared | BUILT_IN_CHECKS, f"a check that nobody wrote: {entry}")
    opened = len(re.findall(r"\b(?:begin|try|case)\b", code))
    _demand(opened == len(re.findall(r"\bend\b", code)), "begin and end are not as many")
    _demand(code.count("(") == code.count(")"), "brackets are not closed")


def _demand(right: bool, problem: str) -> None:
    if not right:
        raise ScriptError(problem)
