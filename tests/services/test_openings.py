"""Who previews, opens or saves a document leaves that on the record, and nobody waits for it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop_app.domain.audit import AuditFault
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.records import Document
from desktop_app.domain.rights import Role
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.session.lab import Lab
from desktop_app.storage.open_folder import OpenFolder
from tests.services.conftest import ROOT, World

KINDS = ("preview", "open", "export")


@pytest.fixture
def document(world: World, tmp_path: Path) -> Document:
    source = tmp_path / (world.unused("blood") + ".txt")
    source.write_bytes(b"haemoglobin 9.1 g/dl\n")
    with world.lab("a.user").center("alpha") as work:
        [result] = work.documents.add([source]).results
        source.unlink()
        assert result.id is not None
        return work.documents.get(result.id)


@pytest.fixture
def viewer(world: World) -> Iterator[Lab]:
    """Somebody new, so that nobody else's openings are in the way."""
    lab = world.enter(world.person(Role.VIEWER, "alpha"))
    yield lab
    lab.close()


def history(world: World, document: Document) -> list[str]:
    with world.lab("a.admin").center("alpha") as work:
        return [entry.operation for entry in work.audit.timeline(document.id) if entry.operation in KINDS]


def test_each_way_of_opening_is_on_record_when_the_lab_is_closed(
    world: World, viewer: Lab, document: Document, tmp_path: Path
) -> None:
    copies = ExternalCopies(OpenFolder(tmp_path / "open"))
    with viewer.center("alpha") as work:
        work.documents.content(document)
        copies.open(work.documents, document)
        work.documents.save_as(document, tmp_path)
        work.documents.verify([document])
        work.documents.seals(document)
    viewer.close()
    copies.close()
    assert history(world, document) == list(KINDS)
    assert viewer.take_notices() == []
    with world.lab("a.admin").center("alpha") as work:
        entry = work.audit.timeline(document.id)[-1]
        assert (entry.who, entry.label) == (viewer.user.display_name, document.title)
        [signed_in] = work.audit.list(AuditFilter(operations=("sign_in",), login=viewer.login))
        assert signed_in.row_id == viewer.user.id
        verdict = work.audit.verify()
        assert verdict.fault in (None, AuditFault.ROWS_CHANGED), "others forge documents of this world"
        assert not {document.id, viewer.user.id} & {row_id for _table, row_id in verdict.changed}


def test_an_opening_does_not_wait_for_the_record(world: World, viewer: Lab, document: Document) -> None:
    with viewer.center("alpha") as work:
        holder = world.superuser()
        with holder.cursor() as cursor:
            schema = work.center.schema_name
            cursor.execute(f"BEGIN; SELECT FROM {schema}.audit_head FOR UPDATE")
            for _ in range(3):
                assert work.documents.content(document) == b"haemoglobin 9.1 g/dl\n"
            assert history(world, document) == []
            cursor.execute("ROLLBACK")
        holder.close()
        viewer.close()
    assert history(world, document) == ["preview"]


def test_what_the_server_refuses_is_told_and_spoils_no_opening(world: World, viewer: Lab, document: Document) -> None:
    with viewer.center("alpha") as work, world.superuser() as connection, connection.cursor() as cursor:
        schema = work.center.schema_name
        cursor.execute(f"REVOKE EXECUTE ON FUNCTION {schema}.note_openings FROM {schema}_viewer")
        connection.commit()
        try:
            assert work.documents.content(document)
            viewer.close()
        finally:
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {schema}.note_openings TO {schema}_viewer")
            connection.commit()
    assert [notice[:47] for notice in viewer.take_notices()] == ["What you opened could not be put on the record:"]


def test_a_center_that_wants_exports_only_is_not_told_of_previews(world: World, document: Document) -> None:
    centers = world.lab(ROOT).centers
    center = centers.get("alpha")
    before = center.settings

    def want(settings: Mapping[str, Any]) -> None:
        now = centers.get("alpha")
        centers.update(now, replace(CenterDraft.of(now), settings=settings))

    want({**before, "openings": "exports"})
    try:
        lab = world.sign_in("a.viewer")
        with lab.center("alpha") as work:
            work.documents.content(document)
        lab.close()
        assert history(world, document) == []
    finally:
        want(before)
