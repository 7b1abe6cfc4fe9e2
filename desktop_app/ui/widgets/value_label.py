"""A value of a record as the inspector shows it: to be read and copied, and to be edited where that is offered."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation import theme
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.field import Field

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
NOTHING = "—"
"""Stands where a value may be given."""


@dataclass(frozen=True)
class Editing:
    """A value while it is edited."""

    field: Field
    """The editor, with the value of now in it."""
    is_changed: Callable[[], bool]
    problem: Callable[[], str]
    """What is wrong with what stands in the editor, or an empty text."""
    save: Callable[[Callable[[], None], Callable[[LabkeepError], None]], None]
    """Save what stands in the editor now; calls the first when it is saved, else the second."""


@dataclass(frozen=True)
class EditableFact:
    """A line of the inspector whose value may be edited; an empty one is shown, so that it can be filled."""

    label: str
    words: str
    tip: str
    key: Hashable
    """Of which record, and which of its values."""
    begin: Callable[[], Editing]


class ValueLabel(PlainLabel):
    """A value that can be selected and copied, and edited where it is offered for that."""

    wanted = Signal()
    looked_at = Signal()
    """The focus or the pointer came or went."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fact: EditableFact | None = None
        self.beside: QLabel | None = None
        """What it is called, at its left."""

    def offer(self, fact: EditableFact | None) -> None:
        """Let it be edited, or not any more."""
        if fact is None and self.fact is None:
            return
        self.fact = fact
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus if fact is None else Qt.FocusPolicy.StrongFocus)
        name = "" if fact is None else self.tr("{label}: {value}").format(label=fact.label, value=self.text())
        self.setAccessibleName(name)
        if fact is not None:
            give_tip(self, "\n".join(filter(None, (fact.tip, self.tr("Double click to edit")))))

    def event(self, event: QEvent) -> bool:
        """F2 opens the form everywhere else: here it is for the value."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._opens(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and F2 edit."""
        if self._opens(event):
            event.accept()
            self.wanted.emit()
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click edits; where that may not be, it marks a word."""
        if self.fact is None or event.button() is not Qt.MouseButton.LeftButton:
            super().mouseDoubleClickEvent(event)
            return
        event.accept()
        self.wanted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be ringed."""
        super().focusInEvent(event)
        self.looked_at.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Be ringed no more."""
        super().focusOutEvent(event)
        self.looked_at.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that something can be done here."""
        super().enterEvent(event)
        self.looked_at.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Show it no more."""
        super().leaveEvent(event)
        self.looked_at.emit()

    def _opens(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        return self.fact is not None and plain and event.key() in (*ENTER, Qt.Key.Key_F2)


class RingedPage(QWidget):
    """Draws a ring around the value that has the focus, and a ground under the one below the pointer.

    Around a text there is room for that only outside of its own label.
    """

    def paintEvent(self, event: QPaintEvent) -> None:
        """Below the values."""
        super().paintEvent(event)
        looks = theme.current()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for label in self.findChildren(ValueLabel):
                if label.fact is None or not label.isVisible() or not (label.hasFocus() or label.underMouse()):
                    continue
                at = label.mapTo(self, label.rect().topLeft())
                around = QRectF(at.x() - 6, at.y() - 2, label.width() + 6, label.height() + 5)
                painter.setBrush(theme.color(looks.hover) if label.underMouse() else Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color(looks.accent), 2) if label.hasFocus() else Qt.PenStyle.NoPen)
                painter.drawRoundedRect(around, 4, 4)
