"""What every person can really do in center A, with his own credentials: what the table of rights says."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from desktop_app.domain.rights import Verb
from tests.db.rights.conftest import Lab
from tests.db.rights.people import Person
from tests.db.rights.rights_cases import CASES, Case, Outcome
from tests.db.rights.things_of_a import ThingsOfA
from tools.rights_objects import Anybody, has, rights_map


@pytest.fixture(scope="module")
def names(lab: Lab) -> dict[str, dict[str, str]]:
    """What fills the cases' names, for each person."""
    things = ThingsOfA(lab.scene)
    with lab.scene.installation.shared(lab.scene.system).begin() as session:
        return {person.name: things.names_for(session, person) for person in lab.people}


def outcome(cursor: Any, statements: tuple[str, ...], names: dict[str, str]) -> str:
    """What becomes of the statements in one transaction, which is undone; also the record's seal at its end runs."""
    cursor.execute("BEGIN")
    try:
        for statement in statements:
            cursor.execute(re.sub("<([a-zA-Z_]+)>", lambda found: names[found[1]], statement))
        touched = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg2.Error as error:
        return str(error.pgcode)
    finally:
        cursor.execute("ROLLBACK")
    return Outcome.DONE if touched else Outcome.NOTHING


def expected(person: Person, case: Case) -> Outcome:
    standing = person.standing_in("A")
    if has(standing, case.right):
        return Outcome.DONE
    return case.outside if standing is None else case.without


@pytest.mark.parametrize("what", CASES)
def test_each_case_is_done_by_those_who_may_and_nobody_else(
    lab: Lab, names: dict[str, dict[str, str]], what: str
) -> None:
    case = CASES[what]
    found = {p.name: outcome(lab.cursors[p.name], case.statements, names[p.name]) for p in lab.people}
    assert found == {person.name: expected(person, case) for person in lab.people}


@pytest.mark.parametrize("what", ["change a role", "deactivate a user", "reset a password", "move a user"])
def test_nobody_does_it_to_himself(lab: Lab, names: dict[str, dict[str, str]], what: str) -> None:
    for person in lab.people:
        standing = person.standing_in(person.center or "A")
        expected = "LK006" if has(standing, CASES[what].right) else Outcome.NO_RIGHT
        home = str(person.member.center_id or lab.scene.a)
        himself = names[person.name] | {"colleague": str(person.member.id), "A_id": home}
        assert outcome(lab.cursors[person.name], CASES[what].statements, himself) == expected, person.name


@pytest.fixture
def closed(lab: Lab) -> Iterator[None]:
    """Center A deactivated."""
    call = "SELECT api.set_center_active(%s, %s)"
    by_system, a = lab.cursors["system administrator"], str(lab.scene.a)
    by_system.execute(call, (a, False))
    yield
    by_system.execute(call, (a, True))


def expected_of_closed(person: Person, case: Case) -> Outcome:
    """Nobody reaches the schema; its members call nothing for it, and see of the registry what they saw.

    Their own grants they get: new keys of somebody who belongs to other centers, too, need them.
    """
    calls = all(statement.startswith("SELECT api.") for statement in case.statements)
    if "own_grants(" in case.statements[0]:
        return expected(person, case)
    closed_to_members = person.center == "A" and calls and case.right is not Anybody.EVERYONE
    in_schema = any("<A>." in statement for statement in case.statements)
    open_outcome = expected(person, case)
    return Outcome.NO_RIGHT if in_schema or (closed_to_members and open_outcome is Outcome.DONE) else open_outcome


@pytest.mark.usefixtures("closed")
def test_closed_center_is_closed_but_for_system_administrators(lab: Lab, names: dict[str, dict[str, str]]) -> None:
    found = {
        (what, p.name): outcome(lab.cursors[p.name], case.statements, names[p.name])
        for what, case in CASES.items()
        for p in lab.people
    }
    assert found == {(what, p.name): expected_of_closed(p, case) for what, case in CASES.items() for p in lab.people}


def test_every_right_has_a_case() -> None:
    assert {case.right for case in CASES.values()} == {*Verb, *Anybody}


def test_every_function_that_people_may_call_is_in_a_deed_by_each_of_its_rights() -> None:
    """What a function asks for itself, only a call shows."""
    said = [(case.right, " ".join(case.statements)) for case in CASES.values()]
    for schema, place in (("api", "api"), ("center", "<A>")):
        for function, rights in rights_map().schemas[schema].functions.items():
            for right in set(rights) - {Anybody.NOBODY}:
                assert any(right is one and f"{place}.{function}(" in text for one, text in said), (function, right)


def test_every_table_where_less_is_given_than_granted_is_in_a_case() -> None:
    said = " ".join(" ".join(case.statements) for case in CASES.values())
    for schema, place in (("public", "public"), ("center", "<A>")):
        for name, table in rights_map().schemas[schema].tables.items():
            assert f"{place}.{name}" in said or not (table.rows or table.steps), name
