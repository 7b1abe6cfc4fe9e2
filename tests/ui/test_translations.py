"""The path of a translation: from a sentence in the source through a catalog into the window."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.paths import resources_dir
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.shell import application
from desktop_app.ui.text import formatting, notices
from tests.ui.made_records import center
from tools import translations

ROOT = Path(__file__).resolve().parents[2]
SHORT = "_tr"
TRANSLATES_TEMPLATES = ROOT / "desktop_app" / "ui" / "text" / "messages.py"
"""What the whole program says otherwise is translated here, from templates that are found elsewhere."""
TURKISH = {
    ("ReasonDialog", "&Reason"): "&Gerekçe",
    ("notices", "You do not belong to {center} any more."): "Artık {center} üyesi değilsiniz.",
    ("formatting", "{count} files"): "{count} dosya",
    ("FormDialog", "Cancel"): "Vazgeç",
}


# --- the source ---


def sentences_of(source: str) -> Iterator[tuple[str, str]]:
    """(context, sentence) of all that a module says, read without Qt's tools; ValueError for what they cannot read."""
    tree = ast.parse(source)
    short = next((node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == SHORT), None)
    context_of_short = short_context(tree, short) if short else ""
    for node, owner, in_function in walk(tree, short):
        if not (name := called(node)):
            continue
        assert isinstance(node, ast.Call)
        words = [literal(argument) for argument in node.args]
        if not in_function:
            raise ValueError(f"line {node.lineno}: said at import, before a catalog is there")
        if len(words) != (2 if name == "translate" else 1):
            raise ValueError(f"line {node.lineno}: more than a sentence, such as a number for %n")
        yield {"translate": words[0], "tr": owner, SHORT: context_of_short}[name], words[-1]


def short_context(tree: ast.Module, short: ast.FunctionDef) -> str:
    """The context that a module's own short function gives to Qt."""
    (given,) = [node.args[0] for node in ast.walk(short) if isinstance(node, ast.Call) and called(node)]
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == ast.unparse(given):
            return literal(node.value)
    return literal(given)


def walk(
    node: ast.AST, without: ast.AST | None, owner: str = "", in_function: bool = False
) -> Iterator[tuple[ast.AST, str, bool]]:
    """Every node with the class that it stands in, and whether it runs only when called."""
    for child in ast.iter_child_nodes(node):
        if child is without:
            continue
        yield child, owner, in_function
        within = in_function or isinstance(child, ast.FunctionDef | ast.Lambda)
        yield from walk(child, without, child.name if isinstance(child, ast.ClassDef) else owner, within)


def called(node: ast.AST) -> str:
    """The function of translation that is called here; empty for all else."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute) and function.attr in ("tr", "translate"):
        return function.attr
    return SHORT if isinstance(function, ast.Name) and function.id == SHORT else ""


def literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(f"line {node.lineno}: a catalog cannot have {ast.unparse(node)}")


def everything_said() -> set[tuple[str, str]]:
    calls = (ast.parse(call, mode="eval").body for call in translations.templates_said())
    said = {(literal(call.args[0]), literal(call.args[1])) for call in calls if isinstance(call, ast.Call)}
    for path in (ROOT / "desktop_app" / "ui").rglob("*.py"):
        if path == TRANSLATES_TEMPLATES:
            continue
        try:
            said |= set(sentences_of(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise AssertionError(f"{path.relative_to(ROOT)}, {error}") from error
    return said


@pytest.mark.parametrize(
    "source",
    [
        "def f(self):\n    self.tr(f'{n} files')",
        "def f(self):\n    self.tr(text)",
        "def f(self):\n    self.tr('%n files', '', 3)",
        "def f(self):\n    self.tr('a' + name)",
        "def f():\n    QCoreApplication.translate(context, 'a')",
        "TITLE = QCoreApplication.translate('about', 'a')",
        "class A(QWidget):\n    text = _tr('a')",
    ],
)
def test_reader_refuses_what_no_catalog_can_have(source: str) -> None:
    with pytest.raises(ValueError, match="line"):
        list(sentences_of(source))


# --- the catalog ---


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = translations.catalog("tr", tmp_path_factory.mktemp("collected"))
    translations.collect(file)
    return file


@pytest.fixture(scope="module")
def translated(collected: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog with a few sentences translated."""
    file = tmp_path_factory.mktemp("translated") / collected.name
    shutil.copy(collected, file)
    for (context, source), text in TURKISH.items():
        translate(file, context, source, text)
    return file


