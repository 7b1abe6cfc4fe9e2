"""The header: the center with its stripe, one search-and-scan field, the connection indicator, the person's menu."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QToolButton, QWidget

from desktop_app.domain.profiles import ServerKind
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Verb, may
from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.pinned_centers import PinnedCenters
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.actions import Action, ActionAppearance, LiveAction, Menu
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.center_switcher import CenterSwitcher
from desktop_app.ui.widgets.connection_indicator import ConnectionIndicator
from desktop_app.ui.widgets.drop_button import DropButton
from desktop_app.ui.widgets.reasoned_menu import ReasonedMenu
from desktop_app.ui.widgets.search_field import put_sign
from desktop_app.ui.widgets.styling import column, row

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


class CenterStripe(QWidget):
    """A line in the colour of the open center."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(4)
        self._center: Center | None = None

    def set_center(self, center: Center | None) -> None:
        """Take the colour of another center, or of none."""
        self._center = center
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill it."""
        color = theme.center_color(self._center.id) if self._center else QColor(theme.current().hairline)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), color)


class Header(QFrame):
    """Always there while somebody is signed in."""

    center_chosen = Signal(object)
    retried = Signal()
    lock_asked = Signal()
    settings_asked = Signal()
    password_asked = Signal()
    about_asked = Signal()
    another_computer_asked = Signal()
    status_asked = Signal()
    trust_asked = Signal()
    sign_out_asked = Signal()

    def __init__(self, jobs: Jobs, lab: "Lab", state: WindowState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._administers = may(lab.user.standing, Verb.MANAGE_USERS)
        built_in = self.tr("The built-in server is on this computer only. Restore a backup on the laboratory's server.")
        self._may_share = (lab.profile.server is not ServerKind.BUILT_IN, built_in)
        self._stripe = CenterStripe(self)
        pins = PinnedCenters(state, lab.profile.installation_id, lab.user.id)
        self.switcher = CenterSwitcher(jobs, lab.centers, pins, many=lab.user.center_id is None, parent=self)
        self.home = Button("", "house", Kind.QUIET, self)
        self.home.set_words(self.tr("Today"))
        self.home.set_tip(self.tr("What wants to be looked at today (Alt+Home)"))
        self.search = self._search_field()
        self.indicator = ConnectionIndicator(self)
        server = self.tr("the built-in server") if lab.profile.host is None else str(lab.profile.host)
        self.indicator.set_server(server, weak=lab.profile.is_weakly_protected)
        self.person = self._person_button(lab)
        self._build()
        self.switcher.center_chosen.connect(self.center_chosen)
        self.indicator.retried.connect(self.retried)
        self.set_center(None)

    def set_center(self, center: Center | None) -> None:
        """Name the open center and take its colour."""
        self._stripe.set_center(center)
        self.switcher.set_center(center)

    def _search_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(self.tr("Go to, do, or scan a barcode"))
        field.setAccessibleName(self.tr("Go to, do, or scan a barcode"))
        give_tip(field, self.tr("Samples, documents, centers and everything that can be done (Ctrl+P)"))
        field.setClearButtonEnabled(True)
        put_sign(field, "scan-barcode")
        field.setMinimumWidth(220)
        field.setMaximumWidth(420)
        return field

    def _person_button(self, lab: "Lab") -> DropButton:
        button = DropButton(180, self)
        button.setProperty("kind", "quiet")
        button.setIcon(icons.icon("user-round"))
        button.set_words(lab.user.display_name)
        button.set_opens(True)
        role = formatting.role_name(lab.user.standing)
        give_tip(button, f"{lab.user.display_name}\n{lab.user.username} · {role}")
        button.setAccessibleName(self.tr("Your menu, {name}").format(name=lab.user.display_name))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._person_menu(button, f"{lab.user.username} · {role}"))
        return button

    def _person_menu(self, parent: QWidget, who: str) -> ReasonedMenu:
        menu = ReasonedMenu(parent)
        title = menu.addAction(who)
        title.setEnabled(False)
        for group in self._menu_actions():
            menu.addSeparator()
            menu.addActions([LiveAction.at_once(action, self) for action in group])
        return menu

    def _menu_actions(self) -> tuple[tuple[Action[None], ...], ...]:
        """What the person's menu offers, in groups."""

        def asking(
            asked: SignalInstance, name: str, text: str, icon: str, *keys: str, menu: Menu = Menu.FILE
        ) -> Action[None]:
            return Action(name, ActionAppearance(text, icon), lambda _none: asked.emit(), keys=keys, menu=menu)

        another = replace(
            asking(self.another_computer_asked, "another", self.tr("Set &up another computer…"), "monitor"),
            allowed=lambda _none: self._may_share,
        )

        return (
            (
                asking(self.settings_asked, "settings", self.tr("S&ettings…"), "settings-2", "Ctrl+,"),
                asking(self.password_asked, "password", self.tr("Change &password…"), "key-round"),
                asking(
                    self.status_asked, "status", self.tr("Check the &installation…"), "shield-check", menu=Menu.HELP
                ),
                *self._for_administrators(
                    asking(self.trust_asked, "trust", self.tr("&Who is trusted…"), "shield", menu=Menu.HELP)
                ),
                *self._for_administrators(another),
                asking(self.about_asked, "about", self.tr("A&bout Labkeep"), "info", menu=Menu.HELP),
            ),
            (
                replace(asking(self.lock_asked, "lock", self.tr("&Lock"), "lock-keyhole", "Ctrl+L"), is_apart=True),
                asking(self.sign_out_asked, "leave", self.tr("&Sign out or switch user"), "log-out", "Ctrl+Shift+L"),
            ),
        )

    def _for_administrators(self, action: Action[None]) -> tuple[Action[None], ...]:
        return (action,) if self._administers else ()

    def _build(self) -> None:
        inside = row(gap=12)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(self.home)
        inside.addWidget(self.switcher)
        inside.addStretch(1)
        inside.addWidget(self.search, 2)
        inside.addStretch(1)
        inside.addWidget(self.indicator)
        inside.addWidget(self.person)
        layout = column(self, gap=0)
        layout.addWidget(self._stripe)
        layout.addLayout(inside)
