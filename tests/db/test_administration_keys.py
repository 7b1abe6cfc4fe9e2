"""Tests of replacing keys and passwords, one's own and other people's."""

import pytest

from desktop_app.db import administration, registry
from desktop_app.db.api_rows import IdentityRow
from desktop_app.db.errors import (
    LastAdministratorError,
    NotAllowedError,
)
from desktop_app.db.scram import verifier
from desktop_app.domain.rights import Role
from desktop_app.errors import NotFoundError
from tests.db.admin_actions import can_sign_in, grants_held
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity

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
