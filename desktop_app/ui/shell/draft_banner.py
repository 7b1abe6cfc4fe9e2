"""Offers at the sign-in what the person was writing when Labkeep ended."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from desktop_app.ui.dialogs.drafts import DraftsDialog
from desktop_app.ui.foundation.jobs import Lane
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.tabs import Tabs
from desktop_app.ui.tabs.record_form import continue_form
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.widgets.banner import Banner

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.drafts import Draft


class DraftBanner(Banner):
    """A banner of its own: nothing else that is said takes its place."""

    def __init__(self, context: TabContext, tabs: Tabs, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._tabs = tabs
        self._left: list[Draft] = []
        self._waiting: Draft | None = None
        self._work: CenterServices | None = None

    def look(self) -> None:
        """See what was left; where this computer cannot tell, nothing is said."""
        drafts = self._context.lab.drafts
        self._context.jobs.read(self, "left", drafts.left, self._on_left, lambda _error: None, Lane.LOCAL)

    def set_center(self, work: "CenterServices | None") -> None:
        """This center is open now; what was to be continued there may be."""
        self._work = work
        waiting, self._waiting = self._waiting, None
        if waiting is not None and work is not None and work.center.id == waiting.content.center_id:
            # When its tab has it, too.
            QTimer.singleShot(0, self, lambda: self._open(waiting))

    def _on_left(self, left: "Sequence[Draft]") -> None:
        self._left = list(left)
        self._say()

    def _say(self) -> None:
        if not self._left:
            self.clear()
            return
        newest = self._left[0]
        when = formatting.short_date(newest.at)
        if len(self._left) == 1:
            text = self.tr("You were writing “{title}” ({when}). It was not saved.")
        else:
            text = self.tr("You were writing “{title}” ({when}), and {count} more. None of it was saved.")
        text = text.format(title=newest.content.title, when=when, count=formatting.number(len(self._left) - 1))
        self.show_notice(Notice(text, Tone.INFO, self.tr("Show…"), self._on_show))

    def _on_show(self) -> None:
        dialog = DraftsDialog(self._left, self.window())
        dialog.continued.connect(self._on_continued)
        dialog.discarded.connect(self._on_discarded)
        dialog.open()

    def _on_discarded(self, draft: "Draft") -> None:
        kept = self._context.lab.drafts.keep(draft.id)

        def discard() -> None:
            if kept.take():
                kept.remove()

        self._context.jobs.read(self, f"discard {draft.id}", discard, lambda _none: None, lane=Lane.LOCAL)
        self._forget(draft)

    def _on_continued(self, draft: "Draft") -> None:
        kind = next(
            (each for each in self._tabs.kinds.values() if each.record_class.__name__ == draft.content.kind), None
        )
        if kind is None:
            return
        content = draft.content
        elsewhere = content.center_id is not None and (self._work is None or self._work.center.id != content.center_id)
        self._waiting = draft if elsewhere else None
        self._context.go(Target(kind.record_class, content.record_id, center=content.center_id))
        if not elsewhere:
            self._open(draft)

    def _open(self, draft: "Draft") -> None:
        tab = next(each for each in self._tabs if each.record_class.__name__ == draft.content.kind)
        continue_form(tab, draft)
        self._forget(draft)

    def _forget(self, draft: "Draft") -> None:
        self._left = [each for each in self._left if each.id != draft.id]
        self._say()
