"""What macOS sends to the application that runs: files and links. In a process of its own: there is one application."""

import subprocess
import sys

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
