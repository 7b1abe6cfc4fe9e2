"""What Windows gets: the installer's script, the programs' icon, version and manifest. Read here, run there."""

import ast
import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import description
import picture_files
import pytest
import windows_parts
from PIL import IcnsImagePlugin, IcoImagePlugin

from desktop_app import __version__
from tests.unit.inno_script import Script, ScriptError, read_script


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own with what the installer needs, made as it is made on Windows."""
    project = tmp_path_factory.mktemp("project")
    (project / "packaging" / "windows").mkdir(parents=True)
    (project / "packaging" / "windows" / "labkeep.iss").write_bytes(windows_parts.SCRIPT.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows_parts, "WORK", project / "build" / "windows")
        windows_parts.write_parts()
    return project


@pytest.fixture(scope="module")
def script(parts: Path) -> Script:
    return read_script(parts / "packaging" / "windows" / "labkeep.iss")


def test_the_script_says_who_is_installed_and_upgraded(script: Script) -> None:
    setup = script.directives
    assert setup["AppId"].startswith("{{")
    assert UUID(setup["AppId"][2:-1]).version == 4
    assert (setup["AppName"], setup["AppVersion"]) == (description.TITLE, __version__)
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", setup["VersionInfoVersion"])
    assert setup["PrivilegesRequired"] == "lowest"
    assert set(setup["PrivilegesRequiredOverridesAllowed"].split()) == {"dialog", "commandline"}
    assert setup["CloseApplications"] == setup["RestartApplications"] == "yes"
    assert setup["DefaultDirName"] == "{autopf}\\Labkeep"


def test_files_that_the_script_names_are_there(script: Script, parts: Path) -> None:
    here = windows_parts.FOLDER
    named = [script.directives["LicenseFile"], *(entry["Source"] for entry in script.entries["Files"])]
    for name in named:
        path = here.joinpath(*name.split("\\"))
        assert path.exists() or path.parent == here / ".." / ".." / "dist" / "labkeep", name
    icon = parts / "packaging" / "windows"
    assert icon.joinpath(*script.directives["SetupIconFile"].split("\\")).resolve().is_file()


def test_profiles_and_links_are_opened_by_the_window(script: Script) -> None:
    values = {(entry["Subkey"], entry.get("ValueName", "")): entry["ValueData"] for entry in script.entries["Registry"]}
    classes = "Software\\Classes\\"
    kind = values[classes + description.PROFILE_SUFFIX, ""]
    assert values[classes + description.PROFILE_SUFFIX, "Content Type"] == description.PROFILE_TYPE
    opened = '"{app}\\labkeep.exe" "%1"'
    assert values[f"{classes}{kind}\\shell\\open\\command", ""] == opened
    assert values[f"{classes}{description.LINK_SCHEME}\\shell\\open\\command", ""] == opened
    assert (classes + description.LINK_SCHEME, "URL Protocol") in values
    for entry in script.entries["Registry"]:
        assert entry["Root"] == "HKA" or entry["Tasks"] == "path", "per person and per machine alike"


def test_the_policy_is_for_all_and_is_never_written_over(script: Script) -> None:
    files = script.entries["Files"]
    (number,) = (n for n, entry in enumerate(files) if "policy.toml" in entry["Source"])
    assert files[number]["DestDir"] == "{commonappdata}\\Labkeep"
    assert files[number]["Check"] == "IsAdminInstallMode"
    assert {"onlyifdoesntexist", "uninsneveruninstall"} <= script.flags("Files", number)
    rights = [entry["Parameters"] for entry in script.entries["Run"] if entry["Filename"].endswith("icacls.exe")]
    assert "/setowner *S-1-5-32-544" in rights[0], "whoever owns it gives himself every right"
    granted = dict(re.findall(r"\*(S[\d-]+):\(OI\)\(CI\)(\w+)", rights[1]))
    assert "/inheritance:r" in rights[1]
    assert granted == {"S-1-5-18": "F", "S-1-5-32-544": "F", "S-1-5-32-545": "RX"}


def test_an_upgrade_leaves_no_old_modules_and_nothing_deletes_data(script: Script) -> None:
    assert [entry["Name"] for entry in script.entries["InstallDelete"]] == ["{app}\\_internal"]
    assert "UninstallDelete" not in script.entries
    assert "DelTree" not in script.code
    assert set(script.messages["en"]) == set(script.messages["tr"])
    used = set(re.findall(r"CustomMessage\('(\w+)'\)", script.code)) | {"Desktop", "Path", "Open"}
    assert used == set(script.messages["en"])


def test_it_is_signed_only_where_somebody_signs(parts: Path, script: Script) -> None:
    path = parts / "packaging" / "windows" / "labkeep.iss"
    assert "SignTool" not in script.directives
    signed = read_script(path, "Signed")
    assert signed.directives["SignTool"] == "labkeep"
    assert "signonce" in signed.flags("Files", 0)
    assert "signonce" not in script.flags("Files", 0)
    assert windows_parts.installer_command("ISCC", "")[1:] == ["/Q", str(windows_parts.SCRIPT)]
    assert "/Slabkeep=signtool sign $f" in windows_parts.installer_command("ISCC", "signtool sign $f")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("MinVersion=", "MinimumVersion="),
        lambda text: text.replace("{autopf}", "{programs files}"),
        lambda text: text.replace("{autopf}\\", "{autopf\\"),
        lambda text: text.replace("ignoreversion", "ignoreversions"),
        lambda text: text.replace('DestDir: "{app}"', 'DestDir: "{app}'),
        lambda text: text.replace("and LacksPath", "and LacksPaths"),
        lambda text: text.replace("[Run]", "[Runs]"),
        lambda text: text.replace("{#Window}", "{#Windows}"),
        lambda text: text.replace("#endif", ""),
        lambda text: text.replace("    Sleep(500);\n  end;", "    Sleep(500);"),
        lambda text: text.replace("AppName=", "AppId=x\nAppName="),
        lambda text: text.replace("Root: HKA", "Root: HKAX", 1),
    ],
    ids=[
        *("directive", "constant", "open constant", "flag", "open text", "check", "section", "value", "endif", "end"),
        *("twice", "root"),
    ],
)
def test_the_reader_finds_what_is_wrong(parts: Path, spoil: Callable[[str], str]) -> None:
    path = parts / "packaging" / "windows" / "labkeep.iss"
    right = path.read_text("utf-8-sig")
    wrong = path.with_name("wrong.iss")
    wrong.write_text(spoil(right), "utf-8")
    assert wrong.read_text("utf-8") != right
    with pytest.raises((ScriptError, IndexError)):
        read_script(wrong)


def test_scripts_begin_as_inno_setup_knows_utf8(parts: Path) -> None:
    for path in (windows_parts.SCRIPT, parts / "build" / "windows" / "description.iss"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path


@pytest.mark.parametrize("command", description.COMMANDS, ids=lambda command: command.name)
def test_each_program_says_its_name_and_version(command: description.Command) -> None:
    tree = ast.parse(windows_parts.version_resource(command), mode="eval")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    strings = {
        ast.literal_eval(call.args[0]): ast.literal_eval(call.args[1])
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "StringStruct"
    }
    assert strings["OriginalFilename"] == f"{command.name}.exe"
    assert strings["ProductVersion"] == strings["FileVersion"] == __version__
    (fixed,) = (call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "FixedFileInfo")
    numbers = {each.arg: ast.literal_eval(each.value) for each in fixed.keywords}
    assert numbers["filevers"] == numbers["prodvers"] == windows_parts.version_numbers()
    plain = re.sub(r"[^\d.].*", "", __version__)
    assert f"{'.'.join(map(str, numbers['filevers']))}.".startswith(f"{plain}.")


def test_the_manifest_asks_for_long_paths_utf8_and_no_rights() -> None:
    root = ElementTree.parse(windows_parts.MANIFEST).getroot()
    said = {element.tag.rpartition("}")[2]: element for element in root.iter()}
    assert said["requestedExecutionLevel"].attrib == {"level": "asInvoker", "uiAccess": "false"}
    assert said["longPathAware"].text == "true"
    assert said["activeCodePage"].text == "UTF-8"
    assert said["dpiAwareness"].text == "PerMonitorV2"


def test_the_icon_has_every_size(parts: Path) -> None:
    icon = IcoImagePlugin.IcoFile(io.BytesIO((parts / "build" / "windows" / "labkeep.ico").read_bytes()))
    assert icon.sizes() == {(size, size) for size in picture_files.ICO_SIZES}
    for size in picture_files.ICO_SIZES:
        picture = icon.getimage((size, size))
        assert picture.size == (size, size)
        assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 255), "drawn, on nothing"


def test_macos_icon_has_every_size() -> None:
    content = picture_files.icns(picture_files.drawn(description.ICON, tuple(set(picture_files.ICNS_TYPES.values()))))
    icon = IcnsImagePlugin.IcnsFile(io.BytesIO(content))
    assert {width * scale for width, _, scale in icon.itersizes()} == set(picture_files.ICNS_TYPES.values())
    for size in icon.itersizes():
        assert icon.getimage(size).size == (size[0] * size[2],) * 2
