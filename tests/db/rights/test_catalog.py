"""Every privilege of every person on every thing in the database, as PostgreSQL's catalogs say, on every server."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests.db.rights.comparison import differences, known_things, unknown_and_missing
from tests.db.rights.conftest import Lab
from tests.db.rights.people import Person
from tests.db.rights.privileges import PUBLIC, Permission, permissions, system_permissions, things
from tools.rights_objects import rights_map


def wrong_permissions(lab: Lab, cursor_of: Callable[[Person], Any]) -> list[str]:
    """A sentence for each thing that nobody has spoken of, and each permission too many or too few."""
    there = things(lab.superuser, lab.centers)
    known = known_things(rights_map(), there)
    found = list(unknown_and_missing(known, there))
    for person in lab.people:
        may = permissions(cursor_of(person), person.member.login, lab.centers)
        found += differences(person, known, may)
    return found


def test_every_permission_is_what_the_table_says(lab: Lab) -> None:
    assert wrong_permissions(lab, lambda person: lab.cursors[person.name]) == []


EVERYBODY = [f"{role} of {center}" for center in "AB" for role in ("viewer", "user", "admin")] + [
    "system administrator"
]
OF_B = ["viewer of B", "user of B", "admin of B", "system administrator"]
UNKNOWN = "is not in tools/rights_objects.toml: say there what a person may do with it"
GONE = "stands in tools/rights_objects.toml, and the database has no such thing"


def each(people: list[str], sentence: str) -> set[str]:
    return {sentence.replace("<who>", who) for who in people}


MISTAKES = {
    "GRANT UPDATE (name) ON <A>.samples TO <A>_viewer": {
        "too many: the viewer of A has UPDATE on the column A.samples.name, for whoever may edit_samples there"
    },
    "GRANT SELECT ON <A>.samples TO <B>_admin": {
        f"too many: the admin of B has SELECT on the {thing}, for whoever may read there"
        for thing in (
            "table A.samples",
            *(f"column A.samples.{name}" for name in rights_map().schemas["center"].tables["samples"].columns),
        )
    },
    "REVOKE EXECUTE ON FUNCTION <B>.timeline FROM <B>_viewer": each(
        OF_B[:-1], "too few: the <who> has not EXECUTE on the function B.timeline, for whoever may read there"
    ),
    "GRANT CREATE ON SCHEMA <A> TO <B>_admin": each(
        OF_B[-2:-1], "too many: the <who> has CREATE on the schema A, for nobody"
    ),
    "GRANT TEMP ON DATABASE postgres TO PUBLIC": each(
        EVERYBODY, "too many: the <who> has TEMP on the database postgres, for nobody"
    ),
    "ALTER TABLE public.users ADD secret text": {
        f"the column public.users.secret {UNKNOWN}",
        *each(EVERYBODY, "too many: the <who> has SELECT on the column public.users.secret, for nobody"),
    },
    "CREATE TABLE <A>.mine ()": {f"the table A.mine {UNKNOWN}"},
    "CREATE FUNCTION api.peek() RETURNS int LANGUAGE sql RETURN 1": {
        f"the function api.peek {UNKNOWN}",
        *each(EVERYBODY, "too many: the <who> has EXECUTE on the function api.peek, for nobody"),
    },
    "DROP TABLE <A>.audit_pending": {
        f"the {thing} {GONE}"
        for thing in ("table A.audit_pending", "column A.audit_pending.link", "column A.audit_pending.txid")
    },
    "SELECT lo_create(4711)": {f"the large object 4711 {UNKNOWN}"},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named(lab: Lab, mistake: str) -> None:
    """Made and undone by the server's administrator, who alone sees it and asks for everybody."""
    sentences = MISTAKES[mistake]
    for schema, center in lab.centers.items():
        mistake = mistake.replace(f"<{center}>", schema)
    lab.superuser.execute("BEGIN")
    try:
        lab.superuser.execute(mistake)
        assert set(wrong_permissions(lab, lambda _person: lab.superuser)) == sentences
    finally:
        lab.superuser.execute("ROLLBACK")


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
