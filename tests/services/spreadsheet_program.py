"""LibreOffice without a window: it opens a sheet, works its formulas out, and writes it in its own way."""

import shutil
import subprocess
from pathlib import Path

import pytest

CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
"""Comma, quotes, UTF-8, from the first line on, every cell as it is shown."""


def needs_libreoffice() -> None:
    """Fail at once where there is none, and say what to install."""
    if shutil.which("soffice") is None:
        pytest.fail("This test needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc")


def saved_by_libreoffice(path: Path, form: str = "xlsx") -> Path:
    """The sheet as LibreOffice writes it, in a folder of its own; *form* as ``--convert-to`` takes it."""
    into = path.parent / f"saved {path.stem}"
    # A profile of its own: a LibreOffice that is open would take the work over and this one would end at once.
    profile = f"-env:UserInstallation={(path.parent / 'libreoffice').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(into), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    saved = into / f"{path.stem}.{form.partition(':')[0]}"
    assert saved.is_file(), done.stdout + done.stderr
    return saved
