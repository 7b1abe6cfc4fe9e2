"""Tests of the last day of a membership: what holds after it, also in psql, and what it costs."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

import psycopg2
import pytest

from desktop_app.db import administration
from desktop_app.db.errors import GrantsMissingError, NotAllowedError
from desktop_app.domain.ids import schema_name
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, NotFoundError
from tests.db.admin_actions import can_sign_in, deactivate, grants_held, join
from tests.db.centers import CenterUnderTest, make_center, new_version
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity

numbers = count(1)
MANY = 20_000


def of_both(two_centers: TwoCenters, role: Role = Role.USER) -> Member:
    """A member of A who is a viewer of B, too."""
    member = two_centers.installation.add_member(f"of.both.{next(numbers)}", role, two_centers.a)
    join(two_centers.installation, member, Role.VIEWER, two_centers.b)
    return member


def today() -> date:
    return datetime.now(UTC).date()


def let_time_pass(scene: Installation, member: Member, center_id: object, days: int = 1) -> None:
    """As if the last day were that many days ago."""
    over = today() - timedelta(days)
    change = "UPDATE public.memberships SET until = %s WHERE user_id = %s AND center_id = %s RETURNING 1"
    assert scene.value(change, over, str(member.id), str(center_id)) == 1


def test_a_guest_reads_and_writes_until_his_last_day_and_then_nothing(two_centers: TwoCenters) -> None:
    """Also in a session that is open: what is asked is the server's date at each statement."""
    scene = two_centers.installation
    guest = scene.add_member(f"guest.{next(numbers)}", Role.USER, two_centers.a, until=today())
    schema = schema_name(two_centers.a)
    insert = (
        f"INSERT INTO {schema}.samples (id, name, sample_type, barcode)"
        " VALUES (gen_random_uuid(), 'guest', 'blood', '')"
    )
    update = f"UPDATE {schema}.samples SET name = 'x', row_version = row_version"
    with scene.raw(guest) as connection, connection.cursor() as cursor:
        cursor.execute(insert)
        cursor.execute(f"SELECT count(*) > 0 FROM {schema}.samples")
        assert cursor.fetchone() == (True,)
        cursor.execute("PREPARE kept AS SELECT count(*) FROM " + schema + ".samples")
        cursor.execute("EXECUTE kept")
        let_time_pass(scene, guest, two_centers.a)
        cursor.execute("SET timezone = 'Etc/GMT+12'")
        cursor.execute("EXECUTE kept")
        assert cursor.fetchone() == (0,)
        cursor.execute(update)
        assert cursor.rowcount == 0
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(insert)


def _tables(scene: Installation, schema: str) -> list[str]:
    found = "SELECT array_agg(relname::text) FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'r'"
    names: list[str] = scene.value(found, schema)
    return [name for name in names if name != "alembic_version"]


@pytest.mark.parametrize("role", list(Role))
def test_after_the_last_day_every_table_is_empty_and_every_function_refuses(
    two_centers: TwoCenters, role: Role
) -> None:
    scene = two_centers.installation
    guest = scene.add_member(f"guest.{next(numbers)}", role, two_centers.a, until=today())
    schema = schema_name(two_centers.a)
    sample = scene.value(
        f"INSERT INTO {schema}.samples (id, name, sample_type, barcode, user_id)"
        f" VALUES (gen_random_uuid(), 'x', 'blood', 'b{next(numbers)}', %s) RETURNING id::text",
        str(guest.id),
    )
    let_time_pass(scene, guest, two_centers.a)
    empty = set()
    with scene.raw(guest) as connection, connection.cursor() as cursor:
        for name in _tables(scene, schema):
            try:
                cursor.execute(f"SELECT FROM {schema}.{name}")
            except psycopg2.errors.InsufficientPrivilege:
                continue  # not even for members of this role
            assert cursor.rowcount == 0, name
            empty.add(name)
        assert empty >= {"samples", "documents", "document_versions"}
        cursor.execute(f"SELECT FROM {schema}.timeline(%s)", (sample,))
        assert cursor.rowcount == 0
        for call in ("renew_uploads('{}')", "abandon_uploads('{}')", "save_versions('[]')"):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"SELECT {schema}.{call}")
        for call in (f"center_stats('{two_centers.a}')", f"own_grants('{two_centers.a}')"):
            with pytest.raises(psycopg2.Error) as refused:
                cursor.execute(f"SELECT api.{call}")
            assert refused.value.pgcode == "LK008", call
        cursor.execute("SELECT FROM public.centers")
        assert cursor.rowcount == 0
        cursor.execute("SELECT FROM public.users")
        assert cursor.rowcount == 1, "himself"
        cursor.execute("SELECT until FROM public.memberships")
        assert cursor.fetchall() == [(today() - timedelta(1),)]


