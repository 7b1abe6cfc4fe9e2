"""Values of the inspector that are edited where they stand: the editor takes the place of the words, and leaves it.

An editor belongs to the record that it was opened for. Whatever the inspector shows next, what was typed is saved to
that record or given up and said so; it never comes to another one. Who leaves an editor saves what was changed in it;
what does not fit stays in the open editor, with what is wrong below it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QComboBox, QLayout, QLineEdit, QPlainTextEdit, QWidget

from desktop_app.errors import LabkeepError
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.value_label import ENTER, EditableFact, Editing, ValueLabel

STAYS = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
"""Why an editor loses the focus without being left: a menu or list above it, another program."""
BELOW_FRAME = 8
"""Pixels from an editor's upper edge to its text: what it is called begins on the same line."""


@dataclass(frozen=True)
class Unsaved:
    """What was typed in an editor that is gone, and is not saved."""

    label: str
    typed: str
    """Empty where it was chosen."""
    problem: str = ""
    """What is wrong with it, or empty where saving failed."""
    error: LabkeepError | None = None
    """What went wrong with saving it."""


class EditInPlace(QObject):
    """The editor of a page: there is one at a time."""

    unsaved = Signal(object)
    """An :class:`Unsaved`: what was typed does not fit, or could not be saved after its editor was gone."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._label: ValueLabel | None = None
        self._fact: EditableFact | None = None
        self._editing: Editing | None = None
        self._is_saving = False

    @property
    def field(self) -> Field | None:
        """The editor that is open."""
        return None if self._editing is None else self._editing.field

    def watch(self, label: ValueLabel) -> None:
        """A value of the page."""
        label.wanted.connect(lambda: self._open(label))
        label.looked_at.connect(self._page.update)

    def follow(self, labels: Iterable[ValueLabel]) -> None:
        """These, of one part of the page, were filled anew: the editor stays with its value, or ends with it."""
        among = list(labels)
        if self._label not in among or self._fact is None:
            return
        key = self._fact.key
        now = next((each for each in among if each.fact is not None and each.fact.key == key), None)
        if now is None:
            self.end()
            return
        if now is not self._label:
            self._give_back()
            self._label = now
            self._take_place()
        now.hide()

    def end(self) -> None:
        """Something else is shown: save what was changed and fits, to its own record, or say that it was given up."""
        fact, editing = self._fact, self._editing
        if fact is None or editing is None:
            return
        is_lost = editing.is_changed() and not self._is_saving
        problem, typed = editing.problem() if is_lost else "", _typed(editing)
        if is_lost and not problem:
            editing.save(lambda: None, lambda error: self.unsaved.emit(Unsaved(fact.label, typed, error=error)))
        self._close(None)
        if problem:
            self.unsaved.emit(Unsaved(fact.label, typed, problem))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter saves, Escape gives up, and who goes elsewhere leaves."""
        editing = self._editing
        if editing is None or watched is not editing.field.editor:
            return False
        kind = event.type()
        if kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            if event.reason() not in STAYS and not _is_choosing(editing.field.editor):
                self._leave(editing)
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) and isinstance(event, QKeyEvent):
            return self._on_key(editing, event)
        return False

    def _on_key(self, editing: Editing, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        accepts = event.key() in ENTER and (control or not isinstance(editing.field.editor, QPlainTextEdit))
        if not self._is_saving and not accepts and event.key() != Qt.Key.Key_Escape:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress and not self._is_saving:
            self._leave(editing) if accepts else self._close(editing)
        return True

    def _open(self, label: ValueLabel) -> None:
        if self._is_saving:
            self.end()  # it was left for this value, and is on its way
        if self._editing is not None:
            # It stays because it could not be saved; what was typed in it is not thrown away for another one.
            self._editing.field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if label.fact is None:
            return
        self._label, self._fact, self._editing = label, label.fact, label.fact.begin()
        field = self._editing.field
        field.hide_label()
        field.setParent(label.parentWidget())
        field.edited.connect(self._show_problem)
        self._take_place()
        QWidget.setTabOrder(label, field.editor)
        field.show()
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(field.editor, QLineEdit):
            field.editor.selectAll()  # what is typed takes the place of the value, as in a cell
        field.editor.installEventFilter(self)

    def _take_place(self) -> None:
        """Put the editor where the words are."""
        if self._label is not None and self._editing is not None:
            _layout_of(self._label).replaceWidget(self._label, self._editing.field)
            self._label.hide()
            _lower(self._label, BELOW_FRAME)

    def _give_back(self) -> None:
        """Put the words where the editor is."""
        if self._label is not None and self._editing is not None:
            _layout_of(self._label).replaceWidget(self._editing.field, self._label)
            self._label.show()
            _lower(self._label, 0)

    def _show_problem(self) -> None:
        if self._editing is not None:
            self._editing.field.show_problem(self._editing.problem())

    def _leave(self, editing: Editing) -> None:
        if self._is_saving:
            return
        if not editing.is_changed():
            self._close(editing)
            return
        self._show_problem()
        if not editing.problem():
            self._is_saving = True
            # Its editor may be gone by then.
            label, typed = "" if self._fact is None else self._fact.label, _typed(editing)

            def failed(error: LabkeepError) -> None:
                if self._editing is not editing:
                    self.unsaved.emit(Unsaved(label, typed, error=error))
                    return
                self._is_saving = False
                editing.field.show_problem(sentence(error))

            editing.save(lambda: self._close(editing), failed)

    def _close(self, editing: Editing | None) -> None:
        """Put the words back; *editing* None: whatever is open."""
        now, label = self._editing, self._label
        if now is None or label is None or editing not in (None, now):
            return
        field = now.field
        had_focus = field.editor.hasFocus()
        field.editor.removeEventFilter(self)
        self._give_back()
        self._label = self._fact = self._editing = None
        self._is_saving = False
        if had_focus:
            label.setFocus(Qt.FocusReason.OtherFocusReason)
        field.hide()
        field.deleteLater()


def _is_choosing(editor: QWidget) -> bool:
    """Whether the list of a choice is open, which takes the focus as if it were another widget."""
    return isinstance(editor, QComboBox) and editor.view().isVisible()


def _typed(editing: Editing) -> str:
    field = editing.field
    return field.value if isinstance(field.editor, QLineEdit | QPlainTextEdit) else ""


def _lower(label: ValueLabel, top: int) -> None:
    if label.beside is not None:
        label.beside.setContentsMargins(0, top, 0, 0)


def _layout_of(label: ValueLabel) -> QLayout:
    parent = label.parentWidget()
    layout = None if parent is None else parent.layout()
    assert layout is not None, "a value of the inspector stands in a layout"
    return layout
