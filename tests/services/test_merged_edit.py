"""A stale edit is merged by field for whoever edits: window, command line and Python call the same services."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft, UserDetails
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import SampleType
from desktop_app.services.context.merged_edit import ArchivedMeanwhileError, DeletedMeanwhileError, EditConflictError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]


def test_a_sample_keeps_what_others_saved_in_other_fields(at: At) -> None:
    work = at("a.admin", "alpha")
    sample = work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD))
    opened = SampleDraft.of(sample)
    theirs = work.samples.update(sample, replace(opened, description="From the ward."))
    saved = work.samples.edit(sample, replace(opened, results="negative"))
    assert (saved.description, saved.results) == ("From the ward.", "negative")
    with pytest.raises(EditConflictError) as caught:
        work.samples.edit(theirs, replace(SampleDraft.of(theirs), results="positive"))
    (clash,) = caught.value.merged.clashes
    assert (clash.field, clash.mine, clash.theirs) == ("results", "positive", "negative")
    assert work.samples.get(sample.id) == saved, "nothing is saved"


def test_where_nothing_is_left_to_save_to_the_error_says_why(at: At) -> None:
    work = at("a.admin", "alpha")
    deleted, archived = (
        work.samples.create(SampleDraft(name=name, sample_type=SampleType.BLOOD)) for name in ("Plasma", "Urine")
    )
    work.deletion.delete(work.deletion.look([deleted]))
    with pytest.raises(DeletedMeanwhileError):
        work.samples.edit(deleted, replace(SampleDraft.of(deleted), results="lost"))
    now = archived
    for step in (Step.PROCESS, Step.COMPLETE, Step.ARCHIVE):
        now = work.samples.step(now, step)
    with pytest.raises(ArchivedMeanwhileError) as caught:
        work.samples.edit(archived, replace(SampleDraft.of(archived), results="late"))
    assert caught.value.read == now


def test_documents_name_the_samples_that_clash(at: At, tmp_path: Path) -> None:
    work = at("a.admin", "alpha")
    mine, theirs = (
        work.samples.create(SampleDraft(name="Serum", sample_type=SampleType.BLOOD, barcode=f"MERGE-{n}"))
        for n in (1, 2)
    )
    (tmp_path / "merged.txt").write_text("merged")
    (result,) = work.documents.add([tmp_path / "merged.txt"]).results
    assert result.id is not None
    document = work.documents.get(result.id)
    draft = DocumentDraft.of(document)
    work.documents.update(document, replace(draft, sample_id=theirs.id, tags=("theirs",)))
    with pytest.raises(EditConflictError) as caught:
        work.documents.edit(document, replace(draft, sample_id=mine.id))
    assert caught.value.names == {mine.id: "MERGE-1", theirs.id: "MERGE-2"}
    assert work.documents.edit(document, replace(draft, title="Mine")).tags == ("theirs",)


def test_centers_and_people_are_edited_the_same_way(world: World) -> None:
    lab = world.lab(ROOT)
    center = lab.centers.create(CenterDraft(name="Merged Center", slug="merged-center"))
    lab.centers.update(center, replace(CenterDraft.of(center), description="theirs"))
    saved = lab.centers.edit(center, replace(CenterDraft.of(center), name="Mine"))
    assert (saved.name, saved.description) == ("Mine", "theirs")
    person = lab.users.get("a.viewer")
    lab.users.update(person, replace(UserDetails.of(person), phone="222"))
    found = lab.users.edit(person, replace(UserDetails.of(person), first_name="Semra"))
    assert (found.first_name, found.phone) == ("Semra", "222")
