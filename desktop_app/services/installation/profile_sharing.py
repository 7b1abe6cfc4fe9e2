"""Setting up another computer: a profile goes there as a file, and two people compare the root's words."""

from dataclasses import dataclass, replace
from pathlib import Path

from desktop_app.crypto.recovery_kit import fingerprint_words
from desktop_app.domain.profiles import Profile, SslMode, StorePlace
from desktop_app.storage.profile_files import BY_THE_SYSTEM
from desktop_app.storage.profiles import ProfileStore


@dataclass(frozen=True)
class Reached:
    """How the other computers reach server and folder; None is as this one does."""

    host: str | None = None
    """Another name is verified by TLS."""
    port: int | None = None
    store: str | None = None
    sslrootcert: str | None = None
    """Where they have the root certificate of the server."""
    certificate: Path | None = None
    """Or the file here, whose certificates go along."""


HERE = Reached()


@dataclass(frozen=True)
class ProfileSharing:
    """Writes and takes the files that carry profiles between computers."""

    profiles: ProfileStore

    def export(self, profile: Profile, path: Path, reached: Reached = HERE, *, overwrite: bool = False) -> Profile:
        """Write the profile to a new file and return it as written; the server's certificates go along.

        Raises RefusedError for the built-in server, InvalidInputError, TargetExistsError, TargetError, and
        ProfileFileError where the certificates cannot be read.
        """
        certificates, sent = reached.certificate, profile
        if reached.host not in (None, profile.host):
            sent = replace(sent, host=reached.host, sslmode=SslMode.VERIFY_FULL)
        if reached.port is not None:
            sent = replace(sent, port=reached.port)
        if reached.store is not None:
            sent = replace(sent, store=StorePlace(reached.store, profile.store.kind))
        if reached.sslrootcert is not None:
            sent = replace(sent, sslrootcert=reached.sslrootcert)
        elif certificates is None and profile.sslrootcert not in (None, BY_THE_SYSTEM):
            certificates = Path(str(profile.sslrootcert))
        self.profiles.export(sent, path, certificates, overwrite=overwrite)
        return sent

    def import_(self, path: Path) -> Profile:
        """Keep the profile that a file brings; raises as ``ProfileStore.import_``."""
        return self.profiles.import_(path)

    @staticmethod
    def root_words(profile: Profile) -> str:
        """The root's fingerprint as words; the same words on two screens are the same installation."""
        return fingerprint_words(bytes.fromhex(profile.root_fingerprint))
