"""Filling the trust log, which everybody verifies: by psql, as somebody who may append about himself."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import text

from desktop_app.db import administration
from desktop_app.db.api_rows import EntryRow, IdentityRow
from desktop_app.domain.rights import Role
from tests.db.admin_actions import change_role
from tests.db.conftest import TwoCenters
from tests.db.installation import Installation, Member, identity_says, made_up_identity

LIMIT = 10


@dataclass
class Flooder:
    """A viewer with psql."""

    lab: Installation
    member: Member

    def replace(
        self, identity: IdentityRow | None = None, change: Callable[[dict[str, Any]], Any] = dict
    ) -> str | None:
        """Replace the own keys by a call that was changed before it was sent; the SQLSTATE, None if it went through."""
        identity = identity or made_up_identity()
        with self.lab.shared(self.member).begin() as session:
            says = {"user": str(self.member.id), "identity": identity_says(identity), "provisional": False}
            entry = self.lab.next_entry(session, "replace_keys", says, self.member.identity.id)
        grants = [grant.to_json() for grant in self.lab.grants_for(self.member.center_id, identity.id)]
        call = change({"identity": identity.to_json(), "entry": entry.to_json(), "grants": grants})
        with self.lab.raw(self.member) as connection, connection.cursor() as cursor:
            try:
                cursor.execute(
                    "SELECT api.replace_own_keys(%s, %s, %s, NULL)",
                    [json.dumps(call[name]) for name in ("identity", "entry", "grants")],
                )
            except psycopg2.Error as error:
                return str(error.pgcode)
        self.member.identity = identity
        return None


@pytest.fixture
def viewer(two_centers: TwoCenters) -> Flooder:
    lab = two_centers.installation
    return Flooder(lab, lab.add_member(f"viewer.{secrets.token_hex(3)}", Role.VIEWER, two_centers.a))


def entries(lab: Installation) -> int:
    return lab.trust_sequence()


def test_a_person_replaces_his_keys_ten_times_a_day(viewer: Flooder) -> None:
    before = entries(viewer.lab)
    outcomes = [viewer.replace() for _ in range(LIMIT + 3)]
    assert outcomes == [None] * LIMIT + ["LK004"] * 3
    assert entries(viewer.lab) == before + LIMIT
    # What others do to him is not counted against him, and a day later he may again.
    with viewer.lab.raw() as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE public.trust_log SET at = at - interval '25 hours' WHERE sequence > %s", (before,))
    assert viewer.replace() is None


def test_a_transaction_that_began_yesterday_counts_today(viewer: Flooder) -> None:
    """The limit is counted by the clock and not by when a transaction began, which may be long ago."""
    identity = made_up_identity()
    with viewer.lab.shared(viewer.member).begin() as session:
        says = {"user": str(viewer.member.id), "identity": identity_says(identity), "provisional": False}
        entry = viewer.lab.next_entry(session, "replace_keys", says, viewer.member.identity.id)
        grants = viewer.lab.grants_for(viewer.member.center_id, identity.id)
        administration.replace_own_keys(session, identity=identity, entry=entry, grants=grants)
        newest = "SELECT at > transaction_timestamp() FROM public.trust_log ORDER BY sequence DESC LIMIT 1"
        assert session.execute(text(newest)).scalar_one() is True


def test_what_an_administrator_does_has_no_limit_and_is_not_counted(two_centers: TwoCenters, viewer: Flooder) -> None:
    for number in range(LIMIT + 2):
        change_role(viewer.lab, viewer.member, Role.USER if number % 2 == 0 else Role.VIEWER, by=two_centers.admin_a)
    assert viewer.replace() is None


def payload(write: Callable[[dict[str, Any]], bytes]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The same statement in another writing."""

    def change(call: dict[str, Any]) -> dict[str, Any]:
        said = json.loads(bytes.fromhex(call["entry"]["payload"]))
        return call | {"entry": call["entry"] | {"payload": write(said).hex()}}

    return change


