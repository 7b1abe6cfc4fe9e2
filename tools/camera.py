"""A camera before one program's window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop_app.ui.foundation.theme import Appearance
from tools.driver import Program
from tools.pictures import take

SMALL, LARGE = (1280, 800), (1920, 1080)


@dataclass
class Camera:
    """Takes pictures of one program."""

    program: Program
    folder: Path

    def shot(self, name: str) -> None:
        """One picture."""
        take(self.program.window, self.folder / f"{name}.png")

    def both(self, name: str) -> None:
        """Light and dark."""
        self.shot(name)
        self.look(Appearance.DARK)
        self.shot(f"{name}-dark")
        self.look(Appearance.LIGHT)

    def look(self, appearance: Appearance) -> None:
        """Choose light or dark."""
        self.program.look.choose(appearance)
        # Not until all is at rest: some pictures are of work under way.
        QApplication.processEvents()

    @contextmanager
    def large(self) -> Iterator[None]:
        """A larger window for a while."""
        self.program.window.resize(*LARGE)
        self.program.settle()
        yield
        self.program.window.resize(*SMALL)
        self.program.settle()
