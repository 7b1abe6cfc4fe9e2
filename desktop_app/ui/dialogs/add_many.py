"""Many new samples in a table: typed, scanned or pasted from a spreadsheet, checked, and created as one change."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QProgressBar, QWidget

from desktop_app.domain.change_plan import PlanAction
from desktop_app.domain.fields import DefinedField
from desktop_app.domain.formulas import pasted_table
from desktop_app.domain.records import ListedType
from desktop_app.domain.sheets import SheetProblem
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.services.sheets.planned_import import ImportResult
from desktop_app.services.sheets.sample_import import SampleImport
from desktop_app.services.sheets.typed_rows import GridColumns, pasted_rows
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.latest_job import LatestJob
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.cell_grid import CellGrid, problem_places
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.cell_table import CellTable
from desktop_app.ui.widgets.column_choices import on_one_line
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.sheet_problems import SheetProblems
from desktop_app.ui.widgets.styling import column, muted, row, take_any_width

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

CHECK_AFTER_MS = 400
"""From the last change to the check: who types is not checked key by key."""
MOST_PROBLEMS = 4
"""So many have a line without scrolling: the table is what one works in."""
WIDTHS = {"barcode": 140, "sample_type": 110, "name": 190, "description": 220, "results": 180}


class AddManyDialog(QDialog):
    """Checks what stands in the table as an import does; ``created`` brings the ImportResult of what was created."""

    created = Signal(object)
    typed = Signal()

    def __init__(self, jobs: Jobs, work: "CenterServices", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        entitle(self, _tr("Add samples"))
        self._jobs, self._work = jobs, work
        self._latest = LatestJob(jobs, self)
        self._columns = GridColumns()
        self.grid = CellGrid((), self)
        self._start = ""
        self._trouble: Notice | None = None
        self._planned: SampleImport | None = None
        self._is_creating = self._is_to_create = self._is_over = False
        self._timer = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._make_parts()
        self._build()
        self._connect()
        self._read_fields()

    @property
    def is_changed(self) -> bool:
        """Whether something stands there that is not created."""
        return not self._is_over and not self.grid.is_empty

    @property
    def count(self) -> int:
        """How many rows have something."""
        return self.grid.filled

    def whole(self) -> Callable[[], str]:
        """What gives the whole table of now with its headings, as a spreadsheet would copy it; on any thread."""
        rows = [self.grid.headings, *self.grid.rows]
        return lambda: pasted_table(rows)

    def begin_with(self, whole: str) -> None:
        """Put in what ``whole`` was, as soon as the columns are known."""
        self._start = whole
        if self.grid.headings:
            self._put(whole, 0, 0)

    def take(self, code: str) -> None:
        """A barcode was scanned: it fills the next row that has none."""
        if not self.table.isEnabled() or not self.grid.headings:
            return
        place = self._columns.fields.index("barcode")
        at = max(0, self.table.currentIndex().row())
        self.table.finish_editing()
        at = next((each for each in range(at, self.grid.rowCount()) if not self.grid.text(each, place)), at)
        self.grid.put(at, (place,), ((code,),))
        self.table.go_to(at + 1, place)

    def submit(self) -> None:
        """Create them, once they are checked."""
        self.table.finish_editing()
        if self._is_creating or self.grid.is_empty:
            return
        self._is_to_create = True
        if self._planned is None:
            self._check()
        else:
            self._create(self._planned)

    def reject(self) -> None:
        """Leave; what was typed is asked about, and what is being created is stopped first, and then nothing is."""
        if self._is_creating:
            self._latest.cancel()
            self.cancel.set_busy(True)
            return
        self.table.finish_editing()
        if not self.is_changed:
            self._latest.cancel()
            self._timer.stop()
            super().reject()
            return
        question = Question(
            _tr("Leave without creating the samples?"),
            _tr("What you typed here is lost."),
            _tr("Leave"),
            danger=True,
            cancel=_tr("Continue editing"),
        )
        ask(self, question, self._on_discarded)

    def _make_parts(self) -> None:
        self.banner = Banner(closable=False)
        self.table = CellTable(_tr("New samples"))
        self.table.setEnabled(False)
        self.note = take_any_width(muted())
        self.problems = SheetProblems()
        self.problems.set_most(MOST_PROBLEMS)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_tr("Reason"))
        self.reason.setPlaceholderText(_tr("It stays on the record"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.bar.hide()
        self.state = take_any_width(muted())
        self.state.setWordWrap(False)
        self.verb = Button("", kind=Kind.PRIMARY)
        self.verb.setDefault(True)
        self.cancel = Button(_tr("Cancel"))

    def _build(self) -> None:
        intro = _tr(
            "Type, scan, or paste from a spreadsheet (Ctrl+V); its row of headings is recognised. A sample without a "
            "barcode is given one."
        )
        keys = _tr("Enter goes down, Tab to the right, Ctrl+Tab out of the table. Ctrl+Enter creates.")
        why = row(gap=12)
        label = PlainLabel(_tr("&Reason"))
        label.setBuddy(self.reason)
        why.addWidget(label)
        why.addWidget(self.reason, 1)
        buttons = row(gap=12)
        buttons.addWidget(self.bar)
        buttons.addWidget(self.state, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addWidget(muted(intro))
        layout.addWidget(self.banner)
        layout.addWidget(self.table, 1)
        layout.addWidget(muted(keys, caption=True))
        layout.addWidget(self.note)
        layout.addWidget(self.problems)
        layout.addLayout(why)
        layout.addLayout(buttons)
        self.note.hide()
        fit_to_screen(self, 1200, 720)
        self._show_verb()

    def _connect(self) -> None:
        self.table.pasted.connect(self._on_pasted)
        self.table.accepted.connect(self.submit)
        self.problems.asked.connect(self._go_to_problem)
        self._timer.timeout.connect(self._check)
        self._latest.progressed.connect(self._show_progress)
        self._latest.ended.connect(self._on_ended)
        self.verb.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.reject)

    def _read_fields(self) -> None:
        self.banner.clear()
        work = self._work

        def read() -> tuple[tuple[DefinedField, ...], tuple[ListedType, ...]]:
            return work.fields.list(), work.vocabulary.sample_types()

        self._jobs.read(self, "fields", read, lambda found: self._on_fields(*found), self._on_unread)

    def _on_fields(self, fields: tuple[DefinedField, ...], types: tuple[ListedType, ...]) -> None:
        self._columns = GridColumns(fields)
        self.grid = CellGrid(self._columns.headings, self)
        self.grid.offers = self._columns.offers(types)
        self.grid.edited.connect(self._on_edited)
        self.table.show_grid(self.grid)
        for at, field in enumerate(self._columns.fields):
            self.table.setColumnWidth(at, WIDTHS.get(field, 130))
        self.table.setEnabled(True)
        self.table.setFocus()
        if self._start:
            self._put(self._start, 0, 0)

    def _on_unread(self, error: LabkeepError) -> None:
        self.banner.show_notice(Notice(sentence(error), tone_of(error), _tr("Try again"), self._read_fields))

    def _on_pasted(self, text: str) -> None:
        at = self.table.currentIndex()
        if text and at.isValid():
            self.banner.clear()
            self._put(text, at.row(), at.column())

    def _put(self, text: str, row: int, column: int) -> None:
        """Cells as they are on the clipboard, from this one on or by their headings."""
        try:
            placed = self._columns.placed(pasted_rows(text), column)
        except RefusedError as error:
            self.banner.say(sentence(error), tone_of(error))
            return
        columns = [each for each in placed.columns if each is not None]
        if columns:
            self.grid.put(row, placed.columns, placed.rows)
            self.table.choose(row, min(columns), row + len(placed.rows) - 1, max(columns))
        names = ", ".join(map(on_one_line, placed.left_out))
        self.note.setText(_tr("Not pasted, because the table has no such column: {columns}").format(columns=names))
        self.note.setVisible(bool(names))

    def _on_edited(self) -> None:
        self._planned = None
        self._is_to_create = False
        self._timer.start()
        self._show_verb()
        self.typed.emit()

    def _check(self) -> None:
        self._timer.stop()
        if self.grid.is_empty:
            self._latest.cancel()
            self._show_problems(())
            self.banner.clear()
            return
        columns, rows, imports = self._columns, self.grid.rows, self._work.imports
        self._latest.start(
            lambda job: imports.plan(columns.sheet(rows), columns.mapping, report=job.report),
            self._on_checked,
            self._on_failed,
        )
        self._show_verb()

    def _on_checked(self, planned: SampleImport) -> None:
        if self._timer.isActive():
            return  # something else stands there by now
        self._planned = planned
        if self.banner.notice is self._trouble:  # and not what was said of something else
            self.banner.clear()
        self._show_problems(planned.problems)
        if self._is_to_create:
            self._create(planned)

    def _create(self, planned: SampleImport) -> None:
        self._is_to_create = False
        if planned.problems:
            self._go_to_problem(planned.problems[0])
            return
        imports, reason = self._work.imports, self.reason.text().strip()
        self._set_creating(True)
        self._latest.start(
            lambda job: imports.apply(planned, reason, action=PlanAction.CREATE, report=job.report),
            self._on_created,
            self._on_failed,
        )
        self._show_verb()

    def _on_created(self, result: ImportResult) -> None:
        if result.plan is None:
            self._set_creating(False)
            self._planned = None
            self._show_problems(result.problems)
            self.banner.say(_tr("Nothing was created: others took barcodes of this table meanwhile."), Tone.WARNING)
            return
        self._is_over = True
        self.created.emit(result)
        self.accept()

    def _on_failed(self, error: LabkeepError) -> None:
        self._is_to_create = False
        again = None if self._is_creating or isinstance(error, RefusedError) else self._check
        kept = _tr("What you typed is still here.")
        verb = _tr("Try again") if again else ""
        self._trouble = Notice(f"{sentence(error)} {kept}", tone_of(error), verb, again)
        self.banner.show_notice(self._trouble)

    def _on_ended(self, stopped: bool) -> None:
        if self._is_creating and stopped:
            self.banner.say(_tr("Stopped. Nothing was created."), Tone.INFO)
        self._set_creating(False)
        self.cancel.set_busy(False)
        self._show_verb()

    def _on_discarded(self) -> None:
        self._is_over = True
        self.reject()

    def _set_creating(self, creating: bool) -> None:
        self._is_creating = creating
        self.bar.setVisible(creating)
        self.bar.setRange(0, 0)
        for each in (self.table, self.problems, self.reason):
            each.setEnabled(not creating)

    def _show_progress(self, done: int, total: int) -> None:
        if self._is_creating:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def _show_problems(self, problems: tuple[SheetProblem, ...]) -> None:
        self.problems.show_problems(problems)
        found = ((each.row, each.column, said(each.problem)) for each in problems)
        self.grid.show_problems(problem_places(self.grid.headings, found))
        self._show_verb()

    def _go_to_problem(self, problem: SheetProblem) -> None:
        row, place = next(iter(problem_places(self.grid.headings, ((problem.row, problem.column, ""),))))
        self.table.go_to(row, place)
        self.table.setFocus()

    def _show_verb(self) -> None:
        count = self.count
        self.verb.setText(_tr("&Create {what}").format(what=formatting.samples(count)) if count else _tr("&Create"))
        wrong = self.problems.total
        if self._is_creating:
            self.state.setText(_tr("Creating…"))
        elif self._planned is None:
            self.state.setText(_tr("Checking…") if self._latest.is_working else "")
        elif wrong:
            text = _tr("{count} problems: correct the marked cells.") if wrong > 1 else _tr("Correct the marked cell.")
            self.state.setText(text.format(count=formatting.number(wrong)))
        else:
            self.state.setText(_tr("Everything is in order.") if count else "")
        # Also while cells are marked: the last one may be corrected and still open, and else it leads to the first.
        why = _tr("This is being done.") if self._is_creating else _tr("No row has anything yet.")
        self.verb.set_allowed(count > 0 and not self._is_creating, why)


def _tr(text: str) -> str:
    return QCoreApplication.translate("add_many", text)
