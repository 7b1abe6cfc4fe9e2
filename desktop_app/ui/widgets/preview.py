"""The preview of a document: pictures, PDF pages, tables and text, from memory; nothing is written anywhere."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QAbstractTableModel, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.jobs import Jobs, Lane
from desktop_app.ui.foundation.turns import one_per_turn
from desktop_app.ui.models.columns import NO_PARENT, Index
from desktop_app.ui.preview_decoder.content import ImageView, NoView, TableView, TextView, View, decode
from desktop_app.ui.preview_decoder.process import PreviewDecoder
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.empty_state import EmptyState
from desktop_app.ui.widgets.large_preview import LargePreview
from desktop_app.ui.widgets.spinner import Spinner
from desktop_app.ui.widgets.styling import clear, column, muted

WIDEST_COLUMN = 240
MEASURED_ROWS, MEASURED_WORDS = 30, 60
"""As much of a table says how wide its columns are: so many rows, and so many characters of each cell."""
BESIDE_WORDS = 12
"""Pixels of a cell that its words do not have."""


class _Cells(QAbstractTableModel):
    """The rows of a table view; the first row heads the columns."""

    def __init__(self, view: TableView, parent: QObject) -> None:
        super().__init__(parent)
        self._rows = view.rows

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        """Rows under the heading."""
        return 0 if parent.isValid() else len(self._rows) - 1

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        """As many as the widest row has."""
        return 0 if parent.isValid() else len(self._rows[0])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """The words of a cell."""
        return self._rows[index.row() + 1][index.column()] if role == Qt.ItemDataRole.DisplayRole else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """The first row, and numbers at the side."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return self._rows[0][section] if orientation == Qt.Orientation.Horizontal else str(section + 1)


