"""The tabs of the window, and the bar and the stack that show one of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_type_hints

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QStackedWidget, QTabBar, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.text.plain import give_tab_tip
from desktop_app.ui.widgets.styling import row


@dataclass(frozen=True)
class Tabs:
    """Every tab, from left to right. Another tab is another line here, and nothing else in the shell."""

    centers: CentersTab
    users: UsersTab
    samples: SamplesTab
    documents: DocumentsTab
    activity: ActivityTab

    @classmethod
    def make(cls, context: TabContext) -> "Tabs":
        """All of them, for one person at work."""
        return cls(**{name: kind(context) for name, kind in get_type_hints(cls).items()})

    def __iter__(self) -> Iterator[RecordTab[Any]]:
        return iter(vars(self).values())

    def of(self, record_class: type[Any]) -> RecordTab[Any]:
        """The tab of these records."""
        return next(tab for tab in self if tab.record_class is record_class)


class TabArea(QObject):
    """Shows one tab at a time, by the bar and by Ctrl+1 and so on."""

    def __init__(self, tabs: Tabs, window: QWidget) -> None:
        super().__init__(window)
        self._tabs = tuple(tabs)
        self.bar = QTabBar()
        self.strip = QFrame()
        self.stack = QStackedWidget()
        self._build()
        for number, tab in enumerate(self._tabs, start=1):
            self._add(number, tab)
            QShortcut(QKeySequence(f"Ctrl+{number}"), window).activated.connect(lambda tab=tab: self.show(tab))
        self.bar.currentChanged.connect(self._on_changed)

    @property
    def front(self) -> RecordTab[Any]:
        """The tab that is looked at."""
        return self._tabs[self.bar.currentIndex()]

    def show(self, page: TabPage) -> None:
        """Bring a tab to the front."""
        self.bar.setCurrentIndex(next(at for at, tab in enumerate(self._tabs) if tab is page))

    def _build(self) -> None:
        self.strip.setObjectName("tab_strip")
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        self.bar.setIconSize(QSize(16, 16))
        self.bar.setAccessibleName(self.tr("Tabs"))
        line = row(self.strip, gap=0)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.bar)
        line.addStretch(1)

    def _add(self, number: int, tab: RecordTab[Any]) -> None:
        at = self.bar.addTab(icons.icon(tab.icon, icons.MUTED), tab.title)
        give_tab_tip(self.bar, at, self.tr("{tab} (Ctrl+{number})").format(tab=tab.title, number=number))
        self.stack.addWidget(tab)

    def _on_changed(self, at: int) -> None:
        for tab in self._tabs:
            if tab is not self._tabs[at]:
                tab.leave()
        self.stack.setCurrentIndex(at)
        self._tabs[at].refresh_if_stale()
