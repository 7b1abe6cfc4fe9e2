"""What the trust log can say, and the canonical bytes of saying it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto import canonical
from desktop_app.crypto.canonical import Fields, data_text
from desktop_app.crypto.errors import UnknownFormatError
from desktop_app.crypto.identities import PublicIdentity

ROLES = ("admin", "user", "viewer")


@dataclass(frozen=True, slots=True)
class RootStatement:
    """The first entry: the recovery kit's identity, signed by itself."""

    identity: PublicIdentity


@dataclass(frozen=True, slots=True)
class EnrolStatement:
    """A new person; ``center_id`` None makes a system administrator (role "admin")."""

    user_id: UUID
    identity: PublicIdentity
    role: str
    center_id: UUID | None
    provisional: bool


@dataclass(frozen=True, slots=True)
class ReplaceKeysStatement:
    """A person's new identity: by himself, or by an administrator who reset the password (provisional)."""

    user_id: UUID
    identity: PublicIdentity
    provisional: bool


@dataclass(frozen=True, slots=True)
class PlaceStatement:
    """A person's role and center from now on; brings a removed person back with the same identity."""

    user_id: UUID
    role: str
    center_id: UUID | None


@dataclass(frozen=True, slots=True)
class RemoveStatement:
    """A person who may do nothing from now on."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class KeyVersionStatement:
    """A center's tenant key ``number`` (from 1, each one more); ``digest`` is ``tenant_key_digest``."""

    center_id: UUID
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KitReplacedStatement:
    """A new recovery kit: from now on this identity is the root. The pinned fingerprint stays the first one's."""

    identity: PublicIdentity


@dataclass(frozen=True, slots=True)
class RestoredStatement:
    """Database and store were restored from a backup; names the newest head that was lost thereby."""

    head_sequence: int
    head_digest: bytes


Statement = (
    RootStatement
    | EnrolStatement
    | ReplaceKeysStatement
    | PlaceStatement
    | RemoveStatement
    | KeyVersionStatement
    | KitReplacedStatement
    | RestoredStatement
)


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
        case EnrolStatement(user_id, identity, role, center_id, provisional):
            placed = {"user": str(user_id), **_place_fields(role, center_id)}
            return "enrol", {**placed, "identity": _identity_fields(identity), "provisional": provisional}
        case ReplaceKeysStatement(user_id, identity, provisional):
            identity_fields = _identity_fields(identity)
            return "replace_keys", {"user": str(user_id), "identity": identity_fields, "provisional": provisional}
        case PlaceStatement(user_id, role, center_id):
            return "place", {"user": str(user_id), **_place_fields(role, center_id)}
        case RemoveStatement(user_id):
            return "remove", {"user": str(user_id)}
        case KeyVersionStatement(center_id, number, digest):
            return "key_version", {"center": str(center_id), "number": number, "digest": digest.hex()}
        case KitReplacedStatement(identity):
            return "kit_replaced", {"identity": _identity_fields(identity)}
        case RestoredStatement(head_sequence, head_digest):
            return "restored", {"head_sequence": head_sequence, "head_digest": head_digest.hex()}


def _identity_fields(identity: PublicIdentity) -> Mapping[str, object]:
    return {"id": str(identity.id), "public": data_text(identity.to_bytes())}


def _place_fields(role: str, center_id: UUID | None) -> Mapping[str, object]:
    return {"role": role, "center": None if center_id is None else str(center_id)}


def _identity(fields: Fields) -> PublicIdentity:
    part = fields.part("identity")
    identity = PublicIdentity.from_bytes(part.uuid("id"), part.data("public"))
    part.finish()
    return identity


def _place(fields: Fields) -> tuple[str, UUID | None]:
    role, center_id = fields.text("role"), fields.uuid_or_none("center")
    if role not in ROLES or (center_id is None and role != "admin"):
        raise UnknownFormatError("The trust log's entry names a role there is not.")
    return role, center_id


def _enrol(fields: Fields) -> Statement:
    role, center_id = _place(fields)
    return EnrolStatement(fields.uuid("user"), _identity(fields), role, center_id, fields.flag("provisional"))


_READERS: Mapping[str, Callable[[Fields], Statement]] = {
    "root": lambda fields: RootStatement(_identity(fields)),
    "enrol": _enrol,
    "replace_keys": lambda fields: ReplaceKeysStatement(
        fields.uuid("user"), _identity(fields), fields.flag("provisional")
    ),
    "place": lambda fields: PlaceStatement(fields.uuid("user"), *_place(fields)),
    "remove": lambda fields: RemoveStatement(fields.uuid("user")),
    "key_version": lambda fields: KeyVersionStatement(
        fields.uuid("center"), fields.whole("number", 1), fields.digest("digest")
    ),
    "kit_replaced": lambda fields: KitReplacedStatement(_identity(fields)),
    "restored": lambda fields: RestoredStatement(fields.whole("head_sequence", 1), fields.digest("head_digest")),
}
