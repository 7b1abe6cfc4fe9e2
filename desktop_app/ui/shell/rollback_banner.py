"""Why nothing can be written here: an older state, which a system administrator may sign away, or an old program."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class RollbackBanner(Banner):
    """Shown while the open center, or the installation, is in an older state than this workstation saw, and while the
    center is at a revision that this program does not write into.

    It asks nothing of the server: whatever is read finds out by the way, so it looks after each answer.
    """

    def __init__(
        self,
        context: TabContext,
        work: "Callable[[], CenterServices | None]",
        refresh: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, closable=False)
        self._context = context
        self._work = work
        self._refresh = refresh
        context.jobs.reached.connect(self._on_reached)

    def look(self) -> None:
        """Show the alarm of now, or none."""
        work, lab = self._work(), self._context.lab
        sentence = (None if work is None else work.rollback) or lab.rollback
        misfit = None if work is None else work.misfit
        if sentence is None and misfit is not None:
            self.show_notice(Notice(said(misfit), Tone.WARNING))
        elif sentence is None:
            self.clear()
        elif sentence != self.text:
            may_sign = lab.user.is_system_administrator
            action = self.tr("It was restored from a backup…") if may_sign else ""
            self.show_notice(Notice(sentence, Tone.DANGER, action, self._ask if may_sign else None))

    def _on_reached(self, reached: bool) -> None:
        if reached:
            self.look()

    def _ask(self) -> None:
        text = FormText(
            self.tr("Restored from a backup"),
            self.tr("Sign"),
            self.tr(
                "Sign this only if you know who put the older state back, and why. Every workstation that saw the later"
                " state then takes this one as the newest, and what was saved after the backup is gone. Otherwise find"
                " out first what happened."
            ),
        )
        dialog = ReasonDialog(self._context.jobs, text, self._context.lab.restoring.sign, self.window())
        dialog.saved.connect(lambda _none: self._refresh())
        dialog.finished.connect(lambda _result: self.look())
        dialog.open()
