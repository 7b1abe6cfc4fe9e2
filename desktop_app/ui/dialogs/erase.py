"""Erasing everything that carries one person's mark: searched, listed, asked for, and confirmed by one or by two."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from desktop_app.domain.erasure import ErasureRequest, Marked
from desktop_app.domain.records import Document
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.columns import Column
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.check_table import CheckTable
from desktop_app.ui.widgets.dialog_size import fit_to_screen
from desktop_app.ui.widgets.dialog_title import entitle, title_heading
from desktop_app.ui.widgets.search_field import search_field
from desktop_app.ui.widgets.small_table import SmallTable
from desktop_app.ui.widgets.styling import column, heading, muted, row

if TYPE_CHECKING:
    from desktop_app.services.documents.erasure import Erased
    from desktop_app.services.session.center_services import CenterServices

WIDTH, HEIGHT = 820, 620


@dataclass(frozen=True)
class MarkedRow:
    """One thing that was found, as the list shows it."""

    id: UUID | int
    """Of a sample or document, or the number of an entry."""
    kind: str
    name: str


class EraseDialog(QDialog):
    """Above what was searched for and found, below what waits for somebody to confirm it."""

    def __init__(self, jobs: Jobs, work: "CenterServices", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        entitle(self, self.tr("Erase a person's data in {center}").format(center=work.center.name))
        self._jobs, self._work = jobs, work
        self._marked = self._chosen = Marked((), (), ())
        self._without: set[UUID | int] = set()
        self._chosen_ids: set[UUID | int] = set()
        self._waits: ErasureRequest | None = None
        self.banner = Banner(closable=False)
        self.mark: QLineEdit = search_field(self.tr("A name, a number, a barcode"))
        self.search = Button(self.tr("&Search"), "search")
        self.counted = muted(self.tr("Nothing is erased by searching."))
        self.found: CheckTable[MarkedRow] = CheckTable(
            marked_columns(self._is_chosen), lambda each: each.id, self.tr("What was found")
        )
        self.ask_for = Button(self.tr("&Ask for erasure…"), kind=Kind.PRIMARY)
        self.requests: SmallTable[ErasureRequest] = SmallTable(
            request_columns(), lambda each: each.id, self.tr("What waits to be confirmed")
        )
        self.confirm = Button(self.tr("&Erase for good…"), "x", Kind.DANGER)
        self.withdraw = Button(self.tr("&Withdraw"))
        self._build()
        self._connect()
        fit_to_screen(self, WIDTH, HEIGHT)
        self._offer()
        self.look()

    def look(self) -> None:
        """Read what waits, away from the GUI thread."""
        self._jobs.read(self, "requests", lambda: self._work.erasure.requests(), self._on_requests, self._on_failed)

    def _build(self) -> None:
        line = row()
        line.addWidget(self.mark, 1)
        line.addWidget(self.search)
        asking = row()
        asking.addWidget(self.counted, 1)
        asking.addWidget(self.ask_for)
        done = Button(self.tr("Close"))
        done.clicked.connect(self.accept)
        buttons = row()
        buttons.addWidget(self.confirm)
        buttons.addWidget(self.withdraw)
        buttons.addStretch(1)
        buttons.addWidget(done)
        layout = column(self, margin=24, gap=12)
        layout.addWidget(title_heading(self, 2))
        layout.addWidget(self.banner)
        layout.addLayout(line)
        layout.addWidget(self.found)
        layout.addLayout(asking)
        layout.addWidget(heading(self.tr("What waits to be confirmed"), 3))
        layout.addWidget(self.requests)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.search.clicked.connect(self._on_search)
        self.mark.returnPressed.connect(self._on_search)
        self.ask_for.clicked.connect(self._on_ask_for)
        self.found.toggled.connect(self._on_toggled)
        self.requests.chosen.connect(self._on_chosen)
        self.confirm.clicked.connect(self._on_confirm)
        self.withdraw.clicked.connect(self._on_withdraw)

    def _offer(self) -> None:
        nothing = self.tr("Nothing is ticked.") if self._marked else self.tr("Search first.")
        self.ask_for.set_allowed(bool(self._chosen), nothing)
        waits = self._waits
        choose = self.tr("Choose what waits to be confirmed.")
        self.withdraw.set_allowed(waits is not None, choose)
        if waits is not None and waits.is_own and self._work.erasure.needs_another:
            self.confirm.set_allowed(False, self.tr("Another administrator confirms what you asked for."))
        else:
            self.confirm.set_allowed(waits is not None, choose)

    def _on_search(self) -> None:
        self.banner.clear()
        mark, erasure = self.mark.text(), self._work.erasure
        self._jobs.read(self, "marked", lambda: erasure.search(mark), self._on_marked, self._on_failed)

    def _on_marked(self, marked: Marked) -> None:
        self._marked = marked
        self._without.clear()
        sample, document, entry = self.tr("Sample"), self.tr("Document"), self.tr("Entry of the record")
        self.found.set_rows(
            [
                *(MarkedRow(each.id, sample, f"{each.barcode}, {each.name}") for each in marked.samples),
                *(MarkedRow(each.id, document, _named(each)) for each in marked.documents),
                *(MarkedRow(seq, entry, formatting.number(seq)) for seq in marked.entries),
            ]
        )
        self._count()

    def _is_chosen(self, found: MarkedRow) -> bool:
        return found.id in self._chosen_ids

    def _on_toggled(self, rows: list[MarkedRow]) -> None:
        """Leave these out, or take them in again: a sample goes with its documents only, and they with it."""
        ids = {each.id for each in rows}
        if self._is_chosen(rows[0]):
            self._without |= ids
        else:
            self._without -= ids | {each.id for each in self._marked.documents if each.sample_id in ids}
        self._count()

    def _count(self) -> None:
        """Say how much is chosen, and how much is left out."""
        chosen = self._chosen = self._marked.without(self._without)
        things = (*chosen.samples, *chosen.documents)
        self._chosen_ids = {*(each.id for each in things), *chosen.entries}
        text = _counts(len(chosen.samples), len(chosen.documents), len(chosen.entries))
        if out := len(self.found.model.rows) - len(self._chosen_ids):
            left = self.tr("{count} left out.").format(count=formatting.number(out))
            text = f"{text} {left}"
        self.counted.setText(text)
        self.found.refresh()
        self._offer()

    def _on_ask_for(self) -> None:
        marked, chosen, without, erasure = self._marked, self._chosen, frozenset(self._without), self._work.erasure
        text = FormText(
            self.tr("Erase what is ticked?"),
            self.tr("Ask for erasure"),
            self.tr("{counts} The reason stays for good: it must not say whom it is about.").format(
                counts=_counts(len(chosen.samples), len(chosen.documents), len(chosen.entries))
            ),
        )
        dialog = ReasonDialog(self._jobs, text, lambda reason: erasure.request(marked, reason, without=without), self)
        dialog.saved.connect(self._on_asked)
        dialog.open()

    def _on_asked(self, _request: ErasureRequest) -> None:
        self._on_marked(Marked((), (), ()))
        self.mark.clear()
        self.counted.setText(self.tr("It waits to be confirmed; nothing is erased yet."))
        self.look()

    def _on_requests(self, requests: tuple[ErasureRequest, ...]) -> None:
        self._waits = None
        self.requests.set_rows(requests)
        self._offer()

    def _on_chosen(self, request: ErasureRequest | None) -> None:
        self._waits = request
        self._offer()

    def _on_confirm(self) -> None:
        request, erasure = self._waits, self._work.erasure
        if request is None:
            return
        question = Question(
            self.tr("Erase for good?"),
            self.tr("{counts} Nothing brings them back.").format(
                counts=_counts(len(request.samples), len(request.documents), len(request.entries))
            ),
            self.tr("Erase for good"),
            danger=True,
            type_name=self._work.center.name,
        )

        def erase() -> None:
            self._jobs.write(
                self, lambda: erasure.confirm(request), self._on_erased, self._on_failed, self.confirm.set_busy
            )

        ask(self, question, erase)

    def _on_erased(self, done: "Erased") -> None:
        text = self.tr("It is erased for good, and so is what the record said in {entries}.").format(
            entries=formatting.entries(done.entries)
        )
        if done.files_left:
            left = self.tr("The store cannot be written now: the files are removed later.")
            text = f"{text} {left}"
        self.counted.setText(text)
        self.look()

    def _on_withdraw(self) -> None:
        request, erasure = self._waits, self._work.erasure
        if request is not None:
            self._jobs.write(
                self,
                lambda: erasure.withdraw(request),
                lambda _none: self.look(),
                self._on_failed,
                self.withdraw.set_busy,
            )

    def _on_failed(self, error: LabkeepError) -> None:
        self.banner.say(sentence(error), tone_of(error))


def marked_columns(is_chosen: Callable[[MarkedRow], bool]) -> tuple[Column[MarkedRow], ...]:
    """What it is, with the box that says whether it is to go, and what it is called."""
    return (
        Column(_tr("What"), lambda each: each.kind, 190, checked=is_chosen, muted=True),
        Column(_tr("Name"), lambda each: each.name, 0),
    )


def request_columns() -> tuple[Column[ErasureRequest], ...]:
    """Who asked, when, for how much, and why."""
    return (
        Column(_tr("Asked by"), lambda each: each.requested_by, 150),
        Column(_tr("When"), lambda each: formatting.short_date(each.requested_at), 110, muted=True),
        Column(_tr("Samples"), lambda each: formatting.number(len(each.samples)), 80, right=True),
        Column(_tr("Documents"), lambda each: formatting.number(len(each.documents)), 110, right=True),
        Column(_tr("Reason"), lambda each: each.reason, 0),
    )


def _named(document: Document) -> str:
    return f"{document.title}, {document.sample_barcode}" if document.sample_barcode else document.title


def _counts(samples: int, documents: int, entries: int) -> str:
    return _tr("{samples}, {documents}, {entries} of the record about other things.").format(
        samples=formatting.samples(samples),
        documents=formatting.documents(documents),
        entries=formatting.entries(entries),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("erase", text)