@pytest.fixture
def turkish(translated: Path, tmp_path: Path) -> Path:
    """The same in a folder of its own."""
    return Path(shutil.copy(translated, tmp_path))


def messages(file: Path) -> dict[tuple[str, str], ElementTree.Element]:
    """The catalog's messages, by context and sentence."""
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message
        for context in ElementTree.parse(file).iter("context")
        for message in context.iter("message")
    }


def translate(file: Path, context: str, source: str, text: str) -> None:
    """What a translator does in Qt Linguist."""
    tree = ElementTree.parse(file)
    (found,) = [
        message
        for each in tree.iter("context")
        for message in each.iter("message")
        if (each.findtext("name"), message.findtext("source")) == (context, source)
    ]
    translation = found.find("translation")
    assert translation is not None
    translation.text = text
    del translation.attrib["type"]
    tree.write(file, encoding="utf-8", xml_declaration=True)


def test_collector_finds_every_sentence_with_its_context(collected: Path) -> None:
    assert set(messages(collected)) == everything_said()
    assert len(messages(collected)) > 500


def test_collecting_again_keeps_work_and_marks_what_vanished(turkish: Path) -> None:
    gone = ("ReasonDialog", "A sentence of long ago")
    text = turkish.read_text(encoding="utf-8")
    first = "<name>ReasonDialog</name>"
    old = f"<message><source>{gone[1]}</source><translation>Eski bir {{cümle}}</translation></message>"
    turkish.write_text(text.replace(first, first + old), encoding="utf-8")
    translations.collect(turkish)
    found = messages(turkish)
    assert {key: found[key].findtext("translation") for key in TURKISH} == TURKISH
    vanished = found[gone].find("translation")
    assert vanished is not None
    assert vanished.get("type") == "vanished"
    assert translations.problems(turkish) == []  # nobody will read it
    # A second time nothing changes, so that a catalog's history shows what changed in the source.
    before = turkish.read_bytes()
    translations.collect(turkish)
    assert turkish.read_bytes() == before
    assert str(ROOT) not in turkish.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text", ["{merkez} üyesi değilsiniz.", "Üye değilsiniz.", "{center", "{center} {name}", "{} a"]
)
def test_wrong_placeholders_are_refused_with_a_sentence(
    turkish: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "You do not belong to {center} any more."
    wrong = turkish.read_text(encoding="utf-8").replace(TURKISH["notices", source], text)
    turkish.write_text(wrong, encoding="utf-8")
    assert translations.main(["tr"], turkish.parent) == 1
    told = f"labkeep_tr.ts: “{text}” must have the placeholders of “{source}”: {{center}}.\n"
    assert capsys.readouterr().err == told
    assert not turkish.with_suffix(".qm").exists()


def test_make_translations_takes_every_catalog_where_none_is_named(turkish: Path) -> None:
    assert translations.main([], turkish.parent) == 0
    assert translations.faults(turkish.parent) == []


@pytest.mark.parametrize("language", ["en", "en_GB", "klingon", "TR", "tr-TR", "C", ""])
def test_only_a_language_to_translate_to_is_taken(language: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is no language to translate to"):
        translations.catalog(language, tmp_path)


@pytest.mark.parametrize("language", ["tr", "pt_BR", "zh_Hant"])
def test_catalog_is_called_as_qt_looks_for_it(language: str, tmp_path: Path, qapp: QApplication) -> None:
    file = translations.catalog(language, tmp_path)
    file.write_text(f'<!DOCTYPE TS><TS version="2.1" language="{language}"/>', encoding="utf-8")
    translations.release(file)
    loaded = application.install_translators(qapp, [language.replace("_", "-")], tmp_path)
    assert Path(loaded[-1].filePath()).name == f"labkeep_{language}.qm"
    for each in loaded:
        qapp.removeTranslator(each)
        each.deleteLater()


def test_catalogs_that_ship_are_sound(turkish: Path) -> None:
    assert translations.faults(ROOT / "resources" / "translations") == []
    # So says the same check of one that was changed and not released.
    translations.release(turkish)
    translate(turkish, "formatting", "1 file", "1 dosya")
    assert translations.faults(turkish.parent) == [
        "labkeep_tr.qm is not what labkeep_tr.ts makes: run make translations."
    ]


# --- the window ---


@pytest.fixture
def install_translators(qapp: QApplication, turkish: Path) -> Iterator[Callable[..., list[QTranslator]]]:
    """Load what the catalogs have for these languages, and unload it at the end."""
    translations.release(turkish)
    loaded: list[QTranslator] = []

    def load(*languages: str) -> list[QTranslator]:
        loaded.extend(application.install_translators(qapp, languages, turkish.parent))
        return loaded

    yield load
    for each in loaded:
        qapp.removeTranslator(each)
        each.deleteLater()


@pytest.mark.parametrize("languages", [("tr",), ("tr-Latn-TR", "tr"), ("de-DE", "tr-TR", "en-GB")])
def test_widgets_speak_the_language(
    languages: tuple[str, ...], install_translators: Callable[..., list[QTranslator]], qtbot: QtBot, jobs: Jobs
) -> None:
    install_translators(*languages)
    dialog = ReasonDialog(jobs, FormText("Reject", "Reject"), lambda _reason: None)
    qtbot.addWidget(dialog)
    assert "&Gerekçe" in [label.text() for label in dialog.findChildren(QLabel)]
    # The button is made by the class above, in whose context the sentence is.
    assert dialog.cancel.text() == "Vazgeç"
    assert notices.center_left(center("Ankara", "ankara")).text == "Artık Ankara üyesi değilsiniz."
    assert formatting.files(12) == "12 dosya"
    assert formatting.files(1) == "1 file"  # not translated yet, hence the source
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "İptal"


@pytest.mark.parametrize("languages", [(), ("en-US", "tr"), ("C",), ("de-DE",), ("klingon",)])
def test_without_a_catalog_the_window_speaks_english(
    languages: tuple[str, ...], install_translators: Callable[..., list[QTranslator]]
) -> None:
    assert install_translators(*languages) == []
    assert formatting.files(12) == "12 files"


@pytest.mark.parametrize(("wanted", "said"), [("tr:en", "12 dosya"), ("en:tr", "12 files")])
def test_program_speaks_the_systems_language(wanted: str, said: str, turkish: Path, tmp_path: Path) -> None:
    resources = tmp_path / "resources"
    shutil.copytree(resources_dir(), resources, ignore=shutil.ignore_patterns("screenshots", "translations"))
    (resources / "translations").mkdir()
    translations.release(turkish, resources / "translations" / "labkeep_tr.qm")
    # As a frozen program finds its resources.
    program = (
        f"import sys; sys._MEIPASS = {str(tmp_path)!r}\n"
        "from desktop_app.ui.shell import application\n"
        "from desktop_app.ui.text import formatting\n"
        "made = application.make_application(['labkeep'])\n"
        "sys.stdout.buffer.write(formatting.files(12).encode())"
    )
    system = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=system | {"LANG": "C.UTF-8", "LANGUAGE": wanted},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (result.stdout.decode(), result.returncode) == (said, 0), result.stderr.decode()


# --- the package ---


def contents() -> ModuleType:
    """packaging/contents.py, by its path: a library has the folder's name."""
    spec = importlib.util.spec_from_file_location("package_contents_rules", ROOT / "packaging" / "contents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_package_has_qts_words_in_the_languages_of_labkeep_only(turkish: Path) -> None:
    rules = contents()
    folder = "PySide6/Qt/translations"

    def left_out(name: str) -> bool:
        return bool(rules.is_left_out((f"{folder}/{name}", "", "DATA"), turkish.parent))

    assert left_out("qtbase_tr.qm")
    translations.release(turkish)
    assert not left_out("qtbase_tr.qm")
    assert left_out("qtbase_de.qm")
    assert left_out("qtdeclarative_tr.qm")
    assert left_out("qtwebengine_locales/tr.pak")
