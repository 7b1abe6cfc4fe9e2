"""What makes a test unable to fail, read out of its source; ``test_honesty.py`` reads every test so."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.source_tree import walk

FOLDER = Path(__file__).parent
HELPERS = FOLDER.parent / "tools"
# What ends a test that is not as it should be, without the word "assert".
_CHECKS = frozenset({"raises", "fail", "waitUntil", "waitSignal", "waitActive", "waitExposed"})
_IGNORED = re.compile(r"#\s*type:\s*ignore(?P<code>\[[a-z-]+\])?(?P<rest>.*)")


def sources() -> dict[str, str]:
    """Path to source of each test file, and of the tools that tests work with."""
    files = sorted([*FOLDER.rglob("*.py"), *HELPERS.rglob("*.py")])
    return {path.relative_to(FOLDER.parent).as_posix(): path.read_text("utf-8") for path in files}


def faults(files: Mapping[str, str]) -> list[str]:
    """Each with its place."""
    trees = {path: ast.parse(source) for path, source in files.items()}
    ours = {path: tree for path, tree in trees.items() if path.startswith("tests/")}
    return [
        *_tests_without_a_check(trees),
        *(f"{path}:{line} {what}" for path, tree in ours.items() for line, what in _hollow(tree)),
        *(f"{path}:{line} {what}" for path in ours for line, what in _ignored_types(files[path])),
    ]


@dataclass(frozen=True)
class _Function:
    place: str
    name: str
    checks: bool
    calls: frozenset[str]


def _tests_without_a_check(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """A check counts in whatever the test calls, too, found by its name."""
    functions = [
        _read(f"{path}:{node.lineno}", node)
        for path, tree in trees.items()
        for node in walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    checking = {each.name for each in functions if each.checks}
    more = checking
    while more:
        more = {each.name for each in functions if each.name not in checking and each.calls & checking}
        checking |= more
    for each in functions:
        is_test = each.name.startswith("test_") and each.place.startswith("tests/")
        if is_test and not each.checks and not each.calls & checking:
            yield f"{each.place} {each.name} checks nothing"


def _read(place: str, function: ast.FunctionDef) -> _Function:
    checks, calls = False, set[str]()
    for node in walk(function):
        match node:
            case ast.Assert() | ast.Raise():
                checks = True
            case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
                calls.add(name)
    return _Function(place, function.name, checks or bool(calls & _CHECKS), frozenset(calls))


def _hollow(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in walk(tree):
        match node:
            case ast.Assert(test=test) if _is_always_true(test):
                yield node.lineno, "asserts what is always true"
            case ast.Call(func=ast.Attribute(attr="raises"), args=[ast.Name(id="Exception" | "BaseException"), *_]):
                yield node.lineno, "is content with any exception"


def _is_always_true(test: ast.expr) -> bool:
    match test:
        case ast.Constant() | ast.JoinedStr() | ast.Lambda() | ast.GeneratorExp():
            return True
        case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Dict(keys=[_, *_]):
            return True
        case ast.Compare(left=ast.Constant(), comparators=comparators):
            return all(isinstance(each, ast.Constant) for each in comparators)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(_is_always_true, values))
        case ast.BoolOp(op=ast.And(), values=values):
            return all(map(_is_always_true, values))
    return False


def _ignored_types(source: str) -> Iterator[tuple[int, str]]:
    """Each error that the type checker shall not see is named, and the reason stands beside or above it."""
    lines = source.split("\n")
    for at, text in enumerate(lines):
        found = _IGNORED.search(text)
        if found is None:
            continue
        above = lines[at - 1].strip() if at else ""
        if found["code"] is None or not (found["rest"].strip().startswith("#") or above.startswith("#")):
            yield at + 1, "ignores a type without its code and a word why"
