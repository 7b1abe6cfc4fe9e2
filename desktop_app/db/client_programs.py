"""PostgreSQL's client programs: which version one is, and whether it gives a password to whoever asks for it."""

import re
import subprocess
from pathlib import Path

from desktop_app.system.child_programs import WITHOUT_CONSOLE

REQUIRES_AUTH = 16
"""The first libpq that knows ``require_auth``: an older one gives a server that asks for it the password in clear."""
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def major_of(program: Path) -> int | None:
    """The major version that a program says it is; None where it does not say it."""
    try:
        said = subprocess.run(  # noqa: S603
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            creationflags=WITHOUT_CONSOLE,
        ).stdout
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    found = _VERSION.search(said)
    return int(found[1]) if found else None
