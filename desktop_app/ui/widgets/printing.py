"""Paper: a page of plain text, such as the recovery kit, on A4."""

from collections.abc import Callable

from PySide6.QtCore import QMarginsF, Qt
from PySide6.QtGui import QFont, QPagedPaintDevice, QPageLayout, QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

A4 = QPageLayout(
    QPageSize(QPageSize.PageSizeId.A4),
    QPageLayout.Orientation.Portrait,
    QMarginsF(18, 18, 18, 18),
    QPageLayout.Unit.Millimeter,
)


def draw_text(text: str, device: QPagedPaintDevice) -> None:
    """Put the text onto A4 as it stands, each line a line."""
    device.setPageLayout(A4)
    font = QFont("DejaVu Sans Mono")
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSize(11)
    document = QTextDocument()
    document.setDefaultFont(font)
    document.setPlainText(text)
    document.print_(device)


def print_text(parent: QWidget, title: str, text: str, then: Callable[[bool], None]) -> QDialog:
    """Let the person choose a printer and print; *then* is told whether the printer took it."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageLayout(A4)
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)

    def chosen() -> None:
        draw_text(text, printer)
        then(printer.printerState() is not QPrinter.PrinterState.Error)

    dialog.accepted.connect(chosen)
    QDialog.open(dialog)  # QPrintDialog has another one
    return dialog