def test_an_administrator_whose_last_day_is_over_administers_nothing(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    guest = scene.add_member(f"guest.admin.{next(numbers)}", Role.ADMIN, two_centers.a, until=today())
    member = scene.add_member(f"member.{next(numbers)}", Role.USER, two_centers.a, by=guest)
    let_time_pass(scene, guest, two_centers.a)
    with pytest.raises(NotFoundError):
        deactivate(scene, member, by=guest)
    with pytest.raises(NotFoundError):
        join(scene, member, Role.ADMIN, two_centers.a, by=guest, keys=False)
    with pytest.raises(NotFoundError):
        scene.add_member("crony", Role.VIEWER, two_centers.a, by=guest)
    assert can_sign_in(scene, guest), "he may see that it is over"


def test_a_stay_is_made_longer_by_an_administrator_with_the_keys_again(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    guest = scene.add_member(f"guest.{next(numbers)}", Role.USER, two_centers.a, until=today())
    join(scene, guest, Role.USER, two_centers.a, today() + timedelta(3), by=two_centers.admin_a, keys=False)
    let_time_pass(scene, guest, two_centers.a)
    with pytest.raises(GrantsMissingError):
        join(scene, guest, Role.USER, two_centers.a, today(), by=two_centers.admin_a, keys=False)
    join(scene, guest, Role.USER, two_centers.a, by=two_centers.admin_a)
    assert grants_held(scene, two_centers.a, guest) == 1
    with scene.raw(guest) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT FROM {schema_name(two_centers.a)}.people")
        assert cursor.rowcount > 0


def test_who_is_over_gets_no_grants(two_centers: TwoCenters) -> None:
    """Neither at a reset nor with new keys of his own; the other center's he gets."""
    scene, member = two_centers.installation, of_both(two_centers)
    join(scene, member, Role.VIEWER, two_centers.b, today(), by=two_centers.admin_b, keys=False)
    let_time_pass(scene, member, two_centers.b)
    identity = made_up_identity()
    says = {"user": str(member.id), "identity": identity_says(identity), "provisional": False}

    def replace(*centers: UUID) -> None:
        grants = [grant for center in centers for grant in scene.grants_for(center, identity.id)]
        with scene.shared(member).begin() as session:
            entry = scene.next_entry(session, "replace_keys", says, member.identity.id)
            administration.replace_own_keys(session, identity=identity, entry=entry, grants=grants)

    with pytest.raises(GrantsMissingError):
        replace(two_centers.a, two_centers.b)
    replace(two_centers.a)
    assert (grants_held(scene, two_centers.a, member), grants_held(scene, two_centers.b, member)) == (1, 0)


@pytest.mark.parametrize("until", [date(2020, 1, 1), date(1, 1, 1)])
def test_a_last_day_that_is_over_is_refused(two_centers: TwoCenters, until: date) -> None:
    with pytest.raises(InvalidInputError) as refused:
        two_centers.installation.add_member(f"late.{next(numbers)}", Role.USER, two_centers.a, until=until)
    assert list(refused.value.problems) == ["until"]


def test_a_plan_that_was_kept_does_not_outlive_a_shortened_membership(two_centers: TwoCenters) -> None:
    """The planner leaves the policy out for members without a last day: see last_day.sql."""
    scene = two_centers.installation
    member = scene.add_member(f"planner.{next(numbers)}", Role.USER, two_centers.a)
    join(scene, member, Role.VIEWER, two_centers.b)
    with scene.raw(member) as connection, connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE kept AS SELECT count(*) FROM {schema_name(two_centers.a)}.people")
        for _ in range(8):
            cursor.execute("EXECUTE kept")
            assert cursor.fetchone() > (0,)
        join(scene, member, Role.USER, two_centers.a, today(), by=two_centers.admin_a, keys=False)
        cursor.execute("EXECUTE kept")
        assert cursor.fetchone() > (0,)
        let_time_pass(scene, member, two_centers.a)
        cursor.execute("EXECUTE kept")
        assert cursor.fetchone() == (0,)


def test_every_function_that_runs_as_the_owner_asks_whether_one_belongs_here(two_centers: TwoCenters) -> None:
    """No policy holds the owner. These two say nothing of the center's."""
    found = two_centers.installation.value(
        "SELECT array_agg(proname::text) FROM pg_proc WHERE pronamespace = %s::regnamespace AND prosecdef"
        " AND has_function_privilege(%s, oid, 'EXECUTE') AND prosrc !~ '(belongs_today|need_membership)\\(\\)'",
        schema_name(two_centers.a),
        f"{schema_name(two_centers.a)}_admin",
    )
    assert set(found) == {"is_own_identity", "belongs_for_good", "belongs_today"}


# What it costs


@pytest.fixture(scope="module")
def crowded(installation: Installation) -> CenterUnderTest:
    """A center with enough samples for the planner to prefer an index."""
    center = make_center(installation)
    with center.owner() as cursor:
        cursor.execute("ALTER TABLE samples DISABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO samples (id, name, sample_type, barcode, user_id, created_at)"
            " SELECT gen_random_uuid(), 'Sample ' || md5(i::text), 'blood', 'B' || i, %s, now() - i * interval '1 s'"
            " FROM generate_series(1, %s) i",
            (str(center.members["user"].id), MANY),
        )
        cursor.execute("ALTER TABLE samples ENABLE TRIGGER USER")
        cursor.execute("ANALYZE samples")
    return center


def _plan(center: CenterUnderTest, query: str) -> str:
    with center.raw("viewer") as cursor:
        cursor.execute("EXPLAIN " + query)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_members_without_a_last_day_search_by_index(crowded: CenterUnderTest) -> None:
    """A policy that is asked while a statement runs forbids the indexes of words and names (measured on 15 and 18)."""
    words = "name || E'\\n' || barcode || E'\\n' || description"
    search = f"SELECT id FROM samples WHERE public.trigrams({words}) @> public.trigrams('c4ca4238a') LIMIT 10"
    plan = _plan(crowded, search)
    assert "samples_search" in plan
    assert "InitPlan" not in plan
    viewer = crowded.members["viewer"]
    join(crowded.installation, viewer, Role.VIEWER, crowded.id, today(), keys=False)
    assert "InitPlan" in _plan(crowded, search), "asked once for a guest"
    with crowded.raw("viewer") as cursor:
        cursor.execute(search)
        assert cursor.rowcount == 1
    join(crowded.installation, viewer, Role.VIEWER, crowded.id, keys=False)


def test_a_word_that_most_samples_have_is_found_in_the_order_of_the_list(crowded: CenterUnderTest) -> None:
    """With row-level security the planner knows less of words; it must still not collect and sort all that have one."""
    words = "name || E'\\n' || barcode || E'\\n' || description"
    plan = _plan(
        crowded,
        f"SELECT id FROM samples WHERE public.trigrams({words}) @> public.trigrams('sample') AND coalesce("
        f"({words}) ILIKE '%sample%', false) AND is_active ORDER BY created_at DESC, id DESC LIMIT 101",
    )
    assert "samples_newest" in plan, plan


def test_a_saved_version_of_a_former_member_is_refused(crowded: CenterUnderTest) -> None:
    version = new_version()
    crowded.reserve(version, who="other")
    other = crowded.members["other"]
    join(crowded.installation, other, Role.USER, crowded.id, today(), keys=False)
    let_time_pass(crowded.installation, other, crowded.id)
    with pytest.raises(NotAllowedError):
        crowded.save(version, who="other")
    join(crowded.installation, other, Role.USER, crowded.id)
