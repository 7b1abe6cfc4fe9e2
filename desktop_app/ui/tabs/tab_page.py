"""A page under a tab: it knows which center is open, and reads what is stale when it is looked at."""

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtWidgets import QWidget

from desktop_app.ui.dialogs.form_dialog import FormDialog
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.widgets.actions import Menu
from desktop_app.ui.widgets.empty_state import EmptyWords

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.drafts import Draft


class TabPage(QWidget):
    """One tab: it is told which center is open, when it is looked at, and what somebody wants to see in it."""

    record_class: ClassVar[type[Any]]
    """What it is a list of; by this others lead to it."""
    of_center: ClassVar[bool] = True
    """Whether it shows what the open center holds, and not the whole installation."""
    also_shows: ClassVar[frozenset[type[Any]]] = frozenset()
    """Records of other tabs whose changes are seen here, too."""

    choosing_opens: ClassVar[bool] = False
    """Whether what is chosen is opened by that: nothing is chosen for anybody, then."""
    menu: ClassVar[Menu | None] = None
    """The menu of the bar that is its own; the actions of the others stand under File, by the tab's title."""

    icon: ClassVar[str]

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.work: CenterServices | None = None
        self._stale = True
        self._seen = False
        context.events.changed.connect(self._on_changed_elsewhere)

    @classmethod
    def title(cls) -> str:
        """For the tab: its name in the bar, which is seen before the tab is made."""
        return ""

    def set_center(self, work: "CenterServices | None") -> None:
        """Another center is open, or none; what is shown belongs to the old one until the next look."""
        self.work = work
        self._stale = True
        self.center_changed()
        if self._seen:
            self.refresh_if_stale()

    def refresh_if_stale(self) -> None:
        """The tab is in front: read what is stale."""
        self._seen = True
        if self._stale:
            self._stale = False
            self.reload()

    def leave(self) -> None:
        """Another tab is in front."""
        self._seen = False

    def mark_stale(self) -> None:
        """Something elsewhere changed what is shown here."""
        self._stale = True
        if self._seen:
            self.refresh_if_stale()

    def others_moved(self, by_others: bool) -> None:
        """The server has something new, by others or only by this window."""
        del by_others
        self.mark_stale()

    def center_changed(self) -> None:
        """For the tab: buttons and words that depend on the center."""

    def reload(self) -> None:
        """For the tab: read the list anew."""

    def go_to(self, target: Target) -> None:
        """For the tab: show what is wanted of it, before it comes to the front."""

    def search_for(self, text: str) -> bool:
        """For the tab: search; False where it has no search."""
        del text
        return False

    def make_form(self, record: Any | None) -> FormDialog | None:
        """For the tab: the form of this record, or of a new one, which does with the answer what is to be done."""
        del record
        return None

    def open_left(self, left: "Draft") -> bool:
        """For the tab: continue what was left by a crash, where that is no form of a record; whether it was such."""
        del left
        return False

    def no_center(self) -> EmptyWords:
        """The list is empty because no center is open: what can be done about it."""
        if self.context.lab.user.is_system_administrator:
            step = self.tr("Choose a center in the header.")
        else:
            step = self.tr("A system administrator can restore your center, or move you to another one.")
        return EmptyWords("building-2", self.tr("No center is open"), step)

    def retry(self) -> None:
        """For the tab: server or store are there again; what could not be read of them may be now."""

    def save_layout(self) -> None:
        """For the tab: remember sizes."""

    def _on_changed_elsewhere(self, kind: type[Any], record: Any) -> None:
        if kind in self.also_shows or (kind is self.record_class and record is None):
            self.mark_stale()
