"""No file needs a file that needs it: found over the whole of the source, also where only a type is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from tests.source_tree import APPLICATION, Module


def circles(modules: Sequence[Module]) -> Iterator[str]:
    """One sentence for each circle, by the path of its first file; each is found with the others taken away."""
    files = {module.dotted: module for module in modules if module.part is not None}
    needs = {name: _needed(module, files) for name, module in files.items()}
    while (circle := _circle(needs)) is not None:
        first = circle.index(min(circle))
        names = [*circle[first:], *circle[:first]]
        around = " -> ".join([*(files[name].path for name in names), files[names[0]].path])
        yield f"{files[names[0]].path} stands in a circle: {around}"
        for name in circle:
            needs[name] -= set(circle)


def _needed(module: Module, files: Mapping[str, Module]) -> set[str]:
    """The application's files that this one imports, by their dotted names; itself and packages above it are none."""
    found = set()
    for each in module.imports:
        if not each.target.startswith(APPLICATION):
            continue
        # "from a.b import c" is of the module a.b.c, where there is such a one, or else of a.b.
        name = each.target if each.target in files else each.target.rpartition(".")[0]
        if name in files and not f"{module.dotted}.".startswith(f"{name}."):
            found.add(name)
    return found


def _circle(needs: Mapping[str, set[str]]) -> list[str] | None:
    """The names of one circle, each needed by the next one's neighbour before it; None where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # The sorter names the first one again at the end, and each before what needs it.
        return list(reversed(error.args[1][1:]))
    return None
