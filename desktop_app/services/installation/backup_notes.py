"""What this computer remembers of the backups it makes: the newest good one, how often there should be one, and the key
that signs those which nobody watches."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.crypto.backup_signing import LentKey, ScheduleKey
from desktop_app.domain.findings import Finding
from desktop_app.message import Message
from desktop_app.storage.remembered_file import read_remembered, write_remembered
from desktop_app.system.secret import Secret

UNSCHEDULED = timedelta(days=7)
"""After so long without a backup, where no schedule says how often."""


@dataclass(frozen=True)
class LastBackup:
    """The newest complete backup that this computer made of an installation."""

    name: str
    at: datetime
    folder: str
    signed: bool
    problems: int
    """Files that could not be taken."""


@dataclass(frozen=True)
class LastDrill:
    """The newest drill of a backup on this computer that came to its end."""

    backup: str
    at: datetime
    problems: int
    """Files and documents that did not come back."""


@dataclass(frozen=True)
class BackupNotes:
    """Files in the state folder, readable by this person only; StorageError where that cannot be used."""

    folder: Path

    def last(self, installation_id: UUID) -> LastBackup | None:
        """The newest backup that was made here; None if there is none."""
        values = self._read(installation_id, "last")
        return None if values is None else LastBackup(**values | {"at": datetime.fromisoformat(values["at"])})

    def note(self, installation_id: UUID, last: LastBackup) -> None:
        """Remember a backup."""
        self._write(installation_id, "last", vars(last) | {"at": last.at.isoformat()})

    def drill(self, installation_id: UUID) -> LastDrill | None:
        """The newest drill of one of its backups; None if there was none here."""
        values = self._read(installation_id, "drill")
        return None if values is None else LastDrill(**values | {"at": datetime.fromisoformat(values["at"])})

    def note_drill(self, installation_id: UUID, drill: LastDrill) -> None:
        """Remember a drill."""
        self._write(installation_id, "drill", vars(drill) | {"at": drill.at.isoformat()})

    def every(self, installation_id: UUID) -> timedelta | None:
        """How often the schedule of this computer makes one; None without a schedule."""
        values = self._read(installation_id, "schedule")
        return None if values is None else timedelta(seconds=values["seconds"])

    def note_schedule(self, installation_id: UUID, every: timedelta) -> None:
        """Remember how often there should be a backup."""
        self._write(installation_id, "schedule", {"seconds": every.total_seconds()})

    def key(self, installation_id: UUID) -> ScheduleKey | None:
        """The key of this computer's schedule; None where nobody lent one."""
        values = self._read(installation_id, "key")
        if values is None:
            return None
        lent = LentKey(values["payload"].encode("ascii"), UUID(values["signer"]), bytes.fromhex(values["signature"]))
        return ScheduleKey(Secret(bytes.fromhex(values["private"])), lent)

    def keep_key(self, installation_id: UUID, private: Secret, lent: LentKey) -> None:
        """Keep the key; whoever reads this file can sign backups of the installation."""
        values = {"private": private.reveal().hex(), "payload": lent.payload.decode("ascii")}
        self._write(installation_id, "key", values | {"signer": str(lent.signer), "signature": lent.signature.hex()})

    def findings(self, installation_id: UUID, now: datetime | None = None) -> list[Finding]:
        """Whether the newest backup of this computer is too old, or not whole, and whether the newest drill found
        something; nothing where it never made one."""
        return self._of_backup(installation_id, now or datetime.now(UTC)) + self._of_drill(installation_id)

    def _of_drill(self, installation_id: UUID) -> list[Finding]:
        drill = self.drill(installation_id)
        if drill is None or not drill.problems:
            return []
        text = Message(
            "{n} things did not come back when a backup was tried on this computer.",
            one="{n} thing did not come back when a backup was tried on this computer.",
            n=drill.problems,
        )
        mend = Message("Run labkeep-admin doctor, make another backup, and try that.")
        return [Finding("drill_failed", text, mend)]

    def _of_backup(self, installation_id: UUID, now: datetime) -> list[Finding]:
        last, every = self.last(installation_id), self.every(installation_id)
        if last is None and every is None:
            return []
        mend = Message("Look at the folder and at the schedule, and run labkeep-admin backup.")
        if last is None:
            return [
                Finding("no_backup", Message("A backup is scheduled on this computer, and none was made yet."), mend)
            ]
        found = []
        age = now - last.at
        if age > (2 * every if every is not None else UNSCHEDULED):
            text = Message(
                "The newest backup that this computer made is {n} days old.",
                one="The newest backup that this computer made is {n} day old.",
                n=age.days,
            )
            found.append(Finding("backup_old", text, mend))
        if last.problems:
            text = Message(
                "{n} files could not be taken into the newest backup.",
                one="{n} file could not be taken into the newest backup.",
                n=last.problems,
            )
            found.append(Finding("backup_incomplete", text, Message("Run labkeep-admin backup again; it names them.")))
        return found

    def _path(self, installation_id: UUID, what: str) -> Path:
        return self.folder / f"{installation_id}.{what}.json"

    def _read(self, installation_id: UUID, what: str) -> dict[str, Any] | None:
        content = read_remembered(self._path(installation_id, what))
        try:
            values: dict[str, Any] | None = None if content is None else json.loads(content)
        except ValueError:
            return None
        return values

    def _write(self, installation_id: UUID, what: str, values: dict[str, Any]) -> None:
        write_remembered(self._path(installation_id, what), json.dumps(values).encode())
