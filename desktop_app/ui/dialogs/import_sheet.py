"""Records from a spreadsheet's file: what would come in is seen while one chooses.

What kind of records they are, says a :class:`RecordKind` (``import_records``, ``import_users``).
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QProgressBar, QWidget

from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.services.sheets.csv_file import ENCODINGS, SEPARATORS
from desktop_app.services.sheets.sheet_file import read_sheet
from desktop_app.ui.dialogs.column_memory import ColumnMemory
from desktop_app.ui.dialogs.record_kind import Planned, RecordKind
from desktop_app.ui.foundation.jobs import Job, Jobs, Lane
from desktop_app.ui.foundation.latest_job import LatestJob
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.text.plain import PlainLabel, give_tip
from desktop_app.ui.widgets.background_tasks import BackgroundTasks
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.column_choices import ColumnChoices, on_one_line
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.file_choice import choose_file
from desktop_app.ui.widgets.sheet_form import SheetFormChoices
from desktop_app.ui.widgets.sheet_problems import SheetProblems
from desktop_app.ui.widgets.styling import column, heading, muted, row, scrolling, take_any_width


def choose_sheet(parent: QWidget, title: str, then: Callable[[Path], None]) -> None:
    """Ask for a file to import."""
    choose_file(parent, title, then, _tr("Sheets (*.csv *.xlsx *.txt *.tsv);;All files (*)"))


class ImportSheetDialog(QDialog):
    """Shows a file as it would come in; ``imported`` brings what the service says of what did."""

    imported = Signal(object)

    def __init__(
        self,
        jobs: Jobs,
        kind: RecordKind,
        path: Path,
        memory: ColumnMemory,
        parent: QWidget | None = None,
        tasks: BackgroundTasks | None = None,
    ) -> None:
        """*tasks*: what comes in for minutes does so behind the window, which is free for other work meanwhile."""
        super().__init__(parent)
        self._tasks = tasks
        self.setModal(True)
        entitle(self, kind.title)
        self.kind, self._memory = kind, memory
        self.path = path
        self._sheet: Sheet | None = None
        self._planned: Any = None
        self._jobs, self._latest = jobs, LatestJob(jobs, self)
        self._is_importing = False
        self._is_behind = False
        self._words = ""
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
        self._latest.cancel()
        if self._is_importing:
            self.cancel.set_busy(True)
            return
        super().reject()

    def done(self, result: int) -> None:
        """Close; the sheet is let go where no work looks at it any more."""
        self._let_go(self._planned, None if self._latest.is_working else self._sheet)
        super().done(result)

    def submit(self) -> None:
        """Bring it in."""
        planned = self._planned
        if planned is None or self._is_importing or not self.verb.isEnabled():
            return
        bring = self.kind.bringing_in(planned, skip_bad=bool(self.skip_bad.value))
        self._set_importing(True)
        if self._tasks is None:
            self._start(_tr("Importing…"), lambda job: bring(job.report), self._on_imported)
        else:
            self._go_behind(self._tasks, _tr("Importing {what}").format(what=self.kind.counted(self._number)), bring)

    def _go_behind(self, tasks: BackgroundTasks, title: str, bring: Callable[[Report], Any]) -> None:
        self._is_behind = True
        self.hide()
        job = tasks.run(
            self, title, lambda job: bring(job.report), self._on_imported, self._on_failed, counted=formatting.done_of
        )
        job.ended.connect(lambda: self._on_stopped() if shiboken6.isValid(self) else None)

    def _on_stopped(self) -> None:
        """Whoever was told that it is done, or failed, does not wait for it any more."""
        if self._is_importing:
            self._on_ended(cancelled=True)

    @property
    def _number(self) -> int:
        """How many records come in."""
        return self.kind.number_of(self._planned) if self._planned else 0

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
        self._problems = SheetProblems()
        self.skip_bad = Field("skip_bad", _tr("&Leave out rows with problems"), QCheckBox())
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
        title = title_heading(self)
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
        right.addWidget(self._problems, 1)
        right.addStretch(0)
        halves = row(gap=24)
        halves.addLayout(left, 3)
        halves.addLayout(right, 5)
        boxes = row(gap=24)
        for box in (*self.kind.boxes, self.skip_bad):
            boxes.addWidget(box)
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
        line = row(gap=12)
        for part in self.kind.line:
            line.addWidget(part)
        layout.addLayout(line)
        layout.addLayout(buttons)
        fit_to_screen(self, 1040, 700)

    def _connect(self) -> None:
        self.other.clicked.connect(lambda: choose_sheet(self, self.accessibleName(), self.open_file))
        self.form.changed.connect(self._read)
        self.columns.changed.connect(self._plan)
        for box in self.kind.boxes:
            box.edited.connect(self._plan)
        for each in self.kind.line:
            if isinstance(each, QLineEdit):
                each.textChanged.connect(self._show_verb)
        self.skip_bad.edited.connect(self._show_verb)
        self._latest.progressed.connect(self._show_progress)
        self._latest.ended.connect(self._on_ended)
        self.verb.clicked.connect(self.submit)
        self.cancel.clicked.connect(self.reject)

    def _start(self, words: str, work: Callable[[Job], object], done: Callable[..., None]) -> None:
        """Begin something instead of what is under way; that one says nothing more."""
        self._words = words
        self.doing.setText(words)
        self.bar.setRange(0, 0)
        self._show_verb()
        self._latest.start(work, done, self._on_failed)
        self.bar.setVisible(self._latest.is_working)

    def _read(self) -> None:
        path, options, kind = self.path, self.form.options, self.kind
        self.file.setText(on_one_line(path.name))
        give_tip(self.file, str(path))
        self._sheet = None
        self._forget_plan()

        def read(job: Job) -> tuple[Sheet, SheetFields]:
            sheet = read_sheet(path, options, job.report)
            return sheet, kind.fields_for(sheet.headings)

        self._start(_tr("Reading…"), read, lambda found: self._on_read(*found))

    def _on_read(self, sheet: Sheet, fields: SheetFields) -> None:
        self._sheet = sheet
        self.form.show_form(sheet.form)
        known = {"", *(field for field, _words in fields.offered)}
        kept = self._memory.of(sheet.headings)
        chosen = kept if len(kept) == len(fields.named) and known.issuperset(kept) else fields.named
        examples = [next((row[at] for row in sheet.rows[:50] if row[at].strip()), "") for at in range(len(chosen))]
        self.columns.show_columns(sheet.headings, examples, fields.offered, chosen)
        self._order_focus()
        self._plan()

    def _order_focus(self) -> None:
        """Boxes that are made anew stand where they are seen, also for Tab."""
        boxes = [each.editor for each in (*self.kind.boxes, self.skip_bad)]
        line = [each for each in self.kind.line if each.focusPolicy() is not Qt.FocusPolicy.NoFocus]
        order = [self.form.encoding, *self.columns.boxes, self._problems.table, *boxes, *line, self.cancel, self.verb]
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)

    def _plan(self) -> None:
        sheet, compare = self._sheet, self.kind.planning()
        if sheet is None:
            return
        mapping = dict(zip(sheet.headings, self.columns.chosen, strict=True))
        self._forget_plan()
        self._start(
            _tr("Comparing…"),
            lambda job: compare(sheet, mapping, job.report),
            self._on_planned,
        )

    def _let_go(self, *ends: Planned | Sheet | None) -> None:
        """Of what is as long as the file, in a worker."""
        self._planned = None
        self._jobs.read(
            self, "let go", lambda: [end.let_go() for end in ends if end], lambda _ends: None, lane=Lane.LOCAL
        )

    def _forget_plan(self) -> None:
        self._let_go(self._planned)
        self.banner.clear()
        self._show_problems(())
        self.counts.setText("")
        self.ignored.setText("")

    def _on_planned(self, planned: Planned) -> None:
        self._planned = planned
        self.counts.setText(self.kind.counts_of(planned))
        names = ", ".join(map(on_one_line, planned.ignored[:20])) + ("…" if len(planned.ignored) > 20 else "")
        self.ignored.setText(_tr("Left out: {columns}").format(columns=names) if names else "")
        self._show_problems(planned.problems)

    def _show_problems(self, problems: Sequence[SheetProblem]) -> None:
        self._problems.show_problems(problems)
        self.skip_bad.setVisible(bool(problems))

    def _show_progress(self, done: int, total: int) -> None:
        if total:
            self.doing.setText(f"{self._words} {formatting.done_of(done, total)}")
        self.bar.setRange(0, 1000 if total else 0)
        self.bar.setValue(round(1000 * done / total) if total else 0)

    def _show_verb(self) -> None:
        planned = self._planned
        count = self._number
        self.verb.setText(_tr("&Import {what}").format(what=self.kind.counted(count)) if count else _tr("&Import"))
        if not self._latest.is_working:
            self.doing.setText("")
        if planned is None or self._latest.is_working:
            self.verb.set_allowed(False, _tr("The file is not compared with the center yet."))
        elif planned.problems and not self.skip_bad.value:
            why = _tr("All or nothing: correct these rows in the file, or leave them out.")
            self.verb.set_allowed(False, why)
            self.doing.setText(why)
        elif why := self.kind.missing() if count else _tr("Nothing would change."):
            self.verb.set_allowed(False, why)
            self.doing.setText(why)
        else:
            self.verb.set_allowed(True)

    def _set_importing(self, importing: bool) -> None:
        self._is_importing = importing
        for each in (self.other, self.form, self.columns, *self.kind.boxes, self.skip_bad, *self.kind.line):
            each.setEnabled(not importing)

    def _on_imported(self, result: Any) -> None:
        self._set_importing(False)
        anything, problems, words = self.kind.what_came(result)
        if not anything:
            self._let_go(self._planned)
            self._show_problems(problems)
            self.banner.say(words, Tone.WARNING)
            self._come_back()
            return
        self._is_behind = False
        self._memory.keep(self.headings, self.columns.chosen)
        self._let_go(self._planned, self._sheet)
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
        self._come_back()

    def _come_back(self) -> None:
        """What went on behind the window did not come in: all that was chosen is there again."""
        if self._is_behind:
            self._is_behind = False
            self._show_verb()
            self.show()

    def _on_ended(self, cancelled: bool) -> None:
        if self._is_importing and cancelled:
            self.banner.say(_tr("Stopped. Nothing came in."), Tone.INFO)
        self._set_importing(False)
        self.cancel.set_busy(False)
        self.bar.hide()
        self._show_verb()
        self._come_back()


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_sheet", text)
