"""What a workstation remembers of the records it has seen, so that nobody can show it an older state unnoticed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.domain.ids import parse_id
from desktop_app.storage.draft_files import DraftFiles
from desktop_app.storage.errors import RememberedForkError
from desktop_app.storage.health_notes import HealthNotes
from desktop_app.storage.remembered_file import changing_remembered, read_heads, write_heads
from desktop_app.storage.remembered_trust import RememberedTrust
from desktop_app.storage.seen_update import SeenUpdates
from desktop_app.storage.trust_snapshots import TrustSnapshots

_SHARED_AUDIT = "audit:public"


@dataclass(frozen=True)
class RememberedHead:
    """The newest link of a record: its number from 1, its digest, and the lineage of the trust log when it was seen
    (the digest of the last "restored", or zeros); both have 32 bytes."""

    sequence: int
    digest: bytes
    lineage: bytes = bytes(32)


class SeenHeads:
    """Heads by installation and center in ``<state_dir>/remembered/<installation id>.json``.

    Two programs may use it at once: each change is made under a lock between programs, and a head is only ever
    replaced by a later one. So a program that saw less than another takes nothing back, and is told what stands.
    """

    def __init__(self, state_dir: Path, wait: float = 10.0) -> None:
        self._folder = state_dir / "remembered"
        self._wait = wait
        self.trust = RememberedTrust(self._folder, wait)
        self.snapshots = TrustSnapshots(state_dir)
        self.health = HealthNotes(state_dir, wait)
        self.updates = SeenUpdates(state_dir, wait)
        self.drafts = DraftFiles(state_dir)

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
        with changing_remembered(self._folder, installation_id, self._wait):
            self._path(installation_id).unlink(missing_ok=True)
            self.trust.forget(installation_id)

    def centers(self, installation_id: UUID) -> list[UUID]:
        """The centers of which a head is remembered."""
        keys = (key.removeprefix("audit:") for key in self._read(installation_id) if key != _SHARED_AUDIT)
        return [center_id for key in keys if (center_id := parse_id(key)) is not None]

    def forget_center(self, installation_id: UUID, center_id: UUID) -> None:
        """Forget a center that was deleted for good."""
        with changing_remembered(self._folder, installation_id, self._wait):
            heads = self._read(installation_id)
            if heads.pop(_audit_key(center_id), None) is not None:
                self._write(installation_id, heads)

    def _remember(self, installation_id: UUID, key: str, head: RememberedHead, *, force: bool) -> RememberedHead:
        with changing_remembered(self._folder, installation_id, self._wait):
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
        return read_heads(self._path(installation_id), installation_id, _heads_from) or {}

    def _write(self, installation_id: UUID, heads: Mapping[str, RememberedHead]) -> None:
        values = {
            "heads": {
                key: {
                    "sequence": head.sequence,
                    "digest": head.digest.hex(),
                    "lineage": head.lineage.hex(),
                }
                for key, head in heads.items()
            },
        }
        write_heads(self._path(installation_id), installation_id, values)


def _audit_key(center_id: UUID | None) -> str:
    return _SHARED_AUDIT if center_id is None else f"audit:{center_id}"


def _heads_from(values: Mapping[str, Any]) -> dict[str, RememberedHead]:
    return {str(key): _head_from(value) for key, value in values["heads"].items()}


def _head_from(value: Mapping[str, object]) -> RememberedHead:
    sequence, digest, lineage = value["sequence"], value["digest"], value["lineage"]
    if not isinstance(sequence, int) or sequence < 1 or not isinstance(digest, str) or not isinstance(lineage, str):
        raise ValueError("a head needs a positive sequence and two digests")
    return RememberedHead(sequence, bytes.fromhex(digest), bytes.fromhex(lineage))
