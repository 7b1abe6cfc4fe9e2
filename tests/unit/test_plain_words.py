"""One word for one thing, as the window's, the command line's and the services' texts say it.

What became of a file is that it was added; "sealed" is said where it is about protection.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import desktop_app

PACKAGE = Path(desktop_app.__file__).parent
SEALING = re.compile(r"\b(?:un|re)?seal", re.IGNORECASE)
ABOUT_PROTECTION = {
    "Samples and sealed documents for laboratories that share one installation.",
    "The sealed documents of a center.",
    # What happens to a file on this computer, before anything leaves it.
    "Drop files or folders here. They are sealed on this computer before they are stored.",
    "Seal {things} for {target}",
    "Add files to the center, sealed on this computer, and say what became of each; exit status 1 if any was not.",
    (
        "Files of an older system that hold Fernet tokens. They are opened in memory and sealed for {center}; the "
        "files themselves stay as they are. Each is taken whole or not at all."
    ),
    (
        "A sealed copy of all centers in a folder that can be carried away. This computer knows of those that it made "
        "itself."
    ),
    # The signature that says by whom, and the heading where it does not.
    "Sealed",
    "Sealed by",
    "List a document's versions, newest first, and who sealed them by their signatures.",
    "None of it was saved. It is kept on this computer, sealed, until you save or discard it.",
    # Keys.
    "Your keys are sealed under the new password. Other windows of yours stay signed in.",
}


def said_by(source: str) -> Iterator[str]:
    """Every text of a module that may reach a person: no docstrings, but those of commands, which are their help."""
    nodes = tuple(ast.walk(ast.parse(source)))
    silent = {node.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and any(".command(" in ast.unparse(each) for each in node.decorator_list):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
            yield node.value


@cache
def said_in(room: str) -> dict[str, tuple[str, ...]]:
    """What the files of a room say, by their paths in the package."""
    files = sorted((PACKAGE / room).rglob("*.py"))
    return {str(each.relative_to(PACKAGE)): tuple(said_by(each.read_text(encoding="utf-8"))) for each in files}


def is_name(text: str) -> bool:
    """A name of a program part, such as a column, and nothing that is said."""
    return re.fullmatch(r"[a-z_.]+", text) is not None


@pytest.mark.parametrize("room", ["ui", "cli"])
def test_sealed_is_said_only_where_it_is_about_protection(room: str) -> None:
    said = {
        f"{path}: {text}"
        for path, texts in said_in(room).items()
        for text in texts
        if SEALING.search(text) and not is_name(text) and text not in ABOUT_PROTECTION
    }
    assert said == set()


def test_what_may_be_said_is_said_somewhere() -> None:
    everything = {text for room in ("ui", "cli") for texts in said_in(room).values() for text in texts}
    assert everything >= ABOUT_PROTECTION


def test_help_and_parts_of_sentences_are_read_and_comments_are_not() -> None:
    source = '''
@app.command("add")
def add() -> None:
    """Seal them."""
    # sealed
    print(f"Sealed: {1}", "sealed_rows")

def other() -> None:
    """Sealing."""
'''
    found = [each for each in said_by(source) if SEALING.search(each) and not is_name(each)]
    assert found == ["Seal them.", "Sealed: "]


OTHER_WORDS = {
    # what is said for it: the words that are not
    "Restore": r"(?<!de)(?<!re)\bactivat(?:e|ed|ing)\b|\breactivat|\bbring back\b",
    "Deactivate": r"\bdisable[ds]?\b|\bswitch off\b",
    "Continue": r"^Go on\b",
    "All statuses": r"\bevery status\b",
    "Appearance": r"^Theme\W|\b(?:dark|light) theme\b",
    "Read again": r"\blook again\b|\brefresh\b|\breload\b",
    "Created": r"^Made\W|\bNobody was made\b|^Not made\b",
    "Undone": r"\bas before again\b",
    "Required": r"\bmandatory\b|\bcompulsory\b",
}


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_one_thing_has_one_word_in_the_window(word: str) -> None:
    other = re.compile(OTHER_WORDS[word], re.IGNORECASE)
    said = {
        f"{path}: {text}"
        for path, texts in said_in("ui").items()
        for text in texts
        if other.search(text.replace("&", "")) and not is_name(text)
    }
    assert said == set()
