"""What macOS sends to the application that runs: files and links. In a process of its own: there is one application."""

import os
import subprocess
import sys
from pathlib import Path

SEND = """
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from desktop_app.ui.shell.application import make_application
application = make_application(["labkeep"])
application.opening_asked.connect(print)
for sent in (QFileOpenEvent("/tmp/Ankara 1.labkeep-profile"), QFileOpenEvent(QUrl("labkeep://a/b?c=%20d"))):
    assert application.sendEvent(application, sent)
application.sendEvent(application, QEvent(QEvent.Type.ApplicationActivate))
"""


def test_files_and_links_are_handed_on_as_they_were_sent() -> None:
    run = subprocess.run([sys.executable, "-c", SEND], capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout.splitlines() == ["/tmp/Ankara 1.labkeep-profile", "labkeep://a/b?c=%20d"], run.stderr


WINDOW = """
import sys
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from desktop_app.__main__ import main
from desktop_app.ui.shell.other_starts import OtherStarts

def take_over(self, options):
    print(options.target, flush=True)
    QTimer.singleShot(0, QApplication.instance().quit)

OtherStarts.take_over = take_over
sent = QFileOpenEvent(QUrl("labkeep://one/two"))

from desktop_app import window_program
class Told(window_program.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, lambda: QApplication.instance().sendEvent(QApplication.instance(), sent))

window_program.MainWindow = Told
sys.exit(main([]))
"""


def test_the_window_that_is_open_takes_them(tmp_path: Path) -> None:
    environment = os.environ | {"LABKEEP_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", WINDOW], capture_output=True, text=True, env=environment, timeout=60, check=False
    )
    assert run.stdout == "labkeep://one/two\n", run.stderr
