"""What every test runs under: no display, and a home of its own."""

import os
import tempfile

# Both before anything imports Qt or reads a path.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LABKEEP_HOME"] = tempfile.mkdtemp(prefix="labkeep-home-")

pytest_plugins = ["tests.servers"]
