"""Tests of changing centers and people: what each function does, whom it refuses, and what it leaves behind."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy.orm import Session

from desktop_app.db import administration, registry
from desktop_app.db.connection import open_engine
from desktop_app.db.errors import (
    GrantsMissingError,
    IllegalStepError,
    LastAdministratorError,
    NotAllowedError,
    SignInRefusedError,
    StaleRowError,
)
from desktop_app.db.rows import GrantRow, IdentityRow
from desktop_app.db.scram import verifier
from desktop_app.db.sessions import SharedSessions
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError, UnavailableError
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity


def in_center(scene: Installation, center_id: UUID, statement: str, *values: object) -> object:
    """The one value that the superuser gets for a statement with {schema} in it."""
    return scene.value(statement.replace("{schema}", schema_name(center_id)), *values)


def grants_held(scene: Installation, center_id: UUID, member: Member) -> int:
    found = in_center(
        scene,
        center_id,
        "SELECT count(*) FROM {schema}.key_grants g JOIN public.identities i ON i.id = g.identity_id"
        " WHERE i.user_id = %s",
        str(member.id),
    )
    assert isinstance(found, int)
    return found


def can_read(scene: Installation, member: Member, center_id: UUID) -> bool:
    with scene.raw(member) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(f"SELECT count(*) FROM {schema_name(center_id)}.samples")
        except psycopg2.errors.InsufficientPrivilege:
            return False
        return True


def can_sign_in(scene: Installation, member: Member) -> bool:
    """Whether the program gets a new connection with the member's password."""
    engine = open_engine(scene.address, member.login, member.password)
    try:
        with SharedSessions(engine).begin() as session:
            registry.own_user(session)
    except SignInRefusedError:
        return False
    finally:
        engine.dispose()
    return True


def deactivate(scene: Installation, member: Member, by: Member | None = None) -> None:
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.next_entry(session, "remove", {"user": str(member.id)}, by.identity.id)
        administration.deactivate_user(session, member.id, entry)


def change_role(scene: Installation, member: Member, role: Role, by: Member | None = None) -> None:
    by = by or scene.system
    with scene.shared(by).begin() as session:
        entry = scene.place_entry(session, member, role, member.center_id, by.identity.id)
        administration.change_role(session, member.id, role, entry)


def change_center(scene: Installation, member: Member, center_id: UUID | None, role: Role) -> None:
    with scene.shared(scene.system).begin() as session:
        entry = scene.place_entry(session, member, role, center_id, scene.system.identity.id)
        grants = scene.grants_for(center_id, member.identity.id)
        administration.change_center(session, member.id, center_id, role, entry, grants)


# Centers


