"""Old programs keep out: at sign-in, at opening and at every writing, with the version that is needed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from desktop_app import __version__
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.db.revisions import CENTER, SHARED
from desktop_app.domain.drafts import CenterDraft, SampleDraft, UserDetails
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.services.context.compatibility import ProgramTooOldError, SchemaTooOldError
from desktop_app.services.session.center_services import CenterServices
from tests.services.conftest import ROOT, World

At = Callable[[str, str], CenterServices]
DRAFT = SampleDraft(name="Blood", sample_type=SampleType.BLOOD)


@contextmanager
def changed(world: World, table: str, column: str, value: str) -> Iterator[None]:
    """What a newer program's migration leaves behind, for as long as this lasts."""
    connection = world.superuser()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table}")
            [(before,)] = cursor.fetchall()
            cursor.execute(f"UPDATE {table} SET {column} = %s", (value,))
            try:
                yield
            finally:
                cursor.execute(f"UPDATE {table} SET {column} = %s", (before,))
    finally:
        connection.close()


def test_an_installation_that_asks_for_a_newer_program_lets_no_older_one_in(world: World) -> None:
    with changed(world, "public.installation", "oldest_client", "7.3"), pytest.raises(ProgramTooOldError) as refused:
        world.sign_in("a.user")
    assert "needs Labkeep 7.3 or newer" in str(refused.value)
    assert __version__ in str(refused.value)


def test_a_shared_revision_that_is_not_known_lets_nobody_in(world: World) -> None:
    with changed(world, "public.alembic_version", "version_num", "s9999"):
        with changed(world, "public.installation", "migrated_by", "8.1"), pytest.raises(ProgramTooOldError) as refused:
            world.sign_in("a.user")
        assert "needs Labkeep 8.1 or newer" in str(refused.value)
        with pytest.raises(ProgramTooOldError, match="newer Labkeep than this one"):
            world.sign_in("a.user")
    with changed(world, "public.alembic_version", "version_num", SHARED[0]), world.sign_in("a.user") as lab:
        assert lab.user.username == "a.user"


def test_a_window_that_is_open_does_not_write_into_a_center_that_was_migrated_meanwhile(world: World, at: At) -> None:
    work = at("a.user", "alpha")
    sample = work.samples.create(DRAFT)
    with changed_center(world, "c9999"), changed(world, "public.installation", "migrated_by", "8.1"):
        assert work.samples.get(sample.id).name == "Blood", "reading goes on"
        assert "only be read" in (work.misfit or "")
        writes: list[Callable[[], object]] = [
            lambda: work.samples.create(DRAFT),
            lambda: work.samples.update(sample, DRAFT),
            lambda: work.samples.deactivate(sample),
        ]
        for write in writes:
            with pytest.raises(ProgramTooOldError, match=r"Alpha Hospital needs Labkeep 8\.1 or newer.* only be read"):
                write()
        other = at("b.user", "beta")
        other.samples.create(DRAFT)
    assert work.samples.update(sample, DRAFT).row_version == 2
    assert work.misfit is None


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("public.installation", "oldest_client", "8.1"), ("public.alembic_version", "version_num", "s9999")],
)
def test_a_window_that_is_open_writes_nothing_once_a_newer_program_is_asked_for(
    world: World, at: At, table: str, column: str, value: str
) -> None:
    root = world.lab(ROOT)
    work = at("a.user", "alpha")
    sample = work.samples.create(DRAFT)
    kit = RecoveryKit.from_words(world.made.kit.page)  # the one that counts: only the rest of its work is left
    user, beta = root.users.get("b.user"), root.centers.get("beta")
    writes: list[Callable[[], object]] = [
        lambda: work.samples.create(DRAFT),
        lambda: work.samples.update(sample, DRAFT),
        lambda: root.users.edit(user, replace(UserDetails.of(user), phone="1")),
        lambda: root.users.change_role(user.id, Role.VIEWER),
        lambda: root.users.deactivate(user.id),
        lambda: root.centers.deactivate(beta.id),
        lambda: root.centers.create(CenterDraft(name="Gamma", slug="gamma")),
        lambda: root.restoring.sign("it was restored"),
        lambda: root.recovery.replace(kit),
    ]
    with changed(world, "public.installation", "migrated_by", "8.1"), changed(world, table, column, value):
        for write in writes:
            with pytest.raises(ProgramTooOldError, match=r"This installation needs Labkeep 8\.1 or newer"):
                write()
        assert work.samples.get(sample.id).row_version == 1, "reading goes on"
        assert root.users.get(user.id) == user
        assert root.centers.get(beta.id) == beta
    assert work.samples.update(sample, DRAFT).row_version == 2


def test_opening_a_center_tells_at_once_which_program_is_needed(world: World) -> None:
    lab = world.lab("a.user")
    with changed(world, "public.installation", "oldest_client", "8.1"), lab.center("alpha") as work:
        assert "This installation needs Labkeep 8.1 or newer" in (work.misfit or "")
    newer = changed(world, "public.installation", "migrated_by", "8.1")
    with changed_center(world, "c9999"), newer, lab.center("alpha") as work:
        assert "Alpha Hospital needs Labkeep 8.1 or newer" in (work.misfit or "")
    with lab.center("alpha") as work:
        assert work.misfit is None


def test_a_center_that_was_left_behind_asks_for_the_migration(world: World, at: At) -> None:
    work = at("a.user", "alpha")
    with changed_center(world, CENTER[-2]):
        work.samples.create(DRAFT)
    with changed_center(world, ""), pytest.raises(ProgramTooOldError):
        work.samples.create(DRAFT)
    with pytest.MonkeyPatch.context() as patch, changed_center(world, CENTER[0]):
        patch.setattr("desktop_app.services.context.compatibility.CENTER", (*CENTER, "c0003"))
        with pytest.raises(SchemaTooOldError, match="labkeep-admin migrate"):
            work.samples.create(DRAFT)


@contextmanager
def changed_center(world: World, revision: str) -> Iterator[None]:
    connection = world.superuser()
    statement = "UPDATE public.centers SET schema_rev = %s WHERE slug = 'alpha'"
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, (revision,))
            try:
                yield
            finally:
                cursor.execute(statement, (CENTER[-1],))
    finally:
        connection.close()
