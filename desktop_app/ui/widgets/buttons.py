"""Buttons that can be busy, and that say why they may not be pressed."""

from enum import StrEnum

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from desktop_app.ui.foundation import icons, theme
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.spinner import paint_spinner
from desktop_app.ui.widgets.styling import restyle

SPINNER_AFTER_MS = 300
ICON_ALONE = 42
LONGEST_NAME = 30
"""So many characters of a thing's name stand on a button."""


class Kind(StrEnum):
    """How much a button asks for attention; one primary per view."""

    PLAIN = "plain"
    PRIMARY = "primary"
    QUIET = "quiet"
    DANGER = "danger"
    LINK = "link"
    ACCOUNT = "account"


_TINTS = {Kind.PRIMARY: icons.ON_ACCENT, Kind.DANGER: "danger", Kind.LINK: icons.ACCENT}


def naming(verb: str, name: str) -> str:
    """A verb with a place for the thing's name, on a button: shortened in its middle, and none of it an underline."""
    whole = " ".join(name.split())
    shown = whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME // 2]}…{whole[-LONGEST_NAME // 3 :]}"
    return verb.format(name=shown.replace("&", "&&"))


def kind_icon(name: str, kind: Kind) -> QIcon:
    """An icon in the colour that it has on a button of this kind; none without a name."""
    return icons.icon(name, _TINTS.get(kind, icons.TEXT)) if name else QIcon()


class Button(QPushButton):
    """A push button with an icon, a reason when it is disabled, and a spinner when its work takes long."""

    def __init__(self, text: str, icon: str = "", kind: Kind = Kind.PLAIN, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._kind = kind
        self._icon_name = icon
        self._tip = ""
        self._allowed = True
        self._busy = False
        self._angle = 0
        self.takes_enter = True
        """Whether Enter presses it where it has the focus in a dialog."""
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_turn)
        self.setProperty("kind", kind.value)
        self.setAutoDefault(False)
        if icon:
            self.setIcon(self._icon())
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Change the words; an icon alone needs no distance to them."""
        super().setText(text)
        self.setIconSize(QSize(20 if text else 16, 16))

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon_name = icon
        self.setIcon(self._icon())

    @property
    def words(self) -> str:
        """What it does in a word or two, also where only the icon is seen."""
        return self.text() or self.accessibleName()

    def set_words(self, words: str) -> None:
        """Show the icon alone: the words are in the tooltip, in menus and for screen readers."""
        self.setText("")
        self.setFixedWidth(ICON_ALONE)
        self.setAccessibleName(words.replace("&", ""))
        self._refresh()

    def set_kind(self, kind: Kind) -> None:
        """Change how it looks."""
        self._kind = kind
        restyle(self, "kind", kind.value)
        if self._icon_name:
            self.setIcon(self._icon())

    def set_face(self, text: str, icon: str, kind: Kind) -> None:
        """Change words, icon and how it looks, as far as they are others."""
        if text != self.text():
            self.setText(text)
        if kind is not self._kind:
            self.set_kind(kind)
        if icon != self._icon_name:
            self.set_icon(icon)

    def set_tip(self, text: str) -> None:
        """What it does, for the tooltip while it may be pressed."""
        self._tip = text
        self._refresh()

    def set_allowed(self, allowed: bool, reason: str = "") -> None:
        """Enable it, or disable it and say why in the tooltip."""
        self._allowed = allowed
        self._reason = reason
        self._refresh()

    @property
    def is_busy(self) -> bool:
        """Whether its work is under way."""
        return self._busy

    def set_busy(self, busy: bool) -> None:
        """Its work began or ended; nothing is to be seen of what takes less than 300 ms but that it is disabled."""
        self._busy = busy
        if busy:
            self._timer.start(SPINNER_AFTER_MS)
        else:
            self._timer.stop()
            self._angle = 0
        self._refresh()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """In a dialog Enter presses the button that has the focus, and not another one that is the usual answer.

        What destroys is pressed by the space bar only. In the main window Enter is the end of a scan.
        """
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self.takes_enter and self._kind is not Kind.DANGER and isinstance(self.window(), QDialog):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button, its focus where a border would not show it, and the spinner when its work takes long."""
        super().paintEvent(event)
        is_ringed = self._kind is Kind.PRIMARY and self.hasFocus()
        if not is_ringed and not self._angle:
            return
        look = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if is_ringed:
                # Inside: no colour differs enough from the fill and from every ground around it.
                painter.setPen(QPen(theme.color(look.on_accent), 2))
                painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -4), 3, 3)
            if self._angle:
                paint_spinner(painter, self.width() - 22, (self.height() - 14) // 2, 14, self._angle, look.muted)

    def _icon(self) -> QIcon:
        return kind_icon(self._icon_name, self._kind)

    def _refresh(self) -> None:
        self.setEnabled(self._allowed and not self._busy)
        if not self._allowed:
            give_tip(self, self._reason)
            return
        words = "" if self.text() else self.accessibleName()
        give_tip(self, "\n".join(part for part in dict.fromkeys((words, self._tip)) if part))

    def _on_turn(self) -> None:
        self._timer.setInterval(40)
        self._angle = self._angle % 360 + 12
        self.update()
