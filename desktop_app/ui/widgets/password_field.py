"""A field for a password: hidden, shown on demand, with a word about Caps Lock."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.ui.foundation import icons
from desktop_app.ui.foundation.caps_lock import told_caps_lock
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.styling import muted

SHOW_KEYS = "Ctrl+Shift+P"


class PasswordLine(QLineEdit):
    """Hides what is typed until the person presses the eye; ``caps_lock`` tells what the last key gave away."""

    caps_lock = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caps: bool | None = None
        self._eye = QAction(self)
        self._eye.setShortcut(QKeySequence(SHOW_KEYS))
        self._eye.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._eye.triggered.connect(lambda: self.set_shown(not self.is_shown))
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)
        self.set_shown(False)

    @property
    def is_shown(self) -> bool:
        """Whether it can be read."""
        return self.echoMode() == QLineEdit.EchoMode.Normal

    def set_shown(self, shown: bool) -> None:
        """Let it be read, or hide it."""
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        words = self.tr("Hide the password ({keys})") if shown else self.tr("Show the password ({keys})")
        self._eye.setText(words.format(keys=SHOW_KEYS))
        self._eye.setIcon(icons.icon("eye-off" if shown else "eye", icons.MUTED))

    def clear(self) -> None:
        """Empty it, and hide what comes next."""
        super().clear()
        self.set_shown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Each key may tell of Caps Lock."""
        told = told_caps_lock(event)
        if event.key() == Qt.Key.Key_CapsLock and self._caps is not None:
            self._tell(not self._caps)
        elif told is not None:
            self._tell(told)
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was known may change elsewhere."""
        self._caps = None
        self.caps_lock.emit(False)
        super().focusOutEvent(event)

    def _tell(self, on: bool) -> None:
        self._caps = on
        self.caps_lock.emit(on)


class PasswordField(Field):
    """Label, password line, help, problem, and the hint that Caps Lock is on."""

    def __init__(self, name: str, label: str, help_text: str = "", parent: QWidget | None = None) -> None:
        self.line = PasswordLine()
        super().__init__(name, label, self.line, help_text, parent)
        self._hint = muted(self.tr("Caps Lock is on."), caption=True)
        self._hint.setProperty("tone", "warning")
        self._hint.hide()
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self._hint)
        self.line.caps_lock.connect(self._hint.setVisible)

    @property
    def hint(self) -> str:
        """What is said of the keyboard, or an empty text."""
        return "" if self._hint.isHidden() else self._hint.text()
