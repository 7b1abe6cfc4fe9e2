"""A program of its own whose window takes dropped files as a file manager does: python drop_target.py X Y FOLDER.

It prints a line for each thing that happens: "ready WINDOW", "entered" when a drag comes, "accepting" with each move of
it, "left" when it goes away again, and "dropped NAME" for each file whose content it copied into the folder. Then it
waits to be ended.
"""

import shutil
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Target(QLabel):
    """Asks for the files' addresses at the drop, and not before."""

    def __init__(self, folder: Path) -> None:
        super().__init__("drop here")
        self.setWindowTitle("drop target")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setAcceptDrops(True)
        self._folder = folder

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        say("entered")
        self._take(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        say("accepting")
        self._take(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        say("left")
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take(event)
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            shutil.copyfile(path, self._folder / path.name)
            say(f"dropped {path.name}")

    @staticmethod
    def _take(event: QDragMoveEvent | QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()


def main() -> None:
    app = QApplication(sys.argv[:1])
    x, y, folder = sys.argv[1:]
    target = Target(Path(folder))
    target.setGeometry(int(x), int(y), 200, 120)
    target.show()
    say(f"ready {int(target.winId())}")
    app.exec()


if __name__ == "__main__":
    main()
