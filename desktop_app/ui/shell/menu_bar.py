"""The menu bar: every action under the menu that it names, with its shortcut, and why it is not possible now."""

from collections.abc import Iterable
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from desktop_app.ui.shell.action_list import ActionList, Offer
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.actions import Menu


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

    def _add(self, which: Menu, title: str) -> QMenu:
        menu = self.addMenu(title)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill(which))
        return menu

    def _fill(self, which: Menu) -> None:
        menu = self.menus[which]
        menu.clear()
        offers = [each for each in self._all if each.menu is which]
        # What the menu is named after stands in it; what other tabs offer, in a menu of its own.
        own = [each for each in offers if not each.tab or each.live.action.menu or which is not Menu.FILE]
        others = [each for each in offers if each not in own]
        for place, group in groupby(others, lambda each: each.place):
            inner = menu.addMenu(place.replace("&", "&&"))
            inner.setToolTipsVisible(True)
            for _kind, part in groupby(group, lambda each: each.live.needs_record):
                self._put(inner, part)
        for _tab, group in groupby(own, lambda each: (each.tab, each.live.needs_record)):
            self._put(menu, group)

    @staticmethod
    def _put(menu: QMenu, offers: Iterable[Offer]) -> None:
        if menu.actions():
            menu.addSeparator()
        for offer in offers:
            menu.addAction(_entry(offer, menu))


def _entry(offer: Offer, menu: QMenu) -> QAction:
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
