"""Paper: a page of plain text with a code under it, such as the recovery kit, on A4."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QFile, QMarginsF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QImage,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextImageFormat,
)
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

A4 = QPageLayout(
    QPageSize(QPageSize.PageSizeId.A4),
    QPageLayout.Orientation.Portrait,
    QMarginsF(18, 18, 18, 18),
    QPageLayout.Unit.Millimeter,
)


Code = Sequence[Sequence[bool]]
"""A QR code row by row, true where it is dark, without the quiet zone around it."""
_QUIET, _CELL = 4, 8
_CODE_SIZE = 180
"""Points at 96 to the inch: 48 mm."""


def code_picture(code: Code) -> QImage:
    """A QR code in black on white, with its quiet zone; each cell is some pixels wide."""
    side = len(code) + 2 * _QUIET
    picture = QImage(side, side, QImage.Format.Format_Grayscale8)
    picture.fill(Qt.GlobalColor.white)
    for line, cells in enumerate(code):
        for column, dark in enumerate(cells):
            if dark:
                picture.setPixel(column + _QUIET, line + _QUIET, 0)
    return picture.scaled(side * _CELL, side * _CELL)


def draw_text(text: str, device: QPagedPaintDevice, code: Code = ()) -> None:
    """Put the text onto A4 as it stands, each line a line, and the code under it.

    Lines without an empty one between them stay on one page, such as those about one person.
    """
    device.setPageLayout(A4)
    font = QFont("DejaVu Sans Mono")
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSize(11)
    document = QTextDocument()
    document.documentLayout().setPaintDevice(device)
    document.setDefaultFont(font)
    document.setPlainText(text)
    if code:
        shown = QTextImageFormat()
        shown.setWidth(_CODE_SIZE)
        shown.setHeight(_CODE_SIZE)
        shown.setName("code")
        document.addResource(QTextDocument.ResourceType.ImageResource, shown.name(), code_picture(code))
        cursor = QTextCursor(document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertBlock()
        cursor.insertImage(shown)
    # With pages of its own size it is printed as it is laid out here.
    document.setPageSize(QSizeF(device.width(), device.height()))
    _keep_together(document)
    document.print_(device)


def _keep_together(document: QTextDocument) -> None:
    layout, height = document.documentLayout(), document.pageSize().height()
    # Qt lays out what is asked for; whoever counts pages asks for all of them.
    document.pageCount()
    for first, last in _groups(document):
        top, bottom = layout.blockBoundingRect(first).top(), layout.blockBoundingRect(last).bottom()
        if top // height < (bottom - 1) // height and bottom - top < height:
            cursor = QTextCursor(first)
            block = cursor.blockFormat()
            block.setPageBreakPolicy(QTextFormat.PageBreakFlag.PageBreak_AlwaysBefore)
            cursor.setBlockFormat(block)


def _groups(document: QTextDocument) -> Iterator[tuple[QTextBlock, QTextBlock]]:
    """The first and the last of lines that no empty one parts."""
    block, first = document.begin(), None
    while block.isValid():
        if not block.text().strip():
            first = None
        elif first is None:
            first = block
        following = block.next()
        if first is not None and not (following.isValid() and following.text().strip()):
            yield first, block
        block = following


def _make_for_owner(path: str) -> None:
    """Who prints into a file lets nobody else on this computer read it: what is printed here are secrets."""
    file = QFile(path)
    owner = QFile.Permission.ReadOwner | QFile.Permission.WriteOwner
    if file.exists():
        file.setPermissions(owner)
    elif file.open(QFile.OpenModeFlag.WriteOnly, owner):
        file.close()


def print_text(parent: QWidget, title: str, text: str, code: Code, then: Callable[[bool], None]) -> QDialog:
    """Let the person choose a printer and print; *then* is told whether the printer took it."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(A4)
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)

    def chosen() -> None:
        if printer.outputFileName():
            _make_for_owner(printer.outputFileName())
        draw_text(text, printer, code)
        then(printer.printerState() is not QPrinter.PrinterState.Error)

    dialog.accepted.connect(chosen)
    QDialog.open(dialog)  # QPrintDialog has another one
    return dialog
