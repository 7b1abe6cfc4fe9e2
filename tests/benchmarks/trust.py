"""Signing in where the trust log is long, against the same where it is short."""

from collections.abc import Iterator

import psycopg2
from psycopg2.extras import execute_values

from desktop_app.crypto.identities import make_identity
from desktop_app.crypto.trust_log import place_and_sign
from desktop_app.crypto.trust_statements import ReplaceKeysStatement
from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.rights import Role
from tests.benchmarks.harness import Figure, compare
from tests.benchmarks.place import PASSWORD, Place, place

Row = tuple[int, bytes, str, bytes, bytes]


def signing_in(entries: int, rounds: int) -> list[Figure]:
    """With the verified beginning kept from the time before, and (cold) on a workstation that has none."""
    with place() as short, place() as long:
        _fill(long, entries)
        cold = compare("sign in for the first time", "Labkeep", {"Labkeep": lambda: _sign_in(long)}, 1)
        name = f"Labkeep, {entries:,} entries"
        subjects = {name: lambda: _sign_in(long), "Labkeep, 10 entries": lambda: _sign_in(short)}
        warm = compare("sign in", name, subjects, rounds)
    over = warm[0].seconds - warm[1].seconds
    note = Figure(f"{entries:,} entries, over 10", "Labkeep", over, 0.0, rounds, None, "under 300 ms")
    return [*cold, *warm, note]


def _sign_in(at: Place) -> None:
    at.app.sign_in.sign_in(at.profile, "bench", PASSWORD).close()


def _fill(at: Place, entries: int) -> None:
    """Somebody replaces his keys again and again: the longest entries there are for the number of people."""
    with psycopg2.connect(at.admin_dsn) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        execute_values(
            cursor,
            "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest) VALUES %s",
            list(_rows(at, entries)),
        )


def _rows(at: Place, entries: int) -> Iterator[Row]:
    draft = UserDraft(username="often", email="often@lab.example", role=Role.USER, center_id=at.center.id)
    made = at.lab.users.create(draft)
    context = at.lab._context
    with context.shared.begin() as session:
        head = context.trust.refresh(session).head
    signer, previous = context.identity, head.digest
    for sequence in range(head.sequence + 1, entries + 1):
        identity = make_identity()
        # The first one by the administrator, and therefore provisional.
        said = ReplaceKeysStatement(made.user.id, identity.public, provisional=signer is context.identity)
        entry = place_and_sign(said, sequence, previous, signer, at.profile.installation_id)
        yield entry.sequence, entry.payload, str(entry.signer), entry.signature, entry.digest()
        signer, previous = identity, entry.digest()
