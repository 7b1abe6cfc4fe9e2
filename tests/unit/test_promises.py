"""Each promise of README is held by tests, which docs/threat-model.md names and which are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<tests>`tests/[^|]+`) \|$", re.MULTILINE)


def held() -> dict[str, tuple[str, ...]]:
    """How a promise begins, and the tests that docs/threat-model.md names for it."""
    text = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    return {row["promise"]: tuple(re.findall(r"`([^`]+)`", row["tests"])) for row in _ROW.finditer(text)}


def promises() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"## What Labkeep promises.*?\n(.*?)\n## ", text + "\n## ", re.DOTALL)
    # What stands after the list is no promise.
    items = re.findall(r"^- (.*?)(?=\n- |\n\n|\Z)", section, re.DOTALL | re.MULTILINE)
    return [" ".join(item.replace("*", "").split()) for item in items]


@cache
def functions_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_promise_is_named_and_nothing_else() -> None:
    said = promises()
    named = held()
    assert len(said) == len(named)
    for beginning in named:
        assert [each for each in said if each.startswith(beginning)], beginning


@pytest.mark.parametrize("named", [name for names in held().values() for name in names])
def test_each_named_test_is_there(named: str) -> None:
    file, _, test = named.partition("::")
    assert test in functions_in(file) if test else functions_in(file)
