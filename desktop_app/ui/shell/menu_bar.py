"""The menu bar: every action under the menu that it names, with its shortcut, and why it is not possible now."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenuBar, QWidget

from desktop_app.ui.shell.action_list import ActionList, Offer
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.actions import Menu
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu


class MenuBar(QMenuBar):
    """Each menu is made when it is opened, so that it says what is true at that moment and costs nothing before."""

    def __init__(self, actions: ActionList, parent: QWidget) -> None:
        super().__init__(parent)
        self._all = actions
        self.setAccessibleName(self.tr("Menus"))
        titles = {
            Menu.FILE: self.tr("&File"),
            Menu.EDIT: self.tr("&Edit"),
            Menu.VIEW: self.tr("&View"),
            Menu.SAMPLE: self.tr("&Sample"),
            Menu.DOCUMENT: self.tr("&Document"),
            Menu.HELP: self.tr("&Help"),
        }
        self.menus = {which: self._add(which, title) for which, title in titles.items()}

    def _add(self, which: Menu, title: str) -> ReasonedMenu:
        menu = ReasonedMenu(self, title)
        self.addMenu(menu)
        menu.aboutToShow.connect(lambda: self._fill(which))
        return menu

    def _fill(self, which: Menu) -> None:
        menu = self.menus[which]
        menu.clear()
        offers = [each for each in self._all if each.menu is which]
        of_tabs = [each for each in offers if each.tab and not each.live.action.menu]
        # What the menu is named after stands in it; what other tabs offer, in a menu of its own.
        for place, group in groupby(of_tabs, lambda each: each.place):
            inner = menu.add_below(place.replace("&", "&&")) if which is Menu.FILE else menu
            for part in _parts(list(group)):
                self._put(inner, part)
        shared = [each for each in offers if not each.tab]
        if shared:
            self._put(menu, shared)
        # What every tab has, such as copying, is meant for the one in front.
        alike = [each for each in offers if each.tab and each.live.action.menu and each.is_in_front]
        if alike:
            self._put(menu, alike)

    @staticmethod
    def _put(menu: ReasonedMenu, offers: Iterable[Offer]) -> None:
        if menu.actions():
            menu.addSeparator()
        for offer in offers:
            if offer.live.action.is_apart and menu.actions() and not menu.actions()[-1].isSeparator():
                menu.addSeparator()
            menu.addAction(_entry(offer, menu))


def _parts(offers: Sequence[Offer]) -> list[list[Offer]]:
    """What a tab offers: what makes a record; what is done with one; what concerns all of them."""
    with_record = [each for each in offers if each.live.needs_record]
    rest = [each for each in offers if each not in with_record]
    first = [each for each in rest if not with_record or offers.index(each) < offers.index(with_record[0])]
    return [part for part in (first, with_record, [each for each in rest if each not in first]) if part]


def _entry(offer: Offer, menu: ReasonedMenu) -> QAction:
    """The face of an action in a menu; its shortcuts are shown there and are the action's own to take."""
    entry = QAction(offer.live.icon(), offer.live.text() or offer.words, menu)
    entry.setShortcuts(offer.keys)
    entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    allowed, reason = offer.standing
    entry.setEnabled(allowed)
    give_tip(entry, offer.live.face.tip if allowed else reason)
    # PySide holds a bound method too weakly.
    entry.triggered.connect(lambda _on: offer.run())
    return entry
