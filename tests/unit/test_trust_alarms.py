"""Entries that do not count are one alarm for each signer, however often he tries."""

from desktop_app.crypto.identities import make_identity
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.services.context.trust_alarms import alarms
from tests.unit.crypto.lab import A, B, beginning, enrol, identity, user


def test_a_quiet_day() -> None:
    assert alarms(beginning().state()) == ()


def test_one_entry_is_named() -> None:
    log = beginning()
    log.put(enrol("new", "admin", B), "adminA")
    assert alarms(log.state()) == ("Entry 12 of the trust log does not count: no right.",)


def test_a_flood_of_one_signer_is_one_alarm() -> None:
    log = beginning()
    for number in range(40):
        log.put(enrol(f"new {number}", "admin", B), "viewA")
        log.put_raw(b"rubbish " + log.previous().hex().encode(), "viewA")
    log.put(enrol("new", "viewer", A), "adminB")
    many, one = alarms(log.state())
    assert f"80 entries of the trust log in the name of the user {user('viewA')} do not count" in many
    assert many.endswith("from entry 12 on: no right, malformed.")
    assert one == "Entry 92 of the trust log does not count: no right."


def test_unknown_signers_are_one_alarm_together() -> None:
    log = beginning()
    for _ in range(5):
        stranger = make_identity()
        payload = b"rubbish " + log.previous().hex().encode()
        entry = TrustEntry(len(log.entries) + 1, payload, stranger.public.id, stranger.sign(payload))
        log.entries.append(entry)
    (said,) = alarms(log.state())
    assert "5 entries of the trust log in the name of nobody it knows" in said
    assert identity("sys").public.id not in {refused.signer for refused in log.state().refused}