def test_new_center_is_whole(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    center_id = scene.add_center("Whole")
    assert in_center(scene, center_id, "SELECT version_num FROM {schema}.alembic_version") == scene.value(
        "SELECT schema_rev FROM public.centers WHERE id = %s", str(center_id)
    )
    assert in_center(scene, center_id, "SELECT number || state FROM {schema}.tenant_keys") == "1active"
    recipients = {str(one) for one in scene.standing_recipients()}
    assert str(scene.root.id) in recipients
    found = in_center(scene, center_id, "SELECT array_agg(identity_id::text) FROM {schema}.key_grants")
    assert isinstance(found, list)
    assert set(found) == recipients
    assert in_center(scene, center_id, "SELECT bool_and(is_system) FROM {schema}.people") is True
    with scene.center(scene.system, center_id).begin() as session:
        assert registry.get_center(session, center_id).slug == "whole"


def _center_call(change: Callable[[CenterDraft, list[GrantRow]], object]) -> Callable[[TwoCenters, Session], None]:
    def call(scene: TwoCenters, session: Session) -> None:
        made = scene.installation
        center_id = uuid4()
        says = {"center": str(center_id), "number": 1, "digest": secrets.token_hex(32)}
        entry = made.next_entry(session, "key_version", says, scene.system.identity.id)
        grants = [GrantRow(center_id, 1, one, b"sealed") for one in made.standing_recipients()]
        draft = CenterDraft(name="Another", slug="another")
        changed = change(draft, grants)
        draft = changed if isinstance(changed, CenterDraft) else draft
        administration.create_center(session, center_id, draft, entry, grants)

    return call


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda _, grants: grants.pop(), GrantsMissingError),
        (lambda _, grants: grants.append(GrantRow(grants[0].center_id, 1, uuid4(), b"x")), GrantsMissingError),
        (lambda _, grants: grants.append(GrantRow(grants[0].center_id, 2, grants[0].identity_id, b"x")),
         GrantsMissingError),
        (lambda _, grants: grants.append(GrantRow(uuid4(), 1, grants[0].identity_id, b"x")), GrantsMissingError),
        (lambda _, grants: grants.append(grants[0]), LabkeepError),
        (lambda *_: CenterDraft(name="center a", slug="free"), InvalidInputError),
        (lambda *_: CenterDraft(name="Free", slug="center-a"), InvalidInputError),
        (lambda *_: CenterDraft(name="", slug="free"), InvalidInputError),
        (lambda *_: CenterDraft(name="Free", slug="Not A Slug"), InvalidInputError),
    ],
)  # fmt: skip
def test_center_that_is_refused_leaves_nothing(
    two_centers: TwoCenters, change: Callable[[CenterDraft, list[GrantRow]], object], error: type[Exception]
) -> None:
    scene = two_centers.installation

    def things() -> object:
        return scene.value(
            "SELECT (SELECT count(*) FROM pg_namespace) + (SELECT count(*) FROM pg_roles)"
            " + (SELECT count(*) FROM public.centers) + (SELECT count(*) FROM public.trust_log)"
        )

    before = things()
    with pytest.raises(error), scene.shared(two_centers.system).begin() as session:
        _center_call(change)(two_centers, session)
    assert things() == before


def test_zeros_are_no_center(two_centers: TwoCenters, monkeypatch: pytest.MonkeyPatch) -> None:
    """The template's scratch schema has that name, and recording it would fail for ever."""
    monkeypatch.setattr("tests.db.installation.uuid4", lambda: UUID(int=0))
    with pytest.raises(InvalidInputError):
        two_centers.installation.add_center("Zeros")


