"""A work list that is worked off: scan after scan ticks its samples, whatever else the cursor is in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QProgressBar, QWidget

from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.scanned import is_turned_over
from desktop_app.domain.work_lists import Tick, WorkItem, WorkList
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.work_list_form import WorkListForm
from desktop_app.ui.dialogs.work_list_order import OrderSaver
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind, naming
from desktop_app.ui.widgets.dialog_size import fit_to_content, fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.row_dragging import RowDragging
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import column, muted, row

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


WIDTH, HIGHEST, MOST_ROWS = 720, 640, 10


class WorkListDialog(QDialog):
    """Chooses one of the center's lists; a double click or Enter on a row takes its tick off or puts it on.

    The mouse drags a sample to another place; Alt and an arrow key, or the buttons below, move the chosen one.
    """

    ticked = Signal(object)
    """A Tick, once the server has said it."""

    def __init__(self, jobs: Jobs, work: "CenterServices", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        entitle(self, _tr("Work lists"))
        self._jobs, self._work = jobs, work
        self._known: dict[UUID, WorkList] = {}
        self.lists = ChoiceBox()
        self.lists.setAccessibleName(_tr("Work list"))
        self.scan = QLineEdit()
        self.scan.setPlaceholderText(_tr("Scan or type a barcode, and press Enter"))
        self.scan.setAccessibleName(_tr("Barcode"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.done_words = muted()
        self.done_words.setWordWrap(False)
        self.banner = Banner(closable=False)
        self.words = muted(_tr("Choose samples in the list and “Put on a work list…” to make one."))
        self.items: SmallTable[WorkItem] = SmallTable(
            _columns(), lambda each: each.sample_id, _tr("Samples"), most=MOST_ROWS
        )
        self.dragging = RowDragging(self.items.table)
        self.up = Button(_tr("Move up"), "chevron-up")
        self.up.set_tip(_tr("Work it off earlier (Alt+Up, or drag it)"))
        self.down = Button(_tr("Move down"), "chevron-down")
        self.down.set_tip(_tr("Work it off later (Alt+Down, or drag it)"))
        self.edit = Button(_tr("Edit list…"), "pencil")
        self.remove = Button(_tr("Delete list…"), kind=Kind.DANGER)
        self._done = Button(_tr("Close"))
        self._done.takes_enter = False
        self._order = OrderSaver(jobs, lambda list_id, samples: work.work_lists.arrange(list_id, samples), self)
        self._build()
        self._connect()
        may = work.may(Verb.EDIT_SAMPLES)
        self.scan.setEnabled(may)
        self.dragging.is_allowed = may
        for button in (self.edit, self.remove):
            button.set_allowed(may, formatting.why_not(work.standing, Verb.EDIT_SAMPLES))
        self._read_lists()
        self.scan.setFocus()

    @property
    def chosen(self) -> WorkList | None:
        """The list that is shown."""
        return self._known.get(self.lists.value)

    def take(self, code: str) -> None:
        """A code was scanned: its sample is done."""
        chosen = self.chosen
        if chosen is None or not self.scan.isEnabled():
            return
        lists = self._work.work_lists
        self._jobs.write(
            self, lambda: lists.tick(chosen.id, code), lambda found: self._on_ticked(code, *found), self._on_failed
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt and an arrow key move the chosen sample, whether one is in the list or scans."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.move_sample(step)
                return True
        return super().eventFilter(watched, event)

    def move_sample(self, step: int) -> None:
        """The chosen sample is worked off earlier (-1) or later (1): seen at once, and saved behind it."""
        at = self.items.table.currentIndex().row()
        self._move(at, at + step)

    def _move(self, at: int, to: int) -> None:
        chosen, items = self.chosen, list(self.items.model.rows)
        if chosen is None or not self.scan.isEnabled() or at < 0 or not 0 <= to < len(items):
            return
        items.insert(to, items.pop(at))
        self._show_items(items)
        self._order.save(chosen.id, [each.sample_id for each in items])

    def _connect(self) -> None:
        self.lists.currentIndexChanged.connect(lambda _at: self._read_items())
        for each in (self.scan, self.items.table):
            each.installEventFilter(self)
        self.scan.returnPressed.connect(self._on_entered)
        self.items.opened.connect(self._on_opened)
        self.items.chosen.connect(lambda _item: self._offer_moves())
        self.dragging.moved.connect(self._move)
        self.up.clicked.connect(lambda: self.move_sample(-1))
        self.down.clicked.connect(lambda: self.move_sample(1))
        self.edit.clicked.connect(self._on_edit)
        self.remove.clicked.connect(self._on_remove)
        self._done.clicked.connect(self.accept)
        self._order.saved.connect(self._read_items)
        self._order.failed.connect(self._on_not_moved)

    def _build(self) -> None:
        head = row()
        head.addWidget(self.lists, 1)
        head.addWidget(self.done_words)
        head.addWidget(self.progress, 1)
        buttons = row()
        for button in (self.up, self.down, self.edit, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._done)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self))
        layout.addLayout(head)
        layout.addWidget(self.scan)
        layout.addWidget(self.banner)
        layout.addWidget(self.words)
        layout.addWidget(self.items)
        layout.addStretch(1)
        layout.addLayout(buttons)
        fit_to_screen(self, WIDTH, HIGHEST)

    def _read_lists(self) -> None:
        lists = self._work.work_lists
        self._jobs.read(self, "lists", lambda: lists.list(), self._on_lists, self._on_failed)

    def _on_lists(self, found: tuple[WorkList, ...]) -> None:
        self.words.setVisible(not found)
        with_items = (self.scan, self.progress, self.done_words, self.items, self.up, self.down)
        for widget in (self.lists, *with_items, self.edit, self.remove):
            widget.setVisible(bool(found))
        if not found:
            fit_to_content(self, WIDTH)
        self._known = {each.id: each for each in found}
        self.lists.replace_all((_title(each), each.id) for each in found)
        self._read_items()

    def _read_items(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            lists = self._work.work_lists
            self._jobs.read(self, "items", lambda: lists.items(chosen.id), self._on_items, self._on_failed)

    def _on_items(self, items: tuple[WorkItem, ...]) -> None:
        if self._order.is_busy:
            return  # read before the samples were moved; they are read again when that is saved
        self._show_items(items)
        done = sum(each.is_done for each in items)
        self.progress.setRange(0, max(1, len(items)))
        self.progress.setValue(done)
        text = _tr("{done} of {total} done").format(done=formatting.number(done), total=formatting.number(len(items)))
        self.done_words.setText(text)
        self.progress.setAccessibleName(text)

    def _show_items(self, items: Sequence[WorkItem]) -> None:
        """What was chosen stays so."""
        chosen = self.items.model.record(self.items.table.currentIndex())
        another_size = len(items) != self.items.model.rowCount()
        self.items.set_rows(items)
        if another_size:
            fit_to_content(self, WIDTH)
        if chosen is not None:
            self.items.table.choose_row(self.items.model.row_of(chosen.sample_id))
        self._offer_moves()

    def _offer_moves(self) -> None:
        at, last = self.items.table.currentIndex().row(), self.items.model.rowCount() - 1
        may, why_not = self.scan.isEnabled(), formatting.why_not(self._work.standing, Verb.EDIT_SAMPLES)
        none = _tr("Choose a sample first.")
        self.up.set_allowed(may and at > 0, (_tr("It is the first one.") if at == 0 else none) if may else why_not)
        self.down.set_allowed(
            may and 0 <= at < last, (_tr("It is the last one.") if at >= 0 else none) if may else why_not
        )

    def _on_entered(self) -> None:
        code = self.scan.text().strip()
        self.scan.clear()
        if code:
            self.take(code)

    def _on_ticked(self, code: str, tick: Tick, sample: Sample | None) -> None:
        words, tone = {
            Tick.DONE: (_tr("{code} is done."), Tone.GOOD),
            Tick.AGAIN: (_tr("{code} was done already."), Tone.INFO),
            Tick.NOT_IN_LIST: (_tr("{code} is not in this list."), Tone.WARNING),
            Tick.UNKNOWN: (_tr("No sample has the barcode {code}."), Tone.WARNING),
        }[tick]
        words = words.format(code=code)
        if sample is not None and is_turned_over(code, sample):
            words += " " + _tr("It was read as {barcode}: Caps Lock seems to be on.").format(barcode=sample.barcode)
        self.banner.say(words, tone)
        self._read_items()
        self.ticked.emit(tick)

    def _on_opened(self, item: WorkItem | None) -> None:
        chosen = self.chosen
        if item is None or chosen is None or not self.scan.isEnabled():
            return
        lists = self._work.work_lists
        self._jobs.write(
            self,
            lambda: lists.tick(chosen.id, item.barcode, is_done=not item.is_done),
            lambda _found: self._read_items(),
            self._on_failed,
        )

    def _on_edit(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            form = WorkListForm(self._jobs, self._work, chosen, self)
            form.saved.connect(lambda _changed: self._read_lists())
            form.open()

    def _on_not_moved(self, error: LabkeepError) -> None:
        self._on_failed(error)
        self._read_items()

    def _on_remove(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        lists = self._work.work_lists
        question = Question(
            _tr("Delete the work list {name}?").format(name=chosen.name),
            _tr("Its samples stay; what was ticked is not known any more."),
            naming(_tr("Delete list {name}"), chosen.name),
            danger=True,
        )
        ask(
            self,
            question,
            lambda: self._jobs.write(self, lambda: lists.delete(chosen.id), lambda _none: self.accept()),
        )

    def _on_failed(self, error: LabkeepError) -> None:
        self.banner.say(sentence(error), tone_of(error))


def _title(found: WorkList) -> str:
    return _tr("{name} ({person})").format(name=found.name, person=found.person) if found.person else found.name


def _columns() -> tuple[Column[WorkItem], ...]:
    return (
        Column(_tr("Barcode"), lambda each: each.barcode, 150),
        Column(_tr("Name"), lambda each: each.name, 0),
        Column(
            _tr("Done"),
            lambda each: (formatting.short_date(each.done_at) or _tr("yes")) if each.is_done else "",
            110,
            tip=lambda each: formatting.exact_date(each.done_at),
        ),
        Column(_tr("By"), lambda each: each.done_by, 110),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("work_list", text)
