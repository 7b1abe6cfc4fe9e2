"""What the trust log can say, and the canonical bytes of saying it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from desktop_app.crypto import canonical
from desktop_app.crypto.canonical import Fields, data_text
from desktop_app.crypto.errors import UnknownFormatError
from desktop_app.crypto.identities import PublicIdentity
from desktop_app.domain.ids import LOGIN_PATTERN

ROLES = ("admin", "user", "viewer")


@dataclass(frozen=True, slots=True)
class RootStatement:
    """The first entry: the recovery kit's identity, signed by itself."""

    identity: PublicIdentity


@dataclass(frozen=True, slots=True)
class EnrolStatement:
    """A new person with a first place; ``center_id`` None makes a system administrator (role "admin").

    ``login`` is made from the user name, which is fixed for life: whoever acts on a name can compare.
    """

    user_id: UUID
    login: str
    identity: PublicIdentity
    role: str
    center_id: UUID | None
    provisional: bool
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ReplaceKeysStatement:
    """A person's new identity: by himself, or by an administrator who reset the password (provisional)."""

    user_id: UUID
    identity: PublicIdentity
    provisional: bool


@dataclass(frozen=True, slots=True)
class JoinStatement:
    """A person's place in a center, made or changed; ``center_id`` None makes a system administrator of him.

    ``until`` is the last day; it is signed, so that nobody lengthens a guest's stay in the database.
    """

    user_id: UUID
    role: str
    center_id: UUID | None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class LeaveStatement:
    """The end of a place: in one center, or (None) among the system administrators."""

    user_id: UUID
    center_id: UUID | None


@dataclass(frozen=True, slots=True)
class RemoveStatement:
    """A person who may do nothing from now on."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class ReadmitStatement:
    """A removed person is back, with the identity and the places he had."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class KeyVersionStatement:
    """A center's tenant key ``number`` (from 1, each one more); ``digest`` is ``tenant_key_digest``."""

    center_id: UUID
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class CenterDeletedStatement:
    """A center that is no more: every place in it is over, and its keys count no more."""

    center_id: UUID


@dataclass(frozen=True, slots=True)
class CenterRestoredStatement:
    """A new center with what a backup had of another one, its origin.

    What was signed for the origin by the entry ``until``, the head of the backup's trust log, was signed for it, too.
    """

    center_id: UUID
    origin_id: UUID
    until: int


@dataclass(frozen=True, slots=True)
class KitReplacedStatement:
    """A new recovery kit: from now on this identity is the root. The pinned fingerprint stays the first one's."""

    identity: PublicIdentity


@dataclass(frozen=True, slots=True)
class RestoredStatement:
    """Database and store were restored from a backup; names the newest head that was lost thereby.

    ``lineages`` are those of other "restored" (their digests) that were lost, or may have been: the newest first.
    """

    head_sequence: int
    head_digest: bytes
    lineages: tuple[bytes, ...] = ()


