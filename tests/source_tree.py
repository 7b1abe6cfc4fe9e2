"""The project's source as data: each file's place, its tree, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
APPLICATION = "desktop_app"
CALLS_THAT_IMPORT = frozenset({"import_module", "__import__", "deferred"})
DEFERRED_HOME = "desktop_app/deferred.py"
"""The one file that loads modules by names made at run time; a module that it puts off counts as an import."""


@dataclass(frozen=True)
class Import:
    """One imported dotted name, where it stands, and whether it is inside a function."""

    target: str
    line: int
    hidden: bool


@dataclass(frozen=True)
class Module:
    """One source file: its path below the project with forward slashes, its text and its tree."""

    path: str
    source: str
    tree: ast.Module = field(repr=False)

    @cached_property
    def dotted(self) -> str:
        parts = PurePosixPath(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        return self.dotted if self.path.endswith("__init__.py") else self.dotted.rpartition(".")[0]

    @cached_property
    def part(self) -> str | None:
        """The part of the application this file belongs to; None for tests and tools."""
        parts = PurePosixPath(self.path).with_suffix("").parts
        return parts[1] if parts[0] == APPLICATION else None

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree: the tree is walked once, however many rules look at it."""
        return tuple(walk(self.tree))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import of the file, also those inside functions, under ``if`` and by name at run time."""
        found = [(node, target) for node in self.nodes for target in _targets(self, node)]
        if not found:
            return ()
        inside: set[int] = set()
        for outer in self.nodes:  # the outer ones come first, and hold what is inside of the inner ones
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and id(outer) not in inside:
                inside.update(id(inner) for inner in walk(outer))
        return tuple(Import(target, getattr(node, "lineno", 0), id(node) in inside) for node, target in found)


def parse(files: Mapping[str, str]) -> list[Module]:
    return [Module(path, source, ast.parse(source, path)) for path, source in sorted(files.items())]


def walk(root: ast.AST) -> list[ast.AST]:
    """As ast.walk(), the outer ones first, in half the time; without what only says that a name is read or written."""
    found = [root]
    for node in found:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                found += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def _targets(module: Module, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = module.package.split(".")[: len(module.package.split(".")) - node.level + 1]
            base = ".".join([*above, base] if base else above)
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and called(node) in CALLS_THAT_IMPORT:
        if module.path == DEFERRED_HOME:
            return []
        first = node.args[0] if node.args else None
        return [str(first.value) if isinstance(first, ast.Constant) else "a name made at run time"]
    return []


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def project_files() -> dict[str, str]:
    """The project's own Python files: the application, the tools, the packaging and the tests."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in (APPLICATION, "tools", "packaging", "tests")
        for path in (ROOT / folder).rglob("*.py")
    }
