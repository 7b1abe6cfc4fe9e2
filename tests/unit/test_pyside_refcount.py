"""PySide6 6.12.0 on CPython 3.11 loses a reference to None at every call and aborts in the end."""

from __future__ import annotations

import os
import subprocess
import sys

CALLS = 1000
FEW = 50

# A process of its own: pytest itself holds and drops enough references to hide the loss.
PROGRAM = f"""
import sys

from PySide6.QtWidgets import QApplication, QLabel

application = QApplication([])
label = QLabel()
for warm in range(10):
    label.setText(str(warm))
before = sys.getrefcount(None), sys.getrefcount(True)
for number in range({CALLS}):
    label.setText("a")
    label.isEnabled()
after = sys.getrefcount(None), sys.getrefcount(True)
print(*(now - then for now, then in zip(after, before)))
"""


def test_calls_into_qt_leave_the_reference_counts_alone() -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    drifts = [int(word) for word in done.stdout.split()]
    assert len(drifts) == 2, done.stdout
    assert all(abs(drift) < FEW for drift in drifts), f"None and True drifted by {drifts} in {CALLS} calls"
