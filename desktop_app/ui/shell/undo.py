"""The way back from what was done last: a button for some seconds, and Ctrl+Z until something else is done."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from desktop_app.ui.shell.status_strip import StatusStrip
from desktop_app.ui.text.message_bus import MessageBus
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, LiveAction, Menu


class Undo(QObject):
    """One step back, of this center and this session."""

    def __init__(self, messages: MessageBus, strip: StatusStrip, owner: QWidget) -> None:
        super().__init__(owner)
        self._back: Callable[[], None] | None = None
        self._strip = strip
        self.action = LiveAction.at_once(
            Action(
                "undo",
                ActionAppearance(self.tr("&Undo"), "rotate-ccw"),
                lambda _none: self.take_back(),
                lambda _none: self._possible(),
                keys=["Ctrl+Z"],
                menu=Menu.EDIT,
            ),
            owner,
        )
        messages.undo_offered.connect(self._on_offered)
        strip.undo.clicked.connect(self.take_back)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A line takes the key for itself, also where nothing was typed that it could take back."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if not isinstance(watched, QLineEdit) or watched.isUndoAvailable():
            return False
        return event.matches(QKeySequence.StandardKey.Undo)

    def forget(self) -> None:
        """Another center is open: what was done in the one before is not taken back from here."""
        self._set(None)

    def take_back(self) -> None:
        """Once."""
        back = self._back
        self._set(None)
        if back is not None:
            back()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, QLineEdit):
            now.installEventFilter(self)

    def _on_offered(self, text: str, back: Callable[[], None]) -> None:
        self._set(back)
        if text:
            self._strip.say(text, with_undo=True)

    def _set(self, back: Callable[[], None] | None) -> None:
        self._back = back
        self._strip.undo.hide()
        self.action.show_for((None,))

    def _possible(self) -> Allowed:
        return self._back is not None, self.tr("Nothing was done that could be taken back.")
