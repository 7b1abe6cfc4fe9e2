"""What is done while something goes wrong: one function for each kind of work, the same in a test and in a child.

Each is given what to do as plain values, and tells what was reported, when it was reported.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from desktop_app.bootstrap import App
from desktop_app.domain.profiles import Profile
from desktop_app.services.documents.add_results import AddResult, SilentAddReport
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.documents.upload_items import UNKNOWN
from desktop_app.services.installation.center_restore import CenterRestoreRequest
from desktop_app.services.installation.opened_backup import Opener
from desktop_app.services.installation.restore import RestoreRequest
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab

Call = Mapping[str, Any]
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Station:
    """Somebody at work in a center on a workstation."""

    app: App
    profile: Profile
    lab: Lab
    work: CenterServices


class _Telling(SilentAddReport):
    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def file_finished(self, result: AddResult) -> None:
        self._tell(
            {
                "name": result.name,
                "saved": result.state == "live",
                "version": result.version,
                "unknown": result.reason == UNKNOWN,
            }
        )


def add(station: Station, call: Call, tell: Tell) -> None:
    """Files into the center; a title that is there gets another version."""
    paths = [Path(path) for path in call["paths"]]
    station.work.documents.add(paths, on_conflict=OnConflict.VERSION, report=_Telling(tell))


def rotate(station: Station, _call: Call, tell: Tell) -> None:
    """A new key."""
    tell({"number": station.work.keys.rotate().number})


def leave(station: Station, call: Call, tell: Tell) -> None:
    """Somebody is put out, and the center gets a new key."""
    done = station.lab.users.deactivate(call["username"])
    tell({"out": True, "keys": [key.number for key in done.new_keys if not key.problem]})


def delete(station: Station, call: Call, tell: Tell) -> None:
    """Documents deleted for good."""
    documents = station.work.documents
    chosen = [documents.get(UUID(document)) for document in call["documents"]]
    done = station.work.deletion.delete(station.work.deletion.look(documents_alone=chosen))
    tell({"deleted": True, "left": done.files_left})


def delete_center(station: Station, call: Call, tell: Tell) -> None:
    """A deactivated center for good."""
    centers = station.lab.centers
    done = centers.deleted.delete(centers.get(UUID(call["center"])), "It was a mistake.")
    tell({"deleted": True, "left": done.has_files_left})


def back_up(station: Station, call: Call, tell: Tell) -> None:
    """A signed backup of the installation; only the newest few stay."""
    sign = station.lab.backup_signer.sign
    folder = Path(call["folder"])
    done = station.app.backup.run(station.profile, folder, call["dsn"], sign=sign, keep=call["keep"])
    tell({"name": done.name, "problems": len(done.problems)})


def repair(station: Station, call: Call, tell: Tell) -> None:
    """The center looked over and mended."""
    left = station.lab.examine(UUID(call["center"]), repair=True)
    tell({"left": [finding.code for finding in left]})


def restore_center(station: Station, call: Call, tell: Tell) -> None:
    """One center from its newest backup, beside what is there: under another name, or (None) under its own."""
    opener, folder = Opener(kit=call["kit"]), Path(call["folder"])
    request = CenterRestoreRequest(folder, call["origin"], opener, name=call["as"], dsn=call["dsn"])
    done = station.app.center_restore.run(station.profile, request)
    tell({"center": str(done.center.id), "people": done.people, "problems": len(done.problems + done.unreadable)})


def restore(app: App, call: Call, tell: Tell) -> None:
    """The installation from its newest backup, on another server."""
    opener = Opener(kit=call["kit"])
    done = app.restore.run(RestoreRequest(Path(call["folder"]), opener, store=Path(call["store"]), dsn=call["dsn"]))
    tell({"name": done.name, "problems": len(done.problems)})


WORK: dict[str, Callable[[Station, Call, Tell], None]] = {
    "add": add,
    "rotate": rotate,
    "leave": leave,
    "delete": delete,
    "delete center": delete_center,
    "back up": back_up,
    "repair": repair,
    "restore a center": restore_center,
}
