"""What is done to this machine: each step looks first, changes only what differs, and is told in one line."""

import grp
import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class Refused(Exception):  # noqa: N818  # it is an answer, not a fault of the program
    """Something stands in the way; the text is one sentence for the administrator, and nothing more is done."""


def account_id(name: str) -> int:
    """The number of an account; KeyError if there is none."""
    return pwd.getpwnam(name).pw_uid


def group_id(name: str) -> int:
    """The number of a group; KeyError if there is none."""
    return grp.getgrnam(name).gr_gid


class Machine:
    """Runs programs and writes files as root, or only says what it would do."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self.dry_run = dry_run
        self.changes = 0
        """How many steps changed something, or would."""

    def said(self, text: str) -> None:
        """Tell the administrator something that is no change."""
        print(text, flush=True)

    def change(self, text: str) -> bool:
        """Tell a change that comes now; False in a dry run, where it must not be made."""
        self.changes += 1
        print(f"would: {text}" if self.dry_run else f"now: {text}", flush=True)
        return not self.dry_run

    def ask(self, *command: str | Path, text: str | None = None, account: str | None = None) -> str | None:
        """What a program that changes nothing prints; None where it is not there or fails."""
        words = _as(account, command)
        if shutil.which(words[0]) is None:
            return None
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, env=_environment())
        return done.stdout if done.returncode == 0 else None

    def run(self, *command: str | Path, text: str | None = None, account: str | None = None) -> str:
        """What a program that changes something prints; Refused with its last line where it fails."""
        if self.dry_run:
            raise AssertionError("a dry run changes nothing")
        words = _as(account, command)
        try:
            done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, env=_environment())
        except OSError as error:
            raise Refused(f"{words[0]} could not be started: {error.strerror}.") from error
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["it does not say why"]
            raise Refused(f"“{' '.join(words[:4])} …” failed: {lines[-1]}")
        return done.stdout

    def packages(self, names: Sequence[str]) -> None:
        """Install what is missing of these packages of the distribution."""
        missing = [name for name in names if not self.has_package(name)]
        if missing and self.change(f"install {' '.join(missing)}"):
            self.run("apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", "update")
            self.run(
                *("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends", "install"),
                *missing,
            )

    def has_package(self, name: str) -> bool:
        """Whether a package is installed."""
        said = self.ask("dpkg-query", "-W", "-f", "${db:Status-Status}", name)
        return said is not None and said.strip() == "installed"

    def folder(self, path: Path, mode: int, owner: str = "root", group: str = "root") -> None:
        """A folder with these permissions; a link in its place is refused."""
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise Refused(f"{path} is there and is no folder; move it away, or name another place.")
        if not path.exists():
            if self.change(f"make the folder {path}"):
                path.mkdir(mode=0o700, parents=True)
                _own(path, mode, owner, group)
        elif _differs(path, mode, owner, group) and self.change(f"give {path} to {owner}:{group}, mode {mode:o}"):
            _own(path, mode, owner, group)

    def file(self, path: Path, content: str, mode: int = 0o644, owner: str = "root", group: str = "root") -> bool:
        """A file with this content and these permissions, replaced as a whole; whether it was another one before."""
        if path.is_symlink():
            raise Refused(f"{path} is a link; move it away.")
        try:
            same = path.read_text(encoding="utf-8") == content
        except (FileNotFoundError, UnicodeDecodeError):
            same = False
        except PermissionError:
            raise Refused(f"{path} cannot be read; run this as root.") from None
        if not same:
            if self.change(f"write {path}"):
                path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                new = path.with_name(f".{path.name}.new")
                new.unlink(missing_ok=True)
                with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                _own(new, mode, owner, group)
                new.replace(path)
            return True
        if _differs(path, mode, owner, group) and self.change(f"give {path} to {owner}:{group}, mode {mode:o}"):
            _own(path, mode, owner, group)
        return False

    def group(self, name: str) -> None:
        """A group of the system."""
        try:
            group_id(name)
        except KeyError:
            if self.change(f"make the group {name}"):
                self.run("groupadd", "--system", name)

    def account(self, name: str, home: Path, group: str) -> None:
        """An account of the system that nobody signs in to."""
        try:
            account_id(name)
        except KeyError:
            if self.change(f"make the account {name}"):
                self.run(
                    *("useradd", "--system", "--no-create-home", "--home-dir", home),
                    *("--gid", group, "--shell", "/usr/sbin/nologin", name),
                )

    def member(self, account: str, group: str) -> None:
        """An account that belongs to a group."""
        try:
            if account in grp.getgrnam(group).gr_mem:
                return
        except KeyError:  # a dry run, in which the group was not made
            pass
        if self.change(f"put {account} into the group {group}"):
            self.run("gpasswd", "--add", account, group)

    def access(self, path: Path, rules: Sequence[str]) -> None:
        """Exactly these entries of an access control list beside the permissions (setfacl(1))."""
        found = self.ask("getfacl", "--absolute-names", "--omit-header", path) if path.exists() else None
        has = sorted(line.partition("\t")[0] for line in (found or "").splitlines() if _is_rule(line))
        if has != sorted(rules) and self.change(f"let {', '.join(rules)} reach {path}"):
            self.run("setfacl", "--remove-all", path)
            if rules:
                self.run("setfacl", "--modify", ",".join(rules), path)

    def has_systemd(self) -> bool:
        """Whether systemd runs this machine; in a container it often does not."""
        return Path("/run/systemd/system").is_dir()


def _is_rule(line: str) -> bool:
    """Whether a line of getfacl is more than the permissions that every file has, and no mask."""
    rule = re.fullmatch(r"((?:default:)?(?:user|group|other|mask)):([^:]*):[rwxX-]{3}.*", line)
    if rule is None or "mask" in rule[1]:
        return False
    return bool(rule[2])


def _differs(path: Path, mode: int, owner: str, group: str) -> bool:
    found = path.stat()
    try:
        return (found.st_mode & 0o7777, found.st_uid, found.st_gid) != (mode, account_id(owner), group_id(group))
    except KeyError:  # a dry run, in which neither was made
        return True


def _own(path: Path, mode: int, owner: str, group: str) -> None:
    os.chown(path, account_id(owner), group_id(group))
    path.chmod(mode)


def _as(account: str | None, command: Sequence[str | Path]) -> list[str]:
    words = [str(word) for word in command]
    return words if account is None else ["runuser", "-u", account, "--", *words]


def _environment() -> dict[str, str]:
    """Nothing of whoever calls but where programs are: no PG* variable and no language leads elsewhere."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C.UTF-8",
        "HOME": "/root",
        "DEBIAN_FRONTEND": "noninteractive",
    }


def complain(text: str) -> None:
    """Say a problem where problems are said."""
    print(text, file=sys.stderr, flush=True)
