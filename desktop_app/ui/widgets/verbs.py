"""What may be done with the record that is shown: one filled button for the next step, Edit, and the rest behind ⋯."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from desktop_app.ui.widgets.actions import ActionButton, LiveAction, Rank
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.flow_layout import FlowLayout
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu
from desktop_app.ui.widgets.styling import column, muted


def fill_menu(menu: QMenu, actions: Sequence[LiveAction[Any]]) -> None:
    """Put in these: what destroys stands apart, at the end, and not beside the next step."""
    usual = [each for each in actions if each.face.kind is not Kind.DANGER]
    menu.addActions(usual)
    if len(usual) < len(actions):
        menu.addSeparator()
    menu.addActions([each for each in actions if each.face.kind is Kind.DANGER])


class MoreButton(Button):
    """⋯: opens a menu of the actions that have no button of their own at the moment."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "ellipsis", parent=parent)
        self.set_words(self.tr("More"))
        self._actions: tuple[LiveAction[Any], ...] = ()
        self.clicked.connect(self._on_clicked)
        self.hide()

    def offer(self, actions: tuple[LiveAction[Any], ...]) -> None:
        """Offer these."""
        self._actions = actions
        self.setVisible(bool(actions))

    def menu_of_now(self) -> QMenu:
        """The menu as it is now."""
        menu = ReasonedMenu(self)
        fill_menu(menu, self._actions)
        return menu

    def open_menu(self, menu: QMenu) -> None:
        """Open a menu under it, inside of the window."""
        menu.aboutToHide.connect(menu.deleteLater)
        beyond = self.mapTo(self.window(), QPoint(menu.sizeHint().width(), 0)).x() - self.window().width()
        menu.popup(self.mapToGlobal(self.rect().bottomLeft() - QPoint(max(0, beyond), 0)))

    def _on_clicked(self) -> None:
        self.open_menu(self.menu_of_now())


class Verbs(QWidget):
    """In the head of a record; it looks at the actions again whenever another record is shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._actions: list[LiveAction[Any]] = []
        self._buttons: dict[LiveAction[Any], ActionButton] = {}
        self.more = MoreButton(self)
        self.why_not = muted()
        """One line for who may change nothing here, instead of grey buttons."""
        self._line = FlowLayout(gap=8)
        layout = column(self, gap=8)
        layout.addLayout(self._line)
        layout.addWidget(self.why_not)
        self.why_not.hide()

    def add(self, live: LiveAction[Any]) -> None:
        """One more; it has a button of its own where its rank says so."""
        self._actions.append(live)
        if live.action.rank is not Rank.MORE:
            button = ActionButton(live, self)
            self._buttons[live] = button
            self._line.addWidget(button)
            # With Tab, too, it comes before ⋯ and where these stand, and not where the latest widgets do.
            QWidget.setTabOrder(self.more, button)
            QWidget.setTabOrder(button, self.more)
        # Always the last one.
        self._line.removeWidget(self.more)
        self._line.addWidget(self.more)

    def refresh(self) -> None:
        """Choose the buttons for what is shown now."""
        seen = [each for each in self._actions if each.isVisible()]
        steps = [each for each in seen if each.action.rank is Rank.STEP]
        # Of several records some may be ready for one step and some for another: the first is the next one.
        following = next((each for each in steps if each.allowed[0]), steps[0] if steps else None)
        changing = [each for each in seen if each is following or each.action.rank is Rank.EDIT]
        may_change = any(each.allowed[0] for each in changing)
        shown = {each for each in seen if each.action.rank is Rank.OPEN} | set(changing if may_change else ())
        for live, button in self._buttons.items():
            button.set_wanted(live in shown)
        self.more.offer(tuple(each for each in seen if each not in shown and (may_change or each not in changing)))
        self.why_not.setText("" if may_change or not changing else changing[-1].allowed[1])
        self.why_not.setVisible(bool(self.why_not.text()))
