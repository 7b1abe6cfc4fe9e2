"""A change of a record across a lost connection ends saved or not saved, and says which of the two it is."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import QueuePool

from desktop_app.db import samples as rows
from desktop_app.db.connection import POOL_SIZE
from desktop_app.db.errors import UnconfirmedError
from desktop_app.db.sessions import RecordState
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.records import Document, Sample, SampleType
from desktop_app.domain.rights import Verb
from desktop_app.errors import UnavailableError
from desktop_app.services.context import retries
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import World
from tests.services.wires import Wire, wire

__all__ = ["wire"]
DRAFT = SampleDraft(name="Serum", sample_type=SampleType.BLOOD)


def lose(wire: Wire, word: bytes, count: int = 1) -> None:
    """From now on the answer to the COMMIT after this word is lost; connections that are open know nothing of it."""
    wire.proxy.word, wire.proxy.answers_to_lose = word, count


def test_a_sample_is_made_once(wire: Wire) -> None:
    lose(wire, b"INSERT INTO samples")
    made = wire.work.samples.create(replace(DRAFT, barcode="LOST-1"))
    assert wire.proxy.answers_to_lose == 0
    assert wire.work.samples.get("LOST-1") == made


@pytest.mark.parametrize(
    ("change", "fits"),
    [
        (lambda work, it: work.samples.update(it, replace(DRAFT, name="New")), lambda it: it.name == "New"),
        (lambda work, it: work.samples.step(it, Step.PROCESS), lambda it: it.status is SampleStatus.PROCESSING),
        (lambda work, it: work.samples.deactivate(it), lambda it: not it.is_active),
    ],
    ids=["edit", "step", "deactivate"],
)
def test_a_sample_is_changed_once(
    wire: Wire, change: Callable[[CenterServices, Sample], Sample], fits: Callable[[Sample], bool]
) -> None:
    sample = wire.work.samples.create(DRAFT)
    lose(wire, b"UPDATE samples")
    changed = change(wire.work, sample)
    assert wire.proxy.answers_to_lose == 0
    assert fits(changed)
    assert changed == wire.work.samples.get(sample.id)
    assert changed.row_version == 2


@pytest.mark.parametrize(
    ("change", "sent"),
    [
        (lambda work, it: work.documents.update(it, replace(DocumentDraft.of(it), tags=("new",))), b"change_document"),
        (lambda work, it: work.documents.deactivate(it), b"UPDATE documents"),
    ],
    ids=["edit", "deactivate"],
)
def test_a_document_is_changed_once(
    wire: Wire, tmp_path: Path, change: Callable[[CenterServices, Document], Document], sent: bytes
) -> None:
    path = tmp_path / "lost answer.txt"
    path.write_text("x")
    (result,) = wire.work.documents.add([path]).results
    assert result.id is not None
    lose(wire, sent)
    changed = change(wire.work, wire.work.documents.get(result.id))
    assert wire.proxy.answers_to_lose == 0
    assert changed == wire.work.documents.get(result.id)
    assert changed.tags == ("new",) or not changed.is_active


def test_cut_before_it_was_sent_nothing_is_changed_and_that_is_said(wire: Wire, world: World) -> None:
    sample = wire.work.samples.create(DRAFT)
    wire.proxy.cut()
    with pytest.raises(UnavailableError, match="nothing was changed") as caught:
        wire.work.samples.update(sample, replace(DRAFT, name="New"))
    assert not isinstance(caught.value, UnconfirmedError)
    assert world.lab("a.admin").center("alpha").samples.get(sample.id) == sample
    wire.proxy.closed = False
    assert wire.work.samples.update(sample, replace(DRAFT, name="New")).name == "New"


def test_without_any_answer_it_is_called_unconfirmed(wire: Wire, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was saved, nobody could know, and saving the same once more harms nothing."""
    monkeypatch.setattr(retries, "WAITS", (0.0, 0.0))
    sample = wire.work.samples.create(DRAFT)
    lose(wire, b"UPDATE samples")
    wire.proxy.closes_after_loss = True
    with pytest.raises(UnconfirmedError, match="Look whether it was saved"):
        wire.work.samples.update(sample, replace(DRAFT, name="New"))
    saved = world.lab("a.admin").center("alpha").samples.get(sample.id)
    assert (saved.name, saved.row_version) == ("New", 2)


def test_what_was_committed_is_never_called_unchanged(wire: Wire, world: World) -> None:
    """Any transaction, also of people, centers and keys: the sentence does not claim what nobody knows."""
    sample = wire.work.samples.create(DRAFT)
    lose(wire, b"UPDATE samples")
    with (
        pytest.raises(UnconfirmedError, match="before the server confirmed this"),
        wire.work.samples.context.change(Verb.EDIT_SAMPLES) as session,
    ):
        rows.update_sample(session, sample.id, replace(DRAFT, name="New"), sample.row_version)
    assert world.lab("a.admin").center("alpha").samples.get(sample.id).name == "New"


def test_somebody_elses_change_is_not_taken_for_ones_own(
    wire: Wire, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = wire.work.samples.create(DRAFT)
    colleague = world.lab("a.admin").center("alpha")

    def meanwhile(_seconds: float) -> None:
        now = colleague.samples.get(sample.id)
        colleague.samples.update(now, replace(DRAFT, name="Theirs"))

    monkeypatch.setattr(time, "sleep", meanwhile)
    lose(wire, b"UPDATE samples")
    with pytest.raises(UnconfirmedError):
        wire.work.samples.update(sample, replace(DRAFT, name="Mine"))
    assert colleague.samples.get(sample.id).row_version == 3


def test_a_connection_that_is_lost_while_it_is_given_back_leaves_its_place_to_another(world: World) -> None:
    """As many as the program may have, one after the other; then it still has one."""
    with world.sign_in("a.user") as lab:
        shared = lab._context.shared
        pool = shared.engine.pool
        assert isinstance(pool, QueuePool)

        class Ending:
            """The server ends the session just after it answered."""

            def asks(self) -> int | None:
                return None

            def sees(self, _asked: int | None, _state: RecordState) -> None:
                with closing(world.superuser()) as connection, connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", (lab.login,)
                    )

            def flush(self) -> None:
                """Nothing."""

        kept = shared.watch
        for _ in range(POOL_SIZE):
            lab.centers.get("alpha")
            shared.look()  # whose connection has been given back once before: only then was there anything to reset
            shared.watch = Ending()
            shared.look()
            shared.watch = kept
        assert pool.checkedout() == 0
        assert lab.centers.get("alpha").slug == "alpha"
