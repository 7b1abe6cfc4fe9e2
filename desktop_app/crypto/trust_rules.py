"""Who may say what in the trust log, and what follows from it. Source: the design's section on the trust log."""

from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_register import Origin, Register, Restoration, TrustedKey, TrustedPerson
from desktop_app.crypto.trust_state import NO_DIGEST, RefusalReason
from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
    CenterStatement,
    EnrolStatement,
    JoinStatement,
    KeyVersionStatement,
    KitReplacedStatement,
    LeaveStatement,
    PersonStatement,
    ReadmitStatement,
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
        return self.person is None or self.person.is_system

    def over(self, center_id: UUID | None) -> bool:
        """Whether places and keys of this center (None: system administrators) are his to administer."""
        if self.person is None or self.person.is_system:
            return True
        place = None if center_id is None else self.person.membership(center_id)
        return place is not None and place.role == "admin"

    def over_person(self, person: TrustedPerson) -> bool:
        """Whether the whole person is his to administer: password, being in or out.

        Who belongs to several centers is system administrators' alone: otherwise an administrator of one of them
        takes over an account that reads the others.
        """
        if self.everywhere:
            return True
        return not person.is_system and len(person.memberships) == 1 and self.over(person.memberships[0].center_id)

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
        case KeyVersionStatement():
            return _refuse_key(register, signer, statement)
        case CenterDeletedStatement(center_id):
            return _refuse_deletion(register, signer, center_id)
        case CenterRestoredStatement():
            return _refuse_restored_center(register, signer, statement)
        case KitReplacedStatement(identity):
            return _refuse_identity(register, identity) if signer.everywhere else RefusalReason.NO_RIGHT
        case RestoredStatement():
            return None if signer.everywhere else RefusalReason.NO_RIGHT
        case _:
            return _refusal_of_person(register, signer, statement)


def _refusal_of_person(register: Register, signer: Authority, statement: PersonStatement) -> RefusalReason | None:
    match statement:
        case EnrolStatement():
            return _refuse_enrol(register, signer, statement)
        case ReplaceKeysStatement():
            return _refuse_replace(register, signer, statement)
        case JoinStatement():
            return _refuse_join(register, signer, statement)
        case LeaveStatement():
            return _refuse_leave(register, signer, statement)
        case RemoveStatement():
            return _refuse_remove(register, signer, statement)
        case ReadmitStatement():
            return _refuse_readmit(register, signer, statement)


def apply(register: Register, sequence: int, digest: bytes, statement: Statement, signer: UUID) -> None:
    """Change the register by a statement that counts."""
    match statement:
        case RootStatement(identity) | KitReplacedStatement(identity):
            register.set_root(sequence, identity)
        case EnrolStatement(user_id, login, identity, role, center_id, provisional, until):
            person = TrustedPerson(user_id, login, identity, provisional, active=True)
            register.enrol(sequence, person.joined(center_id, role, until))
        case ReplaceKeysStatement(user_id, identity, provisional):
            register.replace_keys(sequence, user_id, identity, provisional)
        case JoinStatement(user_id, role, center_id, until):
            register.set_person(sequence, register.people[user_id].joined(center_id, role, until))
        case LeaveStatement(user_id, center_id):
            register.set_person(sequence, register.people[user_id].left(center_id))
        case RemoveStatement(user_id):
            register.set_person(sequence, replace(register.people[user_id], active=False))
        case ReadmitStatement(user_id):
            register.set_person(sequence, replace(register.people[user_id], active=True))
        case KeyVersionStatement() | CenterDeletedStatement() | CenterRestoredStatement():
            _apply_to_center(register, sequence, statement)
        case RestoredStatement():
            signed_with = register.identities[signer].public.fingerprint()
            restoration = Restoration(sequence, digest, statement, lineage(register), signed_with)
            register.restorations = (*register.restorations, restoration)


def _apply_to_center(register: Register, sequence: int, statement: CenterStatement) -> None:
    match statement:
        case KeyVersionStatement(center_id, number, digest):
            register.keys[center_id] = (*register.keys.get(center_id, ()), TrustedKey(number, digest))
            register.deleted.pop(center_id, None)
        case CenterDeletedStatement(center_id):
            register.delete_center(sequence, center_id)
        case CenterRestoredStatement(center_id, origin_id, until):
            register.restore_center(center_id, Origin(origin_id, until))


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
    if statement.login in register.logins:
        return RefusalReason.REUSED_LOGIN
    # Keys that an administrator made are known to him; only the person (or the kit, in his hands) ends that.
    if signer.person is not None and not statement.provisional:
        return RefusalReason.MUST_BE_PROVISIONAL
    return _refuse_identity(register, statement.identity)


