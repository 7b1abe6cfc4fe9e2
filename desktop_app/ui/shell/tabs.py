"""The tabs of the window, and the bar and the stack that show one of them at a time."""

from collections.abc import Collection, Iterator
from typing import Any, get_type_hints

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from desktop_app.ui.foundation.turns import one_per_turn
from desktop_app.ui.tabs.activity import ActivityTab
from desktop_app.ui.tabs.centers import CentersTab
from desktop_app.ui.tabs.documents import DocumentsTab
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.tabs.tab_page import TabPage
from desktop_app.ui.tabs.users import UsersTab
from desktop_app.ui.text.plain import give_tab_tip
from desktop_app.ui.widgets.actions import Action, ActionAppearance, LiveAction, Menu
from desktop_app.ui.widgets.styling import column, restyle, row
from desktop_app.ui.widgets.tab_bar import TabBar


class Tabs(QObject):
    """Every tab, from left to right; each is made when it is first asked for.

    Another tab is another line here, and nothing else in the shell.
    """

    centers: CentersTab
    users: UsersTab
    samples: SamplesTab
    documents: DocumentsTab
    activity: ActivityTab

    made = Signal(object)
    """A tab, before anything else is done with it."""

    def __init__(self, context: TabContext, parent: QWidget) -> None:
        """*parent* is the widget that shows them."""
        super().__init__(parent)
        self._context = context
        self._parent = parent
        kinds = get_type_hints(type(self))
        self.kinds: dict[str, type[RecordTab[Any]]] = {
            name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, RecordTab)
        }
        self._there: dict[str, RecordTab[Any]] = {}

    def __getattr__(self, name: str) -> RecordTab[Any]:
        """The tab of this name."""
        kind = self.__dict__.get("kinds", {}).get(name)
        if kind is None:
            raise AttributeError(name)
        if name not in self._there:
            self._there[name] = kind(self._context, self._parent)
            self.made.emit(self._there[name])
        return self._there[name]

    def __iter__(self) -> Iterator[RecordTab[Any]]:
        """All of them; those that are not there yet are made."""
        return (getattr(self, name) for name in self.kinds)

    @property
    def there(self) -> tuple[RecordTab[Any], ...]:
        """Those that are made."""
        return tuple(self._there.values())

    @property
    def names_there(self) -> Collection[str]:
        """The names of those that are made."""
        return self._there.keys()

    def make_next(self) -> bool:
        """Make one that is not there yet; whether there was one."""
        name = next((name for name in self.kinds if name not in self._there), None)
        return name is not None and getattr(self, name) is not None

    def of(self, record_class: type[Any]) -> RecordTab[Any]:
        """The tab of these records."""
        name = next(name for name, kind in self.kinds.items() if kind.record_class is record_class)
        found: RecordTab[Any] = getattr(self, name)
        return found


class TabArea(QObject):
    """Shows one tab at a time, by the bar and by Ctrl+1 and so on; or a page that lies in the place of all of them."""

    wanted = Signal()
    """Somebody wants to see a tab, also the one that is in front already."""
    covered = Signal()
    """Another page lies in the place of the tabs, or none any more."""

    def __init__(self, context: TabContext, kind: type[Tabs], window: QWidget) -> None:
        super().__init__(window)
        self.strip = QFrame(window)
        self.bar = TabBar(self.strip)
        self.stack = QStackedWidget(window)
        self.place = column(gap=0)
        self.place.addWidget(self.stack, 1)
        self.page: QWidget | None = None
        """What lies in the place of the tabs."""
        self._pages: list[QWidget] = []
        self.tabs = kind(context, self.stack)
        self.tabs.made.connect(self.stack.addWidget)
        self._names = tuple(self.tabs.kinds)
        self._build()
        for number, each in enumerate(self.tabs.kinds.values(), start=1):
            self._add(number, each)
            LiveAction.at_once(self._going_to(number, each), self.bar)
        self.bar.currentChanged.connect(self._on_changed)
        self.bar.tabBarClicked.connect(lambda _at: self.wanted.emit())
        self.wanted.connect(lambda: self.cover(None))

    @property
    def front_name(self) -> str:
        """The name of the tab that is looked at."""
        return self._names[self.bar.currentIndex()]

    @property
    def front(self) -> RecordTab[Any]:
        """The tab that is looked at."""
        return self._at(self.bar.currentIndex())

    def add_page(self, page: QWidget) -> None:
        """A page that may lie in the place of the tabs; it is hidden at first."""
        page.hide()
        self._pages.append(page)
        self.place.addWidget(page, 1)

    def cover(self, page: QWidget | None) -> None:
        """Show a page in the place of the tabs, or the tabs again; whoever wants a tab takes it away."""
        if page is self.page:
            return
        self.page = page
        for each in self._pages:
            each.setVisible(each is page)
        self.stack.setVisible(page is None)
        restyle(self.bar, "covered", "false" if page is None else "true")
        self.covered.emit()

    def show(self, page: TabPage) -> None:
        """Bring a tab to the front."""
        self._go(next(at for at, kind in enumerate(self.tabs.kinds.values()) if type(page) is kind))

    def _go(self, at: int) -> None:
        self.wanted.emit()
        if at == self.bar.currentIndex():
            # The bar begins at its first tab and says nothing of going there.
            self._on_changed(at)
        else:
            self.bar.setCurrentIndex(at)

    def _at(self, at: int) -> RecordTab[Any]:
        found: RecordTab[Any] = getattr(self.tabs, self._names[at])
        return found

    def _build(self) -> None:
        self.strip.setObjectName("tab_strip")
        self.bar.setExpanding(False)
        self.bar.setDrawBase(False)
        # By the mouse one goes into the list, not onto the bar.
        self.bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.bar.setAccessibleName(self.tr("Tabs"))
        line = row(self.strip, gap=0)
        line.setContentsMargins(8, 0, 8, 0)
        line.addWidget(self.bar)
        line.addStretch(1)

    def _going_to(self, number: int, kind: type[RecordTab[Any]]) -> Action[None]:
        return Action(
            f"tab_{number}",
            ActionAppearance(kind.title(), kind.icon),
            lambda _none: self._go(number - 1),
            keys=[f"Ctrl+{number}"],
            menu=Menu.VIEW,
            is_apart=number == 1,
        )

    def _add(self, number: int, kind: type[RecordTab[Any]]) -> None:
        title = kind.title()
        at = self.bar.add_tab(kind.icon, title)
        give_tab_tip(self.bar, at, self.tr("{tab} (Ctrl+{number})").format(tab=title, number=number))

    def _on_changed(self, at: int) -> None:
        if self._names[at] in self.tabs.names_there:
            self._bring(at)
        else:
            # To make it and to show it are too much for one turn; whoever asks for the front one meanwhile has it made.
            one_per_turn(self, (lambda: self._at(at), lambda: self._bring(at)))

    def _bring(self, at: int) -> None:
        if at != self.bar.currentIndex():
            return
        front = self._at(at)
        for tab in self.tabs.there:
            if tab is not front:
                tab.leave()
        self.stack.setCurrentWidget(front)
        front.refresh_if_stale()
        if not self.bar.hasFocus():
            # Who goes along the bar by the arrow keys stays on it.
            front.take_focus()
