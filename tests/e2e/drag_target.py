"""A program of its own that takes files as a file manager does: python drag_target.py X Y FOLDER.

It prints "ready", "over" when something with files is above it, and "took NAME" for each file that it copied into the
folder after the drop, when the other program goes on already.
"""

import shutil
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Folder(QLabel):
    """A folder of the desktop."""

    def __init__(self, folder: Path) -> None:
        super().__init__("drop here")
        self.setWindowTitle("drag target")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAcceptDrops(True)
        self._folder = folder

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            say("over")
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        event.acceptProposedAction()
        QTimer.singleShot(300, self, lambda: self._take(paths))

    def _take(self, paths: list[Path]) -> None:
        for path in paths:
            shutil.copyfile(path, self._folder / path.name)
            say(f"took {path.name}")


def main() -> None:
    app = QApplication(sys.argv[:1])
    x, y, folder = sys.argv[1:]
    target = Folder(Path(folder))
    target.setGeometry(int(x), int(y), 200, 120)
    target.show()
    say("ready")
    app.exec()


if __name__ == "__main__":
    main()
