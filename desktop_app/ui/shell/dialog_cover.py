"""Covers everything that lies over the window: dialogs go out of sight and come back as they were."""

from typing import Protocol, runtime_checkable

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop_app.ui.widgets.password_field import PasswordLine


@runtime_checkable
class HoldsText(Protocol):
    """A dialog that people type into."""

    @property
    def is_changed(self) -> bool:
        """Whether something was typed that is not saved."""


class DialogCover(QObject):
    """Hides the dialogs of a window, also those that want to open meanwhile; what was typed into them stays.

    Dialogs that belong to the *stage* are spared: they are part of what is shown before the cover.
    """

    def __init__(self, application: QApplication, window: QWidget, stage: QWidget) -> None:
        super().__init__(window)
        self._application = application
        self._window = window
        self._stage = stage
        self._behind: list[QDialog] = []
        self._focus: QWidget | None = None

    @property
    def hides_unsaved_text(self) -> bool:
        """Whether a form waits behind it with something that was typed and not saved."""
        return any(isinstance(each, HoldsText) and each.is_changed for each in self._waiting())

    def hide(self) -> None:
        """Hide everything that lies over the window now, and whatever comes until ``restore``."""
        self._focus = QApplication.focusWidget()
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        for dialog in self._window.findChildren(QDialog):
            if dialog.isVisible():
                self._hide(dialog)
        self._application.installEventFilter(self)

    def restore(self) -> None:
        """Bring back what was hidden, in its order, and the cursor to where it was."""
        focus = self._focus
        for dialog in self._take_down():
            dialog.show()
        if focus is not None and shiboken6.isValid(focus):
            focus.setFocus()

    def discard(self) -> None:
        """Drop what was hidden: nobody comes back for it."""
        for dialog in self._take_down():
            dialog.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a dialog that opens now be opened, but not be seen."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QDialog) and self._is_mine(watched):
            # Hidden at once it would be shown all the same: Qt is in the middle of it.
            watched.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            QTimer.singleShot(0, watched, lambda: self._hide(watched))
        return False

    def _is_mine(self, dialog: QDialog) -> bool:
        parent = dialog.parentWidget()
        while parent is not None and parent is not self._stage:
            if parent is self._window:
                return True
            parent = parent.parentWidget()
        return False

    def _hide(self, dialog: QDialog) -> None:
        for line in dialog.findChildren(PasswordLine):
            line.clear()
        dialog.hide()
        dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen, False)
        self._behind.append(dialog)

    def _take_down(self) -> list[QDialog]:
        self._application.removeEventFilter(self)
        waiting, self._behind, self._focus = self._waiting(), [], None
        return waiting

    def _waiting(self) -> list[QDialog]:
        """What is still behind: a dialog whose work ended meanwhile has closed itself, and was deleted."""
        return [dialog for dialog in self._behind if shiboken6.isValid(dialog)]
