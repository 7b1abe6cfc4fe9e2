"""What every tab is given: who is at work, the tools of the window, the way to other tabs, and what is told to all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.transfers import Transfers
from desktop_app.ui.text.message_bus import MessageBus
from desktop_app.ui.widgets.background_tasks import BackgroundTasks
from desktop_app.ui.widgets.list_filters import Owner

if TYPE_CHECKING:
    from desktop_app.services.installation.installation_backups import InstallationBackups
    from desktop_app.services.session.lab import Lab


@dataclass(frozen=True)
class Target:
    """Where somebody wants to be, whether by a link, a button, a search or a scan."""

    kind: type[Any] | None = None
    """Whose tab: the class of its records; None for the tab that is in front."""
    record: UUID | None = None
    """The record to choose, wherever it stands in the list."""
    only: Owner | None = None
    """Narrow the list to what belongs to this record."""
    search: str | None = None
    unfiltered: bool = False
    """No filter may stand in the way."""
    center: UUID | None = None
    """The center to be in; None for the one that is open."""


class TabEvents(QObject):
    """What happens in one tab and matters elsewhere, whoever listens."""

    changed = Signal(object, object)
    """The class of a record that was made or changed in this window, and the record (None: not known which)."""
    stored_file_failed = Signal()
    """A stored file could not be read: the store may be away."""
    external_copy_asked = Signal(object, object)
    """A document and the number of a version (None: the newest) that another program is to open."""
    dragged = Signal(object)
    """A document that is being dragged out of the window."""


@dataclass(frozen=True)
class TabContext:
    """Who is at work, and the tools of the window."""

    lab: "Lab"
    jobs: Jobs
    messages: MessageBus
    window_state: WindowState
    tasks: BackgroundTasks
    transfers: Transfers
    go: Callable[[Target], None]
    """The navigator of the window."""
    events: TabEvents
    backups: "Callable[[], InstallationBackups]"
    """Backups of installations; asking for it may load what it needs, so it is asked for in a job."""
