"""Hands the window's sentences to translators and what they made of them to the window, with Qt's own tools."""

import ast
import functools
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

from PySide6.QtCore import QLocale

PROJECT = Path(__file__).parents[1]
CATALOGS = PROJECT / "resources" / "translations"
_WINDOW = "desktop_app/ui"
_CONTEXT_OF_TEMPLATES = "services"
# Qt's collector knows self.tr("…") and translate("context", "…"); a module's own _tr("…") has its context in one place.
_CONTEXT = re.compile(r'^_CONTEXT = "(\w+)"|^    return QCoreApplication\.translate\("(\w+)", text\b', re.MULTILINE)
_SHORT_CALL = re.compile(r"(?<!def )\b_tr\(")
_ABANDONED = {"vanished", "obsolete"}


def catalog(language: str, folder: Path) -> Path:
    """The file that translators work on, in Qt Linguist's format; the window loads the one beside it, ``.qm``.

    Raises SystemExit where Qt knows no such language, and for English, which is what the window says by itself.
    """
    locale = QLocale(language)
    # As Qt writes it when it looks for a catalog: another spelling would never be loaded.
    names = {name.replace("-", "_") for name in locale.uiLanguages()}
    if language not in names or locale.language() in (QLocale.Language.C, QLocale.Language.English):
        raise SystemExit(f"“{language}” is no language to translate to; it is a code such as tr or pt_BR.")
    return folder / f"labkeep_{language}.ts"


def collect(file: Path) -> None:
    """Bring a catalog to the state of the source: new sentences enter, vanished ones are marked, work is kept."""
    with tempfile.TemporaryDirectory(prefix="labkeep-sentences-") as copy:
        for path in (PROJECT / _WINDOW).rglob("*.py"):
            twin = Path(copy) / path.relative_to(PROJECT)
            twin.parent.mkdir(parents=True, exist_ok=True)
            twin.write_text(_spelled_out(path.read_text(encoding="utf-8")), encoding="utf-8")
        templates = Path(copy) / _WINDOW / "text" / "templates.py"
        templates.write_text("\n".join(templates_said()), encoding="utf-8")
        # Where the project has its catalogs, so that the places named in it are right.
        work = Path(copy) / CATALOGS.relative_to(PROJECT) / file.name
        work.parent.mkdir(parents=True)
        if file.is_file():
            work.write_bytes(file.read_bytes())
        language = file.stem.removeprefix("labkeep_")
        options = ["-locations", "relative", "-source-language", "en", "-target-language", language]
        _run("lupdate", *options, "-extensions", "py", str(Path(copy) / _WINDOW), "-ts", str(work))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(work.read_bytes())


def templates_said() -> list[str]:
    """The templates of errors and messages of the whole program, each as the call that translates it."""
    found: dict[str, None] = {}
    for path in sorted((PROJECT / "desktop_app").rglob("*.py")):
        found |= dict.fromkeys(_templates_in(path.read_text(encoding="utf-8")))
    return list(found)


@functools.cache  # every catalog wants them all, and to read the program takes a second
def _templates_in(source: str) -> list[str]:
    found = []
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and _takes_template(call):
            counted = ", None, 2" if any(word.arg == "one" for word in call.keywords) else ""
            for text in _constants(call.args[:1]):
                said = f"{json.dumps(_CONTEXT_OF_TEMPLATES)}, {json.dumps(text)}{counted}"
                found.append(f"QCoreApplication.translate({said})")
    return found


def _takes_template(call: ast.Call) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    return name == "Message" or name.endswith(("Error", "Cancelled"))


def _constants(arguments: Sequence[ast.expr]) -> Iterator[str]:
    """The text of the first argument, or of both sides where one is chosen."""
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
            yield argument.value
        elif isinstance(argument, ast.IfExp):
            yield from _constants((argument.body, argument.orelse))


def _spelled_out(source: str) -> str:
    """The source with each ``_tr(`` as the call that it stands for, line by line."""
    found = _CONTEXT.search(source)
    context = (found[1] or found[2]) if found else ""
    return _SHORT_CALL.sub(f'QCoreApplication.translate("{context}", ', source)


def problems(file: Path) -> list[str]:
    """What in a catalog would break the window, a sentence each: names in braces that the source's do not match."""
    found = []
    for message in ElementTree.parse(file).iter("message"):
        source = message.findtext("source", "")
        for text in _translations(message):
            if _places(text) != _places(source):
                wanted = ", ".join(sorted(_places(source) or ())) or "none"
                found.append(f"{file.name}: “{text}” must have the placeholders of “{source}”: {wanted}.")
    return found


def _translations(message: ElementTree.Element) -> Iterator[str]:
    translation = message.find("translation")
    if translation is not None and translation.get("type") not in _ABANDONED:
        forms = translation.findall("numerusform") or [translation]
        yield from (form.text for form in forms if form.text)


def _places(text: str) -> set[str] | None:
    """The placeholders of a sentence; None where its braces do not pair, on which format() would raise."""
    try:
        return {f"{{{name}}}" for _text, name, _format, _conversion in Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def release(file: Path, target: Path | None = None) -> None:
    """Make what the window loads."""
    _run("lrelease", "-silent", str(file), "-qm", str(target or file.with_suffix(".qm")))


def faults(folder: Path) -> list[str]:
    """What is wrong with the catalogs as they stand: problems, and a ``.qm`` that was not made from its ``.ts``."""
    found = []
    for file in sorted(folder.glob("*.ts")):
        found += problems(file)
        shipped = file.with_suffix(".qm")
        with tempfile.TemporaryDirectory(prefix="labkeep-sentences-") as fresh:
            made = Path(fresh) / shipped.name
            release(file, made)
            if not shipped.is_file() or shipped.read_bytes() != made.read_bytes():
                found.append(f"{shipped.name} is not what {file.name} makes: run make translations.")
    return found


def _run(tool: str, *arguments: str) -> None:
    subprocess.run([str(Path(sysconfig.get_path("scripts")) / f"pyside6-{tool}"), *arguments], check=True)


def main(languages: Sequence[str], folder: Path = CATALOGS) -> int:
    """Collect, check and release the catalogs of these languages, or of all there are; 1 where one was refused."""
    files = [catalog(language, folder) for language in languages] or sorted(folder.glob("*.ts"))
    refused = 0
    for file in files:
        collect(file)
        if found := problems(file):
            sys.stderr.write("\n".join(found) + "\n")
            refused = 1
        else:
            release(file)
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
