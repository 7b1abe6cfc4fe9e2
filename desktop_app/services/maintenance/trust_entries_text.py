"""What an entry of the trust log says, in plain words."""

from collections.abc import Callable
from uuid import UUID

from desktop_app.crypto.trust_statements import (
    CenterDeletedStatement,
    CenterRestoredStatement,
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
from desktop_app.message import Message

Name = Callable[[UUID], str]


def words(statement: Statement | None, person: Name, center: Name) -> Message:
    """A sentence; *person* and *center* give names for ids."""
    match statement:
        case None:
            return Message("Something that cannot be read.")
        case RootStatement():
            return Message("The installation was made; this is the recovery kit's root.")
        case KitReplacedStatement():
            return Message("A new recovery kit took the place of the former one.")
        case RestoredStatement(head_sequence):
            return Message("Restored from a backup; entries up to {number} are signed away.", number=head_sequence)
        case KeyVersionStatement(center_id, number, _):
            return Message("Key {number} of {center} came into force.", number=number, center=center(center_id))
        case CenterDeletedStatement(center_id):
            return Message("{center} was deleted; its places and keys are over.", center=center(center_id))
        case CenterRestoredStatement(center_id, origin_id, until):
            return Message(
                "{center} was made from a backup of {origin}, with what was signed there up to entry {number}.",
                center=center(center_id),
                origin=center(origin_id),
                number=until,
            )
        case _:
            return _about_person(statement, person, center)


def _about_person(statement: PersonStatement, person: Name, center: Name) -> Message:
    match statement:
        case EnrolStatement(user_id, _, _, role, center_id):
            return _place(user_id, role, center_id, person, center, is_new=True)
        case JoinStatement(user_id, role, center_id):
            return _place(user_id, role, center_id, person, center, is_new=False)
        case LeaveStatement(user_id, center_id):
            if center_id is None:
                return Message("{person} is a system administrator no more.", person=person(user_id))
            return Message("{person} left {center}.", person=person(user_id), center=center(center_id))
        case ReplaceKeysStatement(user_id, _, provisional):
            if provisional:
                return Message("{person} got first keys, made by somebody else.", person=person(user_id))
            return Message("{person} has new keys.", person=person(user_id))
        case RemoveStatement(user_id):
            return Message("{person} was removed.", person=person(user_id))
        case ReadmitStatement(user_id):
            return Message("{person} was let in again.", person=person(user_id))


def _place(user_id: UUID, role: str, center_id: UUID | None, person: Name, center: Name, *, is_new: bool) -> Message:
    who = person(user_id)
    if center_id is None:
        if is_new:
            return Message("{person} was enrolled as a system administrator.", person=who)
        return Message("{person} became a system administrator.", person=who)
    where = center(center_id)
    if is_new:
        return Message("{person} was enrolled in {center} as {role}.", person=who, center=where, role=role)
    return Message("{person} has a place in {center} as {role}.", person=who, center=where, role=role)
