"""What a backup says of itself: readable without a key, signed by a system administrator where one was there."""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from desktop_app.crypto.canonical import Fields, data_text, encode, moment_text
from desktop_app.crypto.errors import TamperedError, UnknownFormatError
from desktop_app.db.api_rows import EntryRow
from desktop_app.db.dump_snapshot import CenterRow, Facts, Head, LoginRow, SecretRow
from desktop_app.message import Message
from desktop_app.storage.backup_folder import PARTS

_KIND = "backup"


@dataclass(frozen=True)
class Part:
    """Size in bytes and digest of a part, as stored."""

    size: int
    digest: str


@dataclass(frozen=True)
class Manifest:
    """What was backed up, when, by what, and what every part of it must be."""

    backup_id: UUID
    installation_id: UUID
    epoch: UUID
    made_at: datetime
    program: str
    server: int
    """PostgreSQL's number of itself, such as 180004."""
    revision: str
    trust: Head
    record: Head
    centers: int
    users: int
    files: int
    file_bytes: int
    parts: dict[str, Part]
    center: UUID | None = None
    """The one center that it is of; None for the whole installation."""

    def to_bytes(self) -> bytes:
        """Canonical JSON: these bytes are signed."""
        return encode(
            {
                "kind": _KIND,
                "backup": str(self.backup_id),
                "center": None if self.center is None else str(self.center),
                "installation": str(self.installation_id),
                "epoch": str(self.epoch),
                "made_at": moment_text(self.made_at),
                "program": self.program,
                "server": self.server,
                "revision": self.revision,
                "trust": _head_json(self.trust),
                "record": _head_json(self.record),
                "centers": self.centers,
                "users": self.users,
                "files": self.files,
                "file_bytes": self.file_bytes,
                "parts": {name: {"size": part.size, "digest": part.digest} for name, part in self.parts.items()},
            }
        )


def read_manifest(payload: bytes) -> Manifest:
    """Read what ``to_bytes`` wrote; UnknownFormatError for anything else."""
    fields = Fields(payload)
    fields.literal("kind", _KIND)
    parts = fields.part("parts")
    found = Manifest(
        backup_id=fields.uuid("backup"),
        center=fields.uuid_or_none("center"),
        installation_id=fields.uuid("installation"),
        epoch=fields.uuid("epoch"),
        made_at=fields.moment("made_at"),
        program=fields.text("program"),
        server=fields.whole("server", 150000),
        revision=fields.text("revision"),
        trust=_head(fields.part("trust")),
        record=_head(fields.part("record")),
        centers=fields.whole("centers", 0),
        users=fields.whole("users", 0),
        files=fields.whole("files", 0),
        file_bytes=fields.whole("file_bytes", 0),
        parts={name: _part(parts.part(name)) for name in PARTS},
    )
    parts.finish()
    fields.finish()
    return found


@dataclass(frozen=True)
class Contents:
    """What a restore needs beside the dump, and nobody else may read: sealed with the backup's key."""

    display_name: str
    root_fingerprint: str
    kdf: str
    trust_log: tuple[EntryRow, ...]
    logins: tuple[LoginRow, ...]
    center_records: dict[UUID, Head]
    centers: tuple[CenterRow, ...]

    def to_bytes(self) -> bytes:
        """JSON."""
        return json.dumps(
            {
                "display_name": self.display_name,
                "root_fingerprint": self.root_fingerprint,
                "kdf": self.kdf,
                "trust_log": [entry.to_json() for entry in self.trust_log],
                "logins": [[row.login, row.verifier, row.may_sign_in, list(row.groups)] for row in self.logins],
                "center_records": {str(each): _head_json(head) for each, head in self.center_records.items()},
                "centers": [
                    [str(row.id), row.name, row.slug, row.description, row.settings, row.revision]
                    for row in self.centers
                ],
            }
        ).encode()


def contents_of(facts: Facts, display_name: str, root_fingerprint: str) -> Contents:
    """The contents of a backup of this moment."""
    kept = (facts.trust_log, facts.logins, facts.center_records, facts.centers)
    return Contents(display_name, root_fingerprint, facts.kdf, *kept)


def read_contents(payload: bytes) -> Contents:
    """Read what ``to_bytes`` wrote; UnknownFormatError for anything else."""
    try:
        values = json.loads(payload)
        return Contents(
            display_name=values["display_name"],
            root_fingerprint=values["root_fingerprint"],
            kdf=values["kdf"],
            trust_log=tuple(_entry(each) for each in values["trust_log"]),
            logins=tuple(LoginRow(row[0], row[1], row[2], tuple(row[3])) for row in values["logins"]),
            center_records={
                UUID(each): Head(head["sequence"], bytes.fromhex(head["digest"]))
                for each, head in values["center_records"].items()
            },
            centers=tuple(CenterRow(UUID(row[0]), *row[1:]) for row in values["centers"]),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _not_understood() from error


@dataclass(frozen=True)
class SealedKeys:
    """The backup's key sealed to each identity that may open it, and the system administrators' sealed identities."""

    keys: dict[UUID, bytes]
    people: tuple[SecretRow, ...]

    def to_bytes(self) -> bytes:
        """JSON."""
        people = [
            {"identity": str(row.identity_id), "user": str(row.user_id), "sealed": row.sealed.hex(), "kdf": row.kdf}
            for row in self.people
        ]
        keys = [{"identity": str(each), "sealed": data_text(sealed)} for each, sealed in self.keys.items()]
        return json.dumps({"keys": keys, "people": people}).encode()


def read_sealed_keys(payload: bytes) -> SealedKeys:
    """Read what ``to_bytes`` wrote; UnknownFormatError for anything else."""
    try:
        values = json.loads(payload)
        people = tuple(
            SecretRow(UUID(row["identity"]), UUID(row["user"]), bytes.fromhex(row["sealed"]), row["kdf"])
            for row in values["people"]
        )
        keys = {UUID(row["identity"]): b64decode(row["sealed"], validate=True) for row in values["keys"]}
    except (ValueError, KeyError, TypeError) as error:
        raise _not_understood() from error
    return SealedKeys(keys, people)


def require_part(name: str, expected: Part, size: int, digest: str) -> None:
    """Raise TamperedError unless a part is what the manifest says."""
    if (size, digest) != (expected.size, expected.digest):
        raise changed_part(name)


def changed_part(name: str) -> TamperedError:
    """A part is not what the manifest says."""
    return TamperedError("The part {name} of the backup is not as it was made: changed or cut.", name=name)


def _head_json(head: Head) -> dict[str, Any]:
    return {"sequence": head.sequence, "digest": head.digest.hex()}


def _head(fields: Fields) -> Head:
    found = Head(fields.whole("sequence", 0), fields.digest("digest"))
    fields.finish()
    return found


def _part(fields: Fields) -> Part:
    found = Part(fields.whole("size", 0), fields.named_digest("digest", "blake3"))
    fields.finish()
    return found


def _entry(values: dict[str, Any]) -> EntryRow:
    return EntryRow(
        values["sequence"],
        bytes.fromhex(values["payload"]),
        UUID(values["signer"]),
        bytes.fromhex(values["signature"]),
    )


def _not_understood() -> UnknownFormatError:
    return UnknownFormatError(Message("A part of the backup is of a form that this Labkeep does not know."))
