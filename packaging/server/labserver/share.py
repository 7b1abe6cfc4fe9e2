"""The share: the store's folder with its permissions, Samba, and snapshots where the file system has them."""

import os
from datetime import UTC, datetime
from pathlib import Path

from labserver.machine import Machine, Refused
from labserver.postgres_files import BACKUP_ACCOUNT
from labserver.settings import Settings
from labserver.share_files import MADE, MEMBERS, SNAPSHOT_FORMAT, foreign_shares, smb_text

CONFIGURATION = Path("/etc/samba/smb.conf")
MARKER = "labkeep-store.toml"
_BTRFS = "btrfs"
SNAPSHOTS_KEPT = 14 * 24
"""Hours."""


def set_up(machine: Machine, settings: Settings) -> None:
    """The store's folder, and Samba if it is to be shared."""
    machine.packages(["acl", *(["samba"] if settings.share else [])])
    make_store(machine, settings)
    snapshots = snapshot_folder(machine, settings)
    if snapshots is None:
        machine.said(
            f"note: {settings.store} is not a subvolume of btrfs, so there are no snapshots of it; the backups are "
            "all that brings back what somebody deletes from the share."
        )
    else:
        machine.packages(["samba-vfs-modules"] if settings.share else [])
        machine.folder(snapshots, 0o750, "root", MEMBERS)
    if settings.share:
        _configure(machine, settings, snapshots)


def make_store(machine: Machine, settings: Settings) -> None:
    """The store's folder: members see it and enter their centers; only root makes a center's folder in it."""
    machine.group(MEMBERS)
    store = Path(settings.store)
    machine.folder(store.parent, 0o750, "root", MEMBERS)
    if not store.exists() and _is_btrfs(machine, store.parent):
        if machine.change(f"make the btrfs subvolume {store}"):
            machine.run("btrfs", "subvolume", "create", store)
            machine.folder(store, 0o2770)
    else:
        # Group-writable for root alone: what Labkeep makes below takes these permissions (system/folder_handles.py).
        machine.folder(store, 0o2770)
    machine.access(store, store_rules())
    machine.access(store.parent, [f"user:{BACKUP_ACCOUNT}:--x"])
    if (store / MARKER).is_file():
        machine.access(store / MARKER, [f"user:{BACKUP_ACCOUNT}:r--", f"group:{MEMBERS}:r--"])


def store_rules() -> list[str]:
    """Members list the store, the backup reads it; what is made in it is the backup's to read, and no member's."""
    return [f"user:{BACKUP_ACCOUNT}:r-x", f"group:{MEMBERS}:r-x", f"default:user:{BACKUP_ACCOUNT}:r-x"]


def snapshot_folder(machine: Machine, settings: Settings) -> Path | None:
    """Where snapshots of the store go: beside it, on the same btrfs; None where the store is no subvolume."""
    store = Path(settings.store)
    place = store if store.exists() else store.parent
    while not place.exists():
        place = place.parent
    if not _is_btrfs(machine, place):
        return None
    if store.exists() and store.stat().st_ino != 256:  # the number of every subvolume's root
        return None
    return store.with_name(f"{store.name}-snapshots")


def take_snapshot(machine: Machine, settings: Settings) -> None:
    """Make one snapshot, read-only, and remove those that are too old."""
    folder = snapshot_folder(machine, settings)
    if folder is None or not Path(settings.store).exists():
        raise Refused(f"{settings.store} is not a subvolume of btrfs: there are no snapshots of it.")
    name = datetime.now(UTC).strftime(SNAPSHOT_FORMAT)
    if machine.change(f"make the snapshot {name}"):
        machine.run("btrfs", "subvolume", "snapshot", "-r", settings.store, folder / name)
    taken = sorted(path for path in folder.glob("@GMT-*") if path.is_dir())
    for old in taken[: max(0, len(taken) - SNAPSHOTS_KEPT)]:
        if machine.change(f"remove the snapshot {old.name}"):
            machine.run("btrfs", "subvolume", "delete", old)


def _is_btrfs(machine: Machine, path: Path) -> bool:
    place = path
    while not place.exists():
        place = place.parent
    return (machine.ask("stat", "-f", "-c", "%T", place) or "").strip() == _BTRFS


def _configure(machine: Machine, settings: Settings, snapshots: Path | None) -> None:
    try:
        before = CONFIGURATION.read_text(encoding="utf-8")
    except FileNotFoundError:
        before = ""
    ours = before.startswith(MADE)
    if not ours and (others := foreign_shares(before)):
        raise Refused(
            f"Samba shares {', '.join(others)} from this machine already, and Labkeep's share needs settings that "
            "count for all of them: use a machine of its own, or --no-share."
        )
    if before and not ours:
        machine.file(CONFIGURATION.with_suffix(".conf.before-labkeep"), before)
    new = machine.file(CONFIGURATION, smb_text(settings, None if snapshots is None else str(snapshots)))
    if machine.dry_run:
        return
    if machine.ask("testparm", "-s", CONFIGURATION) is None:
        raise Refused(f"Samba does not take {CONFIGURATION}; testparm says why.")
    _start(machine, new=new)


def _start(machine: Machine, *, new: bool) -> None:
    if not machine.has_systemd():
        if not is_running():
            machine.said("note: systemd does not run here; start Samba as this machine starts its programs: smbd -D")
        elif new:
            machine.run("smbcontrol", "smbd", "reload-config")
        return
    active = machine.ask("systemctl", "is-active", "smbd") is not None
    if (new or not active) and machine.change("start Samba with it"):
        machine.run("systemctl", "enable", "smbd")
        machine.run("systemctl", "restart", "smbd")
    # Names of a network from before: nothing answers there any more.
    if machine.ask("systemctl", "is-enabled", "nmbd") is not None and machine.change("switch nmbd off"):
        machine.run("systemctl", "disable", "--now", "nmbd")


def is_running() -> bool:
    """Whether a smbd runs on this machine."""
    for line in ("/run/samba/smbd.pid", "/var/run/samba/smbd.pid"):
        try:
            os.kill(int(Path(line).read_text().split()[0]), 0)
        except (OSError, ValueError, IndexError):
            continue
        return True
    return False