def _refuse_replace(register: Register, signer: Authority, statement: ReplaceKeysStatement) -> RefusalReason | None:
    person = register.people.get(statement.user_id)
    own = signer.is_person(statement.user_id)
    if person is None or not (own or signer.over_person(person)):
        return _not_his(person, signer)
    if not person.active:
        return RefusalReason.REMOVED_PERSON
    if not own and signer.person is not None and not statement.provisional:
        return RefusalReason.MUST_BE_PROVISIONAL
    return _refuse_identity(register, statement.identity)


def _refuse_join(register: Register, signer: Authority, statement: JoinStatement) -> RefusalReason | None:
    if signer.is_person(statement.user_id):
        return RefusalReason.OWN_PLACE
    person = register.people.get(statement.user_id)
    if person is None or not signer.over(statement.center_id):
        return _not_his(person, signer)
    place = None if statement.center_id is None else person.membership(statement.center_id)
    if place is None and not signer.everywhere:
        # Whoever could bring a foreign person in would take him from his own administrator.
        return RefusalReason.NO_RIGHT
    if not person.active:
        return RefusalReason.REMOVED_PERSON
    if person.joined(statement.center_id, statement.role, statement.until) == person:
        return RefusalReason.NO_CHANGE
    if person.is_system:
        return RefusalReason.SYSTEM_ADMINISTRATOR
    return RefusalReason.STILL_MEMBER if statement.center_id is None and person.memberships else None


def _refuse_leave(register: Register, signer: Authority, statement: LeaveStatement) -> RefusalReason | None:
    if signer.is_person(statement.user_id):
        return RefusalReason.OWN_PLACE
    person = register.people.get(statement.user_id)
    if person is None or not signer.over(statement.center_id):
        return _not_his(person, signer)
    if not person.active:
        return RefusalReason.REMOVED_PERSON
    return RefusalReason.NO_CHANGE if person.left(statement.center_id) == person else None


def _refuse_remove(register: Register, signer: Authority, statement: RemoveStatement) -> RefusalReason | None:
    if signer.is_person(statement.user_id):
        return RefusalReason.OWN_PLACE
    person = register.people.get(statement.user_id)
    if person is None or not signer.over_person(person):
        return _not_his(person, signer)
    return None if person.active else RefusalReason.REMOVED_PERSON


def _refuse_readmit(register: Register, signer: Authority, statement: ReadmitStatement) -> RefusalReason | None:
    person = register.people.get(statement.user_id)
    if person is None or not signer.over_person(person):
        return _not_his(person, signer)
    return RefusalReason.NO_CHANGE if person.active else None


def _not_his(person: TrustedPerson | None, signer: Authority) -> RefusalReason:
    return RefusalReason.UNKNOWN_PERSON if person is None and signer.everywhere else RefusalReason.NO_RIGHT


def _refuse_key(register: Register, signer: Authority, statement: KeyVersionStatement) -> RefusalReason | None:
    if not signer.over(statement.center_id):
        return RefusalReason.NO_RIGHT
    expected = len(register.keys.get(statement.center_id, ())) + 1
    return None if statement.number == expected else RefusalReason.WRONG_KEY_NUMBER


def _refuse_deletion(register: Register, signer: Authority, center_id: UUID) -> RefusalReason | None:
    if not signer.everywhere:
        return RefusalReason.NO_RIGHT
    return None if center_id in register.keys else RefusalReason.NO_CHANGE


def _refuse_restored_center(
    register: Register, signer: Authority, statement: CenterRestoredStatement
) -> RefusalReason | None:
    if not signer.everywhere:
        return RefusalReason.NO_RIGHT
    if register.knows_center(statement.center_id):
        # Otherwise the documents of one center could be pushed into another that people work in.
        return RefusalReason.CENTER_IS_THERE
    if statement.origin_id not in register.keys and statement.origin_id not in register.deleted:
        return RefusalReason.UNKNOWN_ORIGIN
    return None if statement.until <= len(register.digests) else RefusalReason.UNKNOWN_ORIGIN


def _refuse_identity(register: Register, identity: PublicIdentity) -> RefusalReason | None:
    if not register.is_new(identity):
        return RefusalReason.REUSED_KEYS
    # Somebody nobody can seal to would stop every rotation of his center.
    return None if identity.is_usable() else RefusalReason.UNUSABLE_KEYS
