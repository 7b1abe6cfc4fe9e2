"""Tests of changing people: making, naming, moving, promoting and ending them, and who may not."""

import threading
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from desktop_app.db import administration, registry
from desktop_app.db.errors import (
    GrantsMissingError,
    IllegalStepError,
    LastAdministratorError,
    NotAllowedError,
    StaleRowError,
)
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError
from tests.db.admin_actions import (
    activate,
    can_read,
    can_sign_in,
    change_center,
    change_role,
    deactivate,
    grants_held,
    in_center,
)
from tests.db.conftest import TwoCenters
from tests.db.installation import Member

# People


def test_center_administrator_makes_people_of_his_own_center_only(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    made = scene.add_member("made.by.a", Role.USER, two_centers.a, by=two_centers.admin_a)
    assert can_read(scene, made, two_centers.a)
    assert not can_read(scene, made, two_centers.b)
    assert grants_held(scene, two_centers.a, made) == 1
    with pytest.raises(NotFoundError):
        scene.add_member("made.for.b", Role.USER, two_centers.b, by=two_centers.admin_a)
    with pytest.raises(NotAllowedError):
        scene.add_member("made.system", Role.ADMIN, None, by=two_centers.admin_a)
    for member in (two_centers.user_a, two_centers.viewer_a):
        with pytest.raises(NotAllowedError):
            scene.add_member("made.by.user", Role.VIEWER, two_centers.a, by=member)


def test_new_system_administrator_has_every_center(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    closed = scene.add_center("Closed before")
    with scene.shared(scene.system).begin() as session:
        administration.set_center_active(session, closed, False)
    made = scene.add_member("second.system", Role.ADMIN, None)
    for center_id in (two_centers.a, two_centers.b):
        assert can_read(scene, made, center_id)
        assert grants_held(scene, center_id, made) == 1
    assert grants_held(scene, closed, made) == 1
    scene.add_center("By the second", by=made)


def test_grants_of_another_center_do_not_make_a_person(
    two_centers: TwoCenters, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = two_centers.installation
    right = scene.grants_for
    for other in (None, two_centers.b):
        monkeypatch.setattr(scene, "grants_for", lambda _center, identity, other=other: right(other, identity))
        with pytest.raises(GrantsMissingError):
            scene.add_member("wrong.grants", Role.USER, two_centers.a)


def test_username_email_and_login_are_taken_once(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with pytest.raises(InvalidInputError) as refused:
        scene.add_member("user.a", Role.USER, two_centers.a)
    assert list(refused.value.problems) == ["username"]
    with pytest.raises(LabkeepError):
        scene.add_member("same.login", Role.USER, two_centers.a, login=two_centers.user_b.login)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"login": "postgres"}, "login"),
        # No entry of the trust log can name such a login, and that is looked at first.
        ({"login": "u_" + "a" * 31 + ";"}, "entry"),
        ({"login": 'u_"; DROP ROLE labkeep_owner; --'}, "entry"),
        ({"username": "Not-Allowed"}, "username"),
    ],
)
def test_bad_names_are_refused(two_centers: TwoCenters, changed: dict[str, Any], field: str) -> None:
    scene = two_centers.installation
    with pytest.raises(InvalidInputError) as refused:
        scene.add_member(**{"username": "bad.name", "role": Role.USER, "center_id": two_centers.a, **changed})
    assert list(refused.value.problems) == [field]


