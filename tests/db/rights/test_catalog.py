"""Every privilege of every person on every thing in the database, as PostgreSQL's catalogs say, on every server."""

from contextlib import closing

import psycopg2

from tests.db.rights.comparison import differences, known_things, unknown_and_missing
from tests.db.rights.conftest import Lab
from tests.db.rights.privileges import PUBLIC, Permission, permissions, system_permissions, things
from tools.rights_objects import rights_map


def wrong_permissions(lab: Lab) -> list[str]:
    """A sentence for each thing that nobody has spoken of, and each permission too many or too few."""
    there = things(lab.superuser, lab.centers)
    known = known_things(rights_map(), there)
    found = list(unknown_and_missing(known, there))
    for person in lab.people:
        found += differences(person, known, permissions(lab.cursors[person.name], person.member.login, lab.centers))
    return found


def test_every_permission_is_what_the_table_says(lab: Lab) -> None:
    assert wrong_permissions(lab) == []


def test_postgresqls_own_things_are_what_everybody_has_in_a_fresh_database(lab: Lab) -> None:
    """But for what was taken, which is named; nothing was changed in the database "postgres", so it says the rest."""
    taken = rights_map().taken_functions

    def is_taken(permission: Permission) -> bool:
        return permission.thing.kind == "function" and permission.thing.name.partition("(")[0] in taken

    with closing(psycopg2.connect(lab.scene.installation.server.admin_dsn)) as fresh, fresh.cursor() as cursor:
        everybody = system_permissions(cursor, PUBLIC)
    lost = {permission for permission in everybody if is_taken(permission)}
    assert {permission.thing.name.partition("(")[0] for permission in lost} == taken
    for person in lab.people:
        may = system_permissions(lab.cursors[person.name], person.member.login)
        assert may - everybody == set(), f"the {person} has more"
        assert everybody - may == lost, f"the {person} has less, or what was to be taken"
