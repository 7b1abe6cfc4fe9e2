"""An ordinary user for tests that run as root: the account that every system has, and a home that it can reach."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from desktop_app.server.account import running_as_root
from desktop_app.server.programs import find_programs, published_programs

REPOSITORY = Path(__file__).resolve().parents[2]
_FIRST_ID = 61_234


class ProcessIdentity(TypedDict, total=False):
    """Whose process it becomes, as ``subprocess`` takes it; nothing of it for whoever runs the tests."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class OrdinaryUser:
    """Who runs a child process, how it is begun, and where that user may write."""

    uid: int
    home: Path
    prefix: tuple[str, ...]
    identity: ProcessIdentity
    modules: tuple[Path, ...] = (REPOSITORY,)
    """Where modules are looked for first."""

    def environment(self) -> dict[str, str]:
        """What the user's programs are told, and nothing of whoever runs the tests."""
        modules = os.pathsep.join(map(str, self.modules))
        return {"PATH": os.environ["PATH"], "PYTHONPATH": modules, "HOME": str(self.home)}

    def python(self, *arguments: str | Path, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run this interpreter to its end as the user."""
        return subprocess.run(
            [*self.prefix, sys.executable, "-P", *arguments],
            env=self.environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=cwd or self.home,
            **self.identity,
        )


@contextmanager
def ordinary_user(uid: int | None = None) -> Iterator[OrdinaryUser]:
    """Whoever runs the tests; for root the account "nobody" (or ``uid``) with a home of its own.

    No account is made; initdb demands one, so a number that nobody has is only for testing that. Root's own
    folders, such as one below /root that holds checkout or interpreter, cannot be entered by others: then the child
    gets CAP_DAC_READ_SEARCH, which lets it read everything and write nothing more, and server programs that lie
    outside: initdb asks by access(), which leaves capabilities out, whether it may run the server.
    """
    top = Path(tempfile.mkdtemp(prefix="labkeep-user-", dir="/tmp"))
    home = top / "home"
    home.mkdir(mode=0o700)
    try:
        if not running_as_root():
            yield OrdinaryUser(os.geteuid(), home, (), {})
            return
        uid = pwd.getpwnam("nobody").pw_uid if uid is None else uid
        top.chmod(0o755)
        os.chown(home, uid, uid)
        user = OrdinaryUser(uid, home, (), {"user": uid, "group": uid, "extra_groups": []})
        try:
            reaches = user.python("-c", "import desktop_app, psycopg2", cwd=Path("/")).returncode == 0
        except PermissionError:
            reaches = False
        yield user if reaches else OrdinaryUser(uid, home, _reading_all(uid), {}, (_programs_in(top), REPOSITORY))
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _reading_all(uid: int) -> tuple[str, ...]:
    right = "+dac_read_search"
    who = ("--reuid", str(uid), "--regid", str(uid), "--clear-groups")
    return ("setpriv", *who, "--inh-caps", right, "--ambient-caps", right)


def _programs_in(top: Path) -> Path:
    """Copy the server programs to where everybody may run them; returns the folder that their module is found in."""
    shelf = top / "programs"
    shelf.mkdir(mode=0o755)
    package = published_programs(find_programs(), shelf).folder.parents[1]
    (package / "__init__.py").touch(0o644)
    return package.parent


def unused_id() -> int:
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(uid for uid in range(_FIRST_ID, _FIRST_ID + 1000) if uid not in taken)
