"""How a file of a sheet is read: what was recognised, and the choice of something else."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from desktop_app.domain.sheets import SheetForm, SheetOptions
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.styling import row


class SheetFormChoices(QWidget):
    """Sheet of a workbook, or separator and encoding of a CSV file."""

    changed = Signal()

    def __init__(self, separators: Sequence[str], encodings: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = ChoiceBox()
        self.separator = ChoiceBox([(_tr("As recognised"), ""), *((_separator(each), each) for each in separators)])
        self.encoding = ChoiceBox([(_tr("As recognised"), ""), *((each.upper(), each) for each in encodings)])
        layout = row(self, gap=16)
        self._holders: list[tuple[QWidget, ChoiceBox]] = []
        for words, box in (
            (_tr("Shee&t"), self.sheet),
            (_tr("&Separator"), self.separator),
            (_tr("&Encoding"), self.encoding),
        ):
            label = PlainLabel(words)
            label.setBuddy(box)
            # What is recognised comes after the first sight, and is longer.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setAccessibleName(words.replace("&", ""))
            box.currentIndexChanged.connect(self.changed)
            holder = QWidget()
            pair = row(holder)
            pair.addWidget(label)
            pair.addWidget(box)
            layout.addWidget(holder)
            self._holders.append((holder, box))
        layout.addStretch(1)
        self.show_form(SheetForm())

    @property
    def options(self) -> SheetOptions:
        """What was chosen, beyond what the file tells."""
        if self.sheet.value:
            return SheetOptions(sheet=self.sheet.value)
        return SheetOptions(separator=self.separator.value, encoding=self.encoding.value)

    def forget(self) -> None:
        """Another file: what was chosen was meant for the one before."""
        boxes: tuple[tuple[ChoiceBox, Any], ...] = ((self.separator, ""), (self.encoding, ""))
        self.blockSignals(True)
        self.sheet.clear()
        self.sheet.replace_all(())
        for box, value in boxes:
            box.choose(value)
            box.replace_first(_tr("As recognised"), "")
        self.blockSignals(False)
        self.show_form(SheetForm())

    def show_form(self, form: SheetForm) -> None:
        """Show how the file was read."""
        self.blockSignals(True)
        if form.sheets:
            self.sheet.replace_all((each, each) for each in form.sheets)
            self.sheet.choose(form.sheet)
        recognised = _tr("{what} (recognised)")
        if form.separator and not self.separator.value:
            self.separator.replace_first(recognised.format(what=_separator(form.separator)), "")
        if form.encoding and not self.encoding.value:
            self.encoding.replace_first(recognised.format(what=form.encoding.upper()), "")
        self.blockSignals(False)
        for holder, box in self._holders:
            holder.setVisible(bool(form.sheets) if box is self.sheet else not form.sheets)


def _separator(character: str) -> str:
    names = {",": _tr("Comma"), ";": _tr("Semicolon"), "\t": _tr("Tab"), "|": _tr("Bar")}
    return names.get(character, character)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sheet_form", text)
