"""The system account the server runs as when the program itself runs as root, which PostgreSQL refuses."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop_app.server.errors import AccountError

ACCOUNT_NAME = "labkeep"
_SECONDS = 60


@dataclass(frozen=True)
class ServiceAccount:
    """An unprivileged account, with the numbers the operating system knows it by."""

    name: str
    uid: int
    gid: int


def running_as_root() -> bool:
    """Tell whether this process has root's user id (never on Windows)."""
    return sys.platform != "win32" and current_uid() == 0


def current_uid() -> int:
    """Return this process's effective user id; 0 on Windows, where there is none."""
    if sys.platform == "win32":
        return 0
    return os.geteuid()


def give_to(place: Path | str, uid: int, gid: int) -> None:
    """Change the owner of something this program has just made."""
    if sys.platform != "win32":
        os.chown(place, uid, gid, follow_symlinks=False)


if sys.platform == "win32":

    def find_account() -> ServiceAccount | None:
        """Return None: on Windows the server runs as the person."""
        return None

    def account_missing() -> int | None:
        """Return None: nobody runs a program on Windows without an account."""
        return None
else:
    import pwd

    def find_account() -> ServiceAccount | None:
        """Look the account up. Raises ``AccountError`` if it is another name for root."""
        try:
            entry = pwd.getpwnam(ACCOUNT_NAME)
        except KeyError:
            return None
        if entry.pw_uid == 0 or entry.pw_gid == 0:
            raise AccountError(
                "The account {account_name} has root's rights, so the built-in server cannot run as it.",
                account_name=f"{ACCOUNT_NAME!r}",
            )
        return ServiceAccount(ACCOUNT_NAME, entry.pw_uid, entry.pw_gid)

    def account_missing() -> int | None:
        """Return this process's user id if no account has it, as in some containers: initdb refuses that."""
        try:
            pwd.getpwuid(current_uid())
        except KeyError:
            return current_uid()
        return None


def ensure_account() -> ServiceAccount:
    """Return the account, made first if there is none. For root only. Raises ``AccountError``."""
    account = find_account()
    if account is not None:
        return account
    failures = []
    for commands in _recipes():
        if shutil.which(commands[-1][0]) is None:
            continue
        for command in commands:
            done = subprocess.run(  # noqa: S603 - fixed arguments
                command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
            )
            if done.returncode != 0:
                failures.append(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")
        account = find_account()
        if account is not None:
            return account
    raise AccountError(
        "PostgreSQL does not run as root, and the system account {account_name} for it could not be "
        "made. Make it by hand, for example with 'useradd --system --user-group "
        "--no-create-home --shell /usr/sbin/nologin {account_name}', or start Labkeep as an "
        "ordinary user.",
        account_name=f"{ACCOUNT_NAME!r}",
        value=" (" + "; ".join(failures) + ")" if failures else "",
        account_name2=ACCOUNT_NAME,
    )


def _recipes() -> list[list[list[str]]]:
    """The ways to make a system account: shadow's tool first, then busybox's."""
    shell = shutil.which("nologin") or "/bin/false"
    shadow = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    return [
        [[*shadow, "--shell", shell, ACCOUNT_NAME]],
        [
            ["addgroup", "-S", ACCOUNT_NAME],
            ["adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", shell, "-G", ACCOUNT_NAME, ACCOUNT_NAME],
        ],
    ]