PersonStatement = (
    EnrolStatement | ReplaceKeysStatement | JoinStatement | LeaveStatement | RemoveStatement | ReadmitStatement
)
CenterStatement = KeyVersionStatement | CenterDeletedStatement | CenterRestoredStatement
Statement = RootStatement | PersonStatement | CenterStatement | KitReplacedStatement | RestoredStatement


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement with its place: installation, sequence from 1, digest of the entry before (32 bytes)."""

    installation_id: UUID
    sequence: int
    previous: bytes
    statement: Statement


def encode_placed(placed: Placed) -> bytes:
    """The canonical bytes that are signed."""
    kind, fields = _encode(placed.statement)
    return canonical.encode(
        {
            "kind": kind,
            "installation": str(placed.installation_id),
            "sequence": placed.sequence,
            "previous": placed.previous.hex(),
            **fields,
        }
    )


def decode_placed(payload: bytes) -> Placed:
    """Read what ``encode_placed`` wrote; raise ``UnknownFormatError`` for anything else."""
    fields = Fields(payload)
    kind = fields.text("kind")
    installation_id, sequence, previous = (
        fields.uuid("installation"),
        fields.whole("sequence", 1),
        fields.digest("previous"),
    )
    if kind not in _READERS:
        raise UnknownFormatError("The trust log's entry is of a kind this version does not know.")
    statement = _READERS[kind](fields)
    fields.finish()
    return Placed(installation_id, sequence, previous, statement)


def _encode(statement: Statement) -> tuple[str, Mapping[str, object]]:
    match statement:
        case RootStatement(identity):
            return "root", {"identity": _identity_fields(identity)}
        case KeyVersionStatement(center_id, number, digest):
            return "key_version", {"center": str(center_id), "number": number, "digest": digest.hex()}
        case CenterDeletedStatement(center_id):
            return "center_deleted", {"center": str(center_id)}
        case CenterRestoredStatement(center_id, origin_id, until):
            return "center_restored", {"center": str(center_id), "origin": str(origin_id), "up_to": until}
        case KitReplacedStatement(identity):
            return "kit_replaced", {"identity": _identity_fields(identity)}
        case RestoredStatement(head_sequence, head_digest, lineages):
            lost = " ".join(each.hex() for each in lineages)
            return "restored", {"head_sequence": head_sequence, "head_digest": head_digest.hex(), "lineages": lost}
        case _:
            return _encode_of_person(statement)


def _encode_of_person(statement: PersonStatement) -> tuple[str, Mapping[str, object]]:
    match statement:
        case EnrolStatement(user_id, login, identity, role, center_id, provisional, until):
            placed = {"user": str(user_id), "login": login, **_place_fields(role, center_id, until)}
            return "enrol", {**placed, "identity": _identity_fields(identity), "provisional": provisional}
        case ReplaceKeysStatement(user_id, identity, provisional):
            identity_fields = _identity_fields(identity)
            return "replace_keys", {"user": str(user_id), "identity": identity_fields, "provisional": provisional}
        case JoinStatement(user_id, role, center_id, until):
            return "join", {"user": str(user_id), **_place_fields(role, center_id, until)}
        case LeaveStatement(user_id, center_id):
            return "leave", {"user": str(user_id), "center": _id_or_none(center_id)}
        case RemoveStatement(user_id):
            return "remove", {"user": str(user_id)}
        case ReadmitStatement(user_id):
            return "readmit", {"user": str(user_id)}


def _identity_fields(identity: PublicIdentity) -> Mapping[str, object]:
    return {"id": str(identity.id), "public": data_text(identity.to_bytes())}


def _place_fields(role: str, center_id: UUID | None, until: date | None) -> Mapping[str, object]:
    return {"role": role, "center": _id_or_none(center_id), "until": None if until is None else until.isoformat()}


def _id_or_none(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _identity(fields: Fields) -> PublicIdentity:
    part = fields.part("identity")
    identity = PublicIdentity.from_bytes(part.uuid("id"), part.data("public"))
    part.finish()
    return identity


def _place(fields: Fields) -> tuple[str, UUID | None, date | None]:
    role, center_id, until = fields.text("role"), fields.uuid_or_none("center"), fields.day_or_none("until")
    if role not in ROLES or (center_id is None and (role != "admin" or until is not None)):
        raise UnknownFormatError("The trust log's entry names a place there is not.")
    return role, center_id, until


def _enrol(fields: Fields) -> Statement:
    role, center_id, until = _place(fields)
    user_id, login, identity = fields.uuid("user"), fields.text("login"), _identity(fields)
    if not LOGIN_PATTERN.fullmatch(login):
        raise UnknownFormatError("The trust log's entry names a login there cannot be.")
    return EnrolStatement(user_id, login, identity, role, center_id, fields.flag("provisional"), until)


_READERS: Mapping[str, Callable[[Fields], Statement]] = {
    "root": lambda fields: RootStatement(_identity(fields)),
    "enrol": _enrol,
    "replace_keys": lambda fields: ReplaceKeysStatement(
        fields.uuid("user"), _identity(fields), fields.flag("provisional")
    ),
    "join": lambda fields: JoinStatement(fields.uuid("user"), *_place(fields)),
    "leave": lambda fields: LeaveStatement(fields.uuid("user"), fields.uuid_or_none("center")),
    "remove": lambda fields: RemoveStatement(fields.uuid("user")),
    "readmit": lambda fields: ReadmitStatement(fields.uuid("user")),
    "key_version": lambda fields: KeyVersionStatement(
        fields.uuid("center"), fields.whole("number", 1), fields.digest("digest")
    ),
    "center_deleted": lambda fields: CenterDeletedStatement(fields.uuid("center")),
    "center_restored": lambda fields: CenterRestoredStatement(
        fields.uuid("center"), fields.uuid("origin"), fields.whole("up_to", 1)
    ),
    "kit_replaced": lambda fields: KitReplacedStatement(_identity(fields)),
    "restored": lambda fields: RestoredStatement(
        fields.whole("head_sequence", 1), fields.digest("head_digest"), fields.digests("lineages")
    ),
}
