"""Tests of memberships: one person in several centers, and who may change what of him."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from uuid import uuid4

import psycopg2
import pytest

from desktop_app.db import administration, registry
from desktop_app.db.errors import GrantsMissingError, IllegalStepError, LastAdministratorError, NotAllowedError
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import NotFoundError
from tests.db.admin_actions import (
    activate,
    can_read,
    can_sign_in,
    change_center,
    deactivate,
    grants_held,
    in_center,
    join,
    leave,
)
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity

numbers = count(1)


def today() -> date:
    return datetime.now(UTC).date()


def of_both(two_centers: TwoCenters, role: Role = Role.USER) -> Member:
    """A member of A who is a viewer of B, too."""
    member = two_centers.installation.add_member(f"of.both.{next(numbers)}", role, two_centers.a)
    join(two_centers.installation, member, Role.VIEWER, two_centers.b)
    return member


def test_one_login_reads_both_centers_each_by_its_role(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    for center_id in (two_centers.a, two_centers.b):
        assert can_read(scene, member, center_id)
        assert grants_held(scene, center_id, member) == 1
    with scene.raw(member) as connection, connection.cursor() as cursor:
        insert = "INSERT INTO {}.samples (id, name, sample_type, barcode) VALUES (gen_random_uuid(), 'x', 'blood', '')"
        cursor.execute(insert.format(schema_name(two_centers.a)))
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(insert.format(schema_name(two_centers.b)))
    with scene.shared(member).begin() as session:
        user = registry.own_user(session)
        assert {(each.center, each.role) for each in user.memberships} == {
            ("Center A", Role.USER),
            ("Center B", Role.VIEWER),
        }
        assert (user.role, user.center_id, user.is_system) == (None, None, False)
        assert {center.id for center in registry.list_centers(session, _every(), None, 10).rows} == {
            two_centers.a,
            two_centers.b,
        }


def _every() -> CenterFilter:
    return CenterFilter(include_inactive=True)


def test_an_administrator_sees_the_place_in_his_own_center(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    for admin, center in ((two_centers.admin_a, "Center A"), (two_centers.admin_b, "Center B")):
        with scene.shared(admin).begin() as session:
            seen = registry.get_user(session, member.id)
            assert [each.center for each in seen.memberships] == [center]


WHOLE_PERSON: dict[str, Callable[[Installation, Member, Member], object]] = {
    "deactivate": lambda scene, member, by: deactivate(scene, member, by=by),
    "rename": lambda scene, member, by: _rename(scene, member, by),
    "reset": lambda scene, member, by: _reset(scene, member, by),
}


def _rename(scene: Installation, member: Member, by: Member) -> None:
    with scene.shared(by).begin() as session:
        administration.update_user(session, member.id, {"phone": "1"}, 1)


def _reset(scene: Installation, member: Member, by: Member) -> None:
    identity = made_up_identity()
    with scene.shared(by).begin() as session:
        says = {"user": str(member.id), "identity": identity_says(identity), "provisional": True}
        administration.reset_password(
            session,
            member.id,
            verifier="SCRAM-SHA-256$4096:" + "A" * 22 + "==$" + "A" * 43 + "=:" + "A" * 43 + "=",
            identity=identity,
            entry=scene.next_entry(session, "replace_keys", says, by.identity.id),
            grants=scene.grants_for(member.center_id, identity.id),
            must_change=True,
        )


@pytest.mark.parametrize("what", WHOLE_PERSON)
def test_the_whole_person_of_several_centers_is_system_administrators(two_centers: TwoCenters, what: str) -> None:
    """Otherwise an administrator of A takes over an account that reads B."""
    scene, member = two_centers.installation, of_both(two_centers)
    for admin in (two_centers.admin_a, two_centers.admin_b):
        with pytest.raises(NotAllowedError):
            WHOLE_PERSON[what](scene, member, admin)
    deactivate(scene, member)
    with pytest.raises(NotAllowedError):
        activate(scene, member, by=two_centers.admin_a)
    with scene.shared(scene.system).begin() as session:
        entry = scene.readmit_entry(session, member, scene.system.identity.id)
        both = [grant for c in (two_centers.a, two_centers.b) for grant in scene.grants_for(c, member.identity.id)]
        administration.activate_user(session, member.id, entry, both)
    for center_id in (two_centers.a, two_centers.b):
        assert can_read(scene, member, center_id)
        assert grants_held(scene, center_id, member) == 1


def test_a_deactivated_person_is_out_of_every_center(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    deactivate(scene, member)
    assert not can_sign_in(scene, member)
    for center_id in (two_centers.a, two_centers.b):
        assert grants_held(scene, center_id, member) == 0
        until = "SELECT member_until IS NOT NULL FROM {schema}.people WHERE id = %s"
        assert in_center(scene, center_id, until, str(member.id)) is True
    assert scene.value("SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole", member.login) == 0


def test_who_leaves_one_center_keeps_the_other(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    scene.value("UPDATE public.centers SET rotation_due = false RETURNING 1")
    with scene.raw(member) as connection, connection.cursor() as cursor:
        read = f"SELECT count(*) FROM {schema_name(two_centers.b)}.samples"
        cursor.execute(read)
        leave(scene, member, two_centers.b, by=two_centers.admin_b)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(read)
        cursor.execute(f"SELECT count(*) FROM {schema_name(two_centers.a)}.samples")
    assert (grants_held(scene, two_centers.a, member), grants_held(scene, two_centers.b, member)) == (1, 0)
    due = "SELECT rotation_due FROM public.centers WHERE id = %s"
    assert [scene.value(due, str(c)) for c in (two_centers.a, two_centers.b)] == [False, True]
    with pytest.raises(IllegalStepError, match="only center"):
        leave(scene, member, two_centers.a, by=two_centers.admin_a)
    # Now he is A's alone.
    _rename(scene, member, two_centers.admin_a)
    with pytest.raises(NotFoundError):
        leave(scene, member, two_centers.b, by=two_centers.admin_b)
    join(scene, member, Role.ADMIN, two_centers.b)
    assert grants_held(scene, two_centers.b, member) == 1


def test_only_system_administrators_bring_somebody_into_a_further_center(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member(f"single.{next(numbers)}", Role.USER, two_centers.a)
    with pytest.raises(NotFoundError):
        join(scene, member, Role.USER, two_centers.b, by=two_centers.admin_a)
    with pytest.raises(NotFoundError):
        join(scene, member, Role.USER, two_centers.b, by=two_centers.admin_b)
    with pytest.raises(NotFoundError):
        join(scene, member, Role.USER, uuid4(), by=two_centers.admin_a)
    both = scene.add_member(f"admin.of.both.{next(numbers)}", Role.ADMIN, two_centers.a)
    join(scene, both, Role.ADMIN, two_centers.b)
    with pytest.raises(NotAllowedError):
        join(scene, member, Role.USER, two_centers.b, by=both)


def test_the_place_in_the_other_center_is_not_ones_own(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    with pytest.raises(NotFoundError):
        join(scene, member, Role.ADMIN, two_centers.b, by=two_centers.admin_a, keys=False)
    with pytest.raises(NotFoundError):
        leave(scene, member, two_centers.b, by=two_centers.admin_a)
    join(scene, member, Role.USER, two_centers.b, by=two_centers.admin_b, keys=False)
    for who in (two_centers.user_a, two_centers.viewer_a):
        with pytest.raises(NotAllowedError):
            join(scene, member, Role.ADMIN, two_centers.a, by=who, keys=False)
        with pytest.raises(NotAllowedError):
            leave(scene, member, two_centers.a, by=who)


def test_what_is_so_already_is_no_change(two_centers: TwoCenters) -> None:
    scene, member = two_centers.installation, of_both(two_centers)
    before = scene.value("SELECT max(sequence) FROM public.trust_log")
    with pytest.raises(IllegalStepError):
        join(scene, member, Role.USER, two_centers.a, by=two_centers.admin_a, keys=False)
    with pytest.raises(IllegalStepError):
        activate(scene, member)
    assert scene.value("SELECT max(sequence) FROM public.trust_log") == before


def test_grants_are_of_the_center_that_is_joined(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member(f"joining.{next(numbers)}", Role.USER, two_centers.a)
    for wrong in (two_centers.a, None):
        with pytest.raises(GrantsMissingError), scene.shared(scene.system).begin() as session:
            entry = scene.join_entry(session, member, Role.USER, two_centers.b, scene.system.identity.id)
            grants = scene.grants_for(wrong, member.identity.id)
            administration.join_center(session, member.id, two_centers.b, Role.USER, None, entry, grants)
    with pytest.raises(GrantsMissingError):
        join(scene, member, Role.USER, two_centers.b, keys=False)


def test_system_administrators_have_no_places(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    system = scene.add_member(f"system.{next(numbers)}", Role.ADMIN, None)
    with pytest.raises(IllegalStepError):
        join(scene, system, Role.ADMIN, two_centers.a)
    both = of_both(two_centers)
    with pytest.raises(IllegalStepError, match="several centers"):
        change_center(scene, both, None, Role.ADMIN)


def test_the_last_administrator_of_a_center_stays_whatever_else_he_is(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    center_id = scene.add_center(f"Lonely {next(numbers)}")
    admin = scene.add_member(f"lonely.{next(numbers)}", Role.ADMIN, center_id)
    join(scene, admin, Role.VIEWER, two_centers.b)
    attempts: list[Callable[[], object]] = [
        lambda: leave(scene, admin, center_id),
        lambda: deactivate(scene, admin),
        lambda: join(scene, admin, Role.USER, center_id, keys=False),
        lambda: join(scene, admin, Role.ADMIN, center_id, today(), keys=False),
    ]
    for attempt in attempts:
        with pytest.raises(LastAdministratorError):
            attempt()
