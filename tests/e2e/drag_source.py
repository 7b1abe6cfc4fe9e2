"""A program of its own whose window can be dragged from: python drag_source.py X Y FILE…

It prints a line for each thing that happens: "ready WINDOW", "accepted" as soon as whatever is under the mouse would
take the files, "refused" when it would not (any more), and "dropped ACTION" at the end. Then it waits to be ended: the
window asks it for the files' names after the drop, as it asks a file manager.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Source(QLabel):
    """Begins a drag when the mouse is moved with its button down."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__("drag me")
        self.setWindowTitle("drag source")
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self._paths = paths
        self._dragging = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        say("pressed")
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragging or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        self._dragging = True
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.actionChanged.connect(
            lambda action: say("refused" if action == Qt.DropAction.IgnoreAction else "accepted")
        )
        say("dragging")
        done = drag.exec(Qt.DropAction.CopyAction)
        say(f"dropped {done.name}")


def main() -> None:
    app = QApplication(sys.argv[:1])
    x, y, *paths = sys.argv[1:]
    source = Source([Path(path) for path in paths])
    source.setGeometry(int(x), int(y), 200, 120)
    source.show()
    say(f"ready {int(source.winId())}")
    app.exec()


if __name__ == "__main__":
    main()
