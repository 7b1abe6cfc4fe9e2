"""Values that no form lets through, given by a script: each is taken, or refused in a sentence of ours."""

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails
from desktop_app.domain.filters import AuditFilter, CenterFilter, DocumentFilter, SampleFilter, UserFilter
from desktop_app.domain.paging import PageKey
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World

DEEP: dict[str, Any] = {}
for _ in range(10_000):
    DEEP = {"a": DEEP}
TEXTS = ["", " ", "\0", "a\0b", "\ud800", "x" * 100_000, "\u202eabc", "a\nb", "'; drop table samples; --", "%s %(a)s"]
NUMBERS = [0, -1, 2**31, 2**63, 10**40, 1.5, math.nan, math.inf]
TIMES = [
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime(2026, 1, 1),  # noqa: DTZ001 - without a zone nobody knows when that is
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23))),
]
OBJECTS = [{}, {"a": "\0"}, {"a": "\ud800"}, {"a": math.nan}, {1: 2}, {"a": UUID(int=0)}, {"a": "x" * 70_000}, DEEP]
OTHERS = [None, True, b"bytes", UUID(int=0), object(), ("a",), ["a"], ((1, 2),), ("\0",), (None,), Role.ADMIN]
BAD: list[Any] = [*TEXTS, *NUMBERS, *TIMES, *OBJECTS, *OTHERS]


def variants(whole: Any) -> Iterator[Any]:
    """The dataclass with each field replaced by each bad value."""
    for field in dataclasses.fields(whole):
        for value in BAD:
            yield replace(whole, **{field.name: value})


def unexpected(acts: Iterator[Callable[[], object]]) -> list[str]:
    """What came out that is no error of ours, or is one without words for a person."""
    found = []
    for number, act in enumerate(acts):
        try:
            act()
        except LabkeepError as error:
            if "SQLSTATE" in str(error) or "layer failed" in str(error) or not str(error).strip():
                found.append(f"{number}: {error}")
        except Exception as error:
            found.append(f"{number}: {type(error).__name__}: {str(error)[:200]}")
    return found


@pytest.fixture(scope="module")
def work(world: World) -> Iterator[CenterServices]:
    """A center of its own: what is made here is strange, and other tests count theirs."""
    root = world.lab(ROOT)
    made = root.centers.create(CenterDraft(name=world.unused("Bad values"), slug="bad-values"))
    with root.center(made) as center:
        yield center


@pytest.fixture
def root(world: World) -> Lab:
    return world.lab(ROOT)


@pytest.fixture
def sample(work: CenterServices) -> Sample:
    return work.samples.create(SampleDraft(name="Good", sample_type=SampleType.BLOOD))


@pytest.fixture
def document(work: CenterServices, tmp_path: Path) -> Document:
    file = tmp_path / "good.txt"
    file.write_text("good")
    (saved,) = work.documents.add([file]).saved
    assert saved.id is not None
    return work.documents.get(saved.id)


def test_drafts(work: CenterServices, root: Lab, sample: Sample, document: Document) -> None:
    good = SampleDraft(name="Good", sample_type=SampleType.BLOOD)
    assert unexpected(partial(work.samples.create, draft) for draft in variants(good)) == []
    now = work.samples.get
    assert unexpected(partial(work.samples.update, now(sample.id), draft) for draft in variants(good)) == []
    papers = work.documents
    title = DocumentDraft(title="Good")
    assert unexpected(partial(papers.update, papers.get(document.id), draft) for draft in variants(title)) == []
    place, center = work.center.id, CenterDraft.of(work.center)
    assert unexpected(partial(root.centers.update, root.centers.get(place), d) for d in variants(center)) == []
    colleague = root.users.get("a.user")
    drafts = variants(UserDetails.of(colleague))
    assert unexpected(partial(root.users.update, root.users.get("a.user"), draft) for draft in drafts) == []
    root.users.update(root.users.get("a.user"), UserDetails.of(colleague))


def test_filters_and_pages(work: CenterServices, root: Lab) -> None:
    for filter, list_of in (
        (SampleFilter(), work.samples.list),
        (SampleFilter(), work.samples.count),
        (DocumentFilter(), work.documents.list),
        (DocumentFilter(), work.documents.count),
        (AuditFilter(), work.audit.list),
        (UserFilter(), root.users.list),
        (UserFilter(), root.users.count),
        (CenterFilter(), root.centers.list),
        (CenterFilter(), root.centers.count),
    ):
        assert unexpected(partial(list_of, wanted) for wanted in variants(filter)) == [], list_of
    keys = [PageKey(value, UUID(int=0)) for value in BAD] + [PageKey("a", value) for value in BAD]
    for pages in (work.samples, work.documents, root.users, root.centers):
        assert unexpected(partial(pages.list, None, key) for key in keys) == []
        assert unexpected(partial(pages.list, None, None, limit) for limit in BAD) == []
    assert unexpected(partial(work.audit.list, None, None, limit) for limit in BAD) == []
    assert unexpected(partial(work.audit.list, None, seq) for seq in BAD) == []


def test_references(work: CenterServices, root: Lab, document: Document, tmp_path: Path) -> None:
    users, centers = root.users, root.centers
    for get in (work.samples.get, work.documents.get, users.get, centers.get, root.center, centers.stats):
        assert unexpected(partial(get, ref) for ref in BAD) == [], get
    for act in (users.reset_password, users.deactivate, users.activate):
        assert unexpected(partial(act, ref) for ref in BAD) == [], act
    assert unexpected(partial(work.audit.timeline, row) for row in BAD) == []
    assert unexpected(partial(work.documents.content, document, number) for number in BAD) == []
    save = partial(work.documents.save_as, document, tmp_path / "out", overwrite=True)
    assert unexpected(partial(save, number) for number in BAD) == []
