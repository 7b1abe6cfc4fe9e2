"""The list of scan mode, in the place of the tabs: what was scanned, and one verb for all of it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QWidget

from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.scanned import Scanned
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.scanner.code_line import CodeLine
from desktop_app.ui.shell.scanner.scanned_lists import MOST, ScannedLists
from desktop_app.ui.shell.scanner.scanned_rows import ScannedRows
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, without_mnemonic
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.empty_state import EmptyState
from desktop_app.ui.widgets.flow_layout import FlowLayout
from desktop_app.ui.widgets.styling import column, heading, muted, row
from desktop_app.ui.widgets.table import RecordTable

STEPS = (Step.PROCESS.value, Step.COMPLETE.value, Step.ARCHIVE.value)
VERBS = (*STEPS, "edit_fields", "worklist", "active", Step.REJECT.value)
"""The actions of the tab of samples that are done with all that was scanned, by their names; red is the last."""


class ScannedPage(QWidget):
    """Shows the list of the open center; what is done with it the tab of samples does."""

    leave_asked = Signal()
    sample_asked = Signal(object)
    """A Sample that is to be seen in its tab."""
    creating_asked = Signal(object)
    """A Scanned for which a sample is to be made."""

    def __init__(self, lists: ScannedLists, parent: QWidget) -> None:
        super().__init__(parent)
        self._lists = lists
        self._verbs: dict[str, Button] = {}
        self._actions: dict[str, Action[Sample]] = {}
        self.title = heading("", 1)
        self.code = CodeLine(self.tr("Scan, type or paste barcodes, and press Enter"), self)
        self.banner = Banner(self)
        self.why_not = muted()
        self.rows = ScannedRows()
        self.rows.setParent(self)
        self.table = RecordTable(self.rows, self.tr("Scanned samples"), self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.empty = EmptyState(
            "scan-barcode",
            self.tr("Nothing scanned yet"),
            self.tr("Every scan is listed here and opens nothing. Then choose what is done with all of them."),
            parent=self,
        )
        self.remove = Button(self.tr("Remove from list"), parent=self)
        self.create_sample = Button(self.tr("Create sample…"), "plus", parent=self)
        self._line = FlowLayout(gap=8)
        self._foot = QWidget(self)
        self._body = QStackedWidget(self)
        self._build()
        self._connect()

    def serve(self, tab: RecordTab[Sample]) -> None:
        """Offer what this tab does with several samples."""
        if self._actions:
            return
        self._actions = {name: tab.action(name).action for name in VERBS}
        for name in VERBS:
            button = self._verbs[name] = Button("", parent=self)
            button.clicked.connect(lambda _on=False, name=name: self._do(name))
            self._line.addWidget(button)

    def take_focus(self) -> None:
        """Be where codes are typed."""
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Show the list as it is now, and what may be done with it."""
        scans, work = self._lists.current, self._lists.work
        name = "" if work is None else work.center.name
        self.title.setText(self.tr("Scanned in {center}").format(center=name) if name else self.tr("Scanned samples"))
        self.rows.show(scans.rows)
        self._body.setCurrentWidget(self.table if scans.rows else self.empty)
        may_edit = work is not None and work.may(Verb.EDIT_SAMPLES)
        self.why_not.setText("" if work is None or may_edit else formatting.why_not(work.standing, Verb.EDIT_SAMPLES))
        self.why_not.setVisible(bool(self.why_not.text()))
        self._foot.setVisible(bool(scans.rows))
        for button in self._verbs.values():
            button.setVisible(may_edit and bool(scans.rows))
        self._offer(scans.samples, is_settled=scans.is_settled)
        self._on_chosen()

    def point_at(self, code: str) -> None:
        """This was scanned last."""
        self.table.choose_row(self.rows.row_of(code))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes rows out; Escape leaves scan mode."""
        match event.key():
            case Qt.Key.Key_Delete:
                self._on_remove()
            case Qt.Key.Key_Escape:
                self.leave_asked.emit()
            case _:
                super().keyPressEvent(event)

    def _build(self) -> None:
        for each in (self.table, self.empty):
            self._body.addWidget(each)
        self.code.setFixedWidth(380)
        head = row(gap=16)
        head.addWidget(self.title, 1)
        head.addWidget(self.code)
        foot = row(self._foot)
        for button in (self.remove, self.create_sample):
            foot.addWidget(button)
        foot.addStretch(1)
        layout = column(self, gap=12)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.addLayout(head)
        layout.addWidget(self.banner)
        layout.addLayout(self._line)
        layout.addWidget(self.why_not)
        layout.addWidget(self._body, 1)
        layout.addWidget(self._foot)

    def _connect(self) -> None:
        self.code.entered.connect(self.take)
        self.remove.clicked.connect(self._on_remove)
        self.create_sample.clicked.connect(self._on_create)
        self.table.selectionModel().selectionChanged.connect(lambda _on, _off: self._on_chosen())
        for asked in (self.table.opened, self.table.entered):
            asked.connect(self._on_opened)
        self._lists.taken.connect(self.point_at)

    def take(self, codes: Sequence[str], caps_lock: bool = False) -> None:
        """These were scanned, typed or pasted."""
        self.banner.clear()
        left_out = self._lists.take(codes, caps_lock=caps_lock)
        if left_out:
            text = self.tr("The list takes {most} codes. Left out: {count}.")
            text = text.format(most=formatting.number(MOST), count=formatting.number(left_out))
            self.banner.say(text, Tone.WARNING)

    @property
    def _chosen(self) -> list[Scanned]:
        rows = (self.rows.record(index) for index in self.table.selectionModel().selectedRows())
        return [row for row in rows if row is not None]

    def _offer(self, samples: Sequence[Sample], *, is_settled: bool) -> None:
        # What may be done depends on how a sample stands: of ten thousand, one of each standing is asked.
        kinds = tuple({(each.status, each.is_active): each for each in samples}.values())
        following = ""
        for name, button in self._verbs.items():
            action = self._actions[name]
            allowed, reason = self._standing(action, kinds, is_settled=is_settled)
            # One filled button: the first step that some of them are ready for.
            following = following or (name if allowed and name in STEPS else "")
            face = self._face(action, self._meant(action, kinds))
            kind = Kind.DANGER if face.kind is Kind.DANGER else Kind.PRIMARY if name == following else Kind.PLAIN
            button.set_face(without_mnemonic(face.text), face.icon, kind)
            button.set_allowed(allowed, reason)

    def _standing(self, action: Action[Sample], samples: Sequence[Sample], *, is_settled: bool) -> Allowed:
        if not is_settled:
            return False, self.tr("Some codes are still being looked up.")
        if not samples:
            return False, self.tr("None of these codes is a sample's.")
        fitting = [each for each in samples if action.shown(each)]
        if not fitting:
            return False, self.tr("None of these samples is ready for this.")
        answers = [action.allowed(each) for each in fitting]
        return next((answer for answer in answers if answer[0]), answers[0])

    @staticmethod
    def _face(action: Action[Sample], samples: Sequence[Sample]) -> ActionAppearance:
        if isinstance(action.face, ActionAppearance):
            return action.face
        return action.face(samples[0]) if samples else ActionAppearance(action.words)

    @staticmethod
    def _meant(action: Action[Sample], samples: Sequence[Sample]) -> Sequence[Sample]:
        """In the order of the scans; where the first one says what is done, it is one that is in use, if any is."""
        of_first: Any = not isinstance(action.face, ActionAppearance)
        return sorted(samples, key=lambda each: not each.is_active) if of_first else samples

    def _do(self, name: str) -> None:
        action, samples = self._actions[name], self._lists.current.samples
        if action.do_for_many is not None and samples:
            action.do_for_many(self._meant(action, samples))

    def _on_chosen(self) -> None:
        chosen, work = self._chosen, self._lists.work
        self.remove.set_allowed(bool(chosen), self.tr("Choose rows first."))
        is_unknown = len(chosen) == 1 and chosen[0].is_unknown
        may_edit = work is not None and work.may(Verb.EDIT_SAMPLES)
        self.create_sample.set_allowed(is_unknown and may_edit, self.tr("Choose one unknown code first."))
        self.create_sample.setVisible(may_edit)

    def _on_remove(self) -> None:
        self._lists.remove([row.code for row in self._chosen])

    def _on_create(self) -> None:
        for each in self._chosen[:1]:
            self.creating_asked.emit(each)

    def _on_opened(self) -> None:
        current = self.rows.record(self.table.currentIndex())
        if current is not None and current.sample is not None:
            self.sample_asked.emit(current.sample)
