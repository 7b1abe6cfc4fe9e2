"""The one listener for scanners: it sees every key of the program before anything else does.

It listens at the windows of the system, where keys arrive first: a filter on the application would call Python for
each event of every object. Times are those of the events, so that keys which waited for a busy window are not taken for
fast ones. Keys that were typed go on to their window as they came, a few milliseconds later. Into a field for a
password nothing is held back and nothing is a scan: a password manager types as fast as a scanner, and ends with Enter.
"""

import time
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop_app.ui.foundation.caps_lock import told_caps_lock
from desktop_app.ui.shell.scanner.recognition import Kind, Recognizer
from desktop_app.ui.widgets.password_field import PasswordLine

SLACK_MS = 5
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_SHIFTING = (Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_AltGr, Qt.Key.Key_NumLock)
_CONTROL, _ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
_KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
_POINTING = (QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TabletPress)


@dataclass(frozen=True)
class _Held:
    """A key that waits, and the window that it was for."""

    window: QWindow
    event: QKeyEvent


class ScannerListener(QObject):
    """Says ``scanned`` while it is on; everything else reaches its window."""

    scanned = Signal(str, bool)
    """A code, and whether its keys told that Caps Lock is on."""

    def __init__(self, application: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recognizer = Recognizer()
        self._held: list[_Held] = []
        self._is_on = False
        self._is_giving_back = False
        # Two timers: the second one of nothing runs out after what waits in the queue, keys among it, was looked at.
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._give_back)
        self._key_timer = QTimer(self, singleShot=True)
        self._key_timer.timeout.connect(self._rest.start)
        application.focusWindowChanged.connect(self._listen)
        self._listen(application.focusWindow())

    def set_prefix(self, prefix: str) -> None:
        """What the scanner was set up to type before each code; may be empty."""
        self._give_back()
        self._recognizer = Recognizer(prefix)

    def set_on(self, on: bool) -> None:
        """Whether scans are told from typing; off, every key passes at once."""
        self._give_back()
        self._is_on = on

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold back, drop or let pass."""
        if not self._is_on or self._is_giving_back:
            return False
        kind = event.type()
        if kind in _POINTING:
            self._give_back()
        elif kind in _KEYS and isinstance(event, QKeyEvent) and isinstance(watched, QWindow):
            return self._on_press(watched, event) if kind == QEvent.Type.KeyPress else self._on_release(watched, event)
        return False

    def _on_press(self, window: QWindow, event: QKeyEvent) -> bool:
        if event.key() in _SHIFTING:
            return False
        kind = Kind.OTHER if _takes_passwords() else _kind_of(event)
        step = self._recognizer.feed(kind, event.text(), event.timestamp() or round(time.monotonic() * 1000))
        if step.release:
            self._deliver()
        if step.hold:
            self._hold(window, event)
        caps_lock = any(told_caps_lock(each.event) for each in self._held)
        if step.drop:
            self._stop()
        if step.code:
            self.scanned.emit(step.code, caps_lock)
        return step.hold or step.drop

    def _on_release(self, window: QWindow, event: QKeyEvent) -> bool:
        """A key that was let go while its press is held back comes after it: a space would press a button for ever."""
        if not any(each.event.key() == event.key() for each in self._held):
            return False
        self._held.append(_Held(window, _copy(event)))
        return True

    def _hold(self, window: QWindow, event: QKeyEvent) -> None:
        self._held.append(_Held(window, _copy(event)))
        self._rest.stop()
        self._key_timer.start(self._recognizer.key_timeout + SLACK_MS)

    def _stop(self) -> None:
        self._held.clear()
        self._key_timer.stop()
        self._rest.stop()

    def _give_back(self) -> None:
        """Nothing came any more: what is held back was typed."""
        self._recognizer.forget()
        self._deliver()

    def _deliver(self) -> None:
        """Give the windows what was for them, in its order."""
        held = tuple(self._held)
        self._stop()
        self._is_giving_back = True
        try:
            for each in held:
                if shiboken6.isValid(each.window):
                    QCoreApplication.sendEvent(each.window, each.event)
        finally:
            self._is_giving_back = False

    def _listen(self, window: QWindow | None) -> None:
        self._give_back()
        if window is not None:
            # Installed again it only moves to the front: a filter is never called twice.
            window.installEventFilter(self)


def _kind_of(event: QKeyEvent) -> Kind:
    text, modifiers = event.text(), event.modifiers()
    commands = modifiers & (_CONTROL | _ALT | Qt.KeyboardModifier.MetaModifier)
    if event.isAutoRepeat():
        return Kind.OTHER
    # Some scanners end with a line feed, or type it as Ctrl+J.
    if event.key() in _ENDS or text in ("\r", "\n"):
        shifted = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        return Kind.END if not shifted and commands in (Qt.KeyboardModifier.NoModifier, _CONTROL) else Kind.OTHER
    # AltGr is Ctrl and Alt together on some systems, and makes letters.
    is_letter = commands in (Qt.KeyboardModifier.NoModifier, _CONTROL | _ALT)
    return Kind.PRINTABLE if is_letter and len(text) == 1 and text.isprintable() else Kind.OTHER


def _takes_passwords() -> bool:
    focus = QApplication.focusWidget()
    return isinstance(focus, PasswordLine) or (
        isinstance(focus, QLineEdit) and focus.echoMode() is not QLineEdit.EchoMode.Normal
    )


def _copy(event: QKeyEvent) -> QKeyEvent:
    """The event is gone when its handler returns."""
    copied = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
    copied.setTimestamp(event.timestamp())
    return copied
