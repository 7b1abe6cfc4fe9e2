"""Somebody else saved the record that is being edited: who, when, what; and for each field that both changed, whose."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QGridLayout,
    QLabel,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_app.domain.merging import Clash
from desktop_app.domain.rights import Role
from desktop_app.services.context.merged_edit import EditConflictError
from desktop_app.ui.text import formatting
from desktop_app.ui.text.metadata import metadata_text
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.styling import column, heading, muted, row, scrolling, take_any_width

WIDTH = 640
HIGHEST = 700
"""Logical pixels; what is longer scrolls."""
Label = Callable[[str], str]
"""What the form calls a field."""


class Side(Enum):
    """Whose value of a field shall stand."""

    THEIRS = 0
    MINE = 1


class EditConflictDialog(QDialog):
    """Asks about each clash; ``settled`` brings the draft that the person wants. Leaving it changes nothing."""

    settled = Signal(object)

    def __init__(self, conflict: EditConflictError, label: Label, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("Somebody else changed this meanwhile"))
        self._conflict = conflict
        self._label = label
        self.choices: dict[str, QButtonGroup] = {}
        self.verb = Button(self.tr("Save"), kind=Kind.PRIMARY)
        self.back = Button(self.tr("Continue editing"))
        self.verb.setDefault(True)
        self.verb.clicked.connect(self._on_verb)
        self.back.clicked.connect(self.reject)
        self._build()
        self._allow()
        first = next(iter(self.choices.values()), None)
        (self.verb if first is None else first.button(Side.THEIRS.value)).setFocus()

    def choose(self, field: str, side: Side) -> None:
        """Tick whose value of a field shall stand."""
        self.choices[field].button(side.value).setChecked(True)

    def _build(self) -> None:
        merged = self._conflict.merged
        page = QWidget()
        inside = column(page, gap=16)
        inside.setContentsMargins(0, 0, 8, 0)
        for clash in merged.clashes:
            inside.addWidget(self._clash_card(clash))
        if merged.theirs:
            inside.addWidget(heading(self.tr("Changed by others only, and kept"), 3))
            for change in merged.theirs:
                before, now = self._shown(change.field, change.before), self._shown(change.field, change.now)
                inside.addWidget(muted(f"{self._label(change.field)}: {before} → {now}"))
        inside.addStretch(1)
        scroll = scrolling(page)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self.back)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(muted(self._about()))
        layout.addWidget(scroll, 1)
        scroll.setVisible(bool(merged.clashes or merged.theirs))
        layout.addLayout(buttons)
        self._take_room(layout, inside, scroll)

    def _take_room(self, layout: QVBoxLayout, inside: QVBoxLayout, scroll: QScrollArea) -> None:
        self.ensurePolished()
        height = layout.totalHeightForWidth(WIDTH)
        if not scroll.isHidden():
            height += inside.totalHeightForWidth(WIDTH - 58) + 8 - scroll.sizeHint().height()
        fit_to_screen(self, WIDTH, min(height, HIGHEST))

    def _about(self) -> str:
        read, merged = self._conflict.read, self._conflict.merged
        when, who = formatting.short_date(read.updated_at), formatting.who(read.updated_by)
        if self._conflict.saves > 1:
            text = self.tr("It was saved {count} times since you opened it, the last time by {who} on {when}.")
        else:
            text = self.tr("{who} saved it on {when}, after you had opened it.")
        parts = [text.format(count=formatting.number(self._conflict.saves), who=who, when=when)]
        if not read.is_active:
            parts.append(self.tr("It was taken out of use; saving does not bring it back."))
        parts.append(self.tr("Nothing of yours is saved yet, and nothing is lost."))
        if merged.clashes:
            parts.append(self.tr("You both changed the following; choose what shall stand."))
        return " ".join(parts)

    def _clash_card(self, clash: Clash) -> Card:
        card = Card(margin=12, gap=8)
        name = self._label(clash.field)
        card.body.addWidget(heading(name, 3))
        before = self._shown(clash.field, clash.before)
        card.body.addWidget(muted(self.tr("Before: {value}").format(value=before), caption=True))
        group = QButtonGroup(card)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for side, words, value in (
            (Side.THEIRS, self.tr("Theirs"), clash.theirs),
            (Side.MINE, self.tr("Mine"), clash.mine),
        ):
            shown = self._shown(clash.field, value)
            button = QRadioButton(words)
            button.setAccessibleName(f"{name}, {words}: {shown}")
            group.addButton(button, side.value)
            grid.addWidget(button, side.value, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_value(shown), side.value, 1)
        group.idToggled.connect(lambda _at, _on: self._allow())
        self.choices[clash.field] = group
        card.body.addLayout(grid)
        return card

    def _shown(self, field: str, value: Any) -> str:
        if field == "sample_type":
            return formatting.type_name(value)
        return shown(value, self._conflict.names)

    def _allow(self) -> None:
        chosen = all(group.checkedId() >= 0 for group in self.choices.values())
        self.verb.set_allowed(chosen, self.tr("Choose for each field what shall stand."))

    def _on_verb(self) -> None:
        theirs = {field for field, group in self.choices.items() if group.checkedId() == Side.THEIRS.value}
        self.settled.emit(self._conflict.merged.settled(theirs))
        self.accept()


def _value(text: str) -> QLabel:
    label = take_any_width(PlainLabel(text))
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def shown(value: Any, names: Mapping[UUID, str]) -> str:
    """A draft's value as the form would show it; a dash for nothing."""
    match value:
        case UUID():
            text = names.get(value, "")
        case Role():
            text = formatting.role_name(value)
        case datetime():
            text = formatting.short_date(value)
        case Mapping():
            text = metadata_text(value)
        case tuple():
            text = ", ".join(value)
        case _:
            text = "" if value is None else str(value)
    return text or "—"
