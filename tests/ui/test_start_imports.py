"""What the window needs only behind its sign-in page is not loaded before that page is seen."""

import subprocess
import sys

LATER = ("sqlalchemy", "psycopg2", "cryptography", "desktop_app.db.models", "desktop_app.ui.shell.workspace")


def test_the_first_page_loads_no_database_and_no_cryptography() -> None:
    said = f"import sys, desktop_app.window_program; print([each for each in {LATER!r} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
