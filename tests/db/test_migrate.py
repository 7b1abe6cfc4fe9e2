"""Tests of both lines of migrations as they are, and of the template: fresh equals migrated."""

import pytest
from sqlalchemy import Connection

from desktop_app.db import migrate
from desktop_app.db.center_template import SCRATCH_SCHEMA, record_template
from desktop_app.db.connection import open_admin_engine
from desktop_app.db.errors import NotAllowedError
from desktop_app.db.migrations import SCRATCH_HEX
from tests.db.installation import Installation
from tests.db.schema_shape import shape, shape_of


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
    shape = shape_of(installation, installation.add_center("Zeros"))
    assert len(shape) > 100
    assert not [line for line in shape if SCRATCH_HEX in line]


def test_heads_are_what_a_new_installation_has(installation: Installation) -> None:
    heads = migrate.heads()
    assert installation.value("SELECT version_num FROM public.alembic_version") == heads.shared
    assert installation.value("SELECT DISTINCT revision FROM public.center_template") == heads.center
    assert migrate.migrate_shared(installation.admin_dsn) == heads.shared
    assert {one.before for one in migrate.migrate_centers(installation.admin_dsn)} <= {heads.center}


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
    with pytest.raises(NotAllowedError, match="role does not allow"):
        migrate.migrate_shared(member_dsn)
