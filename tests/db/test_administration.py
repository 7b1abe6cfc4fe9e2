"""Tests of changing centers through the api functions: what is done, who is refused, what is on the record."""

import secrets
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from desktop_app.db import administration, registry
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.errors import (
    GrantsMissingError,
    NotAllowedError,
    StaleRowError,
)
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError, UnavailableError
from tests.db.admin_actions import can_read, in_center
from tests.db.conftest import TwoCenters
from tests.db.installation import made_up_grant

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
        grants = [made_up_grant(center_id, 1, one) for one in made.standing_recipients()]
        draft = CenterDraft(name="Another", slug="another")
        changed = change(draft, grants)
        draft = changed if isinstance(changed, CenterDraft) else draft
        administration.create_center(session, center_id, draft, entry, grants)

    return call


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda _, grants: grants.pop(), GrantsMissingError),
        (lambda _, grants: grants.append(made_up_grant(grants[0].center_id, 1, uuid4())), GrantsMissingError),
        (lambda _, grants: grants.append(made_up_grant(grants[0].center_id, 2, grants[0].identity_id)),
         GrantsMissingError),
        (lambda _, grants: grants.append(made_up_grant(uuid4(), 1, grants[0].identity_id)), GrantsMissingError),
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
    with pytest.raises(NotAllowedError), scene.shared(viewer).begin() as session:
        registry.center_stats(session, center_id)
    with pytest.raises(NotAllowedError), scene.shared(admin).begin() as session:
        administration.update_center(session, center_id, {"description": "x"}, 1)
    with scene.shared(viewer).begin() as session:
        assert [grant.key_version for grant in administration.own_grants(session, center_id)] == [1]
    with scene.shared(scene.system).begin() as session:
        assert [grant.key_version for grant in administration.own_grants(session, center_id)] == [1]
        assert registry.center_stats(session, center_id).samples == 0
        administration.set_center_active(session, center_id, True)
    for member in (admin, viewer, scene.system):
        assert can_read(scene, member, center_id)


# The record


def test_changes_are_on_the_record_without_key_material(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    member = scene.add_member("recorded", Role.USER, two_centers.a, by=two_centers.admin_a)
    with scene.shared(two_centers.admin_a).begin(reason="a promotion") as session:
        entry = scene.join_entry(session, member, Role.ADMIN, two_centers.a, two_centers.admin_a.identity.id)
        administration.join_center(session, member.id, two_centers.a, Role.ADMIN, None, entry, [])
    with scene.raw() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT login, operation, old, new, reason, center_id::text FROM public.audit_log"
            " WHERE row_id = %s AND table_name IN ('users', 'memberships') ORDER BY seq",
            (str(member.id),),
        )
        made, placed, changed = cursor.fetchall()
        assert (made[-1], placed[1], placed[-1]) == (str(two_centers.a), "insert", str(two_centers.a))
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
