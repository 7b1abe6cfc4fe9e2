"""docs/reader.py, written from the page of formats alone, believes of a trust log what the program believes."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.crypto.trust_state import TrustState
from desktop_app.crypto.trust_statements import Statement
from tests.unit.crypto.lab import A, B, Log, beginning, identity
from tests.unit.crypto.test_trust_properties import SAID

_PATH = Path(__file__).resolve().parents[3] / "docs" / "reader.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("labkeep_reader", _PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


READER = _loaded()


def read(log: Log, root: str | None = None) -> Any:
    entries = [(entry.payload, str(entry.signer), entry.signature) for entry in log.entries]
    return READER.Trust(entries, root or identity("root").public.fingerprint().hex())


def of_program(state: TrustState) -> dict[str, Any]:
    people: dict[str, Any] = {}
    for one in state.register.people.values():
        places: dict[str | None, list[str | None]] = {
            str(place.center_id): [place.role, None if place.until is None else place.until.isoformat()]
            for place in one.memberships
        }
        if one.is_system:
            places[None] = ["admin", None]
        people[str(one.user_id)] = (one.login, str(one.identity.id), one.provisional, one.active, places)
    keys = {str(center): [key.digest.hex() for key in found] for center, found in state.register.keys.items()}
    origins = {
        str(center): {str(each.center_id): each.until for each in reversed(found)}
        for center, found in state.register.origins.items()
    }
    return {"people": people, "keys": keys, "origins": origins, "root": str(state.root.id)}


def of_reader(trust: Any) -> dict[str, Any]:
    people = {
        user: (one["login"], one["identity"]["id"], one["provisional"], one["active"], one["places"])
        for user, one in trust.people.items()
        if user is not None
    }
    keys = {center: digests for center, digests in trust.keys.items() if digests}
    return {"people": people, "keys": keys, "origins": trust.origins, "root": trust.people[None]["identity"]["id"]}


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_after_whatever_people_say(said: list[tuple[Statement, str]]) -> None:
    log = beginning()
    for statement, name in said:
        log.put(statement, name)
    assert of_reader(read(log)) == of_program(log.state())


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_after_rubbish(payload: bytes) -> None:
    log = beginning()
    log.put_raw(b'{"previous":"' + log.previous().hex().encode() + b'"}' + payload)
    log.put_raw(payload + log.previous().hex().encode())
    assert of_reader(read(log)) == of_program(log.state())


@pytest.mark.parametrize("center", [A, B, UUID(int=0xC)])
def test_about_who_might_write(center: UUID) -> None:
    """By a statement of evidence, the shortest one that is signed for a center."""
    log = beginning()
    trust, state = read(log), log.state()
    for name in ("sys", "adminA", "userA", "viewA", "adminB", "root"):
        signer = identity(name)
        text = READER.json.dumps(
            {
                **dict.fromkeys(("digest", "record_digest"), "0" * 64),
                "at": "2026-11-29T15:00:00Z",
                "center": str(center),
                "format": "labkeep/1",
                "kind": "evidence",
                "installation": str(state.installation_id),
                "record_sequence": 1,
                "signer": str(signer.public.id),
                "trust_sequence": len(log.entries),
            },
            sort_keys=True,
            separators=(",", ":"),
        )
        try:
            trust.signed(text, signer.sign(text.encode()).hex(), "evidence")
            believed = True
        except SystemExit:
            believed = False
        assert believed == state.might_write(signer.public.id, center, len(log.entries)), name
