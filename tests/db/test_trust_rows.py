"""Tests of the trust log as rows: order, digests, one's own sealed keys, and who may add the root."""

import hashlib
import itertools
import threading
from collections.abc import Callable

import pytest

from desktop_app.db import administration, trust
from desktop_app.db.errors import TrustLogMovedError
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from tests.db.conftest import TwoCenters
from tests.db.installation import digest_of, identity_says, made_up_identity


def test_entries_come_in_order_and_chain(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.shared(two_centers.viewer_a).begin() as session:
        entries = trust.entries_after(session, 0)
        assert len(entries) > 3
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        assert trust.entries_after(session, 3) == entries[3:]
        assert trust.entries_after(session, len(entries)) == []
    for before, after in itertools.pairwise(entries):
        assert digest_of(before).hex().encode() in after.payload


def test_the_servers_digest_is_the_clients(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    with scene.raw() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT payload, signer::text, signature, digest FROM public.trust_log ORDER BY sequence")
        rows = cursor.fetchall()
    with scene.shared().begin() as session:
        entries = trust.entries_after(session, 0)
    assert [bytes(row[3]) for row in rows] == [digest_of(entry) for entry in entries]
    first = entries[0]
    assert bytes(rows[0][3]) == hashlib.sha256(first.payload + first.signer.bytes + first.signature).digest()


def test_own_secret_is_ones_own(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    for member in (two_centers.viewer_a, two_centers.system):
        with scene.shared(member).begin() as session:
            assert trust.own_secret(session) == member.identity
    with scene.shared().begin() as session:
        assert trust.own_secret(session) is None


def test_root_is_added_once_and_by_the_superuser_only(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    root = made_up_identity()
    for member in (None, two_centers.system):
        with pytest.raises(LabkeepError), scene.shared(member).begin() as session:
            entry = scene.next_entry(session, "root", {"identity": identity_says(root)}, root.id)
            trust.append_root(session, root.id, root.public_key, entry)


def test_of_two_entries_for_one_place_the_second_is_told_to_sign_again(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    # In two centers, so that it is the log alone that both of them need.
    members = [scene.add_member(f"moved.{n}", Role.VIEWER, c) for n, c in enumerate((two_centers.a, two_centers.b))]
    both = threading.Barrier(2)
    outcomes: list[str] = []

    def promote(index: int) -> None:
        member = members[index]
        signer = (two_centers.admin_a, two_centers.system)[index]
        try:
            with scene.shared(signer).begin() as session:
                entry = scene.join_entry(session, member, Role.USER, member.center_id, signer.identity.id)
                both.wait(30)
                assert member.center_id is not None
                administration.join_center(session, member.id, member.center_id, Role.USER, None, entry, [])
            outcomes.append("done")
        except TrustLogMovedError:
            outcomes.append("moved")

    threads = [threading.Thread(target=promote, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["done", "moved"]


def test_center_and_system_administrator_made_at_once_miss_nobody(two_centers: TwoCenters) -> None:
    """Whoever comes second is told to look again; nobody ends up without a grant."""
    scene = two_centers.installation
    both = threading.Barrier(2)
    outcomes: list[object] = []

    def attempt(work: Callable[[], object]) -> None:
        both.wait(30)
        try:
            outcomes.append(work())
        except LabkeepError as error:
            outcomes.append(error)

    works: list[Callable[[], object]] = [
        lambda: scene.add_center("At once"),
        lambda: scene.add_member("system.at.once", Role.ADMIN, None),
    ]
    threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 2
    assert all(isinstance(one, TrustLogMovedError) for one in outcomes if isinstance(one, LabkeepError)), outcomes
    without = scene.value("SELECT array_agg(schema_name) FROM public.centers")
    for schema in without:
        missing = scene.value(
            f"SELECT count(*) FROM unnest(internal.standing_recipients()) r"
            f" WHERE NOT EXISTS (SELECT FROM {schema}.key_grants g WHERE g.identity_id = r)"
        )
        assert missing == 0, outcomes
