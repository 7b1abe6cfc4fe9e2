"""What narrows or widens a list: a choice, one record that all belong to, and what was deactivated."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QStyle, QStyleOptionButton, QWidget

from desktop_app.ui.text.plain import give_tip, without_keys
from desktop_app.ui.widgets.buttons import Button, Kind, naming
from desktop_app.ui.widgets.choice_counts import COUNT, CountedChoice
from desktop_app.ui.widgets.field import ChoiceBox

_NOTHING = object()
NARROWEST = 42
"""Pixels of a chip."""


@dataclass(frozen=True)
class Owner:
    """The one record that a list is narrowed to, such as the sample whose documents are wanted."""

    id: UUID
    name: str


class ChoiceFilter(ChoiceBox):
    """One value of several; the first choice lets all through."""

    changed = Signal()
    opened = Signal()
    """The choices are seen: it is time to count them."""

    def __init__(
        self, name: str, choices: Iterable[tuple[str, Any]], parent: QWidget | None = None, *, narrows: bool = True
    ) -> None:
        """One that only says where to look *narrows* nothing: it stays when the filters are taken off."""
        super().__init__(choices, parent)
        self._narrows = narrows
        self._is_open = False
        self._supposed: Any = _NOTHING
        self.setItemDelegate(CountedChoice(self))
        self.setAccessibleName(name)
        self.currentIndexChanged.connect(lambda _at: self.changed.emit())

    @property
    def is_set(self) -> bool:
        """Whether it leaves something out."""
        return self._narrows and self.currentIndex() > 0

    @property
    def value(self) -> Any:
        """What lets through."""
        return super().value if self._supposed is _NOTHING else self._supposed

    @property
    def values(self) -> tuple[Any, ...]:
        """What is offered."""
        return tuple(self._values)

    @contextmanager
    def supposing(self, value: Any) -> Iterator[None]:
        """As if this were chosen; nothing of it is seen."""
        self._supposed = value
        try:
            yield
        finally:
            self._supposed = _NOTHING

    def show_counts(self, counts: Sequence[str]) -> None:
        """Say of each choice how many there are, as long as the choices are seen."""
        if self._is_open and len(counts) == self.count():
            for at, words in enumerate(counts):
                self.setItemData(at, words, COUNT)
                self.setItemData(at, f"{self.itemText(at)}, {words}", Qt.ItemDataRole.AccessibleTextRole)

    def count_text(self, at: int) -> str:
        """The count that a choice shows."""
        return self.itemData(at, COUNT) or ""

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """Offer the choices; their counts come after them."""
        self._is_open = True
        # A view that is wider than the box: beside the name there is room for the count.
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 2 * self.view().frameWidth())
        super().showPopup()
        self.opened.emit()

    def hidePopup(self) -> None:  # noqa: N802 - Qt's name
        """The next time there may be others."""
        self._is_open = False
        super().hidePopup()
        for at in range(self.count()):
            self.setItemData(at, None, COUNT)
            self.setItemData(at, None, Qt.ItemDataRole.AccessibleTextRole)

    def take_off(self) -> None:
        """Let everything through, without a signal."""
        if self._narrows:
            with QSignalBlocker(self):
                self.setCurrentIndex(0)


class ChipFilter(Button):
    """What a list is narrowed by, in words; pressed, it is gone."""

    changed = Signal()

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__("", "x", parent=parent)
        self.value: Any = None
        # No wider than its words, and narrower before anything else is: they are in the tooltip, too.
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_tip(tip)
        self.hide()
        self.clicked.connect(self._on_clicked)

    @property
    def is_set(self) -> bool:
        """Whether it leaves something out."""
        return self.value is not None

    def minimumSizeHint(self) -> QSize:
        """The cross and a letter or two."""
        return QSize(NARROWEST, super().minimumSizeHint().height())

    def initStyleOption(self, option: QStyleOptionButton) -> None:  # noqa: N802 - Qt's name
        """Leave out of the words' middle what there is no room for."""
        super().initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        width = room - option.iconSize.width()
        option.text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, width)

    def put_value(self, value: Any, words: str) -> None:
        """Let through what fits this, without a signal."""
        self.value = value
        self.setText(without_keys(words))
        self.show()

    def take_off(self) -> None:
        """Let everything through, without a signal."""
        self.value = None
        self.hide()

    def _on_clicked(self) -> None:
        self.take_off()
        self.changed.emit()


class OwnerFilter(ChipFilter):
    """Only what belongs to one record: a chip with its name."""

    def __init__(self, words: str, tip: str) -> None:
        """*words* has a place for the name, such as "Sample {name}"."""
        super().__init__(tip)
        self._words = words

    @property
    def owner(self) -> Owner | None:
        """That record."""
        owner: Owner | None = self.value
        return owner

    def put_on(self, owner: Owner) -> None:
        """Let through what belongs to this record, without a signal."""
        self.put_value(owner, self._words.format(name=owner.name))


class CenterScope(ChipFilter):
    """One center of all: a chip with its name that follows the open center. Taken off it says that all are shown.

    Pressed then it is there again. Who took it off keeps it off, whatever center is opened; who was only led past it
    has it again with the next one.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", parent)
        self._open: Owner | None = None
        self._is_unwanted = False
        self.take_off()
        self.show()

    def follow(self, center: Owner | None) -> None:
        """This center is open now, or none is; without a signal."""
        is_another = center is not None and (self._open is None or self._open.id != center.id)
        is_wanted = self.is_set or (is_another and not self._is_unwanted)
        self._open = center
        (self.put_on if is_wanted else self.take_off)()

    def put_on(self) -> None:
        """Show the open center alone, without a signal; where none is open, all."""
        if self._open is None:
            self.take_off()
            return
        self.value = self._open
        self.set_face(naming("{name}", self._open.name), "x", Kind.PLAIN)
        self.set_tip(_tr("Only {name}; press to show all centers").format(name=self._open.name))

    def take_off(self) -> None:
        """Show all centers, without a signal."""
        self.value = None
        self.set_face(_tr("All centers"), "building-2", Kind.PLAIN)
        self.set_tip("" if self._open is None else _tr("Show only {name}").format(name=self._open.name))

    def keep(self) -> None:
        """What it is now is what the person wants."""
        self._is_unwanted = self._open is not None and not self.is_set

    def _on_clicked(self) -> None:
        (self.take_off if self.is_set else self.put_on)()
        self.keep()
        self.changed.emit()


class InactiveFilter(QCheckBox):
    """Shows what was deactivated as well; it widens a list and so is never in the way."""

    changed = Signal()
    is_set = False

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("InactiveFilter", "Show deact&ivated"))
        self.toggled.connect(lambda _on: self.changed.emit())

    def include(self) -> None:
        """Show what was deactivated from now on, without a signal."""
        with QSignalBlocker(self):
            self.setChecked(True)

    def take_off(self) -> None:
        """It is not in the way."""


class BinFilter(QCheckBox):
    """Shows what was deactivated and nothing else: what can be restored, or deleted for good."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("BinFilter", "&Bin"))
        give_tip(
            self,
            QCoreApplication.translate("BinFilter", "Only what was deactivated: restore it, or delete it for good"),
        )
        self.toggled.connect(lambda _on: self.changed.emit())

    @property
    def is_set(self) -> bool:
        """Whether it leaves something out."""
        return self.isChecked()

    def take_off(self) -> None:
        """Let everything through, without a signal."""
        with QSignalBlocker(self):
            self.setChecked(False)


ListFilter = ChoiceFilter | ChipFilter | InactiveFilter | BinFilter


def _tr(text: str) -> str:
    return QCoreApplication.translate("list_filters", text)
