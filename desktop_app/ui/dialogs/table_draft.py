"""Keeps what is typed into the table of new samples until it is answered, and puts it back after a crash."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject

from desktop_app.deferred import deferred
from desktop_app.domain.records import Sample
from desktop_app.ui.dialogs.kept_typing import KeptTyping
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting

if TYPE_CHECKING:
    from desktop_app.services.session import drafts as draft_services
    from desktop_app.services.session.drafts import Draft, Drafts
    from desktop_app.ui.dialogs.add_many import AddManyDialog
else:
    draft_services = deferred("desktop_app.services.session.drafts")

TABLE = "table"
"""The field of a draft that has the whole table, as a spreadsheet would copy it."""


class TableDraft(QObject):
    """Of one open table, whose child it is."""

    def __init__(
        self, dialog: "AddManyDialog", jobs: Jobs, drafts: "Drafts", center_id: UUID, left: "Draft | None" = None
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._center_id = center_id
        self._typing = KeptTyping(dialog, jobs, drafts, self._content, left)
        self._typing.taken_elsewhere.connect(self._on_taken_elsewhere)
        dialog.typed.connect(self._typing.note)
        if left is not None:
            dialog.begin_with(str(left.content.fields[TABLE][1]))
            dialog.banner.say(self.tr("This is what you were writing; it is not created."), Tone.INFO)

    def _content(self) -> "Callable[[], draft_services.FormContent] | None":
        """What makes it, on another thread: of 50,000 rows the text alone takes longer than a turn of the window."""
        dialog = self._dialog
        if not dialog.is_changed:
            return None
        title, whole = f"{dialog.accessibleName()}: {formatting.samples(dialog.count)}", dialog.whole()
        kind, center_id = Sample.__name__, self._center_id
        return lambda: draft_services.FormContent(kind, center_id, None, title, {TABLE: ("", whole())})

    def _on_taken_elsewhere(self) -> None:
        self._dialog.banner.say(self.tr("This was continued in another window already."), Tone.WARNING)
