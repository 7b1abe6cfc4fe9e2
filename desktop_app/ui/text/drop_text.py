"""What the overlay of a drop says: how many things would be sealed, and for whom."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.text import formatting


def drop_text(paths: Sequence[Path], target: str) -> str:
    """The sentence of the overlay, such as: Seal 12 files for Istanbul Medical Center."""
    return QCoreApplication.translate("drop_text", "Seal {things} for {target}").format(
        things=_things(paths), target=target
    )


def chosen_text(paths: Sequence[Path]) -> str:
    """The sentence of an overlay where nothing is sealed yet, such as: Choose 12 files."""
    return QCoreApplication.translate("drop_text", "Choose {things}").format(things=_things(paths))


def _things(paths: Sequence[Path]) -> str:
    # A folder cannot be told from a file without asking the disk, which has no place on the GUI thread:
    # names without an ending make them "files and folders".
    if all(path.suffix for path in paths):
        return formatting.files(len(paths))
    if len(paths) == 1:
        return f"“{paths[0].name}”"
    text = QCoreApplication.translate("drop_text", "{count} files and folders")
    return text.format(count=formatting.number(len(paths)))
