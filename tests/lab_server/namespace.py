"""A machine beside this one: its own processes, network, accounts and files, of which nothing stays.

Linux namespaces: what is written below /etc, /var, /usr/local and /root goes into a folder of the test's, /run is
empty, /srv is a disk of its own with btrfs, and the network is a loopback. Programs are this machine's.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

from tests.servers import wait_until

PROJECT = Path(__file__).resolve().parents[2]
SERVER = PROJECT / "packaging" / "server" / "labkeep-server"
NAME, ADDRESS, NETWORK = "labdb.example.org", "10.20.0.1", "10.20.0.0/16"
STRANGER = "10.98.0.1"
"""An address of the machine from which nobody may come: who asks it comes from it."""
_NEEDED = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "mkfs.btrfs": "btrfs-progs",
    "smbd": "samba",
    "smbclient": "smbclient",
    "smbnetfs": "smbnetfs",
    "setfacl": "acl",
    "openssl": "openssl",
    "pg_createcluster": "postgresql-common",
}
_OVERLAID = ("etc", "var", "usr/local", "root")
_BEGIN = """
set -eu
for each in %(overlaid)s; do
    mkdir -p "%(work)s/upper/$each" "%(work)s/work/$each"
    mount -t overlay overlay -o "lowerdir=/$each,upperdir=%(work)s/upper/$each,workdir=%(work)s/work/$each" "/$each"
done
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/samba /run/lock && install -d -o postgres -g postgres -m 2775 /run/postgresql
mount -o loop "%(work)s/disk" /srv
ip link set lo up
ip addr add %(address)s/16 dev lo
ip addr add %(stranger)s/24 dev lo
echo "%(address)s %(name)s" >> /etc/hosts
# None of this machine's own clusters is known there.
rm -rf /etc/postgresql && mkdir /etc/postgresql
rm -rf /etc/labkeep
cat > /usr/local/bin/labkeep-admin <<'END'
#!/bin/sh
PYTHONPATH=%(project)s PYTHONDONTWRITEBYTECODE=1 exec %(python)s -m desktop_app.cli.main "$@"
END
cat > /usr/local/bin/labkeep-python <<'END'
#!/bin/sh
PYTHONPATH=%(project)s PYTHONDONTWRITEBYTECODE=1 exec %(python)s "$@"
END
chmod 755 /usr/local/bin/labkeep-admin /usr/local/bin/labkeep-python
ln -s %(project)s/packaging/server/labkeep-server /usr/local/bin/labkeep-server
# The tests' Python may lie in a home.
chmod 711 /root
touch "%(work)s/ready"
exec sleep infinity
"""


@dataclass(frozen=True)
class Done:
    """What a command did."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class OtherMachine:
    """The machine; *init* is its first process."""

    init: int
    work: Path

    def run(
        self,
        *command: str | Path,
        text: str = "",
        user: str | None = None,
        variables: Mapping[str, str] | None = None,
        seconds: float = 240,
    ) -> Done:
        """Run a command there as root, or as somebody else."""
        done = subprocess.run(
            self.command(command, user),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=self.environment(variables or {}),
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def command(self, command: Sequence[str | Path], user: str | None = None) -> list[str]:
        """The words that run a command there."""
        inside = ["nsenter", f"--target={self.init}", "--mount", "--net", "--pid", "--wd=/"]
        who = [] if user is None else ["runuser", "-u", user, "--"]
        return [*inside, *who, *map(str, command)]

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Nothing of this process's but where programs are."""
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "HOME": "/root", "LC_ALL": "C.UTF-8"} | dict(variables)

    def good(self, *command: str | Path, **more: object) -> str:
        """What a command prints that must succeed."""
        done = self.run(*command, **more)  # type: ignore[arg-type]  # handed on as they are
        assert done.status == 0, (command, done.out, done.err)
        return done.out


@contextmanager
def other_machine(work: Path) -> Iterator[OtherMachine]:
    """Such a machine, with *work* (on a disk) for what it writes."""
    lacking = sorted({package for program, package in _NEEDED.items() if which(program) is None})
    if lacking or os.geteuid() != 0:
        pytest.fail(f"This test needs root and these packages: {' '.join(lacking) or '(all there)'}")
    disk = work / "disk"
    with disk.open("wb") as file:
        file.truncate(4 << 30)
    subprocess.run(["mkfs.btrfs", "-q", disk], check=True)
    script = _BEGIN % {
        "overlaid": " ".join(_OVERLAID),
        "work": work,
        "address": ADDRESS,
        "stranger": STRANGER,
        "name": NAME,
        "project": PROJECT,
        "python": sys.executable,
    }
    outer = subprocess.Popen(
        ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", script],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: (work / "ready").exists() or outer.poll() is not None)
        assert outer.poll() is None, "the machine did not begin"
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        yield OtherMachine(int(children[0]), work)
    finally:
        outer.send_signal(signal.SIGKILL)  # the first process there goes with it, and with that all of them
        outer.wait(30)