@pytest.mark.parametrize("stored", ["clear text", "md5" + "0" * 32, "SCRAM-SHA-256$1:AAAA$AAAA:AAAA", ""])
def test_only_verifiers_are_taken(two_centers: TwoCenters, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.db.installation.verifier", lambda _p, _l: stored)
    with pytest.raises(InvalidInputError) as refused:
        two_centers.installation.add_member("clear", Role.USER, two_centers.a)
    assert list(refused.value.problems) == ["verifier"]


def test_administrators_enrol_with_provisional_keys_only(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = Member("not.provisional", Role.USER, two_centers.a)
    for provisional in (False, None, "true", 1):
        with pytest.raises(InvalidInputError), scene.shared(two_centers.admin_a).begin() as session:
            scene.enrol(session, member, two_centers.admin_a.identity.id, provisional=provisional)


def test_update_user_reaches_the_centers_own_copy(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("renamed", Role.USER, two_centers.a)
    with scene.shared(two_centers.admin_a).begin() as session:
        administration.update_user(session, member.id, {"first_name": "Ada", "last_name": "L"}, 1)
    found = in_center(scene, two_centers.a, "SELECT display_name FROM {schema}.people WHERE id = %s", str(member.id))
    assert found == "Ada L"
    with pytest.raises(StaleRowError), scene.shared(two_centers.admin_a).begin() as session:
        administration.update_user(session, member.id, {"phone": "1"}, 1)
    with pytest.raises(InvalidInputError) as refused, scene.shared(two_centers.admin_a).begin() as session:
        administration.update_user(session, member.id, {"email": "USER.B@example.org"}, 2)
    assert list(refused.value.problems) == ["email"]
    with pytest.raises(NotAllowedError), scene.shared(member).begin() as session:
        administration.update_user(session, member.id, {"phone": "1"}, 2)


def test_role_change_acts_on_the_next_statement_of_an_open_session(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("promoted", Role.VIEWER, two_centers.a)
    insert = (
        f"INSERT INTO {schema_name(two_centers.a)}.samples (id, name, sample_type, barcode)"
        " VALUES (gen_random_uuid(), 'x', 'blood', '')"
    )
    with scene.raw(member) as connection, connection.cursor() as cursor:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(insert)
        change_role(scene, member, Role.USER, by=two_centers.admin_a)
        cursor.execute(insert)
        change_role(scene, member, Role.VIEWER, by=two_centers.admin_a)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(insert)


def test_nobody_changes_his_own_place_or_ends_his_own_account(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    admin = two_centers.admin_a
    scene.add_member("other.admin.a", Role.ADMIN, two_centers.a)
    with pytest.raises(LastAdministratorError):
        change_role(scene, admin, Role.USER, by=admin)
    with pytest.raises(LastAdministratorError):
        deactivate(scene, admin, by=admin)
    with pytest.raises(LastAdministratorError), scene.shared(admin).begin() as session:
        administration.end_sessions(session, admin.id)
    with pytest.raises(LastAdministratorError):
        change_center(scene, scene.system, two_centers.a, Role.ADMIN)


def test_last_administrators_stay(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    admin = two_centers.admin_b
    with pytest.raises(LastAdministratorError):
        change_role(scene, admin, Role.USER)
    with pytest.raises(LastAdministratorError):
        deactivate(scene, admin)
    with pytest.raises(LastAdministratorError):
        change_center(scene, admin, two_centers.a, Role.ADMIN)
    second = scene.add_member("second.admin.b", Role.ADMIN, two_centers.b)
    change_role(scene, second, Role.USER)
    with pytest.raises(LastAdministratorError):
        change_role(scene, admin, Role.USER)


def test_deactivated_person_is_out_also_in_an_open_session(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("leaver", Role.USER, two_centers.a)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {schema_name(two_centers.a)}.people")
        deactivate(scene, member, by=two_centers.admin_a)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(f"SELECT 1 FROM {schema_name(two_centers.a)}.people")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT 1 FROM public.trust_log")
        with scene.shared(two_centers.admin_a).begin() as session:
            assert administration.end_sessions(session, member.id) == 0
        with pytest.raises(psycopg2.Error):
            cursor.execute("SELECT 1")
    assert not can_sign_in(scene, member)
    assert grants_held(scene, two_centers.a, member) == 0
    left = in_center(
        scene, two_centers.a, "SELECT member_until IS NOT NULL FROM {schema}.people WHERE id = %s", str(member.id)
    )
    assert left is True
    assert scene.value("SELECT rotation_due FROM public.centers WHERE id = %s", str(two_centers.a)) is True


def test_deactivated_person_comes_back_with_grants(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("returner", Role.USER, two_centers.a)
    deactivate(scene, member)
    with pytest.raises(IllegalStepError):
        deactivate(scene, member)
    with pytest.raises(GrantsMissingError), scene.shared(scene.system).begin() as session:
        entry = scene.readmit_entry(session, member, scene.system.identity.id)
        administration.activate_user(session, member.id, entry, [])
    activate(scene, member, by=two_centers.admin_a)
    assert can_read(scene, member, two_centers.a)
    assert grants_held(scene, two_centers.a, member) == 1


def test_person_who_moves_takes_nothing_along(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("mover", Role.USER, two_centers.a)
    change_center(scene, member, two_centers.b, Role.VIEWER)
    assert not can_read(scene, member, two_centers.a)
    assert can_read(scene, member, two_centers.b)
    assert grants_held(scene, two_centers.a, member) == 0
    assert grants_held(scene, two_centers.b, member) == 1
    with scene.shared(member).begin() as session:
        assert registry.own_user(session).center_id == two_centers.b
    change_center(scene, member, None, Role.ADMIN)
    assert can_read(scene, member, two_centers.a)
    assert grants_held(scene, two_centers.a, member) == 1
    change_center(scene, member, two_centers.a, Role.USER)
    assert not can_read(scene, member, two_centers.b)
    assert grants_held(scene, two_centers.b, member) == 0
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), scene.raw(member) as connection:
        connection.cursor().execute(f"SELECT 1 FROM {schema_name(two_centers.b)}.samples")


def test_only_system_administrators_move_people(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("stays", Role.USER, two_centers.a)
    with pytest.raises(NotAllowedError):
        change_center(scene, member, two_centers.b, Role.USER, by=two_centers.admin_a)


def test_people_of_another_center_are_unknown(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    answers = set()
    for user_id in (two_centers.user_b.id, scene.system.id, uuid4()):
        with pytest.raises(NotFoundError) as refused, scene.shared(two_centers.admin_a).begin() as session:
            administration.update_user(session, user_id, {"phone": "1"}, 1)
        answers.add(str(refused.value))
        with pytest.raises(NotFoundError), scene.shared(two_centers.admin_a).begin() as session:
            administration.end_sessions(session, user_id)
    assert len(answers) == 1


def test_authority_that_was_taken_away_while_one_waited_is_gone(two_centers: TwoCenters) -> None:
    """The wait for the membership lock is where another's change comes in between."""
    scene = two_centers.installation
    waiting = scene.add_member("waiting.admin", Role.ADMIN, two_centers.a)
    outcomes: list[object] = []

    def rename() -> None:
        try:
            with scene.shared(waiting).begin() as session:
                administration.update_user(session, two_centers.viewer_a.id, {"phone": "1"}, 1)
            outcomes.append("done")
        except LabkeepError as error:
            outcomes.append(type(error))

    thread = threading.Thread(target=rename)
    with scene.shared(scene.system).begin() as session:
        entry = scene.join_entry(session, waiting, Role.VIEWER, two_centers.a, scene.system.identity.id)
        administration.join_center(session, waiting.id, two_centers.a, Role.VIEWER, None, entry, [])
        thread.start()
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
        while not scene.value(blocked, waiting.login):
            assert thread.is_alive()
    thread.join(60)
    assert outcomes == [NotAllowedError]
