"""What a system administrator is told at every sign-in until somebody keeps the recovery kit."""

from PySide6.QtWidgets import QWidget

from desktop_app.ui.dialogs.replace_kit import NewKitDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.banner import Banner


class KitBanner(Banner):
    """A banner of its own: nothing else that is said takes its place."""

    def __init__(self, context: TabContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def look(self) -> None:
        """Ask the server whether it is kept; where it does not answer, others speak of that."""
        lab = self._context.lab
        if lab.user.is_system_administrator:
            self._context.jobs.read(self, "kit", lab.recovery.is_kept, self._on_known, lambda _error: None)

    def _on_known(self, kept: bool) -> None:
        if kept:
            return
        text = self.tr(
            "Nobody has shown that the recovery kit is kept. If all administrators lose their passwords, only its "
            "words bring the documents back."
        )
        self.show_notice(Notice(text, Tone.WARNING, self.tr("Make a new kit…"), self._on_new_kit))

    def _on_new_kit(self) -> None:
        dialog = NewKitDialog(self._context.jobs, self._context.lab.recovery, self.window())
        dialog.replaced.connect(self._on_replaced)
        dialog.finished.connect(lambda _result: self.look())
        dialog.open()

    def _on_replaced(self) -> None:
        self._context.messages.say(self.tr("The new recovery kit is in force. Destroy the former one."))
