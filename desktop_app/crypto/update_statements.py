"""What a system administrator signs about the versions of the program that an installation is to use."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from desktop_app.crypto.canonical import Fields, encode, moment_text
from desktop_app.crypto.errors import TamperedError, TrustError, UnknownFormatError, UnsignedError
from desktop_app.crypto.identities import Identity, PublicIdentity, verify
from desktop_app.crypto.trust_state import TrustState

_SIGNED = b"labkeep/1|update|"
_KIND = "update"


@dataclass(frozen=True)
class UpdateStatement:
    """One manifest: a later one (``issued``) takes its place, and after ``expires`` it says nothing any more."""

    installation_id: UUID
    version: str
    note: str
    place: str
    """Where people get it: a path, an address, or words."""
    issued: datetime
    expires: datetime

    def payload(self) -> bytes:
        """The signed bytes."""
        return encode(
            {
                "kind": _KIND,
                "installation": str(self.installation_id),
                "version": self.version,
                "note": self.note,
                "place": self.place,
                "issued": moment_text(self.issued),
                "expires": moment_text(self.expires),
            }
        )


def sign_update(statement: UpdateStatement, signer: Identity) -> bytes:
    """The bytes of a manifest: JSON with the payload, who signed, and Ed25519 over ``labkeep/1|update|`` and it."""
    payload = statement.payload()
    values = {
        "payload": payload.decode("ascii"),
        "signer": str(signer.public.id),
        "signature": signer.sign(_SIGNED + payload).hex(),
    }
    return json.dumps(values, indent=1).encode("ascii") + b"\n"


def read_update(content: bytes, state: TrustState) -> UpdateStatement:
    """The statement in a manifest, if somebody signed it who may.

    Who may is whom the trust log of now names a system administrator, with his keys of now, or the root. Raises
    UnknownFormatError (no manifest), UnsignedError, TrustError (signed by somebody else), TamperedError.
    """
    payload, signer, signature = _parts(content)
    public = _who_may(signer, state)
    if not verify(public, _SIGNED + payload, signature):
        raise TamperedError("The manifest was changed after it was signed.")
    fields = Fields(payload)
    fields.literal("kind", _KIND)
    statement = UpdateStatement(
        installation_id=fields.uuid("installation"),
        version=fields.text("version"),
        note=fields.text("note"),
        place=fields.text("place"),
        issued=fields.moment("issued"),
        expires=fields.moment("expires"),
    )
    fields.finish()
    return statement


def _parts(content: bytes) -> tuple[bytes, UUID, bytes]:
    try:
        values = json.loads(content)
        payload = values["payload"].encode("ascii")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownFormatError("This is no manifest of versions.") from error
    try:
        return payload, UUID(values["signer"]), bytes.fromhex(values["signature"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnsignedError("Nobody signed the manifest.") from error


def _who_may(signer: UUID, state: TrustState) -> PublicIdentity:
    if signer == state.root.id:
        return state.root
    for person in state.system_administrators():
        # Whoever made provisional keys for somebody could sign with them, too.
        if person.identity.id == signer and not person.provisional:
            return person.identity
    raise TrustError(
        "The manifest is signed by nobody who is a system administrator now, with his keys of now. Let it be published "
        "again."
    )
