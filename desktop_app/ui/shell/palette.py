"""The palette: what the header's field finds while one types, among actions, centers, samples and documents.

It lies under the field as a part of the window, so that the focus stays where one types. Records are asked for in the
background, under the person's own rights; Enter before they have come is a search, as ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from desktop_app.domain.records import Center, Document, Sample
from desktop_app.errors import LabkeepError
from desktop_app.ui.models.columns import Column
from desktop_app.ui.shell.action_list import ActionList, Offer
from desktop_app.ui.shell.palette_records import Found, Records, look_up
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.record_list import TYPING_PAUSE_MS
from desktop_app.ui.widgets.small_table import ShortModel
from desktop_app.ui.widgets.styling import column, muted
from desktop_app.ui.widgets.table import RecordTable

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices

WIDTH, ROWS = 560, 12
MOST_ACTIONS = 6


@dataclass(frozen=True)
class Hit:
    """One line: what it is, what more there is to say of it, and what Enter does."""

    words: str
    more: str
    icon: str
    go: Callable[[], object]
    is_possible: bool = True


class Palette(QFrame):
    """Belongs to the header's field and listens to its keys."""

    center_chosen = Signal(object)
    searched = Signal(str)
    """Enter, and nothing was found yet that one could go to."""
    left = Signal()
    """Escape in the empty field."""

    def __init__(self, context: TabContext, field: QLineEdit, actions: ActionList, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self._context = context
        self._field = field
        self._actions = actions
        self._work: CenterServices | None = None
        self._offers: tuple[Hit, ...] = ()
        self._offers_asked = False
        columns = (
            Column[Hit](self.tr("Found"), lambda hit: hit.words, 0, icon=lambda hit: hit.icon),
            Column[Hit]("", lambda hit: hit.more, 230, muted=True, right=True),
        )
        self._model: ShortModel[Hit] = ShortModel(columns, lambda hit: (hit.words, hit.more), self)
        self.table = RecordTable(self._model, self.tr("Found"), self)
        self._none = muted(self.tr("Nothing found"), caption=True)
        self._pause = QTimer(self, singleShot=True, interval=TYPING_PAUSE_MS)
        self._build()
        self._pause.timeout.connect(self._look)
        field.textEdited.connect(self._on_typed)
        field.installEventFilter(self)
        self.table.clicked.connect(self._on_clicked)
        self.hide()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What is offered now."""
        return self._model.rows if self.isVisible() else ()

    def set_center(self, work: "CenterServices | None") -> None:
        """Samples and documents are looked for here from now on."""
        self._work = work
        self.close_it()

    def open(self) -> None:
        """Go to the field, and offer every action until something is typed."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()
        self._offers_asked = True
        self._on_typed(self._field.text())

    def close_it(self) -> None:
        """Offer nothing any more."""
        self._pause.stop()
        self._offers_asked = False
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrow keys choose while one types, Enter goes there, Escape closes and then empties."""
        if event.type() == QEvent.Type.FocusOut and not self.underMouse():
            self.close_it()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up:
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._enter()
            case Qt.Key.Key_Escape if self.isVisible():
                self.close_it()
            case Qt.Key.Key_Escape if self._field.text():
                self._field.clear()
            case Qt.Key.Key_Escape:
                self.left.emit()
            case _:
                return super().eventFilter(watched, event)
        return True

    def _build(self) -> None:
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.horizontalHeader().hide()
        layout = column(self, margin=8, gap=0)
        layout.addWidget(self.table)
        layout.addWidget(self._none)

    def _on_typed(self, text: str) -> None:
        words = text.strip()
        if not words and not self._offers_asked:
            self.close_it()
            return
        self._offers = tuple(self._fitting(words))
        self._show(self._offers)
        if words:
            self._pause.start()

    def _fitting(self, text: str) -> list[Hit]:
        wanted = text.casefold().split()
        offers = [each for each in self._actions if all(word in _said(each) for word in wanted)]
        # What can be done now comes first; of that, what begins with what was typed; of that, what is of this tab.
        begins = text.casefold()
        offers.sort(
            key=lambda each: (
                not each.standing[0],
                not each.words.casefold().startswith(begins),
                bool(each.tab) and not each.is_in_front,
            )
        )
        return [self._hit_of(each) for each in (offers[:MOST_ACTIONS] if text else offers)]

    def _hit_of(self, offer: Offer) -> Hit:
        allowed, reason = offer.standing
        keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in offer.keys)
        words = _shown(offer)
        if allowed:
            return Hit(words, keys, offer.live.face.icon or "arrow-right", offer.run)
        return Hit(words, reason, "ban", lambda: self._context.messages.say(reason), is_possible=False)

    def _look(self) -> None:
        text, work, lab = self._field.text().strip(), self._work, self._context.lab
        self._context.jobs.read(self, "palette", lambda: look_up(lab, work, text), self._on_found, self._on_failed)

    def _on_found(self, found: Records) -> None:
        if not self._field.hasFocus() or not self._field.text().strip():
            return
        exact = self._field.text().strip().casefold()
        of_samples = found.samples.rows
        samples = [self._sample_hit(each) for each in of_samples]
        first = [hit for hit, each in zip(samples, of_samples, strict=True) if each.barcode.casefold() == exact]
        more = self.tr("More centers…"), self.tr("More samples…"), self.tr("More documents…")
        centers = [*map(self._center_hit, found.centers.rows), *self._beyond(found.centers, Center, more[0])]
        documents = [*map(self._document_hit, found.documents.rows), *self._beyond(found.documents, Document, more[2])]
        rest = [*(hit for hit in samples if hit not in first), *self._beyond(found.samples, Sample, more[1])]
        done = [hit for hit in self._offers if hit.is_possible]
        barred = [hit for hit in self._offers if not hit.is_possible]
        self._show((*first, *done, *centers, *rest, *documents, *barred), keep=True)

    def _sample_hit(self, sample: Sample) -> Hit:
        more = f"{sample.barcode} · {formatting.status_badge(sample.status).text}"
        return Hit(sample.name, more, "test-tube", lambda: self._context.go(Target(Sample, sample.id)))

    def _center_hit(self, center: Center) -> Hit:
        return Hit(center.name, self.tr("Center"), "building-2", lambda: self.center_chosen.emit(center))

    def _document_hit(self, document: Document) -> Hit:
        go = self._context.go
        return Hit(document.title, document.sample_barcode, "file-text", lambda: go(Target(Document, document.id)))

    def _beyond(self, found: Found[Any], kind: type[Any], words: str) -> list[Hit]:
        """The way to all of them, in their list, where there are more than the first."""
        if not found.beyond.number:
            return []
        template = self.tr("more than {count} more") if found.beyond.capped else self.tr("{count} more")
        target = Target(kind, search=self._field.text().strip(), unfiltered=True)
        more = template.format(count=formatting.number(found.beyond.number))
        return [Hit(words, more, "search", lambda: self._context.go(target))]

    def _on_failed(self, error: LabkeepError) -> None:
        if self._field.hasFocus():
            self._show((*self._offers, Hit(sentence(error), "", "unplug", lambda: None, is_possible=False)), keep=True)

    def _show(self, hits: tuple[Hit, ...], *, keep: bool = False) -> None:
        chosen = self.table.currentIndex().row() if keep and self.isVisible() else 0
        before = self._model.identity_at(chosen)
        self._model.set_rows(hits)
        again = self._model.row_of(before) if keep and chosen > 0 else 0
        self.table.choose_row(max(0, again))
        self.table.setVisible(bool(hits))
        self._none.setVisible(not hits)
        row = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(row * min(ROWS, max(1, len(hits))) + 2)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        parent = self.parentWidget()
        assert parent is not None
        width = min(max(WIDTH, self._field.width()), parent.width() - 16)
        at = self._field.mapTo(parent, QPoint(0, self._field.height() + 4))
        left = min(max(8, at.x() + (self._field.width() - width) // 2), parent.width() - width - 8)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move(left, at.y())

    def _move(self, by: int) -> None:
        if not self.isVisible():
            self.open()
            return
        count = self._model.rowCount()
        if count:
            self.table.choose_row((self.table.currentIndex().row() + by) % count)

    def _enter(self) -> None:
        hit = self._model.record(self.table.currentIndex()) if self.isVisible() else None
        text = self._field.text().strip()
        # What is still being looked for may be what was meant: Enter is a search then.
        if hit is None or (self._pause.isActive() and text):
            self.close_it()
            self.searched.emit(text)
            return
        self._take(hit)

    def _on_clicked(self, index: QModelIndex) -> None:
        hit = self._model.record(index)
        if hit is not None:
            self._take(hit)

    def _take(self, hit: Hit) -> None:
        self.close_it()
        if hit.is_possible:
            self._field.clear()
            self.left.emit()
        hit.go()


def _said(offer: Offer) -> str:
    return _shown(offer).casefold()


def _shown(offer: Offer) -> str:
    """What is read there; whoever types it as it stands finds it."""
    return f"{offer.place}: {offer.words}" if offer.place else offer.words