class _Words(QStyledItemDelegate):
    """Says what a cell is by one answer: Qt would ask the model, which is Python, seven things about each."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802 - Qt's name
        """Its words, at the left, as they are."""
        option.features = QStyleOptionViewItem.ViewItemFeature.HasDisplay
        option.text = index.data()


class _Pages(QScrollArea):
    """Pictures one below the other, as wide as there is room and never larger than they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._images: tuple[QImage, ...] = ()
        self._labels: list[QLabel] = []
        self._others: QTimer | None = None
        page = QWidget(self)
        page.setProperty("clear", "true")
        self._column = column(page, margin=8, gap=12)
        self.setWidget(page)

    @property
    def images(self) -> tuple[QImage, ...]:
        """What is shown."""
        return self._images

    def show_images(self, images: tuple[QImage, ...]) -> None:
        """Show these."""
        clear(self._column)
        self._images = images
        self._labels = [PlainLabel() for _ in images]
        for label in self._labels:
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            self._column.addWidget(label)
        self._column.addStretch(1)
        self.verticalScrollBar().setValue(0)
        self._scale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the width."""
        super().resizeEvent(event)
        self._scale()

    def minimumSizeHint(self) -> QSize:
        """Small: the splitter decides."""
        return QSize(120, 120)

    def _scale(self) -> None:
        """The first page at once, each other in a turn of its own: thirty together would be a silence of the window."""
        if self._others is not None:
            self._others.stop()
            self._others.deleteLater()
            self._others = None
        pages = list(zip(self._labels, self._images, strict=True))
        for label, image in pages[:1]:
            self._scale_page(label, image)
        if len(pages) > 1:
            self._others = one_per_turn(self, (partial(self._scale_page, *page) for page in pages[1:]))

    def _scale_page(self, label: QLabel, image: QImage) -> None:
        ratio = self.devicePixelRatioF()
        # The bar's room is kept free also without it: it comes with the height, and the height with the width.
        room = max(80, self.width() - self.verticalScrollBar().sizeHint().width() - 16)
        width = min(round(room * ratio), image.width())
        pixmap = QPixmap.fromImage(image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation))
        pixmap.setDevicePixelRatio(ratio)
        label.setPixmap(pixmap)


class Preview(QFrame):
    """Loads away from the GUI thread; what was asked for last is what is shown."""

    save_asked = Signal()
    dropped = Signal()
    """What was shown is gone: another document, the lock, another center."""
    failed = Signal()
    """What was asked for could not be read; ``retry`` asks again."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None, decoder: PreviewDecoder | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self._jobs = jobs
        self.decoder = used = decoder or PreviewDecoder()
        self.destroyed.connect(lambda: used.close())  # PySide holds a bound method too weakly for that
        self._wanted: Callable[[], View] | None = None
        self._covered = False
        self._has_failed = False
        self._stack = QStackedWidget(self)
        self.empty = EmptyState("eye", "", "", parent=self._stack)
        self.empty.acted.connect(self.save_asked)
        self.text = QPlainTextEdit(self._stack)
        self.text.setReadOnly(True)
        self.text.setProperty("preview", "true")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(self.tr("Preview of the text"))
        font = self.text.font()
        font.setFamilies(["DejaVu Sans Mono", "Consolas", "Menlo", "monospace"])
        font.setPixelSize(12)
        self.text.setFont(font)
        self.table = QTableView(self._stack)
        self.table.setAccessibleName(self.tr("Preview of the table"))
        self.table.setItemDelegate(_Words(self.table))
        self.table.verticalHeader().setDefaultSectionSize(26)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.pages = _Pages(self._stack)
        self.pages.setAccessibleName(self.tr("Preview of the pages"))
        waiting = QWidget(self._stack)
        column(waiting).addWidget(Spinner(24, waiting), 0, Qt.AlignmentFlag.AlignCenter)
        self._note = muted(caption=True)
        self._note.setContentsMargins(12, 4, 12, 4)
        for page in (self.empty, waiting, self.text, self.table, self.pages):
            self._stack.addWidget(page)
        layout = column(self, margin=1, gap=0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._note)
        self.setMinimumHeight(120)
        self.clear()

    def load(self, fetch: Callable[[], bytes], file_name: str, mime_type: str) -> None:
        """Fetch, decode and show; *fetch* and the decoding run in the lane where one works at a time."""
        decoder = self.decoder
        self._wanted = lambda: decode(fetch(), file_name, mime_type, decoder)
        self._load()

    def clear(self) -> None:
        """Forget what was shown."""
        self._wanted = None
        self._has_failed = False
        self._jobs.forget(self, "preview")
        self._drop()
        self._note.hide()
        self.empty.set("eye", "", self.tr("Choose a document to see it here. Nothing is written to the disk."))
        self._stack.setCurrentIndex(0)

    def cover(self) -> None:
        """Drop the content, also what is still on its way; what is asked for meanwhile waits for ``uncover``."""
        self._covered = True
        self.decoder.close()
        self._jobs.forget(self, "preview")
        self._drop()
        self._note.hide()
        self._stack.setCurrentIndex(0)

    def uncover(self) -> None:
        """Load what was covered, or what was asked for since."""
        self._covered = False
        self.decoder.open()
        self._load()

    def retry(self) -> None:
        """What could not be read before may be there again; what is shown stays."""
        if self._has_failed:
            self._load()

    @property
    def shown(self) -> str:
        """What is in front: empty, waiting, text, table or pages."""
        return ("empty", "waiting", "text", "table", "pages")[self._stack.currentIndex()]

    def _load(self) -> None:
        if self._wanted is None or self._covered:
            return
        self._has_failed = False
        self._drop()
        self._note.hide()
        self._stack.setCurrentIndex(1)
        self._jobs.read(self, "preview", self._wanted, self._on_decoded, self._on_failed, Lane.PREVIEW)

    def enlarge(self, title: str) -> LargePreview | None:
        """Show it over the whole window; what cannot be shown there is not."""
        content: QWidget | tuple[QImage, ...]
        match self.shown:
            case "pages":
                content = self.pages.images
            case "text":
                copy = QPlainTextEdit(self.text.toPlainText())
                copy.setReadOnly(True)
                copy.setFont(self.text.font())
                content = copy
            case "table":
                table = QTableView()
                table.setModel(self.table.model())
                table.setItemDelegate(_Words(table))
                content = table
            case _:
                return None
        made = LargePreview(title, content, self.window())
        self.dropped.connect(made.close)
        made.open()
        return made

    def _drop(self) -> None:
        self.dropped.emit()
        self.text.clear()
        model = self.table.model()
        self.table.setModel(None)
        if model is not None:
            model.deleteLater()
        self.pages.show_images(())

    def _on_decoded(self, view: View) -> None:
        note = ""
        match view:
            case TextView(text, cut):
                self.text.setPlainText(text)
                self._stack.setCurrentIndex(2)
                note = self.tr("Only the beginning is shown.") if cut else ""
            case TableView(_, cut):
                self._show_table(view)
                self._stack.setCurrentIndex(3)
                note = self.tr("Only the first rows are shown.") if cut else ""
            case ImageView(images, pages):
                self._stack.setCurrentIndex(4)
                self.pages.show_images(images)
                if pages > len(images):
                    note = self.tr("{shown} of {pages} pages are shown.").format(
                        shown=formatting.number(len(images)), pages=formatting.number(pages)
                    )
            case NoView(reason):
                self._say("eye", self.tr("No preview"), reason)
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def _show_table(self, view: TableView) -> None:
        self.table.setModel(_Cells(view, self))
        metrics, header = self.table.fontMetrics(), self.table.horizontalHeader()
        # By ourselves: Qt asks a model in Python five things about each cell, which was 23 ms of one turn.
        shown = view.rows[1 : MEASURED_ROWS + 1]
        for at in range(len(view.rows[0])):
            words = max((metrics.horizontalAdvance(row[at][:MEASURED_WORDS]) for row in shown), default=0)
            self.table.setColumnWidth(at, min(max(words + BESIDE_WORDS, header.sectionSizeHint(at)), WIDEST_COLUMN))

    def _on_failed(self, error: LabkeepError) -> None:
        self._say("triangle-alert", self.tr("This cannot be shown"), sentence(error))
        self._has_failed = True
        self.failed.emit()

    def _say(self, icon: str, title: str, text: str) -> None:
        self.empty.set(icon, title, text, self.tr("Save as…"))
        self._stack.setCurrentIndex(0)
