"""Runs the package's programs in a fresh home: ``python packaging/smoke_test.py dist/labkeep``.

Needs nothing but the standard library and the checkout that the package was made from, so that it cannot borrow what
the package lacks. Prints one line for each check and ends with status 1 at the first that fails.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from package_contents import check_contents

SECONDS = 240.0
WINDOWS = sys.platform == "win32"
ADMIN = "labkeep-admin"
CENTER = "istanbul"
OTHER_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


class SmokeError(Exception):
    """The package does not do what it should."""


@dataclass
class Package:
    """The folder of the package, and the home that its programs work in."""

    folder: Path
    work: Path
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def home(self) -> Path:
        """The folder for everything that the programs keep."""
        return self.work / "home"

    def program(self, name: str) -> Path:
        """The full path of one of the two programs."""
        return self.folder / (f"{name}.exe" if WINDOWS else name)

    def environment(self) -> dict[str, str]:
        """The caller's, without what could lend the package a Python, a library or another installation."""
        lent = ("LABKEEP", "PYTHON", "PG", "QT_", "LD_", "DYLD_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(lent)}
        return kept | {"LABKEEP_HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen", **self.secrets}

    def run(self, name: str, *arguments: str, **more: str) -> str:
        """Run a program to its end and return what it printed; SmokeError where it does not end with status 0."""
        done = subprocess.run(
            [self.program(name), *arguments],
            env=self.environment() | more,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        output = done.stdout.decode("utf-8", "replace")
        if done.returncode != 0:
            problem = done.stderr.decode("utf-8", "replace")
            raise SmokeError(f"{name} {' '.join(arguments)} ended with {done.returncode}: {output}{problem}")
        return output


def check_versions(package: Package) -> str:
    """Both programs say the version of the checkout."""
    source = (Path(__file__).resolve().parents[1] / "desktop_app" / "__init__.py").read_text(encoding="utf-8")
    version = package.run(ADMIN, "--version").split()[-1]
    _demand(f'"{version}"' in source, f"{ADMIN} says {version}, which is not the checkout's version")
    said = package.run("labkeep", "--version").split()
    # A windowed program has nowhere to print to on Windows.
    _demand(said == ([] if WINDOWS else ["labkeep", version]), f"labkeep --version says {said}")
    return version


def check_demo(package: Package) -> str:
    """The built-in server starts, and the demo is made in it; its administrator signs in from here on."""
    made = json.loads(package.run(ADMIN, "demo", "--json"))
    account = next(one for one in made["accounts"] if one["center"] == CENTER and one["role"] == "admin")
    package.secrets = {"LABKEEP_USER": account["username"], "LABKEEP_PASSWORD": account["password"]}
    state = json.loads(package.run(ADMIN, "status", "--json"))
    _demand(not state["alarms"] and state["store_problem"] is None, f"the demo is not in order: {state}")
    return f"PostgreSQL {state['server_version']}, {len(made['accounts'])} people"


def check_document(package: Package) -> str:
    """A file is sealed, every document is verified, and the file comes back bit for bit."""
    content = os.urandom(3 * 1024 * 1024 + 17)
    source, target = package.work / "Ölçüm 7 %s.bin", package.work / "opened.bin"
    source.write_bytes(content)
    (added,) = json.loads(package.run(ADMIN, "document", "add", str(source), "--center", CENTER, "--json"))
    _demand(added["outcome"] == "saved", f"the document was not saved: {added}")
    verified = json.loads(package.run(ADMIN, "document", "verify", "--center", CENTER, "--json"))
    seen = {one["id"] for one in verified if one["ok"]}
    _demand(added["id"] in seen and len(seen) == len(verified), f"verify found fault: {verified}")
    package.run(ADMIN, "document", "get", added["id"], "--to", str(target), "--center", CENTER)
    _demand(target.read_bytes() == content, "the document that was opened is not the file that was sealed")
    stored = [path for path in package.home.rglob("*") if path.is_file() and path.stat().st_size > len(content)]
    _demand(bool(stored), "no sealed file of that size lies in the store")
    _demand(all(content[:64] not in path.read_bytes() for path in stored), "the store holds the file in clear")
    return f"{len(content):,} bytes, {len(verified)} documents verified"


def check_migrations(package: Package) -> str:
    """Every schema that the demo has is at the newest revision that the package knows."""
    administrator = {"LABKEEP_USER": "sysadmin"}
    lines = json.loads(package.run(ADMIN, "migrate", "--dry-run", "--json", **administrator))
    _demand(len(lines) >= 2, f"migrate names too little: {lines}")
    _demand(all(one["before"] == one["after"] and not one["problem"] for one in lines), f"migrate: {lines}")
    return ", ".join(sorted({one["after"] for one in lines}))


def check_psql(package: Package) -> str:
    """Where the system has no psql, the package's own one runs."""
    version = _query(package, "SHOW server_version")
    _demand(version[:1].isdigit(), f"psql answered {version}")
    return version


def check_window(package: Package) -> str:
    """The window opens on the demo, signs in, complains about nothing, and ends when it is told to."""
    before = int(_query(package, OTHER_SESSIONS))
    user = package.secrets["LABKEEP_USER"]
    with _window(package) as (window, log):
        # Who the window signs in as is the demo's choice; a session of any of its people is the sign that it did.
        _wait(lambda: _sessions_of_windows(package) > 0, window, log, f"the window did not sign in ({user}: {before})")
        _demand(window.poll() is None, "the window closed by itself")
    _demand(WINDOWS or window.returncode == -signal.SIGTERM, f"the window ended with {window.returncode}")
    _demand(not log.read_bytes().strip(), f"the window complained: {log.read_text(errors='replace')}")
    return "opened, signed in and closed"


def check_server_stops(package: Package) -> str:
    """After the last program has ended, the package's own watcher stops the server."""
    marker = json.loads((_server_folder(package) / "labkeep-server.json").read_text(encoding="utf-8"))
    running = Path(marker["home"]) / "cluster" / "postmaster.pid"
    start = time.monotonic()
    while running.exists():
        _demand(time.monotonic() - start < 120, f"the built-in server still runs: {running}")
        time.sleep(0.1)
    return f"after {time.monotonic() - start:.1f} s"
