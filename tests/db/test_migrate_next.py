"""Tests of what happens when a program brings one more revision of the center line."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from desktop_app.db import migrate, migrations
from desktop_app.db.migrations import FOLDER
from desktop_app.db.samples import list_samples
from desktop_app.domain.filters import SampleFilter
from desktop_app.domain.ids import schema_name
from desktop_app.domain.sorting import SampleField, Sort
from tests.db.centers import make_center
from tests.db.installation import Installation
from tests.db.kept_installations import fresh_installation, take_off
from tests.db.schema_shape import shape_of
from tests.servers import TestServer

NEXT = '''"""A revision that exists only in this test."""

from desktop_app.db.migrations import run_sql

revision = "c9999"
down_revision = "c0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(__file__, "more.sql")
'''
# Percent signs, colons, backslashes and quotes: what a driver that binds parameters would spoil.
NEXT_SQL = r"""
ALTER TABLE samples ADD COLUMN shelf text NOT NULL DEFAULT '100% :shelf %(x)s \n';
CREATE FUNCTION shelves() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN format('%s%%', (SELECT max(s.shelf) FROM center_00000000000000000000000000000000.samples s)::text);
END $$;
GRANT EXECUTE ON FUNCTION shelves() TO center_00000000000000000000000000000000_viewer;
"""


@pytest.fixture
def scene(database_server: TestServer) -> Iterator[Installation]:
    """An installation for one test, because migrations change all of it."""
    made = fresh_installation(database_server)
    yield made
    made.close()
    take_off(database_server)


@pytest.fixture
def next_revision(scene: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the installation was made: a program whose center line has one more revision (in a folder with a %)."""
    folder = tmp_path / "100% new"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    versions = folder / "center" / "versions"
    (versions / "c9999_more.py").write_text(NEXT)
    (versions / "c9999_more").mkdir()
    (versions / "c9999_more" / "more.sql").write_text(NEXT_SQL)
    monkeypatch.setattr(migrations, "FOLDER", folder)


@pytest.mark.usefixtures("next_revision")
class TestNextRevision:
    """What happens when the program brings one more revision of the center line."""

    def test_every_center_is_migrated_once(self, scene: Installation) -> None:
        centers = [scene.add_center("A"), scene.add_center("B")]
        first = migrate.migrate_centers(scene.admin_dsn)
        assert [(one.center_id, one.before, one.after, one.problem) for one in first] == [
            (center, "c0002", "c9999", None) for center in centers
        ]
        again = migrate.migrate_centers(scene.admin_dsn)
        assert [(one.before, one.after, one.problem) for one in again] == [("c9999", "c9999", None)] * 2
        assert scene.value("SELECT array_agg(DISTINCT schema_rev) FROM public.centers") == ["c9999"]

    def test_one_center_on_demand(self, scene: Installation) -> None:
        a, b = scene.add_center("A"), scene.add_center("B")
        assert [one.center_id for one in migrate.migrate_centers(scene.admin_dsn, only=b)] == [b]
        assert scene.value("SELECT schema_rev FROM public.centers WHERE id = %s", str(a)) == "c0002"

    def test_center_that_fails_stops_no_other_and_is_done_later(self, scene: Installation) -> None:
        busy, other = scene.add_center("Busy"), scene.add_center("Other")
        with closing(psycopg2.connect(scene.admin_dsn)) as connection:
            connection.cursor().execute(f"SELECT 1 FROM {schema_name(busy)}.samples")
            first = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
        assert first[busy].after == "c0002"
        assert first[busy].problem == "Somebody else is changing the same thing; try again in a moment."
        assert (first[other].after, first[other].problem) == ("c9999", None)
        second = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
        assert second[busy].before == "c0002"
        assert second[busy].problem is None
        assert shape_of(scene, busy) == shape_of(scene, other)

    def test_new_centers_get_the_new_revision_letter_for_letter(self, scene: Installation) -> None:
        old = scene.add_center("Old")
        migrate.migrate_shared(scene.admin_dsn)
        assert scene.value("SELECT DISTINCT revision FROM public.center_template") == "c9999"
        new = scene.add_center("New")
        migrate.migrate_centers(scene.admin_dsn)
        assert shape_of(scene, old) == shape_of(scene, new)
        default = scene.value(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute a ON attrelid = adrelid"
            f" AND attnum = adnum WHERE attname = 'shelf' AND attrelid = '{schema_name(new)}.samples'::regclass"
        )
        assert default == r"'100% :shelf %(x)s \n'::text"
        assert "'%s%%'" in scene.value(f"SELECT prosrc FROM pg_proc WHERE oid = '{schema_name(new)}.shelves'::regproc")


def test_center_of_the_revision_before_is_brought_up_with_its_data(scene: Installation) -> None:
    fresh = scene.add_center("Fresh")
    old = make_center(scene)
    old.document("Kept", sample_id=old.sample(name="Kept").id)
    down = (FOLDER / "center" / "versions" / "c0002_sorting" / "down.sql").read_text(encoding="utf-8")
    with old.owner() as cursor:
        cursor.execute(down)
        cursor.execute("UPDATE alembic_version SET version_num = 'c0001'")
    scene.value("UPDATE public.centers SET schema_rev = 'c0001' WHERE id = %s RETURNING 1", str(old.id))
    assert shape_of(scene, old.id) != shape_of(scene, fresh)
    with old.sessions("viewer").begin() as session:  # a program of now in a center of before: slower, not broken
        by_name = Sort(SampleField.NAME)
        assert [row.name for row in list_samples(session, SampleFilter(), None, 10, by_name).rows] == ["Kept"]
    [done] = migrate.migrate_centers(scene.admin_dsn, only=old.id)
    assert (done.before, done.after, done.problem) == ("c0001", migrate.heads().center, None)
    assert shape_of(scene, old.id) == shape_of(scene, fresh)
    with old.sessions("viewer").begin() as session:
        assert [row.name for row in list_samples(session, SampleFilter(), None, 10).rows] == ["Kept"]


def test_center_of_a_newer_program_is_left_alone(scene: Installation) -> None:
    newer, older = scene.add_center("Newer"), scene.add_center("Older")
    for center_id, revision in ((newer, "c9999"), (older, "")):
        scene.value("UPDATE public.centers SET schema_rev = %s WHERE id = %s RETURNING 1", revision, str(center_id))
    scene.value(f"UPDATE {schema_name(newer)}.alembic_version SET version_num = 'c9999' RETURNING 1")
    found = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
    assert "newer" in str(found[newer].problem)
    assert found[older].problem is None
