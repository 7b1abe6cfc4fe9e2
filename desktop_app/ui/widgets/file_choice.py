"""The system's file dialogs, opened without stopping the window."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QDir, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

_FORBIDDEN = set('/\\:*?"<>|')


def suggested_name(file_name: str) -> str:
    """A name that a save dialog takes on every system; the service makes it safe again when it writes."""
    plain = "".join("_" if each in _FORBIDDEN or not each.isprintable() else each for each in file_name).strip(" .")
    return plain or "document"


def choose_files(parent: QWidget, title: str, then: Callable[[list[Path]], None]) -> QFileDialog:
    """Ask for files to add."""
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: then([Path(name) for name in names]))
    dialog.open()
    return dialog


def choose_folder(parent: QWidget, title: str, then: Callable[[Path], None]) -> QFileDialog:
    """Ask for a folder."""
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog


def choose_file(parent: QWidget, title: str, then: Callable[[Path], None], pattern: str = "") -> QFileDialog:
    """Ask for one file to read."""
    dialog = _dialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    if pattern:
        dialog.setNameFilter(pattern)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog


def choose_target(
    parent: QWidget, title: str, file_name: str, then: Callable[[Path], None], forms: Mapping[str, str] | None = None
) -> QFileDialog:
    """Ask where to save; the dialog itself asks before it overwrites.

    *forms*: what the file may be, by the ending that it gets where none is typed, such as ``{"csv": "Table"}``.
    """
    dialog = _dialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if forms:
        endings = {f"{words} (*.{ending})": ending for ending, words in forms.items()}
        dialog.setNameFilters(list(endings))
        dialog.setDefaultSuffix(next(iter(forms)))
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(endings[chosen]))
    dialog.selectFile(suggested_name(file_name))
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog


def _dialog(parent: QWidget, title: str) -> QFileDialog:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    # Of a folder that is not there Qt makes a file name, which stands in the dialog as if it were chosen.
    dialog = QFileDialog(parent, title, documents if QDir(documents).exists() else QDir.homePath())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