def dumped(said: dict[str, Any], *, sort_keys: bool = True, separators: tuple[str, str] = (",", ":")) -> bytes:
    return json.dumps(said, sort_keys=sort_keys, separators=separators).encode()


@pytest.mark.parametrize(
    "write",
    [
        lambda said: dumped(said) + b" " * 1000,
        lambda said: b" " + dumped(said),
        lambda said: dumped(said, separators=(", ", ": ")),
        lambda said: dumped(dict(reversed(said.items())), sort_keys=False),
        lambda said: dumped(said).replace(b'"kind"', b'"k\\u0069nd"'),
        lambda said: dumped(said).replace(b'{"format"', b'{"format":"labkeep/1","format"'),
        lambda said: dumped(said | {"note": "x" * 2000}),
        lambda said: dumped(said | {"sequence": float(said["sequence"])}),
        lambda said: dumped(said).replace(b'"provisional":false', b'"provisional":false '),
        lambda said: dumped(said) + b" " * 70_000,
        lambda said: b"[" * 50_000,
        lambda said: b"[]",
        lambda said: b"1",
        lambda said: b"\xff",
    ],
)
def test_only_the_canonical_bytes_are_taken(viewer: Flooder, write: Callable[[dict[str, Any]], bytes]) -> None:
    before = entries(viewer.lab)
    assert viewer.replace(change=payload(write)) in {"LK010", "LK002"}
    assert entries(viewer.lab) == before


@pytest.mark.parametrize("length", [0, 1, 63, 65, 1024])
def test_a_signature_has_its_length(viewer: Flooder, length: int) -> None:
    signature = secrets.token_bytes(length).hex()
    assert viewer.replace(change=lambda call: call | {"entry": call["entry"] | {"signature": signature}}) == "LK010"


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("public_key", b"\x01" + bytes(1247)),
        ("public_key", b"\x01" + bytes(1249)),
        ("public_key", b"\x02" + bytes(1248)),
        ("public_key", b"\x01"),
        ("sealed", bytes(157)),
        ("sealed", bytes(159)),
        ("sealed", bytes(8192)),
    ],
)
def test_halves_and_seals_have_their_lengths(viewer: Flooder, part: str, value: bytes) -> None:
    fields = {"public_key": made_up_identity().public_key, "sealed": bytes(158)} | {part: value}
    identity = IdentityRow(uuid4(), fields["public_key"], fields["sealed"], "kdf 1")
    assert viewer.replace(identity) == "23514"


@pytest.mark.parametrize("kdf", ["kdf 2", "", "none", "kdf 1 "])
def test_keys_are_sealed_in_the_way_of_the_installation(viewer: Flooder, kdf: str) -> None:
    made = made_up_identity()
    assert viewer.replace(IdentityRow(made.id, made.public_key, made.sealed, kdf)) == "LK010"


@pytest.mark.parametrize("length", [1, 1180, 1182, 16_384])
def test_a_grant_has_its_length(viewer: Flooder, length: int) -> None:
    def change(call: dict[str, Any]) -> dict[str, Any]:
        return call | {"grants": [grant | {"sealed": "ab" * length} for grant in call["grants"]]}

    assert viewer.replace(change=change) == "23514"


def test_the_same_entry_again_is_late(viewer: Flooder) -> None:
    kept: list[dict[str, Any]] = []

    def keep(call: dict[str, Any]) -> dict[str, Any]:
        kept.append(call)
        return call

    assert viewer.replace(change=keep) is None
    assert viewer.replace(change=lambda _call: kept[0]) == "LK002"


def test_the_longest_entry_is_as_long_as_is_said(two_centers: TwoCenters) -> None:
    lab = two_centers.installation
    with lab.shared(two_centers.system).begin() as session:
        says = {
            "user": str(uuid4()),
            "role": "viewer",
            "center": str(two_centers.a),
            "identity": identity_says(made_up_identity()),
            "provisional": False,
        }
        entry: EntryRow = lab.next_entry(session, "enrol", says, two_centers.system.identity.id)
    assert 2000 < len(entry.payload) < 2300
