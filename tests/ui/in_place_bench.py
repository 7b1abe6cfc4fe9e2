"""A tab of samples whose values are edited where they stand in the inspector."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.domain.fields import FieldKind
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Standing
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.value_label import ValueLabel
from tests.ui.conftest import MakeContext
from tests.ui.fake_fields import defined
from tests.ui.fake_services import Lab
from tests.ui.made_records import sample
from tests.ui.tab_bench import Bench

HEAD = ("Type", "Responsible", "Collected", "Where")


def fill(lab: Lab) -> None:
    lab.sample_rows = [
        sample(1, name="One", metadata={"volume_ml": 2, "old": "kept"}),
        sample(2, name="Two", description="Of two"),
        sample(3, name="Three", status=SampleStatus.ARCHIVED),
    ]
    lab.defined = [
        defined("volume_ml", FieldKind.NUMBER, unit="ml", required=True),
        defined("tube", FieldKind.CHOICE, choices=("EDTA", "Serum")),
        defined("of tissue", FieldKind.TEXT, sample_types=("tissue",)),
    ]


class InPlace(Bench):
    """A Samples tab with the keyboard in it."""

    def __init__(self, make_context: MakeContext, qtbot: QtBot, standing: Standing = Standing.USER) -> None:
        super().__init__(SamplesTab, make_context, qtbot, standing, fill)
        self.qtbot = qtbot
        self.undo: list[tuple[str, Callable[[], None]]] = []
        self.context.messages.undo_offered.connect(lambda text, back: self.undo.append((text, back)))
        with qtbot.waitActive(self.tab):
            self.tab.resize(1200, 800)
            self.tab.activateWindow()

    def show(self, name: str) -> None:
        rows = self.tab.records.model.rows
        self.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.name == name))

    def saved(self, name: str) -> Sample:
        return next(row for row in self.work.samples._rows.rows.values() if row.barcode.endswith(f"-000{name}"))

    @property
    def labels(self) -> dict[str, ValueLabel]:
        """The values that may be edited, by what they are called, from top to bottom."""
        detail = self.tab.detail
        detail.grab()  # lays out what was filled
        found = detail.findChildren(ValueLabel)
        found.sort(key=lambda each: each.mapTo(detail, QPoint()).y())
        return {each.fact.label: each for each in found if each.fact is not None}

    @property
    def field(self) -> Field | None:
        found: Field | None = self.tab.detail.in_place.field
        return found

    def open(self, label: str) -> Field:
        self.labels[label].setFocus()
        QTest.keyClick(self.labels[label], Qt.Key.Key_Return)
        assert self.field is not None
        return self.field

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        assert self.field is not None
        QTest.keyClick(self.field.editor, key, held)
