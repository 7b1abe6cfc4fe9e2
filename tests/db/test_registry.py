"""Tests of reading the registry: pages, filters, references, and what each person gets to see."""

from uuid import uuid4

import pytest

from desktop_app.db import registry
from desktop_app.domain.filters import CenterFilter, UserFilter
from desktop_app.domain.paging import Count
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import NotFoundError
from tests.db.conftest import TwoCenters


def test_pages_go_through_everything_once_newest_first(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.system).begin() as session:
        whole = registry.list_users(session, UserFilter(), None, 100)
        assert whole.next is None
        seen: list[User] = []
        after = None
        for _ in range(100):
            page = registry.list_users(session, UserFilter(), after, 2)
            seen += page.rows
            after = page.next
            if after is None:
                break
        assert [user.id for user in seen] == [user.id for user in whole.rows]
        assert len({user.id for user in seen}) == 7
        times = [user.created_at for user in seen]
        assert times == sorted(times, reverse=True)
        assert registry.count_users(session, UserFilter()) == Count(7, capped=False)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (UserFilter(search="ADMIN.a"), {"admin.a"}),
        (UserFilter(search="a viewer"), {"viewer.a", "viewer.b"}),
        (UserFilter(search="%"), set()),
        (UserFilter(search="_"), set()),
        (UserFilter(search="\\"), set()),
        (UserFilter(search="'; DROP TABLE public.users"), set()),
        (UserFilter(role=Role.VIEWER), {"viewer.a", "viewer.b"}),
        (UserFilter(search="example.org", role=Role.USER), {"user.a", "user.b"}),
    ],
)
def test_filters_of_users(two_centers: TwoCenters, wanted: UserFilter, found: set[str]) -> None:
    with two_centers.installation.shared(two_centers.system).begin() as session:
        rows = registry.list_users(session, wanted, None, 100).rows
        assert {user.username for user in rows} == found
        assert registry.count_users(session, wanted).number == len(found)


def test_filter_by_center(two_centers: TwoCenters) -> None:
    with two_centers.installation.shared(two_centers.system).begin() as session:
        rows = registry.list_users(session, UserFilter(center_id=two_centers.a), None, 100).rows
        assert {user.center_name for user in rows} == {"Center A"}
        assert len(rows) == 3


def test_closed_centers_are_listed_on_demand(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    closed = scene.add_center("Closed one")
    scene.value("UPDATE public.centers SET is_active = false WHERE id = %s RETURNING 1", str(closed))
    with scene.shared(two_centers.system).begin() as session:
        assert [c.name for c in registry.list_centers(session, CenterFilter(search="closed"), None, 10).rows] == []
        wanted = CenterFilter(search="closed", include_inactive=True)
        assert [c.id for c in registry.list_centers(session, wanted, None, 10).rows] == [closed]
        assert registry.count_centers(session, wanted).number == 1


def test_references_by_id_slug_name_and_username(two_centers: TwoCenters) -> None:
    with two_centers.installation.shared(two_centers.system).begin() as session:
        for ref in (two_centers.a, str(two_centers.a), "center-a", "Center A", "CENTER A"):
            assert registry.get_center(session, ref).id == two_centers.a
        for ref in (two_centers.user_a.id, str(two_centers.user_a.id), "user.a", " User.A "):
            assert registry.get_user(session, ref).id == two_centers.user_a.id
        for ref in (uuid4(), "nobody", ""):
            with pytest.raises(NotFoundError):
                registry.get_center(session, ref)
            with pytest.raises(NotFoundError):
                registry.get_user(session, ref)


def test_a_slug_comes_before_a_name(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    named = scene.add_center("Twin")
    scene.value("UPDATE public.centers SET name = 'other', slug = 'free' WHERE id = %s RETURNING 1", str(named))
    slugged = scene.add_center("Slugged")
    scene.value("UPDATE public.centers SET slug = 'other' WHERE id = %s RETURNING 1", str(slugged))
    with scene.shared(two_centers.system).begin() as session:
        assert registry.get_center(session, "other").id == slugged


def test_members_see_their_own_place_only(two_centers: TwoCenters) -> None:
    with two_centers.installation.shared(two_centers.viewer_a).begin() as session:
        assert registry.own_user(session).username == "viewer.a"
        assert registry.get_center(session, "center-a").id == two_centers.a
        for ref in ("center-b", two_centers.b):
            with pytest.raises(NotFoundError):
                registry.get_center(session, ref)
        for ref in ("user.a", "user.b"):
            with pytest.raises(NotFoundError):
                registry.get_user(session, ref)


def test_sign_ins_are_shown_to_oneself_and_to_administrators(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.user_b).begin() as session:
        assert registry.own_user(session).last_sign_in is None
        registry.note_sign_in(session, "bench 3 " * 100)
    for member in (two_centers.user_b, two_centers.admin_b, two_centers.system):
        with scene.shared(member).begin() as session:
            assert registry.get_user(session, "user.b").last_sign_in is not None


def test_installation_and_revision(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.viewer_a).begin() as session:
        found = registry.installation(session)
        assert (found.id, found.kdf) == (scene.id, "kdf 1")
        assert registry.shared_revision(session) == "s0001"


def test_statistics_count_what_is_active(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw(two_centers.user_a) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET search_path = center_{two_centers.a.hex}, pg_catalog")
        for name, kind in (("one", "blood"), ("two", "blood"), ("three", "urine")):
            cursor.execute(
                "INSERT INTO samples (id, name, sample_type, barcode) VALUES (gen_random_uuid(), %s, %s, '')",
                (name, kind),
            )
        cursor.execute("UPDATE samples SET is_active = false, row_version = 1 WHERE name = 'three'")
    with scene.shared(two_centers.viewer_a).begin() as session:
        stats = registry.center_stats(session, two_centers.a)
    assert (stats.samples, stats.users, stats.documents, stats.stored_bytes) == (2, 3, 0, 0)
    assert stats.samples_by_status == {"pending": 2}
    assert stats.samples_by_type == {"blood": 2}
