"""Reading and extending the trust log: the one signed, ordered list of who is who and which keys count."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from desktop_app.crypto.errors import (
    BrokenChainError,
    CryptoError,
    ForkError,
    ReplayedEntryError,
    TruncatedLogError,
    TrustError,
    UnknownFormatError,
    WrongRootError,
)
from desktop_app.crypto.identities import Identity, verify
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_register import Register, Restoration
from desktop_app.crypto.trust_rules import apply, authority_of, lineage, refusal
from desktop_app.crypto.trust_state import NO_DIGEST, RefusalReason, RefusedEntry, SeenLog, TrustHead, TrustState
from desktop_app.crypto.trust_statements import (
    Placed,
    RootStatement,
    Statement,
    decode_placed,
    encode_placed,
)
from desktop_app.message import Message


class NotCountedError(TrustError):
    """The entry would stand in the log without counting; ``reason`` says why."""

    code = "not_counted"

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(Message("The trust log would not count this: {reason}.", reason=reason.value))
        self.reason = reason


def verify_log(
    entries: Sequence[TrustEntry],
    installation_id: UUID,
    root_fingerprint: bytes,
    remembered: SeenLog | None = None,
    known: TrustState | None = None,
) -> TrustState:
    """Read the log and say what counts.

    ``entries`` are all of them, or with ``known`` those after ``known.head``; beginning with
    ``known.head`` itself is better, because then a log that was cut at or before it shows.
    ``remembered`` is ``TrustState.seen`` of the newest log this workstation verified: another log is
    taken only after a "restored" by somebody whom that one trusted, too. Raises ``WrongRootError``,
    ``BrokenChainError``, ``ForkError`` or ``TruncatedLogError``. Entries that follow the one before
    but are rubbish or signed by somebody without the right do not count and are in ``refused``:
    a person can append those, and must not stop the lab by it.
    """
    if known is None:
        state = _Reader.beginning(entries, installation_id, root_fingerprint).read_all(entries[1:])
    else:
        rest = _not_known(entries, known, installation_id, root_fingerprint)
        state = _Reader.after(known).read_all(rest) if rest else known
    if remembered is not None:
        _check_remembered(state, remembered)
    return state


def sign_entry(statement: Statement, state: TrustState | None, signer: Identity, installation_id: UUID) -> TrustEntry:
    """The signed entry that follows ``state`` (None: the first one, which only a root statement can be).

    Raises ``NotCountedError`` if the entry would not count.
    """
    if state is None:
        if not isinstance(statement, RootStatement) or statement.identity != signer.public:
            raise CryptoError("The trust log begins with the root, signed by itself.")
        return place_and_sign(statement, 1, NO_DIGEST, signer, installation_id)
    entry = place_and_sign(statement, state.head.sequence + 1, state.head.digest, signer, installation_id)
    refused = extend(state, entry).refused
    if len(refused) > len(state.refused):
        raise NotCountedError(refused[-1].reason)
    return entry


def place_and_sign(
    statement: Statement, sequence: int, previous: bytes, signer: Identity, installation_id: UUID
) -> TrustEntry:
    """Sign a statement for a place in the log without asking whether it will count."""
    payload = encode_placed(Placed(installation_id, sequence, previous, statement))
    return TrustEntry(sequence, payload, signer.public.id, signer.sign(payload))


def extend(state: TrustState, entry: TrustEntry) -> TrustState:
    """The state after one more entry; raises ``BrokenChainError`` if it does not follow."""
    return _Reader.after(state).read_all([entry])


class _Reader:
    """Takes entries one by one and keeps what they amount to, in a register of its own."""

    def __init__(self, installation_id: UUID, register: Register, refused: tuple[RefusedEntry, ...]) -> None:
        self._installation_id = installation_id
        self._register = register
        self._refused = list(refused)

    @classmethod
    def beginning(cls, entries: Sequence[TrustEntry], installation_id: UUID, root_fingerprint: bytes) -> "_Reader":
        if not entries:
            raise TruncatedLogError("The trust log is empty.")
        first = entries[0]
        if first.sequence != 1:
            raise TruncatedLogError("The trust log lacks its beginning.")
        root = _root_of(first, installation_id, root_fingerprint)
        reader = cls(installation_id, Register(root.identity), ())
        apply(reader._register, 1, first.digest(), root, first.signer)
        reader._register.digests.append(first.digest())
        return reader

    @classmethod
    def after(cls, state: TrustState) -> "_Reader":
        return cls(state.installation_id, state.register.copy(), state.refused)

    def state(self) -> TrustState:
        digests = self._register.digests
        head = TrustHead(len(digests), digests[-1], lineage(self._register))
        return TrustState(self._installation_id, head, tuple(self._refused), self._register)

    def read_all(self, entries: Sequence[TrustEntry]) -> TrustState:
        for entry in entries:
            self.read(entry)
        return self.state()

    def read(self, entry: TrustEntry) -> None:
        digests = self._register.digests
        if entry.sequence != len(digests) + 1:
            raise BrokenChainError(
                "The trust log has entry {sequence} where {count} belongs.",
                sequence=entry.sequence,
                count=len(digests) + 1,
            )
        digest, entry = entry.digest(), entry.split_as_digested()
        found = self._judge(entry)
        if isinstance(found, RefusalReason):
            self._refused.append(RefusedEntry(entry.sequence, found, entry.signer))
        else:
            apply(self._register, entry.sequence, digest, found, entry.signer)
        digests.append(digest)

    def _judge(self, entry: TrustEntry) -> Statement | RefusalReason:
        """What the entry says if it counts, else why not; ``BrokenChainError`` if it does not follow."""
        placed = self._placed(entry)
        if placed is None or placed.sequence != entry.sequence:
            return RefusalReason.MALFORMED
        if placed.installation_id != self._installation_id:
            return RefusalReason.FOREIGN_INSTALLATION
        authority = authority_of(self._register, entry.signer)
        if isinstance(authority, RefusalReason):
            return authority
        if not verify(self._register.identities[entry.signer].public, entry.payload, entry.signature):
            return RefusalReason.BAD_SIGNATURE
        return refusal(self._register, authority, placed.statement) or placed.statement

    def _placed(self, entry: TrustEntry) -> Placed | None:
        """What the entry says, None if that cannot be read; either way it must follow the one before."""
        digests = self._register.digests
        try:
            placed = decode_placed(entry.payload)
        except UnknownFormatError:
            placed = None
        if entry.follows(digests[-1]) if placed is None else placed.previous == digests[-1]:
            return placed
        if entry.digest() in digests:
            raise ReplayedEntryError(
                "Entry {sequence} of the trust log is a copy of an earlier one.", sequence=entry.sequence
            )
        raise BrokenChainError(
            "Entry {sequence} of the trust log does not follow the one before: something was taken out, "
            "put in, changed or moved.",
            sequence=entry.sequence,
        )


def claimed_root(first: TrustEntry, installation_id: UUID) -> bytes:
    """The fingerprint of the root that a log begins with, by its own word: whether it is the right one, others know.

    WrongRootError where it begins with none.
    """
    return _beginning(first, installation_id).identity.fingerprint()


def _beginning(first: TrustEntry, installation_id: UUID) -> RootStatement:
    try:
        placed = decode_placed(first.payload)
    except UnknownFormatError:
        raise WrongRootError("The trust log does not begin with a root.") from None
    root = placed.statement
    if not isinstance(root, RootStatement) or (placed.sequence, placed.previous) != (1, NO_DIGEST):
        raise WrongRootError("The trust log does not begin with a root.")
    if placed.installation_id != installation_id:
        raise WrongRootError("The trust log is another installation's.")
    return root


def _root_of(first: TrustEntry, installation_id: UUID, root_fingerprint: bytes) -> RootStatement:
    root = _beginning(first, installation_id)
    if not hmac.compare_digest(root.identity.fingerprint(), root_fingerprint):
        raise WrongRootError("The trust log's root is not the one this workstation was told to trust.")
    if first.signer != root.identity.id or not verify(root.identity, first.payload, first.signature):
        raise WrongRootError("The trust log's root did not sign itself.")
    return root


def _not_known(
    entries: Sequence[TrustEntry], known: TrustState, installation_id: UUID, root_fingerprint: bytes
) -> Sequence[TrustEntry]:
    """The entries after ``known.head``, once it is sure that they follow it."""
    if known.installation_id != installation_id:
        raise WrongRootError("What is known of the trust log is another installation's.")
    first_root = next(iter(known.register.identities.values())).public
    if not hmac.compare_digest(first_root.fingerprint(), root_fingerprint):
        raise WrongRootError("What is known of the trust log has another root.")
    if entries and entries[0].sequence == known.head.sequence:
        if entries[0].digest() != known.head.digest:
            raise ForkError(
                "Entry {sequence} of the trust log is not the one seen earlier.", sequence=known.head.sequence
            )
        entries = entries[1:]
    if entries and entries[0].sequence == known.head.sequence + 1 and _is_of_another_branch(entries[0], known):
        raise ForkError(
            "Entry {sequence} of the trust log does not follow what was seen earlier.", sequence=entries[0].sequence
        )
    return entries


def _is_of_another_branch(entry: TrustEntry, known: TrustState) -> bool:
    """Whether the entry says that it was made for this place after another entry than the known one."""
    try:
        placed = decode_placed(entry.payload)
    except UnknownFormatError:
        return False
    return placed.sequence == entry.sequence and placed.previous != known.head.digest


def _check_remembered(state: TrustState, seen: SeenLog) -> None:
    """Refuse a log that does not extend the remembered one, unless a "restored" that is believed here covers it."""
    digests, head = state.register.digests, seen.head
    if head.sequence <= len(digests) and digests[head.sequence - 1] == head.digest:
        return
    restorations = state.register.restorations
    if any(_covers(restorations[: count + 1], seen) for count in range(len(restorations))):
        return
    unsigned = Message(
        "If the database was restored from a backup, somebody who is a system administrator now and "
        "was one in the backup has to sign that, or the recovery kit."
    )
    if head.sequence > len(digests):
        raise TruncatedLogError(
            "The trust log ends at entry {count}, but this workstation saw entry {sequence}. {unsigned}",
            count=len(digests),
            sequence=head.sequence,
            unsigned=unsigned,
        )
    raise ForkError(
        "Entry {sequence} of the trust log is not the one this workstation saw. {unsigned}",
        sequence=head.sequence,
        unsigned=unsigned,
    )


def _covers(restorations: Sequence[Restoration], seen: SeenLog) -> bool:
    """Whether the last of these signed away the branch that the remembered head belongs to.

    Its signer must be trusted by the remembered log, too: somebody who was removed since must not bless the state in
    which he was not. Either the statement names the head itself; or it names the head's lineage, which was lost (a
    "restored" that another restore took away); or the head is of the same lineage as the log had just before the
    restoration; and in both cases it is not newer than the lost head. So an old "restored" excuses no later cut: heads
    seen after it carry its digest as lineage, which no statement can name before it is there. Restorations just before
    it that are not believed change nothing: whoever was removed must not spoil the honest one either.
    """
    said, head = restorations[-1].statement, seen.head
    if restorations[-1].signed_with not in seen.restorers:
        return False
    if said.head_digest == head.digest or (head.lineage in said.lineages and head.sequence <= said.head_sequence):
        return True
    for before in range(len(restorations) - 1, -1, -1):
        first = restorations[before]
        is_of_this_lineage = head.lineage == first.lineage_before and head.sequence <= said.head_sequence
        if head.sequence >= first.sequence and is_of_this_lineage:
            return True
        if before == 0 or restorations[before - 1].signed_with in seen.restorers:
            break
    return False
