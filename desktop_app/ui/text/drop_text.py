"""What the overlay of a drop says: how many things would be sealed, and for whom."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.text import formatting


def drop_text(paths: Sequence[Path], target: str) -> str:
    """The sentence of the overlay, such as: Seal 12 files for Istanbul Medical Center."""
    # A folder cannot be told from a file without asking the disk, which has no place on the GUI thread:
    # names without an ending make them "files and folders".
    if all(path.suffix for path in paths):
        things = formatting.files(len(paths))
    elif len(paths) == 1:
        things = f"“{paths[0].name}”"
    else:
        text = QCoreApplication.translate("drop_text", "{count} files and folders")
        things = text.format(count=formatting.number(len(paths)))
    return QCoreApplication.translate("drop_text", "Seal {things} for {target}").format(things=things, target=target)
