"""Everything that carries one person's mark: found wherever it stands, listed, and erased by one person or two."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_app.db.errors import IllegalStepError, NotAllowedError
from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft
from desktop_app.domain.erasure import ErasureState, Marked
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import ConflictError, InvalidInputError, RefusedError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

MARK = 'Ay"şe\\ 50%'
"""What JSON and LIKE write otherwise."""


class Scene:
    """A center of its own with two administrators, and a mark that stands in many places."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder, self.root = world, folder, world.lab(ROOT)
        name = world.unused("erasing")
        self.center = self.root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        places = ((Role.ADMIN, 1), (Role.ADMIN, 2), (Role.USER, 1))
        self.labs = [world.colleague(role, name, number)[1] for role, number in places]
        self.one, self.other, self.user = self.works()

    def works(self) -> tuple[CenterServices, CenterServices, CenterServices]:
        one, other, user = (lab.center(self.center.id) for lab in self.labs)
        return one, other, user

    def two_are_wanted(self) -> None:
        self.settings({"erasure": {"administrators": 2}})
        self.one, self.other, self.user = self.works()

    def settings(self, settings: dict[str, Any], work: int | None = None) -> None:
        centers = (self.root if work is None else self.labs[work]).centers
        now = centers.get(self.center.id)
        centers.update(now, replace(CenterDraft.of(now), settings=settings))

    def sample(self, **fields: Any) -> Sample:
        draft = {"name": "Serum", "sample_type": SampleType.BLOOD, "barcode": self.world.unused("E")} | fields
        return self.user.samples.create(SampleDraft(**draft))

    def document(self, name: str, sample: Sample | None = None) -> Document:
        path = self.folder / name
        path.write_bytes(b"content")
        sample_id = None if sample is None else sample.id
        [result] = self.user.documents.add([path], sample_id=sample_id).results
        return self.user.documents.get(result.id or "")

    def said(self) -> str:
        """All that the center's tables say, as text."""
        said = []
        with closing(self.world.superuser()) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
                [self.center.schema_name],
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"SELECT to_jsonb(t) FROM {self.center.schema_name}.{table} t")
                said += [json.dumps(row, ensure_ascii=False) for (row,) in cursor.fetchall()]
        return "\n".join(said)

    def close(self) -> None:
        for work in (self.one, self.other, self.user):
            work.close()


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with closing(Scene(world, tmp_path)) as made:
        yield made


def everywhere(scene: Scene) -> tuple[set[UUID], set[UUID], Sample, Document]:
    """Ids of the samples and documents that carry the mark in one place each, and of those that carry it nowhere."""
    user = scene.user
    samples = [
        scene.sample(name=f"Serum of {MARK}"),
        scene.sample(description=f"x {MARK.upper()[:4]}{MARK[4:]}"),
        scene.sample(metadata={"patient": {"name": MARK}}),
        scene.sample(results=MARK),
        scene.sample(collected_place=MARK),
        scene.sample(barcode=f"B {MARK}"),
    ]
    documents = [scene.document("of a sample.txt", samples[0]), scene.document("tagged.txt")]
    documents[1] = user.documents.update(documents[1], replace(DocumentDraft.of(documents[1]), tags=(MARK,)))
    renamed = scene.document("renamed.txt")
    once = user.documents.update(renamed, replace(DocumentDraft.of(renamed), title=f"Finding {MARK}"))
    documents.append(user.documents.update(once, replace(DocumentDraft.of(once), title="Finding")))
    documents.append(user.documents.deactivate(scene.document("bin.txt", samples[3])))
    sample, document = scene.sample(name="Ayşe 50"), scene.document("innocent.txt")
    user.samples.deactivate(sample, f"asked by {MARK}")
    return {each.id for each in samples}, {each.id for each in documents}, sample, document


def test_it_is_found_wherever_it_stands_and_nothing_of_it_is_left(each_world: World, tmp_path: Path) -> None:
    with closing(Scene(each_world, tmp_path)) as scene:
        found_and_erased(scene)


def found_and_erased(scene: Scene) -> None:
    samples, documents, sample, document = everywhere(scene)
    found = scene.one.erasure.search(f"  {MARK} ")
    assert {each.id for each in found.samples} == samples
    assert {each.id for each in found.documents} == documents
    assert len(found.entries) == 1, "what somebody said about another sample"
    asked = scene.one.erasure.request(found, "a right that was claimed")
    assert not scene.one.erasure.needs_another
    assert scene.other.erasure.marked(asked).samples == found.samples
    done = scene.one.erasure.confirm(asked)
    assert (done.samples, done.documents, done.files_left) == (6, 4, 0)
    assert done.entries > 15
    said = scene.said()
    for form in (MARK, json.dumps(MARK, ensure_ascii=False)[1:-1], "renamed.txt", "of a sample.txt"):
        assert form not in said
    assert "a right that was claimed" in said
    assert scene.one.audit.verify().is_sound
    assert not scene.one.erasure.search(MARK)
    assert scene.user.samples.get(sample.id).name == "Ayşe 50"
    assert scene.user.documents.content(document) == b"content"
    assert [each.state for each in scene.one.erasure.requests(everything=True)] == [ErasureState.DONE]
    with pytest.raises(IllegalStepError):
        scene.other.erasure.confirm(asked)


