"""Samples from a spreadsheet's file: what would come in is seen while one chooses, and comes in as one change."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QModelIndex, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QProgressBar, QWidget

from desktop_app.domain.sheets import Sheet, SheetProblem
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.services.sheets.csv_file import ENCODINGS, SEPARATORS
from desktop_app.services.sheets.sample_import import ImportResult, SampleImport, SheetFields
from desktop_app.services.sheets.sheet_file import read_sheet
from desktop_app.ui.foundation.jobs import Job, Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.text.messages import said
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.column_choices import ColumnChoices, on_one_line
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.file_choice import choose_file
from desktop_app.ui.widgets.sheet_form import SheetFormChoices
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import column, heading, muted, row, scrolling, take_any_width
from desktop_app.ui.widgets.table import RecordTable

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

SHOWN_PROBLEMS = 1_000
Remembered = Callable[[Sequence[str]], Sequence[str]]
"""What a person chose for the columns under these headings; nothing where he never did."""


def choose_sheet(parent: QWidget, then: Callable[[Path], None]) -> None:
    """Ask for a file to import."""
    choose_file(parent, _tr("Import samples"), then, _tr("Sheets (*.csv *.xlsx *.txt *.tsv);;All files (*)"))


class ImportSheetDialog(QDialog):
    """Shows a file as it would come in; ``imported`` brings the ImportResult of what did."""

    imported = Signal(object)

    def __init__(
        self, jobs: Jobs, work: "CenterServices", path: Path, remembered: Remembered, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(_tr("Import samples"))
        self._jobs, self._work, self._remembered = jobs, work, remembered
        self.path = path
        self._sheet: Sheet | None = None
        self._planned: SampleImport | None = None
        self._job: Job | None = None
        self._is_importing = False
        self._make_parts()
        self._build()
        self._connect()
        self._read()

    @property
    def headings(self) -> tuple[str, ...]:
        """Of the sheet that is shown."""
        return self._sheet.headings if self._sheet else ()

    def open_file(self, path: Path) -> None:
        """Show another one."""
        self.path = path
        self.form.forget()
        self._read()

    def reject(self) -> None:
        """Leave; what is being imported is stopped first, and then nothing of it is in."""
        if self._job is not None:
            self._job.cancel()
        if self._is_importing:
            self.cancel.set_busy(True)
            return
        super().reject()

    def submit(self) -> None:
        """Bring it in."""
        planned = self._planned
        if planned is None or self._is_importing or not self.verb.isEnabled():
            return
        imports, reason, skip_bad = self._work.imports, self.reason.text().strip(), bool(self.skip_bad.value)
        self._set_importing(True)
        self._start(
            _tr("Importing…"),
            lambda job: imports.apply(planned, reason, skip_bad=skip_bad, report=job.report),
            self._on_imported,
        )

    def _make_parts(self) -> None:
        self.file = muted()
        self.file.setWordWrap(False)
        self.other = Button(_tr("Another &file…"), "folder-open")
        self.form = SheetFormChoices(SEPARATORS, ENCODINGS)
        self.banner = Banner(closable=False)
        self.columns = ColumnChoices()
        self.counts = PlainLabel()
        self.counts.setWordWrap(True)
        self.ignored = take_any_width(muted(caption=True))
        self._problems: ShortModel[SheetProblem] = ShortModel(_problem_columns(), lambda each: each[:2], self)
        self.table = RecordTable(self._problems, _tr("Rows with problems"))
        self.whole = muted()
        self.whole.hide()
        self.more = muted(caption=True)
        self.update_box = Field("update", _tr("&Change samples that are there already (by barcode)"), QCheckBox())
        self.skip_bad = Field("skip_bad", _tr("&Leave out rows with problems"), QCheckBox())
        self.reason = QLineEdit()
        self.reason.setAccessibleName(_tr("Reason"))
        self.reason.setPlaceholderText(_tr("It stays on the record"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.doing = muted()
        self.doing.setWordWrap(False)
        take_any_width(self.doing)
        self.verb = Button(_tr("Import"), kind=Kind.PRIMARY)
        self.verb.setDefault(True)
        self.cancel = Button(_tr("Cancel"))

    def _build(self) -> None:
        head = row(gap=16)
        title = heading(self.windowTitle(), 1)
        title.setWordWrap(False)
        head.addWidget(title)
        head.addWidget(take_any_width(self.file), 1)
        head.addWidget(self.other)
        page = QWidget()
        inside = column(page)
        inside.addWidget(self.columns)
        inside.addStretch(1)
        left, right = column(), column()
        left.addWidget(heading(_tr("Columns"), 3))
        left.addWidget(scrolling(page), 1)
        right.addWidget(heading(_tr("What comes in"), 3))
        for each in (self.counts, self.ignored):
            right.addWidget(each)
        right.addWidget(self.table, 1)
        right.addWidget(self.whole)
        right.addWidget(self.more)
        right.addStretch(0)
        halves = row(gap=24)
        halves.addLayout(left, 3)
        halves.addLayout(right, 5)
        boxes = row(gap=24)
        boxes.addWidget(self.update_box)
        boxes.addWidget(self.skip_bad)
        boxes.addStretch(1)
        buttons = row(gap=12)
        buttons.addWidget(self.bar)
        buttons.addWidget(self.doing, 1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.verb)
        layout = column(self, margin=24, gap=12)
        layout.addLayout(head)
        layout.addWidget(self.form)
        layout.addWidget(self.banner)
        layout.addLayout(halves, 1)
        layout.addLayout(boxes)
        why = row(gap=12)
        label = PlainLabel(_tr("&Reason"))
        label.setBuddy(self.reason)
        why.addWidget(label)
        why.addWidget(self.reason, 1)
        layout.addLayout(why)
        layout.addLayout(buttons)
        fit_to_screen(self, 1040, 700)

    def _connect(self) -> None:
        self.other.clicked.connect(lambda: choose_sheet(self, self.open_file))
        self.form.changed.connect(self._read)
        self.columns.changed.connect(self._plan)
        self.update_box.edited.connect(self._plan)
        self.skip_bad.edited.connect(self._show_verb)
        self.table.selectionModel().currentRowChanged.connect(lambda index, _before: self._show_whole(index))
        self.verb.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.reject)

    def _start(self, words: str, work: Callable[[Job], object], done: Callable[..., None]) -> None:
        """Begin something instead of what is under way; that one says nothing more."""
        if self._job is not None:
            self._job.cancel()
        mine: list[Job] = []

        def prepare(job: Job) -> None:
            mine.append(job)
            self._job = job
            job.progressed.connect(lambda at, total: self._show_progress(at, total) if self._job is job else None)
            job.ended.connect(lambda: self._on_ended(job))

        self.doing.setText(words)
        self.bar.setRange(0, 0)
        self._show_verb()
        self._jobs.start(
            self,
            work,
            lambda found: done(found) if self._job is mine[0] else None,
            lambda error: self._on_failed(error) if self._job is mine[0] else None,
            prepare=prepare,
        )
        self.bar.setVisible(self._job is not None)

    def _read(self) -> None:
        path, options, imports = self.path, self.form.options, self._work.imports
        self.file.setText(on_one_line(path.name))
        give_tip(self.file, str(path))
        self._sheet = None
        self._forget_plan()

        def read(job: Job) -> tuple[Sheet, SheetFields]:
            sheet = read_sheet(path, options, job.report)
            return sheet, imports.fields_for(sheet.headings)

        self._start(_tr("Reading…"), read, lambda found: self._on_read(*found))

    def _on_read(self, sheet: Sheet, fields: SheetFields) -> None:
        self._sheet = sheet
        self.form.show_form(sheet.form)
        known = {"", *(field for field, _words in fields.offered)}
        kept = tuple(self._remembered(sheet.headings))
        chosen = kept if len(kept) == len(fields.named) and known.issuperset(kept) else fields.named
        examples = [next((row[at] for row in sheet.rows[:50] if row[at].strip()), "") for at in range(len(chosen))]
        self.columns.show_columns(sheet.headings, examples, fields.offered, chosen)
        self._order_focus()
        self._plan()

    def _order_focus(self) -> None:
        """Boxes that are made anew stand where they are seen, also for Tab."""
        order = [self.form.encoding, *self.columns.boxes, self.table, self.update_box.editor, self.skip_bad.editor]
        for before, after in pairwise([*order, self.reason, self.cancel, self.verb]):
            QWidget.setTabOrder(before, after)

    def _plan(self) -> None:
        sheet, update, imports = self._sheet, bool(self.update_box.value), self._work.imports
        if sheet is None:
            return
        mapping = dict(zip(sheet.headings, self.columns.chosen, strict=True))
        self._forget_plan()
        self._start(
            _tr("Comparing…"),
            lambda job: imports.plan(sheet, mapping, update=update, report=job.report),
            self._on_planned,
        )

    def _forget_plan(self) -> None:
        self._planned = None
        self.banner.clear()
        self._show_problems(())
        self.counts.setText("")
        self.ignored.setText("")

    def _on_planned(self, planned: SampleImport) -> None:
        self._planned = planned
        text = _tr("{new} new, {changed} changed, {unchanged} unchanged, {bad} with problems")
        self.counts.setText(
            text.format(
                new=formatting.number(len(planned.new)),
                changed=formatting.number(len(planned.changed)),
                unchanged=formatting.number(planned.unchanged),
                bad=formatting.number(planned.refused),
            )
        )
        names = ", ".join(map(on_one_line, planned.ignored[:20])) + ("…" if len(planned.ignored) > 20 else "")
        self.ignored.setText(_tr("Left out: {columns}").format(columns=names) if names else "")
        self._show_problems(planned.problems)

    def _show_problems(self, problems: Sequence[SheetProblem]) -> None:
        self._problems.set_rows(problems[:SHOWN_PROBLEMS])
        self.whole.hide()
        self.table.setVisible(bool(problems))
        text = _tr("The first {count} problems of {total} are shown.")
        hidden = len(problems) > SHOWN_PROBLEMS
        numbers = (formatting.number(SHOWN_PROBLEMS), formatting.number(len(problems)))
        self.more.setText(text.format(count=numbers[0], total=numbers[1]) if hidden else "")
        self.more.setVisible(hidden)
        self.skip_bad.setVisible(bool(problems))

    def _show_whole(self, index: QModelIndex) -> None:
        """The sentence of the chosen row, which its cell may not have room for."""
        problem = self._problems.record(index)
        self.whole.setText("" if problem is None else said(problem.problem))
        self.whole.setVisible(problem is not None)

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, 1000 if total else 0)
        self.bar.setValue(round(1000 * done / total) if total else 0)

    def _show_verb(self) -> None:
        planned = self._planned
        count = len(planned.new) + len(planned.changed) if planned else 0
        self.verb.setText(_tr("&Import {what}").format(what=formatting.samples(count)) if count else _tr("&Import"))
        if self._job is None:
            self.doing.setText("")
        if planned is None or self._job is not None:
            self.verb.set_allowed(False, _tr("The file is not compared with the center yet."))
        elif planned.problems and not self.skip_bad.value:
            why = _tr("All or nothing: correct these rows in the file, or leave them out.")
            self.verb.set_allowed(False, why)
            self.doing.setText(why)
        else:
            self.verb.set_allowed(count > 0, _tr("Nothing would change."))

    def _set_importing(self, importing: bool) -> None:
        self._is_importing = importing
        for each in (self.other, self.form, self.columns, self.update_box, self.skip_bad, self.reason):
            each.setEnabled(not importing)

    def _on_imported(self, result: ImportResult) -> None:
        self._set_importing(False)
        if result.plan is None:
            self._planned = None
            self._show_problems(result.problems)
            self.banner.say(_tr("Nothing came in: others changed samples of this file meanwhile."), Tone.WARNING)
            return
        self.imported.emit(result)
        self.accept()

    def _on_failed(self, error: LabkeepError) -> None:
        was_importing = self._is_importing
        self._set_importing(False)
        if was_importing or isinstance(error, RefusedError):
            self.banner.say(sentence(error), tone_of(error))
        else:
            again = self._read if self._sheet is None else self._plan
            self.banner.show_notice(Notice(sentence(error), tone_of(error), _tr("Try again"), again))

    def _on_ended(self, job: Job) -> None:
        if self._job is not job:
            return
        self._job = None
        if self._is_importing and job.is_cancelled:
            self.banner.say(_tr("Stopped. Nothing came in."), Tone.INFO)
        self._set_importing(False)
        self.cancel.set_busy(False)
        self.bar.hide()
        self._show_verb()


def _problem_columns() -> tuple[Column[SheetProblem], ...]:
    return (
        Column(_tr("Row"), lambda each: formatting.number(each.row), 64, right=True),
        Column(_tr("Column"), lambda each: on_one_line(each.column), 100),
        Column(_tr("Value"), lambda each: on_one_line(each.value), 100, muted=True),
        Column(_tr("Problem"), lambda each: on_one_line(said(each.problem)), 0, tip=lambda each: said(each.problem)),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_sheet", text)
