"""What comes from outside the window: a link or a profile, from the command line, the desktop, or another start.

A link only leads somewhere. It is followed with the rights of whoever is signed in, once he is, and it is forgotten
when somebody signs in elsewhere.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop_app.deferred import deferred
from desktop_app.domain.profiles import PROFILE_SUFFIX, Profile
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.ready_installation import ReadyInstallation
from desktop_app.ui.shell.startup_services import StartupServices
from desktop_app.ui.text.message_bus import Notice, sentence

if TYPE_CHECKING:
    from desktop_app.domain import links, records
    from desktop_app.services.session.lab import Lab
    from desktop_app.ui.shell import deferred_parts
    from desktop_app.ui.shell.workspace import Workspace
    from desktop_app.ui.tabs import tab_context
else:
    links = deferred("desktop_app.domain.links")
    records = deferred("desktop_app.domain.records")
    deferred_parts = deferred("desktop_app.ui.shell.deferred_parts")
    tab_context = deferred("desktop_app.ui.tabs.tab_context")

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Brought:
    """A profile that was kept, and the root's words to compare."""

    profile: Profile
    words: str


class Arrivals(QObject):
    """One thing at a time: what comes later takes the place of what waits."""

    profile_ready = Signal(object)
    """A :class:`ReadyInstallation`: nobody is signed in, and one may sign in there."""
    profile_wanted = Signal(object)
    """The id of the installation that a link leads to: nobody is signed in."""
    said = Signal(object)
    """A :class:`Notice` for the page that is in front while nobody works."""

    def __init__(self, startup: StartupServices, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._startup = startup
        self._jobs = jobs
        self._workspace: Workspace | None = None
        self._is_locked = False
        self._waiting: links.Link | None = None

    def take(self, text: str) -> None:
        """Go where a text leads, or say why not."""
        try:
            target = links.read_target(text)
        except links.LinkError as error:
            self._tell(Notice(sentence(error), Tone.WARNING))
            return
        if isinstance(target, Path):
            self.bring(target)
        else:
            LOGGER.info("A link leads to installation %s, center %s.", target.installation_id, target.center_id)
            self._waiting = target
            self._go_on()

    def bring(self, path: Path) -> None:
        """Keep the profile in a file."""

        def work() -> _Brought:
            sharing = self._startup.profile_sharing
            profile = sharing.import_(path)
            return _Brought(profile, sharing.root_words(profile))

        self._jobs.write(self, work, self._on_brought, self._on_failed)

    def ask_for_profile(self) -> None:
        """Let the person choose a profile's file."""
        pattern = self.tr("Profiles") + f" (*{PROFILE_SUFFIX})"
        deferred_parts.choose_file(self._window, self.tr("Open a profile"), self.bring, pattern)

    def enter(self, workspace: "Workspace") -> None:
        """Somebody works in this one from now on."""
        self._workspace, self._is_locked = workspace, False
        self._go_on()

    def leave(self) -> None:
        """Nobody does any more."""
        self._workspace = None

    def set_locked(self, locked: bool) -> None:
        """Behind the lock nothing moves; what came meanwhile is gone to afterwards."""
        self._is_locked = locked
        if not locked:
            self._go_on()

    def wait_for_sign_in(self, known: bool) -> None:
        """Nobody is signed in; whether this computer knows the installation of the link."""
        if known:
            self._tell(Notice(self.tr("Sign in to go where the link leads.")))
        else:
            self._waiting = None
            text = self.tr(
                "The link leads to an installation that this computer does not know. Its administrator has the profile."
            )
            self._tell(Notice(text, Tone.WARNING))

    def _go_on(self) -> None:
        link, workspace = self._waiting, self._workspace
        if link is None:
            return
        if workspace is None:
            self.profile_wanted.emit(link.installation_id)
        elif self._is_locked:
            self._tell(Notice(self.tr("Type your password to go where the link leads.")))
        else:
            self._waiting = None
            self._follow(link, workspace)

    def _follow(self, link: "links.Link", workspace: "Workspace") -> None:
        lab = workspace.context.lab
        if link.installation_id != lab.profile.installation_id:
            text = self.tr("The link leads to another installation than “{name}”. Sign out, and open it again.")
            self._tell(Notice(text.format(name=lab.profile.display_name), Tone.WARNING))
            return
        kinds = {links.LinkKind.SAMPLE: records.Sample, links.LinkKind.DOCUMENT: records.Document}
        where = tab_context.Target(None if link.kind is None else kinds[link.kind], link.record_id, unfiltered=True)

        def there(_none: None) -> None:
            if self._workspace is workspace:
                workspace.navigator.go(
                    tab_context.Target(where.kind, where.record, unfiltered=True, center=link.center_id)
                )

        self._jobs.read(self, "link", lambda: _look(lab, link), there, self._on_failed)

    def _on_brought(self, brought: _Brought) -> None:
        name, words = brought.profile.display_name, brought.words
        text = self.tr(
            "This computer knows “{name}” now. Before anybody signs in, compare these words with those on the computer "
            "that the profile is from: {words}"
        ).format(name=name, words=words)
        if self._workspace is None:
            self.profile_ready.emit(ReadyInstallation(brought.profile, note=text, tone=Tone.INFO))
        else:
            self._tell(Notice(text))

    def _on_failed(self, error: LabkeepError) -> None:
        self._tell(Notice(sentence(error), Tone.WARNING))

    def _tell(self, notice: Notice) -> None:
        if self._workspace is None or self._is_locked:
            self.said.emit(notice)
        else:
            self._workspace.context.messages.notice(notice)


def _look(lab: "Lab", link: "links.Link") -> None:
    """Whether what the link leads to is there for this person; runs in a job. Raises LabkeepError."""
    try:
        center = lab.center(link.center_id)
    except NotFoundError as error:
        raise links.LinkError("The link leads to a center that is not there, or not yours.") from error
    try:
        if link.record_id is not None:
            (center.samples if link.kind is links.LinkKind.SAMPLE else center.documents).get(link.record_id)
    except NotFoundError as error:
        raise links.LinkError(
            "The link leads to a {kind} that is not in {center}: it was deleted for good, or never there.",
            kind=str(link.kind),
            center=center.center.name,
        ) from error
    finally:
        center.close()
