"""A field of a form: label above, help under it, and the problem under that as one types."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from desktop_app.deferred import deferred
from desktop_app.ui.foundation import theme
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.icon_mark import IconMark
from desktop_app.ui.widgets.styling import column, muted, restyle, row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionComboBox

    from desktop_app.ui.widgets import shortened_choice
else:
    # The class of Qt's styles has so many names that making it is felt; at first no choice is seen.
    shortened_choice = deferred("desktop_app.ui.widgets.shortened_choice")

NARROWEST, WIDEST = 96, 200
"""Pixels of a choice: no long name in it shall push the form out of its frame."""


class LongText(QPlainTextEdit):
    """Several lines; Tab leaves it and Ctrl+Enter accepts the form."""

    accepted = Signal()

    def __init__(self, lines: int = 4) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 20)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter accepts."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accepted.emit()
            return
        super().keyPressEvent(event)


class ChoiceBox(QComboBox):
    """A combo box that keeps its values in Python: Qt would give an enum back as plain text, and not find a uuid."""

    def __init__(self, entries: Iterable[tuple[str, Any]] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[Any] = []
        self.offer(entries)

    def sizeHint(self) -> QSize:
        """As its longest entry, but not wider than is good for it."""
        hint = super().sizeHint()
        return QSize(min(hint.width(), WIDEST), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Narrow: what does not fit is shortened."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), NARROWEST), hint.height())

    def initStyleOption(self, option: "QStyleOptionComboBox") -> None:  # noqa: N802 - Qt's name
        """Shorten what does not fit, and say by dots that there is more."""
        super().initStyleOption(option)
        if self.isVisible():
            shortened_choice.shorten(self, option)

    @property
    def value(self) -> Any:
        """The chosen value, or None."""
        at = self.currentIndex()
        return self._values[at] if 0 <= at < len(self._values) else None

    def choose(self, value: Any) -> None:
        """Choose a value; one that is not offered leaves the first."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else 0)

    def choose_where(self, fits: Callable[[Any], bool]) -> bool:
        """Choose the first value that fits; False where none does, and what is chosen stays."""
        found = next((at for at, value in enumerate(self._values) if fits(value)), None)
        if found is not None:
            self.setCurrentIndex(found)
        return found is not None

    def offer(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Add entries, leaving out the values it has, without a signal that the choice changed."""
        with QSignalBlocker(self):
            for text, value in entries:
                if value not in self._values:
                    self._values.append(value)
                    self.addItem(text)

    def replace_all(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Offer these instead, without a signal; what is chosen stays, also where it is not among them."""
        wanted, kept = list(entries), (self.currentText(), self.value) if self._values else None
        if kept is not None and kept[1] not in [value for _text, value in wanted]:
            wanted.append(kept)
        with QSignalBlocker(self):
            self.clear()
            self._values.clear()
            self.offer(wanted)
            if kept is not None:
                self.setCurrentIndex(self._values.index(kept[1]))

    def replace_first(self, text: str, value: Any) -> None:
        """Make the first entry another one."""
        self._values[0] = value
        self.setItemText(0, text)


Editor = QLineEdit | QPlainTextEdit | ChoiceBox | QCheckBox


class Field(QWidget):
    """One editor with everything around it; ``edited`` comes when the person changes it.

    The label stands above the editor; that of a box to tick is the box's own text.
    """

    edited = Signal()

    def __init__(
        self, name: str, label: str, editor: Editor, help_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.editor = editor
        self._touched = False
        self._label = PlainLabel(label)
        self._label.setProperty("heading", "3")
        self._label.setWordWrap(True)
        self._label.setBuddy(editor)
        self._help_text = help_text
        self._help = muted(help_text, caption=True)
        self._editor_line = row(gap=8)
        self._sign = IconMark("triangle-alert", 14, theme.Tone.DANGER.value)
        self._problem = PlainLabel()
        self._problem.setProperty("problem", "true")
        self._problem.setWordWrap(True)
        plain = label.replace("&", "")
        editor.setAccessibleName(plain)
        if isinstance(editor, QCheckBox):
            editor.setText(label)
        self._build(isinstance(editor, QCheckBox))
        self._connect()
        self.show_problem("")

    @property
    def value(self) -> Any:
        """Text, the chosen value, or whether the box is ticked."""
        match self.editor:
            case QLineEdit():
                return self.editor.text()
            case QPlainTextEdit():
                return self.editor.toPlainText()
            case ChoiceBox():
                return self.editor.value
        return self.editor.isChecked()

    def set_value(self, value: Any) -> None:
        """Set it without counting as edited by the person."""
        with QSignalBlocker(self.editor):
            match self.editor:
                case QLineEdit():
                    self.editor.setText(value)
                case QPlainTextEdit():
                    self.editor.setPlainText(value)
                case ChoiceBox():
                    self.editor.choose(value)
                case _:
                    self.editor.setChecked(bool(value))

    @property
    def is_touched(self) -> bool:
        """Whether the person has been here: problems of untouched fields wait until he tries to save."""
        return self._touched

    @property
    def problem(self) -> str:
        """The sentence under the field, or an empty text."""
        return self._problem.text()

    def touch(self) -> None:
        """Count as visited."""
        self._touched = True

    def begin_anew(self) -> None:
        """Count as not visited, such as in a form that is filled in once more."""
        self._touched = False
        self.show_problem("")

    def show_problem(self, text: str) -> None:
        """Put the sentence under the field, or take it away."""
        text = said(text)
        self._problem.setText(text)
        self._help.setVisible(bool(self._help_text) and not _says_the_same(self._help_text, text))
        self._sign.setVisible(bool(text))
        self._problem.setVisible(bool(text))
        self.editor.setAccessibleDescription(text)
        restyle(self.editor, "wrong", "true" if text else "false")

    def set_help(self, text: str) -> None:
        """Say something else under it."""
        self._help_text = text
        self._help.setText(text)
        self._help.setVisible(bool(text) and not self.problem)

    def set_locked(self, reason: str) -> None:
        """Make it read-only and say why."""
        self.editor.setEnabled(False)
        give_tip(self.editor, reason)
        self._help_text = reason
        self._help.setText(reason)
        self._help.show()

    def hide_label(self) -> None:
        """Where the label stands beside it already."""
        self._label.hide()

    def put_beside(self, button: QWidget) -> None:
        """Put a button on the editor's own line."""
        self._editor_line.addWidget(button)

    def _build(self, is_box: bool) -> None:
        layout = column(self, gap=4)
        if not is_box:
            layout.addWidget(self._label)
        self._editor_line.addWidget(self.editor, 1)
        layout.addLayout(self._editor_line)
        layout.addWidget(self._help)
        line = row(gap=8)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._problem, 1)
        layout.addLayout(line)
        # Beside a field with more to say under it, this one stays at the top.
        layout.addStretch(1)
        if is_box:
            self._label.hide()
            self._label.setParent(self)

    def _connect(self) -> None:
        match self.editor:
            case QLineEdit():
                self.editor.textChanged.connect(self._on_edited)
            case QPlainTextEdit():
                self.editor.textChanged.connect(self._on_edited)
            case ChoiceBox():
                self.editor.currentIndexChanged.connect(self._on_edited)
            case QCheckBox():
                self.editor.toggled.connect(self._on_edited)

    def _on_edited(self) -> None:
        self._touched = True
        self.edited.emit()


def _says_the_same(help_text: str, problem: str) -> bool:
    """Whether one of the two is within the other: said twice, one under the other, it only takes room."""
    first, second = help_text.lower().rstrip("."), problem.lower().rstrip(".")
    return bool(second) and (first in second or second in first)


class Fields:
    """The fields of a form by name, with the rule that finds their problems."""

    def __init__(self, fields: Iterable[Field], problems: Callable[[], Mapping[str, str]]) -> None:
        self._fields = {field.name: field for field in fields}
        self._problems = problems
        self._initial: dict[str, Any] = {}
        for field in self._fields.values():
            field.edited.connect(self.show_touched)

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def add(self, fields: Iterable[Field]) -> None:
        """Further fields, that became known later; what stands in them now is what is saved."""
        for field in fields:
            self._fields[field.name] = field
            self._initial[field.name] = field.value
            field.edited.connect(self.show_touched)

    def remember(self, *names: str) -> None:
        """What stands in the fields now, or in those of these names, is what is saved."""
        self._initial.update({name: self._fields[name].value for name in names or self._fields})

    def begin_anew(self) -> None:
        """Another record begins with what stands in the fields now."""
        self.remember()
        for field in self._fields.values():
            field.begin_anew()

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """What differs from what was remembered: that, and what stands there now."""
        return {
            name: (self._initial.get(name), field.value)
            for name, field in self._fields.items()
            if field.value != self._initial.get(name)
        }

    @property
    def is_changed(self) -> bool:
        """Whether something differs from what was remembered."""
        return any(field.value != self._initial.get(name) for name, field in self._fields.items())

    def show_touched(self) -> None:
        """Problems under the fields where the person has been."""
        problems = self._problems()
        for name, field in self._fields.items():
            field.show_problem(problems.get(name, "") if field.is_touched else "")

    def check(self) -> dict[str, str]:
        """Show all problems, put the focus into the first; what no field can show is returned for a banner."""
        for field in self._fields.values():
            field.touch()
        return self.show(self._problems())

    def show(self, problems: Mapping[str, str]) -> dict[str, str]:
        """Put these problems under their fields and return those without one."""
        first = True
        for name, field in self._fields.items():
            field.show_problem(problems.get(name, ""))
            if problems.get(name) and first:
                field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
                first = False
        return {name: text for name, text in problems.items() if name not in self._fields}

    @property
    def has_problems(self) -> bool:
        """Whether the rule finds anything."""
        return bool(self._problems())
