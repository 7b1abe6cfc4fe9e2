"""Who may say what in the trust log, and what follows from it. Source: the design's section on the trust log."""

from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_register import Register, Restoration, TrustedKey, TrustedPerson
from desktop_app.crypto.trust_state import NO_DIGEST, RefusalReason
from desktop_app.crypto.trust_statements import (
    EnrolStatement,
    KeyVersionStatement,
    KitReplacedStatement,
    PlaceStatement,
    RemoveStatement,
    ReplaceKeysStatement,
    RestoredStatement,
    RootStatement,
    Statement,
)


@dataclass(frozen=True, slots=True)
class Authority:
    """The signer in the state before the entry: the root (no person) or an active person."""

    person: TrustedPerson | None

    @property
    def everywhere(self) -> bool:
        """The root or a system administrator."""
        return self.person is None or self.person.center_id is None

    def over(self, center_id: UUID | None) -> bool:
        """Whether people and keys of this center (None: system administrators) are his to administer."""
        if self.everywhere:
            return True
        person = self.person
        return person is not None and person.role == "admin" and center_id is not None and person.center_id == center_id

    @property
    def is_provisional(self) -> bool:
        """Whether somebody else made the keys: they sign nothing but the hand-over to the person's own."""
        return self.person is not None and self.person.provisional

    def is_person(self, user_id: UUID) -> bool:
        """Whether the signer is this very person."""
        return self.person is not None and self.person.user_id == user_id


def authority_of(register: Register, signer: UUID) -> Authority | RefusalReason:
    """The signer's authority now, or why the identity has none."""
    known = register.identities.get(signer)
    if known is None:
        return RefusalReason.UNKNOWN_SIGNER
    if known.until is not None:
        return RefusalReason.RETIRED_SIGNER
    if known.user_id is None:
        return Authority(None)
    person = register.people[known.user_id]
    return Authority(person) if person.active else RefusalReason.REMOVED_SIGNER


def refusal(register: Register, signer: Authority, statement: Statement) -> RefusalReason | None:
    """Why the statement does not count in this state from this signer; None if it does."""
    if signer.is_provisional and not _is_hand_over(signer, statement):
        return RefusalReason.PROVISIONAL_SIGNER
    match statement:
        case RootStatement():
            return RefusalReason.SECOND_ROOT
        case EnrolStatement():
            return _refuse_enrol(register, signer, statement)
        case ReplaceKeysStatement():
            return _refuse_replace(register, signer, statement)
        case PlaceStatement():
            return _refuse_place(register, signer, statement)
        case RemoveStatement():
            return _refuse_remove(register, signer, statement)
        case KeyVersionStatement():
            return _refuse_key(register, signer, statement)
        case KitReplacedStatement(identity):
            return _refuse_identity(register, identity) if signer.everywhere else RefusalReason.NO_RIGHT
        case RestoredStatement():
            return None if signer.everywhere else RefusalReason.NO_RIGHT


def apply(register: Register, sequence: int, digest: bytes, statement: Statement, signer: UUID) -> None:
    """Change the register by a statement that counts."""
    match statement:
        case RootStatement(identity) | KitReplacedStatement(identity):
            register.set_root(sequence, identity)
        case EnrolStatement(user_id, identity, role, center_id, provisional):
            register.enrol(sequence, TrustedPerson(user_id, role, center_id, identity, provisional, active=True))
        case ReplaceKeysStatement(user_id, identity, provisional):
            register.replace_keys(sequence, user_id, identity, provisional)
        case PlaceStatement(user_id, role, center_id):
            person = register.people[user_id]
            register.set_person(sequence, replace(person, role=role, center_id=center_id, active=True))
        case RemoveStatement(user_id):
            register.set_person(sequence, replace(register.people[user_id], active=False))
        case KeyVersionStatement(center_id, number, key_digest):
            register.keys[center_id] = (*register.keys.get(center_id, ()), TrustedKey(number, key_digest))
        case RestoredStatement():
            signed_with = register.identities[signer].public.fingerprint()
            restoration = Restoration(sequence, digest, statement, lineage(register), signed_with)
            register.restorations = (*register.restorations, restoration)


def lineage(register: Register) -> bytes:
    """The digest of the last "restored" that counted, or zeros."""
    return register.restorations[-1].digest if register.restorations else NO_DIGEST


def _is_hand_over(signer: Authority, statement: Statement) -> bool:
    return (
        isinstance(statement, ReplaceKeysStatement)
        and signer.is_person(statement.user_id)
        and not statement.provisional
    )


def _refuse_enrol(register: Register, signer: Authority, statement: EnrolStatement) -> RefusalReason | None:
    if not signer.over(statement.center_id):
        return RefusalReason.NO_RIGHT
    if statement.user_id in register.people:
        return RefusalReason.ALREADY_ENROLLED
    # Keys that an administrator made are known to him; only the person (or the kit, in his hands) ends that.
    if signer.person is not None and not statement.provisional:
        return RefusalReason.MUST_BE_PROVISIONAL
    return _refuse_identity(register, statement.identity)


def _refuse_replace(register: Register, signer: Authority, statement: ReplaceKeysStatement) -> RefusalReason | None:
    person = register.people.get(statement.user_id)
    if person is None:
        return RefusalReason.UNKNOWN_PERSON if signer.everywhere else RefusalReason.NO_RIGHT
    own = signer.is_person(person.user_id)
    if not own and not signer.over(person.center_id):
        return RefusalReason.NO_RIGHT
    if not person.active:
        return RefusalReason.REMOVED_PERSON
    if not own and signer.person is not None and not statement.provisional:
        return RefusalReason.MUST_BE_PROVISIONAL
    return _refuse_identity(register, statement.identity)


def _refuse_place(register: Register, signer: Authority, statement: PlaceStatement) -> RefusalReason | None:
    if signer.is_person(statement.user_id):
        return RefusalReason.OWN_PLACE
    person = register.people.get(statement.user_id)
    if person is None:
        return RefusalReason.UNKNOWN_PERSON if signer.everywhere else RefusalReason.NO_RIGHT
    # Both ends: nobody is taken from another center, and nobody is put into one.
    if not signer.over(person.center_id) or not signer.over(statement.center_id):
        return RefusalReason.NO_RIGHT
    return None


def _refuse_remove(register: Register, signer: Authority, statement: RemoveStatement) -> RefusalReason | None:
    if signer.is_person(statement.user_id):
        return RefusalReason.OWN_PLACE
    person = register.people.get(statement.user_id)
    if person is None:
        return RefusalReason.UNKNOWN_PERSON if signer.everywhere else RefusalReason.NO_RIGHT
    if not signer.over(person.center_id):
        return RefusalReason.NO_RIGHT
    return None if person.active else RefusalReason.REMOVED_PERSON


def _refuse_key(register: Register, signer: Authority, statement: KeyVersionStatement) -> RefusalReason | None:
    if not signer.over(statement.center_id):
        return RefusalReason.NO_RIGHT
    expected = len(register.keys.get(statement.center_id, ())) + 1
    return None if statement.number == expected else RefusalReason.WRONG_KEY_NUMBER


def _refuse_identity(register: Register, identity: PublicIdentity) -> RefusalReason | None:
    if not register.is_new(identity):
        return RefusalReason.REUSED_KEYS
    # Somebody nobody can seal to would stop every rotation of his center.
    return None if identity.is_usable() else RefusalReason.UNUSABLE_KEYS
