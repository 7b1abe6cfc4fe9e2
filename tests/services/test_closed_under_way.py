"""A center that is closed, and a person who is lowered or removed, while files are under way: half is never saved."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from desktop_app.db.errors import AccountClosedError, UnreachableError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role
from desktop_app.services.documents import upload
from desktop_app.services.documents.add_results import AddResult, SilentAddReport
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World

Action = Callable[[Lab, Person, str], object]


def close_the_center(root: Lab, _somebody: Person, center: str) -> object:
    return root.centers.deactivate(center)


def lower_the_person(root: Lab, somebody: Person, _center: str) -> object:
    return root.users.change_role(somebody.username, Role.VIEWER)


def move_the_person(root: Lab, somebody: Person, _center: str) -> object:
    return root.users.change_center(somebody.username, "beta")


def remove_the_person(root: Lab, somebody: Person, _center: str) -> object:
    return root.users.deactivate(somebody.username)


CLOSED = "This center is closed, or it is not yours any more."


@pytest.mark.parametrize(
    ("action", "sentence", "chunk"),
    [
        (close_the_center, CLOSED, upload.CHUNK_FILES),
        (lower_the_person, "Your role does not allow this.", 8),
        (move_the_person, CLOSED, 8),
        (remove_the_person, str(AccountClosedError()), 8),
    ],
)
def test_what_was_reported_saved_opens_and_nothing_else_is_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Action, sentence: str, chunk: int
) -> None:
    """Once with as many files as are saved together; that it is so with all of them does not hang on how many."""
    monkeypatch.setattr(upload, "CHUNK_FILES", chunk)
    root, slug = world.lab(ROOT), world.unused("under-way").replace(".", "-")
    center = root.centers.create(CenterDraft(name=slug, slug=slug))
    somebody = world.person(Role.USER, slug)
    paths = [tmp_path / f"{number:03}.bin" for number in range(chunk + 3)]
    for path in paths:
        path.write_bytes(os.urandom(100))

    class Doing(SilentAddReport):
        def file_finished(self, result: AddResult) -> None:
            if result.path == paths[0]:
                action(root, somebody, slug)

    with world.enter(somebody) as lab:
        summary = lab.center(center.id).documents.add(paths, report=Doing())
    assert [result.path for result in summary.results] == paths
    assert {result.reason for result in summary.not_saved} == {sentence}
    assert [result.path for result in summary.saved] == paths[:chunk], "the chunk that was live"
    root.centers.restore(slug)
    documents = root.center(center.id).documents
    found = {row.title: documents.content(row) for row in documents.list(limit=len(paths)).rows}
    assert found == {result.name: result.path.read_bytes() for result in summary.saved}


def test_who_is_deactivated_inside_a_transaction_is_not_told_of_a_server_that_is_away(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    with world.enter(somebody) as lab:
        with (
            pytest.raises(UnreachableError, match="connection to the database server was lost"),
            lab.centers.context.shared.begin() as session,
        ):
            session.execute(text("SELECT 1"))
            world.lab(ROOT).users.deactivate(somebody.username)
            session.execute(text("SELECT 1"))
        with pytest.raises(AccountClosedError, match="Sign in again"):
            lab.centers.list()
