"""What in the trust log does not count, as sentences: one for each signer, however many entries there are."""

from uuid import UUID

from desktop_app.crypto.trust_state import RefusedEntry, TrustState
from desktop_app.message import Message

_NOBODY = "nobody"


def alarms(state: TrustState) -> tuple[Message, ...]:
    """One sentence for each person in whose name there are entries that do not count; empty on a quiet day."""
    by_signer: dict[UUID | str | None, list[RefusedEntry]] = {}
    for refused in state.refused:
        known = state.identity(refused.signer)
        by_signer.setdefault(_NOBODY if known is None else known[1], []).append(refused)
    return tuple(_sentence(signer, entries) for signer, entries in by_signer.items())


def _sentence(signer: UUID | str | None, entries: list[RefusedEntry]) -> Message:
    first = entries[0].sequence
    reasons = tuple(dict.fromkeys(entry.reason.value for entry in entries))
    if len(entries) == 1:
        return Message("Entry {first} of the trust log does not count: {reasons}.", first=first, reasons=reasons)
    whose = (
        Message("nobody it knows")
        if signer == _NOBODY
        else Message("a recovery kit")
        if signer is None
        else Message("the user {user}", user=signer)
    )
    return Message(
        "{count} entries of the trust log in the name of {whose} do not count, from entry {first} on: {reasons}.",
        count=len(entries),
        whose=whose,
        first=first,
        reasons=reasons,
    )
