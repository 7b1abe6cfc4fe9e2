"""The share mounted by FUSE over SMB, for a machine whose kernel has no cifs: as a workstation's program uses it."""

from pathlib import Path

from tests.lab_server.namespace import NAME, OtherMachine

_CONFIGURATION = r"""
set -eu
mkdir -p "$HOME/.smb" "$1"
printf '[global]\n client min protocol = SMB3_11\n client smb encrypt = required\n' > "$HOME/.smb/smb.conf"
printf 'auth "%s/labkeep" "%s" "%s"\n' "$2" "$3" "$4" > "$HOME/.smb/smbnetfs.auth"
printf 'include "smbnetfs.auth"\n' > "$HOME/.smb/smbnetfs.conf"
chmod 600 "$HOME"/.smb/*
smbnetfs "$1"
"""


def mount(machine: OtherMachine, person: str, password: str) -> Path:
    """Mount the share as somebody; where it is then."""
    home = Path("/root") / person
    machine.good("mkdir", "-p", home)
    place = home / "mnt"
    machine.good("sh", "-c", _CONFIGURATION, "-", place, NAME, person, password, variables={"HOME": str(home)})
    share = place / NAME / "labkeep"
    machine.good("sh", "-c", 'until ls "$1" >/dev/null 2>&1; do sleep 0.1; done', "-", share, seconds=30)
    return share
