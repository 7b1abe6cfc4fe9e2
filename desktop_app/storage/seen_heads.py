"""What a workstation remembers of the records it has seen, so that nobody can show it an older state unnoticed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.storage.errors import RememberedBrokenError, RememberedForkError, StorageError
from desktop_app.storage.remembered_trust import RememberedTrust
from desktop_app.storage.trust_snapshots import TrustSnapshots
from desktop_app.system.atomic_file import replace_private_file
from desktop_app.system.folders import make_private_folder
from desktop_app.system.locks import hold_alone

_FORMAT = 1
_SHARED_AUDIT = "audit:public"


@dataclass(frozen=True)
class RememberedHead:
    """The newest link of a record: its number from 1, its digest, and the lineage of the trust log when it was seen
    (the digest of the last "restored", or zeros); both have 32 bytes."""

    sequence: int
    digest: bytes
    lineage: bytes = bytes(32)


class Remembered:
    """Heads by installation and center in ``<state_dir>/remembered/<installation id>.json``.

    Two programs may use it at once: each change is made under a lock between programs, and a head is only ever
    replaced by a later one. So a program that saw less than another takes nothing back, and is told what stands.
    """

    def __init__(self, state_dir: Path, wait: float = 10.0) -> None:
        self._folder = state_dir / "remembered"
        self._wait = wait
        self.trust = RememberedTrust(self._folder, wait)
        self.snapshots = TrustSnapshots(state_dir)

    def audit_head(self, installation_id: UUID, center_id: UUID | None) -> RememberedHead | None:
        """Return the newest audit head of a center (None: the shared audit) seen here."""
        return self._read(installation_id).get(_audit_key(center_id))

    def remember_audit_head(
        self, installation_id: UUID, center_id: UUID | None, head: RememberedHead, *, force: bool = False
    ) -> RememberedHead:
        """Keep an audit head; returns the head that stands, which may be a later one.

        ``force`` moves backwards, after a signed "restored from backup" only. Raises RememberedForkError when the
        same sequence is remembered with another digest, and RememberedBrokenError.
        """
        return self._remember(installation_id, _audit_key(center_id), head, force=force)

    def forget(self, installation_id: UUID) -> None:
        """Forget an installation, for one that was removed; also the way out of a broken file, asked for by name."""
        with hold_alone(make_private_folder(self._folder) / f"{installation_id}.lock", self._wait):
            self._path(installation_id).unlink(missing_ok=True)
            self.trust.forget(installation_id)

    def _remember(self, installation_id: UUID, key: str, head: RememberedHead, *, force: bool) -> RememberedHead:
        with hold_alone(make_private_folder(self._folder) / f"{installation_id}.lock", self._wait):
            heads = self._read(installation_id)
            known = heads.get(key)
            if known is not None and not force:
                if known.sequence == head.sequence and known.digest != head.digest:
                    raise RememberedForkError(
                        "Entry {sequence} of a log is not the one that this workstation saw before. Somebody changed "
                        "the past. Nothing was done; tell your administrator.",
                        sequence=head.sequence,
                    )
                if known.sequence > head.sequence or known == head:
                    return known
            self._write(installation_id, heads | {key: head})
        return head

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.json"

    def _read(self, installation_id: UUID) -> dict[str, RememberedHead]:
        path = self._path(installation_id)
        try:
            values = json.loads(path.read_text("utf-8"))
            if values["format"] != _FORMAT or values["installation_id"] != str(installation_id):
                raise ValueError("another format or installation")  # noqa: TRY301
            return {str(key): _head_from(value) for key, value in values["heads"].items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StorageError("{path} could not be read: {reason}.", path=path, reason=error.strerror) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RememberedBrokenError(
                "{path}, which protects you against an older state of the data, cannot be read. Restore it "
                "from a backup, or delete it if you know why it is damaged.",
                path=path,
            ) from error

    def _write(self, installation_id: UUID, heads: Mapping[str, RememberedHead]) -> None:
        values = {
            "format": _FORMAT,
            "installation_id": str(installation_id),
            "heads": {
                key: {
                    "sequence": head.sequence,
                    "digest": head.digest.hex(),
                    "lineage": head.lineage.hex(),
                }
                for key, head in heads.items()
            },
        }
        path = self._path(installation_id)
        try:
            replace_private_file(path, json.dumps(values, indent=1, sort_keys=True).encode())
        except OSError as error:
            raise StorageError("{path} could not be written: {reason}.", path=path, reason=error.strerror) from error


def _audit_key(center_id: UUID | None) -> str:
    return _SHARED_AUDIT if center_id is None else f"audit:{center_id}"


def _head_from(value: Mapping[str, object]) -> RememberedHead:
    sequence, digest, lineage = value["sequence"], value["digest"], value["lineage"]
    if not isinstance(sequence, int) or sequence < 1 or not isinstance(digest, str) or not isinstance(lineage, str):
        raise ValueError("a head needs a positive sequence and two digests")
    return RememberedHead(sequence, bytes.fromhex(digest), bytes.fromhex(lineage))
