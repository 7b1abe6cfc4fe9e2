"""Tests of both lines of migrations and of the template: fresh equals migrated, and one failure stops nobody else."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest
from sqlalchemy import Connection, text

from desktop_app.db import migrate
from desktop_app.db.connection import open_admin_engine
from desktop_app.db.migrations import FOLDER, SCRATCH_HEX
from desktop_app.db.template import SCRATCH_SCHEMA, record_template
from desktop_app.domain.ids import schema_name
from tests.db.installation import Installation, wipe
from tests.servers import TestServer

NEXT = '''"""A revision that exists only in this test."""

from desktop_app.db.migrations import run_sql

revision = "c9999"
down_revision = "c0001"
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

# One line for everything that a schema holds; :oid is the schema's.
SHAPE = """
SELECT concat_ws(' ', 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                 pg_get_expr(d.adbin, d.adrelid), a.attacl)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = :oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT concat_ws(' ', 'table', relname, relkind, relrowsecurity, relowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(relacl) i)) FROM pg_class WHERE relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'constraint', conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = :oid
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(oid)) FROM pg_class
WHERE relnamespace = :oid AND relkind = 'i'
UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid), proowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(proacl) i)) FROM pg_proc WHERE pronamespace = :oid
UNION ALL SELECT concat_ws(' ', 'trigger', c.relname, pg_get_triggerdef(t.oid)) FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = :oid AND NOT t.tgisinternal
UNION ALL SELECT concat_ws(' ', 'policy', c.relname, p.polname, p.polcmd, p.polroles, pg_get_expr(p.polqual, c.oid),
    pg_get_expr(p.polwithcheck, c.oid)) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = :oid
UNION ALL SELECT concat_ws(' ', 'schema', nspowner::regrole,
    (SELECT string_agg(i::text, ',' ORDER BY i::text) FROM unnest(nspacl) i)) FROM pg_namespace WHERE oid = :oid
UNION ALL SELECT concat_ws(' ', 'comment', c.relname, d.objsubid, d.description) FROM pg_description d
JOIN pg_class c ON c.oid = d.objoid WHERE c.relnamespace = :oid
"""


@pytest.fixture
def scene(database_server: TestServer) -> Iterator[Installation]:
    """An installation for one test, because migrations change all of it."""
    wipe(database_server)
    made = Installation(database_server).make()
    yield made
    made.close()
    wipe(database_server)


@pytest.fixture
def next_revision(scene: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the installation was made: a program whose center line has one more revision (in a folder with a %)."""
    folder = tmp_path / "100% new"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    versions = folder / "center" / "versions"
    (versions / "c9999_more.py").write_text(NEXT)
    (versions / "c9999_more").mkdir()
    (versions / "c9999_more" / "more.sql").write_text(NEXT_SQL)
    monkeypatch.setattr(migrate, "FOLDER", folder)


def shape(connection: Connection, schema: str) -> list[str]:
    """Every line that describes a schema, with its own hexadecimal id taken out."""
    connection.exec_driver_sql("SET LOCAL search_path = pg_catalog")
    oid = connection.execute(text("SELECT oid FROM pg_namespace WHERE nspname = :schema"), {"schema": schema}).scalar()
    found = [*connection.execute(text(SHAPE), {"oid": oid}).scalars()]
    found += connection.execute(text(f"SELECT 'revision ' || version_num FROM {schema}.alembic_version")).scalars()
    return sorted(line.replace(schema.removeprefix("center_"), "HEX") for line in found)


def shape_of(scene: Installation, center_id: UUID) -> list[str]:
    with open_admin_engine(scene.admin_dsn).begin() as connection:
        return shape(connection, schema_name(center_id))


def test_fresh_center_equals_one_that_was_migrated(installation: Installation) -> None:
    fresh = shape_of(installation, installation.add_center("Fresh"))
    assert len(fresh) > 100
    with open_admin_engine(installation.admin_dsn).connect() as connection:
        transaction = connection.begin()
        for role in ("viewer", "user", "admin"):
            connection.exec_driver_sql(f"CREATE ROLE {SCRATCH_SCHEMA}_{role}")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCRATCH_SCHEMA} AUTHORIZATION labkeep_owner")
        migrate.upgrade_center(connection, SCRATCH_SCHEMA)
        migrated = shape(connection, SCRATCH_SCHEMA)
        transaction.rollback()
    assert fresh == migrated


