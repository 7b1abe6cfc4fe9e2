"""Two people edited one record: what both of them changed, and what only one did."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails

Draft = TypeVar("Draft", CenterDraft, UserDetails, SampleDraft, DocumentDraft)


@dataclass(frozen=True)
class Change:
    """A field that only the other person changed."""

    field: str
    before: Any
    now: Any


@dataclass(frozen=True)
class Clash:
    """A field that both changed, each to something else."""

    field: str
    before: Any
    mine: Any
    theirs: Any


@dataclass(frozen=True)
class Merge(Generic[Draft]):
    """Both people's changes in one draft; of a field that both changed it has mine."""

    draft: Draft
    clashes: tuple[Clash, ...]
    theirs: tuple[Change, ...]

    def settled(self, theirs: Collection[str]) -> Draft:
        """The draft with the other person's value in these clashing fields."""
        taken = {clash.field: clash.theirs for clash in self.clashes if clash.field in theirs}
        return replace(self.draft, **taken)


def merge(base: Draft, mine: Draft, theirs: Draft) -> Merge[Draft]:
    """Bring together what *mine* and *theirs* made of *base*."""
    clashes: list[Clash] = []
    changes: list[Change] = []
    values: dict[str, Any] = {}
    for name in (each.name for each in fields(base)):
        before, own, other = (getattr(draft, name) for draft in (base, mine, theirs))
        values[name] = other if own == before else own
        if other == before:
            continue
        if own != before and isinstance(before, Mapping):
            # Of metadata and settings each key is a field of its own.
            own, other, is_clash = _merged_keys(before, own, other)
            values[name] = own
            if not is_clash:
                continue
        if own == before:
            changes.append(Change(name, before, other))
        elif own != other:
            clashes.append(Clash(name, before, own, other))
    return Merge(replace(base, **values), tuple(clashes), tuple(changes))


_ABSENT = object()


def _merged_keys(
    before: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Both people's changes of an object: with mine where both changed a key, with theirs, and whether that was so."""
    own: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for key in (*theirs, *(key for key in mine if key not in theirs)):
        was, here, there = (each.get(key, _ABSENT) for each in (before, mine, theirs))
        own[key] = there if here == was else here
        other[key] = here if there == was else there
    is_clash = own != other
    return _present(own), _present(other), is_clash


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not _ABSENT}
