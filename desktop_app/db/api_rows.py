"""What goes into and comes out of the registry's functions: frozen rows with bytes as bytes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class InstallationRow:
    """The one row of public.installation."""

    id: UUID
    epoch: UUID
    """Names this life of the cluster; a restored one gets another."""
    kdf: str
    oldest_client: str
    """No program that is older than this version works here."""
    migrated_by: str
    """The newest version of the program that brought schemas to a new revision."""
    created_at: datetime | None = None


@dataclass(frozen=True)
class EntryRow:
    """One entry of the trust log: the exact signed bytes, who signed (an identity), and the signature."""

    sequence: int
    payload: bytes
    signer: UUID
    signature: bytes

    def to_json(self) -> dict[str, object]:
        """The form that the api functions take: bytes as hexadecimal digits."""
        return {
            "sequence": self.sequence,
            "payload": self.payload.hex(),
            "signer": str(self.signer),
            "signature": self.signature.hex(),
        }


@dataclass(frozen=True)
class IdentityRow:
    """An identity: the public halves, and the private ones sealed under the password (``kdf`` names how)."""

    id: UUID
    public_key: bytes
    sealed: bytes
    kdf: str

    def to_json(self) -> dict[str, object]:
        """The form that the api functions take: bytes as hexadecimal digits."""
        return {
            "id": str(self.id),
            "public_key": self.public_key.hex(),
            "sealed": self.sealed.hex(),
            "kdf": self.kdf,
        }


@dataclass(frozen=True)
class GrantRow:
    """One version of a center's key, sealed to one identity."""

    center_id: UUID
    key_version: int
    identity_id: UUID
    sealed: bytes

    def to_json(self) -> dict[str, object]:
        """The form that the api functions take: bytes as hexadecimal digits."""
        return {
            "center_id": str(self.center_id),
            "key_version": self.key_version,
            "identity_id": str(self.identity_id),
            "sealed": self.sealed.hex(),
        }
