"""The strip at the foot of the window: what was just done, and which installation this is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from desktop_app.domain.profiles import Profile
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.styling import row

if TYPE_CHECKING:
    from desktop_app.services.maintenance.updates import Update

REMARK_MS = 8_000


class StatusStrip(QFrame):
    """Says a remark for some seconds; the installation's name leads to how it is."""

    status_asked = Signal()
    update_asked = Signal()

    def __init__(self, profile: Profile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self.setFixedHeight(28)
        self.remark = PlainLabel()
        self.remark.setProperty("tone", "good")
        self._timer = QTimer(self, singleShot=True, interval=REMARK_MS)
        self._timer.timeout.connect(self.remark.clear)
        self.undo = Button(self.tr("Undo"), "rotate-ccw", Kind.LINK, self)
        self.undo.set_tip(self.tr("Take it back (Ctrl+Z)"))
        self.undo.hide()
        self._timer.timeout.connect(self.undo.hide)
        line = row(self, gap=12)
        line.setContentsMargins(16, 0, 16, 0)
        line.addWidget(self.remark)
        line.addWidget(self.undo)
        line.addStretch(1)
        self.update_link = Button("", "info", Kind.LINK)
        self.update_link.setProperty("caption", "true")
        self.update_link.set_tip(self.tr("What your administrators say of it"))
        self.update_link.clicked.connect(self.update_asked)
        self.update_link.hide()
        line.addWidget(self.update_link)
        where = self.tr("built-in server") if profile.host is None else str(profile.host)
        self.place = Button(f"{profile.display_name} · {where}".replace("&", "&&"), kind=Kind.LINK)
        self.place.setProperty("caption", "true")
        self.place.set_tip(self.tr("How the installation is"))
        self.place.clicked.connect(self.status_asked)
        line.addWidget(self.place)

    def come_last(self) -> None:
        """Tab leads here after all that is made by now: what is made later would come behind it."""
        window = self.window()
        for button in (self.undo, self.update_link, self.place):
            end = window.previousInFocusChain()
            # Qt does nothing beside a widget that takes no focus.
            while end is not None and end is not window and end.focusPolicy() == Qt.FocusPolicy.NoFocus:
                end = end.previousInFocusChain()
            if end is not None and end is not button:
                QWidget.setTabOrder(end, button)

    def announce(self, update: "Update | None") -> None:
        """Say that a newer version is to be used; None: none is."""
        self.update_link.setVisible(update is not None)
        if update is not None:
            self.update_link.setText(self.tr("Labkeep {version} is out").format(version=update.version))

    def say(self, text: str, *, with_undo: bool = False) -> None:
        """Show a remark, shortened in its middle where it is long; what it tells of may be taken back meanwhile."""
        self.undo.setVisible(with_undo)
        self.remark.setText(self.remark.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 900))
        give_tip(self.remark, text)
        self._timer.start()
