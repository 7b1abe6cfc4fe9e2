"""Runs the package's programs in a fresh home: ``python packaging/smoke_test.py dist/labkeep``.

Needs nothing but the standard library and the checkout that the package was made from, so that it cannot borrow what
the package lacks. Prints one line for each check and ends with status 1 at the first that fails.
"""

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from package_contents import SmokeError, check_contents, programs_of

SECONDS = 240.0
WINDOWS = sys.platform == "win32"
ADMIN = "labkeep-admin"
CENTER = "istanbul"
OFFSCREEN_SAYS = ("This plugin does not support propagateSizeHints()",)
"""What Qt's platform without a display says of itself; any other line is a complaint."""


@dataclass
class Package:
    """The folder of the package, and the home that its programs work in."""

    folder: Path
    work: Path
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    titles: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """The folder for everything that the programs keep."""
        return self.work / "home"

    def program(self, name: str) -> Path:
        """The full path of one of the two programs."""
        return programs_of(self.folder) / (f"{name}.exe" if WINDOWS else name)

    def environment(self) -> dict[str, str]:
        """The caller's, without what could lend the package a Python, a library or another installation."""
        lent = ("LABKEEP", "PYTHON", "PG", "QT_", "LD_", "DYLD_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(lent)}
        own = {"LABKEEP_HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen", **self.secrets}
        if sys.platform == "linux":
            own["LC_ALL"] = "C.UTF-8"  # Qt complains of others, which a builder may well have
        return kept | own

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


def check_programs(package: Package) -> str:
    """Both programs start; the window's says the version of the checkout."""
    _demand("document" in package.run(ADMIN, "--help"), f"{ADMIN} has no help")
    said = package.run("labkeep", "--version").split()
    # A windowed program has nowhere to print to on Windows.
    _demand(said == ([] if WINDOWS else ["labkeep", _version()]), f"labkeep --version says {said}")
    return _version()


def check_demo(package: Package) -> str:
    """The built-in server starts, and the demo is made in it; its administrator signs in from here on."""
    made = json.loads(package.run(ADMIN, "demo", "--json"))
    account = next(one for one in made["accounts"] if one["center"] == CENTER and one["role"] == "admin")
    package.secrets = {"LABKEEP_USER": account["username"], "LABKEEP_PASSWORD": account["password"]}
    state = json.loads(package.run(ADMIN, "status", "--json"))
    _demand(not state["alarms"] and state["store_problem"] is None, f"the demo is not in order: {state}")
    _demand(state["version"] == _version(), f"the version is not the checkout's: {state['version']}")
    package.titles = _titles(package)
    _demand(bool(package.titles), "the demo has no documents")
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


def check_decoder(package: Package) -> str:
    """The window's program is the decoder of previews where its argument says so: a picture in, its pixels out."""
    gif = bytes.fromhex("47494638396101000100800000ff000000000021f90400000000002c00000000010001000002024401003b")
    done = subprocess.run(
        [package.program("labkeep"), "--preview-decoder"],
        input=struct.pack("<4sBQ", b"LKPQ", 1, len(gif)) + gif,
        env={"QT_QPA_PLATFORM": "offscreen", "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    _demand(done.stdout[:5] == b"LKPA\x00", f"the decoder answered {done.stdout[:40]!r}: {done.stderr[-2000:]!r}")
    return f"{len(done.stdout)} bytes answered"


def check_migrations(package: Package) -> str:
    """Every schema that the demo has is at the newest revision that the package knows."""
    administrator = {"LABKEEP_USER": "sysadmin"}
    lines = json.loads(package.run(ADMIN, "migrate", "--dry-run", "--json", **administrator))
    _demand(len(lines) >= 2, f"migrate names too little: {lines}")
    _demand(all(one["before"] == one["after"] and not one["problem"] for one in lines), f"migrate: {lines}")
    return ", ".join(sorted({one["after"] for one in lines}))


def check_psql(package: Package) -> str:
    """Where the system has no psql, the sentence names the package that brings one; a psql of the system's runs."""
    path = package.work / "programs"
    path.mkdir()
    try:
        package.run(ADMIN, "psql", "--", "-Atc", "SELECT 1", PATH=str(path))
    except SmokeError as refusal:
        _demand("postgresql-client" in str(refusal), f"without psql: {refusal}")
    else:
        raise SmokeError("a psql ran where there is none")
    if WINDOWS:  # what is no .exe is found and run by other rules there
        return "not inside, and said so"
    if WINDOWS:
        (path / "psql.cmd").write_text("@echo %PGUSER% %*\n", encoding="utf-8")
    else:
        (path / "psql").write_text('#!/bin/sh\necho "$PGUSER $*"\n', encoding="utf-8")
        (path / "psql").chmod(0o755)
    said = package.run(ADMIN, "psql", "--", "-At", PATH=str(path)).strip()
    _demand(re.fullmatch(r"u_\w+ -At", said) is not None, f"the system's psql was started as {said}")
    return "not inside, and said so; the system's is used"


def check_window(package: Package) -> str:
    """The window opens in a home of its own, makes the demo there, stays, and complains about nothing."""
    own = Package(package.folder, package.work / "window")
    own.work.mkdir()
    with _window(own, "--demo") as (window, log):
        own.secrets = package.secrets  # the people of every demo are the same, and so are its documents
        _wait(lambda: _demo_is_whole(own, package.titles), "the window made no demo", window, log)
        _demand(window.poll() is None, f"the window closed by itself: {log.read_text(errors='replace')}")
    # Told to end, the window keeps what it remembers and ends by itself.
    _demand(WINDOWS or window.returncode == 0, f"the window ended with {window.returncode}")
    complaints = [line for line in log.read_text("utf-8", "replace").splitlines() if line not in OFFSCREEN_SAYS]
    _demand(not complaints, f"the window complained: {complaints}")
    check_server_stops(own)
    return "made the demo and ended when told to; its server stopped"


def check_server_stops(package: Package) -> str:
    """After the last program has ended, the package's own watcher stops the server."""
    folder = package.home / "data" / "demo" / "server"
    # Root's server lives elsewhere; everybody else's here, and the marker says "." then.
    cluster = folder / json.loads((folder / "labkeep-server.json").read_text("utf-8"))["home"] / "cluster"
    running = cluster / "postmaster.pid"
    _demand((cluster / "PG_VERSION").is_file(), f"the built-in server is not in {cluster}")
    start = time.monotonic()
    _wait(lambda: not running.exists(), f"the built-in server still runs: {running}")
    return f"after {time.monotonic() - start:.1f} s"


def _demo_is_whole(package: Package, titles: list[str]) -> bool:
    """Ask the command line, which is refused while the demo is being made."""
    if not any(package.home.glob("config/profiles/*.toml")):
        return False
    try:
        return _titles(package) == titles
    except SmokeError:
        return False


def _titles(package: Package) -> list[str]:
    listed = json.loads(package.run(ADMIN, "document", "list", "--center", CENTER, "--json"))
    return sorted(one["title"] for one in listed)


@contextmanager
def _window(package: Package, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run the window without a display; it is told to end at the end, whatever happened."""
    log = package.work / "window.log"
    with log.open("wb") as output:
        window = subprocess.Popen(
            [package.program("labkeep"), *arguments],
            env=package.environment(),
            cwd=package.work,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield window, log
    finally:
        window.terminate()
        try:
            window.wait(30)
        except subprocess.TimeoutExpired:
            window.kill()
            window.wait()


def _version() -> str:
    source = (Path(__file__).resolve().parents[1] / "desktop_app" / "__init__.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    _demand(match is not None, "the checkout has no version")
    return match[1] if match else ""


def _wait(
    reached: Callable[[], bool], problem: str, window: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> None:
    """Look again and again until *reached*; SmokeError after ``SECONDS``, or where the window is gone."""
    end = time.monotonic() + SECONDS
    while not reached():
        gone = window is not None and window.poll() is not None
        if gone or time.monotonic() > end:
            raise SmokeError(f"{problem}: {log.read_text(errors='replace')}" if log else problem)
        time.sleep(0.1)


def _demand(right: bool, problem: str) -> None:
    if not right:
        raise SmokeError(problem)


CHECKS = (
    check_programs,
    check_decoder,
    check_demo,
    check_document,
    check_migrations,
    check_psql,
    check_window,
    check_server_stops,
)


def main(arguments: list[str]) -> int:
    """Check the package in the folder that the first argument names; returns the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python packaging/smoke_test.py FOLDER\n")
        return 2
    folder = Path(arguments[0]).resolve()
    try:
        for line in check_contents(folder):
            print(line, flush=True)
        with tempfile.TemporaryDirectory(prefix="labkeep-smoke-") as work:
            package = Package(folder, Path(work).resolve())
            for check in CHECKS:
                print(f"{check.__name__.removeprefix('check_').replace('_', ' ')}: {check(package)}", flush=True)
    except (SmokeError, OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"The package failed: {error}\n")
        return 1
    print("The package works.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
