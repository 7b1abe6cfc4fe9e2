"""The right side of a tab: a record's name, its pills, what may be done with it, and its facts."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_app.ui.text.badges import Badge
from desktop_app.ui.text.plain import give_tip
from desktop_app.ui.widgets.edit_in_place import EditInPlace
from desktop_app.ui.widgets.pill import Pill
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row, rule, scrolling, take_any_width
from desktop_app.ui.widgets.value_label import NOTHING, EditableFact, RingedPage, ValueLabel
from desktop_app.ui.widgets.verbs import Verbs

FIRST_COLUMN = 112
"""Pixels: as wide as the longest of our labels, so that the values of all sections stand in one line."""
WIDEST_LABEL = 160
Fact = tuple[str, str] | tuple[str, str, str]
"""Label, words, and the tooltip with the exact value."""


class Pairs(QWidget):
    """Labels and values in two columns; values can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, FIRST_COLUMN)
        self._grid.setColumnStretch(1, 1)

    def _put_label(self, line: int, text: str) -> QLabel:
        label = muted(text)
        # Keys of metadata are as long as people write them.
        label.setMaximumWidth(WIDEST_LABEL)
        give_tip(label, text)
        self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
        return label

    def _put_value(self, line: int, text: str) -> ValueLabel:
        value = ValueLabel(text)
        take_any_width(value)
        value.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        # A text that can be selected is drawn a pixel higher than one that cannot.
        value.setContentsMargins(0, 1, 0, 0)
        self._grid.addWidget(value, line, 1)
        return value


class Facts(Pairs):
    """What is known of a record; each line is made once, because a new widget costs a millisecond to be styled."""

    def __init__(self, parent: QWidget | None = None, in_place: EditInPlace | None = None) -> None:
        """*in_place* edits those of the facts that may be."""
        super().__init__(parent)
        self._in_place = in_place
        self._lines: list[tuple[QLabel, ValueLabel]] = []

    def set(self, facts: Sequence[Fact | EditableFact]) -> None:
        """Show these; facts without a value are left out, unless they can be given one."""
        shown = [each for each in facts if isinstance(each, EditableFact) or each[1]]
        for line in range(len(self._lines), len(shown)):
            self._add_line(line)
        for (label, value), fact in zip(self._lines, shown, strict=False):
            if isinstance(fact, EditableFact):
                own, name, text, tip = fact, fact.label, fact.words or NOTHING, fact.tip
            else:
                own, name, text, tip = None, fact[0], fact[1], fact[-1]
            label.setText(name)
            give_tip(label, name)
            value.setText(text)
            give_tip(value, tip)
            value.offer(own)
            label.show()
            value.show()
        for label, value in self._lines[len(shown) :]:
            label.hide()
            value.hide()
            value.clear()
            value.offer(None)
        if self._in_place is not None:
            self._in_place.follow(value for _label, value in self._lines)

    def _add_line(self, line: int) -> None:
        label, value = self._put_label(line, ""), self._put_value(line, "")
        # What is made later comes last with Tab, wherever it stands; and of what takes no focus Qt knows no order.
        before = self._lines[-1][1] if self._lines else self
        policy = before.focusPolicy()
        before.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        QWidget.setTabOrder(before, value)
        before.setFocusPolicy(policy)
        value.beside = label
        self._lines.append((label, value))
        if self._in_place is not None:
            self._in_place.watch(value)


class Section(QWidget):
    """A titled part of a detail, hidden while it has nothing to say."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body: QVBoxLayout = column(gap=8)
        self.head: QHBoxLayout = row(gap=8)
        self.head.addWidget(heading(title, 3), 1)
        layout = column(self, gap=8)
        layout.addWidget(rule())
        layout.addLayout(self.head)
        layout.addLayout(self.body)


class Detail(QFrame):
    """Heading, pills, buttons, facts, and whatever sections a tab adds; seen while something is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.subtitle = muted()
        self.subtitle.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._pills = row(gap=12)
        self._stack = QStackedWidget(self)
        self._page = RingedPage(self._stack)
        self.title = ValueLabel("", self._page)
        self.title.setProperty("heading", "2")
        self.in_place = EditInPlace(self._page)
        self.in_place.watch(self.title)
        self.verbs = Verbs(self._page)
        self._scroll = scrolling(self._page, self._stack)
        self.facts = Facts(self._page, self.in_place)
        self._of_one = QWidget(self._page)
        self.sections = column(self._of_one, gap=16)
        self._build()
        self.show_nothing()

    def add_section(self, title: str) -> Section:
        """A new part under the facts."""
        section = Section(title, self._of_one)
        self.sections.addWidget(section)
        return section

    def show_record(
        self,
        title: str | EditableFact,
        subtitle: str,
        badges: Sequence[Badge],
        facts: Sequence[Fact | EditableFact],
    ) -> None:
        """Show a record."""
        own = title if isinstance(title, EditableFact) else None
        self.title.setText(own.words if own else str(title))
        self._offer_title(own)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle))
        clear(self._pills)
        for badge in badges:
            self._pills.addWidget(Pill(replace(badge, is_plain=True), self._page))
        self._pills.addStretch(1)
        self.facts.set(facts)
        self._of_one.show()
        self._stack.setCurrentIndex(1)

    def show_many(self, title: str, shared: Sequence[Fact]) -> None:
        """Several records are chosen: how many, what may be done with all of them, and the values that they share."""
        self.in_place.end()
        self.title.setText(title)
        self._offer_title(None)
        self.subtitle.hide()
        clear(self._pills)
        self.facts.set(shared)
        if not self._of_one.isHidden():
            self.go_to_top()
        self._of_one.hide()
        self._stack.setCurrentIndex(1)

    def show_nothing(self) -> None:
        """Nothing is chosen."""
        self.in_place.end()
        self._stack.setCurrentIndex(0)

    def go_to_top(self) -> None:
        """Something else will be shown: what was scrolled to was of the one before."""
        self._scroll.verticalScrollBar().setValue(0)

    def take_focus(self) -> None:
        """Go to what is known of the record: on no button, so that another Enter or a space does nothing to it."""
        if not self.is_empty:
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return self._stack.currentIndex() == 0

    def _offer_title(self, fact: EditableFact | None) -> None:
        if fact is None:
            give_tip(self.title, "")
        self.title.offer(fact)
        self.in_place.follow([self.title])

    def _build(self) -> None:
        inside = column(self._page, margin=16, gap=12)
        top = column(gap=4)
        top.addWidget(take_any_width(self.title))
        top.addWidget(take_any_width(self.subtitle))
        inside.addLayout(top)
        inside.addLayout(self._pills)
        inside.addWidget(self.verbs)
        inside.addWidget(self.facts)
        inside.addWidget(self._of_one, 1)
        inside.addStretch(0)  # of several records little is known: the heading stays at the top all the same
        self._stack.addWidget(QWidget(self._stack))
        self._stack.addWidget(self._scroll)
        layout = column(self, margin=1, gap=0)
        layout.addWidget(self._stack)