def test_no_trace_of_the_zeros_in_a_fresh_center(installation: Installation) -> None:
    assert not [line for line in shape_of(installation, installation.add_center("Fresh")) if SCRATCH_HEX in line]


def test_heads_are_what_a_new_installation_has(installation: Installation) -> None:
    heads = migrate.heads()
    assert installation.value("SELECT version_num FROM public.alembic_version") == heads.shared
    assert installation.value("SELECT DISTINCT revision FROM public.center_template") == heads.center
    assert migrate.migrate_shared(installation.admin_dsn) == heads.shared
    assert {one.before for one in migrate.migrate_centers(installation.admin_dsn)} <= {heads.center}


@pytest.mark.usefixtures("next_revision")
class TestNextRevision:
    """What happens when the program brings one more revision of the center line."""

    def test_every_center_is_migrated_once(self, scene: Installation) -> None:
        centers = [scene.add_center("A"), scene.add_center("B")]
        first = migrate.migrate_centers(scene.admin_dsn)
        assert [(one.center_id, one.before, one.after, one.problem) for one in first] == [
            (center, "c0001", "c9999", None) for center in centers
        ]
        again = migrate.migrate_centers(scene.admin_dsn)
        assert [(one.before, one.after, one.problem) for one in again] == [("c9999", "c9999", None)] * 2
        assert scene.value("SELECT array_agg(DISTINCT schema_rev) FROM public.centers") == ["c9999"]

    def test_one_center_on_demand(self, scene: Installation) -> None:
        a, b = scene.add_center("A"), scene.add_center("B")
        assert [one.center_id for one in migrate.migrate_centers(scene.admin_dsn, only=b)] == [b]
        assert scene.value("SELECT schema_rev FROM public.centers WHERE id = %s", str(a)) == "c0001"

    def test_center_that_fails_stops_no_other_and_is_done_later(self, scene: Installation) -> None:
        busy, other = scene.add_center("Busy"), scene.add_center("Other")
        with closing(psycopg2.connect(scene.admin_dsn)) as connection:
            connection.cursor().execute(f"SELECT 1 FROM {schema_name(busy)}.samples")
            first = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
        assert first[busy].after == "c0001"
        assert first[busy].problem == "Somebody else is changing the same thing; try again in a moment."
        assert (first[other].after, first[other].problem) == ("c9999", None)
        second = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
        assert second[busy].before == "c0001"
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


def test_center_of_a_newer_program_is_left_alone(scene: Installation) -> None:
    newer, older = scene.add_center("Newer"), scene.add_center("Older")
    for center_id, revision in ((newer, "c9999"), (older, "")):
        scene.value("UPDATE public.centers SET schema_rev = %s WHERE id = %s RETURNING 1", revision, str(center_id))
    scene.value(f"UPDATE {schema_name(newer)}.alembic_version SET version_num = 'c9999' RETURNING 1")
    found = {one.center_id: one for one in migrate.migrate_centers(scene.admin_dsn)}
    assert "newer" in str(found[newer].problem)
    assert found[older].problem is None


def test_template_may_not_change_roles(installation: Installation) -> None:
    def upgrade(connection: Connection, _schema: str) -> None:
        connection.exec_driver_sql("SET LOCAL ROLE labkeep_security")

    with open_admin_engine(installation.admin_dsn).begin() as connection, pytest.raises(ValueError, match="owner only"):
        record_template(connection, "c0009", upgrade)
    assert installation.value("SELECT count(*) FROM public.center_template WHERE revision = 'c0009'") == 0


def test_recording_again_changes_nothing(installation: Installation) -> None:
    state = "SELECT array_agg(statement ORDER BY position) FROM public.center_template"
    before = installation.value(state)
    with open_admin_engine(installation.admin_dsn).begin() as connection:
        migrate.record_center_template(connection)
    assert installation.value(state) == before
    assert installation.value("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", f"%{SCRATCH_HEX}%") == 0


@pytest.mark.parametrize("schema", ["public", "center_x", f"{SCRATCH_SCHEMA}; DROP SCHEMA public", ""])
def test_only_centers_are_migrated(installation: Installation, schema: str) -> None:
    with open_admin_engine(installation.admin_dsn).begin() as connection, pytest.raises(ValueError, match="center"):
        migrate.upgrade_center(connection, schema)


def test_migrating_as_somebody_without_the_right_is_refused(installation: Installation) -> None:
    member_dsn = installation.server.dsn("labkeep", installation.system.login, installation.system.password)
    with pytest.raises(Exception, match="role does not allow"):
        migrate.migrate_shared(member_dsn)
