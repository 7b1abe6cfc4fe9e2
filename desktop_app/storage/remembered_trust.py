"""What a workstation remembers of the newest trust log it verified: its head, and whose "restored" it would believe."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.storage.remembered_file import changing_remembered, read_heads, write_heads


@dataclass(frozen=True)
class RememberedTrustHead:
    """The newest entry (sequence from 1), the digest of the last "restored" before it or zeros, the fingerprints of the
    keys of the root and of those who were system administrators there, and the digests of every "restored" that is
    known, the newest first; all digests have 32 bytes."""

    sequence: int
    digest: bytes
    lineage: bytes
    restorers: frozenset[bytes]
    lineages: tuple[bytes, ...] = ()


class RememberedTrust:
    """Heads in ``<state_dir>/remembered/<installation id>.trust.json``; two programs may use it at once."""

    def __init__(self, folder: Path, wait: float = 10.0) -> None:
        self._folder = folder
        self._wait = wait

    def head(self, installation_id: UUID) -> RememberedTrustHead | None:
        """Return what is remembered; None on first sight. Raises RememberedBrokenError."""
        return read_heads(self._path(installation_id), installation_id, _head_from)

    def keep(self, installation_id: UUID, head: RememberedTrustHead, instead_of: RememberedTrustHead | None) -> bool:
        """Remember *head*, if *instead_of* still is what is remembered: the log of *head* was compared with it.

        False when another program has remembered something else meanwhile: compare with that first.
        """
        with changing_remembered(self._folder, installation_id, self._wait):
            known = self.head(installation_id)
            if known != instead_of:
                return known == head
            if known != head:
                self._write(installation_id, head)
        return True

    def forget(self, installation_id: UUID) -> None:
        """Forget an installation; the caller holds its lock."""
        self._path(installation_id).unlink(missing_ok=True)

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.trust.json"

    def _write(self, installation_id: UUID, head: RememberedTrustHead) -> None:
        values = {
            "sequence": head.sequence,
            "digest": head.digest.hex(),
            "lineage": head.lineage.hex(),
            "restorers": sorted(each.hex() for each in head.restorers),
            "lineages": [each.hex() for each in head.lineages],
        }
        write_heads(self._path(installation_id), installation_id, values)


def _head_from(values: Mapping[str, object]) -> RememberedTrustHead:
    sequence, restorers, lineages = values["sequence"], values["restorers"], values["lineages"]
    if not (isinstance(sequence, int) and sequence > 0 and isinstance(restorers, list) and isinstance(lineages, list)):
        raise ValueError("a head needs a positive sequence and two lists")
    digest, lineage = _digest(values["digest"]), _digest(values["lineage"])
    known = tuple(_digest(each) for each in lineages)
    return RememberedTrustHead(sequence, digest, lineage, frozenset(_digest(each) for each in restorers), known)


def _digest(value: object) -> bytes:
    found = bytes.fromhex(value) if isinstance(value, str) else b""
    if len(found) != 32:
        raise ValueError("a digest has 32 bytes")
    return found