def test_what_is_left_out_stays_with_its_sample(scene: Scene) -> None:
    sample = scene.sample(name=MARK)
    kept, gone = scene.document("kept.txt", sample), scene.sample(results=MARK)
    asked = scene.one.erasure.request(scene.one.erasure.search(MARK), "claimed", without=[kept.id])
    assert (asked.samples, asked.documents) == ((gone.id,), ())
    scene.one.erasure.confirm(asked)
    assert scene.user.documents.content(kept) == b"content"


def test_an_entry_that_is_left_out_goes_on_saying_it(scene: Scene) -> None:
    other = scene.sample()
    scene.user.samples.deactivate(other, f"asked by {MARK}")
    scene.sample(name=MARK)
    found = scene.one.erasure.search(MARK)
    [entry] = found.entries
    scene.one.erasure.confirm(scene.one.erasure.request(found, "claimed", without=[entry]))
    left = scene.one.erasure.search(MARK)
    assert (left.samples, left.documents, left.entries) == ((), (), (entry,))


def test_only_what_carries_the_mark_now_is_asked_for(scene: Scene) -> None:
    """Whatever list comes in, it is searched for again; the database holds it to the row versions at the end."""
    erasure, user = scene.one.erasure, scene.user
    sample, innocent = scene.sample(name=MARK), scene.sample(name="innocent")
    scene.document("of it.txt", sample)
    found = erasure.search(MARK)
    every_entry = tuple(entry.seq for entry in scene.one.audit.list())
    for other in (
        replace(found, samples=(*found.samples, innocent)),
        replace(found, entries=every_entry),
        replace(found, mark="another"),
        replace(found, samples=(replace(sample, row_version=sample.row_version + 1),)),
    ):
        with pytest.raises(ConflictError, match="search again"):
            erasure.request(other, "claimed")
    with pytest.raises(InvalidInputError):
        erasure.request(replace(found, mark=""), "claimed")
    user.samples.update(sample, replace(SampleDraft.of(sample), description="changed since"))
    with pytest.raises(ConflictError, match="search again"):
        erasure.request(found, "claimed")
    assert erasure.requests(everything=True) == ()
    assert len(erasure.request(erasure.search(MARK), "claimed").samples) == 1


def test_where_two_are_wanted_one_is_not_enough_by_any_way(scene: Scene) -> None:
    scene.two_are_wanted()
    sample = scene.sample(name=MARK)
    asked = scene.one.erasure.request(scene.one.erasure.search(MARK), "claimed")
    assert scene.one.erasure.needs_another
    with pytest.raises(NotAllowedError, match="Another administrator"):
        scene.one.erasure.confirm(asked)
    with pytest.raises(RefusedError, match="two administrators"):
        scene.one.audit.erase(sample.id, "alone")
    with pytest.raises(RefusedError, match="two administrators"):
        scene.one.deletion.delete(scene.one.deletion.look([sample]), "alone", erase_record=True)
    with pytest.raises(RefusedError):
        scene.settings({}, work=0)
    assert scene.user.samples.get(sample.id).name == MARK
    [waiting] = scene.other.erasure.requests()
    assert (waiting.id, waiting.is_own, waiting.reason) == (asked.id, False, "claimed")
    assert scene.other.erasure.confirm(waiting).samples == 1
    assert MARK not in scene.said()
    scene.settings({})


def test_what_changed_since_is_not_erased(scene: Scene) -> None:
    sample = scene.sample(name=MARK)
    asked = scene.one.erasure.request(scene.one.erasure.search(MARK), "claimed")
    scene.document("came later.txt", sample)
    with pytest.raises(ConflictError):
        scene.one.erasure.confirm(asked)
    scene.other.erasure.withdraw(asked)
    assert scene.one.erasure.requests() == ()
    with pytest.raises(IllegalStepError):
        scene.one.erasure.confirm(asked)
    assert scene.user.samples.get(sample.id).name == MARK


def test_only_administrators_and_only_for_a_reason(scene: Scene) -> None:
    scene.sample(name=MARK)
    found = scene.one.erasure.search(MARK)
    with pytest.raises(InvalidInputError):
        scene.one.erasure.request(found, " ")
    with pytest.raises(InvalidInputError):
        scene.one.erasure.search("ab")
    with pytest.raises(RefusedError):
        scene.one.erasure.request(Marked((), (), ()), "nothing")
    for act in (lambda: scene.user.erasure.search(MARK), lambda: scene.user.erasure.request(found, "mine")):
        with pytest.raises(RefusedError):
            act()