def test_taken_name_and_slug_are_told_apart(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    for draft, field in (
        (CenterDraft(name="CENTER A", slug="free"), "name"),
        (CenterDraft(name="Free", slug="center-a"), "slug"),
    ):
        with pytest.raises(InvalidInputError) as refused, scene.shared(two_centers.system).begin() as session:
            _center_call(lambda *_, draft=draft: draft)(two_centers, session)
        assert list(refused.value.problems) == [field]


def test_only_system_administrators_make_and_close_centers(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    for member in (two_centers.admin_a, two_centers.user_a, two_centers.viewer_a):
        with pytest.raises(NotAllowedError), scene.shared(member).begin() as session:
            _center_call(lambda *_: None)(two_centers, session)
        for active in (True, False):
            with pytest.raises(NotAllowedError), scene.shared(member).begin() as session:
                administration.set_center_active(session, two_centers.a, active)


def test_description_is_the_admins_and_the_name_is_not(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.admin_a).begin() as session:
        seen = registry.get_center(session, two_centers.a)
        administration.update_center(session, seen.id, {"description": "Blood", "settings": {"a": 1}}, seen.row_version)
    with scene.shared(two_centers.viewer_a).begin() as session:
        now = registry.get_center(session, two_centers.a)
        assert (now.description, now.settings, now.row_version) == ("Blood", {"a": 1}, seen.row_version + 1)
    for changes in ({"name": "Mine"}, {"slug": "mine"}, {"description": "x", "name": "Mine"}):
        with pytest.raises(NotAllowedError), scene.shared(two_centers.admin_a).begin() as session:
            administration.update_center(session, two_centers.a, changes, now.row_version)
    for member in (two_centers.user_a, two_centers.viewer_a):
        with pytest.raises(NotAllowedError), scene.shared(member).begin() as session:
            administration.update_center(session, two_centers.a, {"description": "x"}, now.row_version)


def test_stale_center_is_refused(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.system).begin() as session:
        seen = registry.get_center(session, two_centers.b)
        administration.update_center(session, seen.id, {"description": "first"}, seen.row_version)
    with pytest.raises(StaleRowError), scene.shared(two_centers.system).begin() as session:
        administration.update_center(session, seen.id, {"description": "second"}, seen.row_version)


@pytest.mark.parametrize("changes", [{"desciption": "x"}, {"is_active": False}, {"schema_name": "public"}])
def test_unknown_fields_are_refused(two_centers: TwoCenters, changes: dict[str, object]) -> None:
    scene = two_centers.installation
    with pytest.raises(InvalidInputError), scene.shared(two_centers.system).begin() as session:
        administration.update_center(session, two_centers.a, changes, 1)


def test_foreign_and_unknown_center_get_the_same_answer(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    answers = set()
    for center_id in (two_centers.b, uuid4()):
        for call in (
            lambda s, c: administration.update_center(s, c, {"description": "x"}, 1),
            lambda s, c: registry.center_stats(s, c),
            lambda s, c: administration.own_grants(s, c),
        ):
            with pytest.raises(NotFoundError) as refused, scene.shared(two_centers.admin_a).begin() as session:
                call(session, center_id)
            answers.add((type(refused.value), str(refused.value)))
    assert len(answers) == 1


def test_closed_center_is_closed_for_everybody_until_it_is_restored(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    center_id = scene.add_center("Closing")
    admin = scene.add_member("admin.closing", Role.ADMIN, center_id)
    viewer = scene.add_member("viewer.closing", Role.VIEWER, center_id)
    with scene.shared(scene.system).begin() as session:
        administration.set_center_active(session, center_id, False)
    for member in (admin, viewer, scene.system):
        assert not can_read(scene, member, center_id)
    with scene.shared(viewer).begin() as session:
        assert registry.center_stats(session, center_id).samples == 0
    with pytest.raises(NotAllowedError), scene.shared(admin).begin() as session:
        administration.update_center(session, center_id, {"description": "x"}, 1)
    with pytest.raises(NotAllowedError), scene.shared(admin).begin() as session:
        administration.own_grants(session, center_id)
    with scene.shared(scene.system).begin() as session:
        assert [grant.key_version for grant in administration.own_grants(session, center_id)] == [1]
        administration.set_center_active(session, center_id, True)
    for member in (admin, viewer, scene.system):
        assert can_read(scene, member, center_id)


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


def test_user_name_email_and_login_are_taken_once(two_centers: TwoCenters) -> None:
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
        ({"login": "u_" + "a" * 31 + ";"}, "login"),
        ({"login": 'u_"; DROP ROLE labkeep_owner; --'}, "login"),
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
        entry = scene.place_entry(session, member, Role.USER, two_centers.a, scene.system.identity.id)
        administration.activate_user(session, member.id, entry, [])
    with scene.shared(two_centers.admin_a).begin() as session:
        entry = scene.place_entry(session, member, Role.USER, two_centers.a, two_centers.admin_a.identity.id)
        administration.activate_user(session, member.id, entry, scene.grants_for(two_centers.a, member.identity.id))
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
    with pytest.raises(NotAllowedError), scene.shared(two_centers.admin_a).begin() as session:
        entry = scene.place_entry(session, member, Role.USER, two_centers.b, two_centers.admin_a.identity.id)
        administration.change_center(session, member.id, two_centers.b, Role.USER, entry, [])


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


# Keys and passwords


def _reset(scene: Installation, member: Member, by: Member, identity: IdentityRow, password: str) -> None:
    with scene.shared(by).begin() as session:
        says = {"user": str(member.id), "identity": identity_says(identity), "provisional": True}
        administration.reset_password(
            session,
            member.id,
            verifier=verifier(password, member.login),
            identity=identity,
            entry=scene.next_entry(session, "replace_keys", says, by.identity.id),
            grants=scene.grants_for(member.center_id, identity.id),
            must_change=True,
        )


def test_reset_password_replaces_keys_grants_and_sign_in(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("forgetful", Role.USER, two_centers.a)
    identity = made_up_identity()
    _reset(scene, member, two_centers.admin_a, identity, "another-password")
    assert not can_sign_in(scene, member)
    member.password = "another-password"
    with scene.shared(member).begin() as session:
        assert registry.own_user(session).must_change_password
        assert [grant.identity_id for grant in administration.own_grants(session, two_centers.a)] == [identity.id]
    assert grants_held(scene, two_centers.a, member) == 1
    assert scene.value("SELECT count(*) FROM public.identity_secrets WHERE user_id = %s", str(member.id)) == 1


def test_reset_is_for_others_and_by_those_above(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with pytest.raises(LastAdministratorError):
        _reset(scene, two_centers.admin_a, two_centers.admin_a, made_up_identity(), "x")
    with pytest.raises(NotAllowedError):
        _reset(scene, two_centers.viewer_a, two_centers.user_a, made_up_identity(), "x")
    with pytest.raises(NotFoundError):
        _reset(scene, two_centers.user_b, two_centers.admin_a, made_up_identity(), "x")
    with pytest.raises(NotFoundError):
        _reset(scene, scene.system, two_centers.admin_a, made_up_identity(), "x")


def test_own_keys_are_replaced_with_or_without_the_password(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("own.keys", Role.VIEWER, two_centers.a)
    for password in (None, "chosen-password"):
        identity = made_up_identity()
        with scene.shared(member).begin() as session:
            says = {"user": str(member.id), "identity": identity_says(identity), "provisional": False}
            administration.replace_own_keys(
                session,
                identity=identity,
                entry=scene.next_entry(session, "replace_keys", says, member.identity.id),
                grants=scene.grants_for(two_centers.a, identity.id),
                verifier=password and verifier(password, member.login),
            )
        member.identity, member.password = identity, password or member.password
        with scene.shared(member).begin() as session:
            assert [one.identity_id for one in administration.own_grants(session, two_centers.a)] == [identity.id]


def test_own_password_changes_with_the_seal_of_the_current_keys_only(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("own.password", Role.VIEWER, two_centers.a)
    new = verifier("chosen-password", member.login)
    with pytest.raises(StaleRowError), scene.shared(member).begin() as session:
        administration.change_own_password(session, two_centers.user_a.identity.id, b"sealed", new)
    assert can_sign_in(scene, member)
    with scene.shared(member).begin() as session:
        administration.change_own_password(session, member.identity.id, b"sealed anew", new)
    former, member.password = member.password, "chosen-password"
    assert can_sign_in(scene, member)
    member.password = former
    assert not can_sign_in(scene, member)
    found = scene.value("SELECT sealed FROM public.identity_secrets WHERE user_id = %s", str(member.id))
    assert bytes(found) == b"sealed anew"


# The record


def test_changes_are_on_the_record_without_key_material(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("recorded", Role.USER, two_centers.a, by=two_centers.admin_a)
    with scene.shared(two_centers.admin_a).begin(reason="a promotion") as session:
        entry = scene.place_entry(session, member, Role.ADMIN, two_centers.a, two_centers.admin_a.identity.id)
        administration.change_role(session, member.id, Role.ADMIN, entry)
    with scene.raw() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT login, operation, old, new, reason, center_id::text FROM public.audit_log"
            " WHERE row_id = %s AND table_name = 'users' ORDER BY seq",
            (str(member.id),),
        )
        made, changed = cursor.fetchall()
        assert made[:2] == (two_centers.admin_a.login, "insert")
        assert changed[2]["role"] == "user"
        assert changed[3]["role"] == "admin"
        assert changed[4:] == ("a promotion", str(two_centers.a))
        cursor.execute(
            "SELECT string_agg(coalesce(new::text, '') || coalesce(old::text, ''), '') FROM public.audit_log"
        )
        ((everything,),) = cursor.fetchall()
    assert member.identity.public_key.hex() not in everything
    assert member.identity.sealed.hex() not in everything
    assert "SCRAM" not in everything
    assert scene.value("SELECT count(*) FROM public.audit_pending") == 0


def test_busy_center_is_said_to_be_busy(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw() as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN; SELECT FROM public.installation FOR UPDATE")
        with pytest.raises(UnavailableError), scene.shared(scene.system).begin() as session:
            session.connection().exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
            administration.set_center_active(session, two_centers.a, True)
