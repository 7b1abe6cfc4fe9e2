"""What the first look at this workstation finds: installations, the demo, and what an earlier program left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.deferred import deferred, load, load_left
from desktop_app.domain.profiles import Profile
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation import icons
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.startup_services import LaunchOptions, StartupServices
from desktop_app.ui.text.message_bus import sentence

if TYPE_CHECKING:
    from desktop_app.ui.shell import deferred_parts
    from desktop_app.ui.text import formatting
else:
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")
    formatting = deferred("desktop_app.ui.text.formatting")

WANTED_BY_A_CLICK = ("desktop_app.ui", "desktop_app.services")
"""Packages of which a click may want anything: loading it only then would be a silence of the window."""


@dataclass(frozen=True)
class WorkstationScan:
    """Found away from the GUI thread."""

    profiles: tuple[Profile, ...]
    ready: ReadyInstallation | None
    """Who signs in at once: the administrator of the demo, where it is wished for and there is one."""
    problems: tuple[str, ...]
    """What did not go well, one sentence each."""

    def wished(self, name: str) -> Profile | None:
        """The profile of this display name or id."""
        return next((each for each in self.profiles if name in (each.display_name, str(each.installation_id))), None)


def scan_workstation(startup: StartupServices, options: LaunchOptions) -> WorkstationScan:
    """Look; where the first page is none of signing in, what it needs is loaded here."""
    profiles, damage = tuple(startup.profiles.list()), startup.profiles.damage().strip()
    demo = startup.demo.existing() if options.demo else None
    ready = None
    if demo is not None:
        who = startup.demo.administrator()
        ready = ReadyInstallation(demo, who.username, who.password)
    if options.demo or not profiles:
        load(deferred_parts)
    return WorkstationScan(profiles, ready, (damage,) if damage else ())


def prepare(startup: StartupServices) -> Sequence[str]:
    """Wipe what an earlier program left in clear, and load what the first page does not show; what went wrong."""
    problems: list[str] = []
    try:
        if remaining := startup.external_copies.start():
            problems.append(still_there(remaining))
    except LabkeepError as error:
        problems.append(sentence(error))
    # First what everybody who signs in sees, who may be waiting for it already; then what a click opens.
    load(deferred_parts)
    deferred_parts.rights.table()
    icons.read_all()
    load_left(*WANTED_BY_A_CLICK)
    # The system's names of time zones are read once, for the first date that is said with its zone.
    formatting.exact_date(datetime.now(UTC))
    return problems


def still_there(remaining: Sequence[Path]) -> str:
    """The sentence for copies that could not be wiped."""
    text = QCoreApplication.translate(
        "MainWindow",
        "These copies of documents could not be deleted, because another program holds them: {paths}. Close it, and "
        "delete them.",
    )
    return text.format(paths=", ".join(str(path) for path in remaining))
