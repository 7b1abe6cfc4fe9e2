"""What a workstation remembers of the newest trust log it verified: its head, and whose "restored" it would believe."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.storage.errors import RememberedBrokenError, StorageError
from desktop_app.system.atomic_file import replace_private_file
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import hold_alone

_FORMAT = 1


@dataclass(frozen=True)
class RememberedTrustHead:
    """The newest entry (sequence from 1), the digest of the last "restored" before it or zeros, and the fingerprints
    of the keys of the root and of those who were system administrators there; all digests have 32 bytes."""

    sequence: int
    digest: bytes
    lineage: bytes
    restorers: frozenset[bytes]


class RememberedTrust:
    """Heads in ``<state_dir>/remembered/<installation id>.trust.json``; two programs may use it at once."""

    def __init__(self, folder: Path, wait: float = 10.0) -> None:
        self._folder = folder
        self._wait = wait

    def head(self, installation_id: UUID) -> RememberedTrustHead | None:
        """Return what is remembered; None on first sight. Raises RememberedBrokenError."""
        path = self._path(installation_id)
        try:
            values = json.loads(path.read_text("utf-8"))
            if values["format"] != _FORMAT or values["installation_id"] != str(installation_id):
                raise ValueError("another format or installation")  # noqa: TRY301
            return _head_from(values)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError("{path} could not be read: {reason}.", path=path, reason=error.strerror) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RememberedBrokenError(
                "{path}, which protects you against an older state of the data, cannot be read. Restore it "
                "from a backup, or delete it if you know why it is damaged.",
                path=path,
            ) from error

    def keep(self, installation_id: UUID, head: RememberedTrustHead, instead_of: RememberedTrustHead | None) -> bool:
        """Remember *head*, if *instead_of* still is what is remembered: the log of *head* was compared with it.

        False when another program has remembered something else meanwhile: compare with that first.
        """
        try:
            with hold_alone(make_private_folder(self._folder) / f"{installation_id}.lock", self._wait):
                known = self.head(installation_id)
                if known != instead_of:
                    return known == head
                if known != head:
                    self._write(installation_id, head)
        except OSError as error:
            raise StorageError(
                "{path} could not be written: {reason}.", path=self._path(installation_id), reason=error.strerror
            ) from error
        return True

    def forget(self, installation_id: UUID) -> None:
        """Forget an installation; the caller holds its lock."""
        self._path(installation_id).unlink(missing_ok=True)

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.trust.json"

    def _write(self, installation_id: UUID, head: RememberedTrustHead) -> None:
        values = {
            "format": _FORMAT,
            "installation_id": str(installation_id),
            "sequence": head.sequence,
            "digest": head.digest.hex(),
            "lineage": head.lineage.hex(),
            "restorers": sorted(each.hex() for each in head.restorers),
        }
        replace_private_file(self._path(installation_id), json.dumps(values, indent=1, sort_keys=True).encode())


def _head_from(values: Mapping[str, object]) -> RememberedTrustHead:
    sequence, restorers = values["sequence"], values["restorers"]
    if not isinstance(sequence, int) or sequence < 1 or not isinstance(restorers, list):
        raise ValueError("a head needs a positive sequence and a list")
    digest, lineage = _digest(values["digest"]), _digest(values["lineage"])
    return RememberedTrustHead(sequence, digest, lineage, frozenset(_digest(each) for each in restorers))


def _digest(value: object) -> bytes:
    found = bytes.fromhex(value) if isinstance(value, str) else b""
    if len(found) != 32:
        raise ValueError("a digest has 32 bytes")
    return found
