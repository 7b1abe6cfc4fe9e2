"""What the files of a drop are called as documents: by name and folder, and told apart where a title is taken."""

from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath

from desktop_app.domain.text_rules import clean
from desktop_app.storage.dropped_files import SourceFile

TITLE_LENGTH = 300
_LONGEST_SUFFIX = 12
_AT_ONCE = 12
"""So many numbers are tried with one question to the server."""


def title_of(source: SourceFile) -> str:
    """The title of a file: its name, after the folder that was dropped and those below it.

    So that two "report.pdf" of one drop are told apart by what people told them apart with, and found by it. Without
    control characters, at most 300 characters; of a longer one the beginning of the folders is left out.
    """
    parts = [_printable(part) for part in source.folder.parts] + [_printable(source.name) or "Untitled"]
    title = "/".join(filter(None, parts))
    if len(title) <= TITLE_LENGTH:
        return title
    name = parts[-1][:TITLE_LENGTH].rstrip()
    room = TITLE_LENGTH - len(name) - 2
    return name if room < 1 else f"…{title[: -len(parts[-1]) - 1][-room:]}/{name}"


def numbered(title: str, number: int) -> str:
    """The same title with a number before its suffix: ``report (2).pdf``."""
    suffix = PurePosixPath(title).suffix
    if len(suffix) > _LONGEST_SUFFIX or title.endswith("/"):
        suffix = ""
    sign = f" ({number})"
    stem = title.removesuffix(suffix)[: TITLE_LENGTH - len(sign) - len(suffix)].rstrip()
    return f"{stem}{sign}{suffix}"


def own_titles(
    titles: Iterable[str], taken: set[str], existing: Callable[[Collection[str]], Collection[str]]
) -> list[str]:
    """For each title one of its own that nobody has: *taken* (which grows) by this drop, *existing* in the center."""
    wanted = list(titles)
    found: dict[int, str] = {}
    start = 2
    while open_ := [at for at in range(len(wanted)) if at not in found]:
        tried = {at: [numbered(wanted[at], number) for number in range(start, start + _AT_ONCE)] for at in open_}
        there = set(existing({title for each in tried.values() for title in each}))
        for at in open_:
            free = next((title for title in tried[at] if title not in there and title not in taken), None)
            if free is not None:
                found[at] = free
                taken.add(free)
        start += _AT_ONCE
    return [found[at] for at in range(len(wanted))]


def _printable(name: str) -> str:
    return clean("".join(character if character.isprintable() else " " for character in clean(name)))
