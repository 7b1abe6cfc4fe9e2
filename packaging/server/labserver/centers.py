"""A center on the share: a group, a folder that only the group enters, and the people in it."""

import grp
import os
import pwd
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labserver.machine import Machine, Refused, account_id, group_id
from labserver.postgres import query
from labserver.postgres_files import BACKUP_ACCOUNT
from labserver.settings import Settings
from labserver.share import make_store
from labserver.share_files import MEMBERS

_SCHEMA = re.compile(r"center_([0-9a-f]{32})")
_PERSON = re.compile(r"[a-z][a-z0-9._-]{0,30}")
_OF_GROUP = 16
"""Digits of the center's id in the name of its group: a group's name has 32 characters at most."""


@dataclass(frozen=True)
class Center:
    """A center of the database."""

    schema: str
    name: str
    slug: str

    @property
    def group(self) -> str:
        """The group of those who reach its folder."""
        return group_of(self.schema)


def group_of(schema: str) -> str:
    """The name of a center's group, from the name of its schema and folder."""
    return f"labkeep-{schema.removeprefix('center_')[:_OF_GROUP]}"


def read_centers(rows: str) -> list[Center]:
    """The centers in what psql printed: schema, name and slug, apart by tabs."""
    found = []
    for line in rows.splitlines():
        schema, name, slug = line.split("\t")
        if not _SCHEMA.fullmatch(schema):
            raise Refused(f"The database calls a center's schema “{schema}”, which is no such name; nothing was done.")
        # A terminal obeys what is not printable; a name is only shown, never believed.
        found.append(Center(schema, "".join(each if each.isprintable() else "?" for each in name), slug))
    return found


def all_centers(machine: Machine, settings: Settings) -> list[Center]:
    """The centers of the installation; what the database says decides about names of folders only if it is an id."""
    sql = (
        "SELECT 'center_' || replace(id::text, '-', ''), translate(name, E'\\t\\n\\r', '   '), slug "
        "FROM public.centers ORDER BY name"
    )
    return read_centers(query(machine, settings, sql, "labkeep"))


def find(machine: Machine, settings: Settings, wanted: str) -> Center:
    """One of them by name, slug, id or schema; Refused where there is none, or more than one."""
    wanted = wanted.strip()
    centers = all_centers(machine, settings)
    found = [
        each
        for each in centers
        if wanted.casefold() in (each.name.casefold(), each.slug)
        or wanted.replace("-", "").removeprefix("center_") == each.schema.removeprefix("center_")
    ]
    if len(found) != 1:
        raise Refused(f"There is {'no center' if not found else 'more than one center'} “{wanted}”.")
    return found[0]


def folder_of(settings: Settings, center: Center) -> Path:
    """Its folder in the store."""
    return Path(settings.store) / center.schema


def add(machine: Machine, settings: Settings, center: Center) -> None:
    """Its group and folder; what is in the folder already gets the right group and permissions."""
    make_store(machine, settings)
    folder = folder_of(settings, center)
    _refuse_other(folder, center)
    machine.group(center.group)
    machine.folder(folder, 0o2770, "root", center.group)
    machine.access(folder, [f"user:{BACKUP_ACCOUNT}:r-x", f"default:user:{BACKUP_ACCOUNT}:r-x"])
    wrong = sum(1 for _ in _wrong_below(folder, center)) if folder.exists() else 0
    if wrong and machine.change(f"give {wrong} files and folders of {center.name} to its group"):
        for handle in _wrong_below(folder, center):
            _mend(machine, handle, center)


def is_right(settings: Settings, center: Center) -> bool:
    """Whether the folder is its group's, and nobody else enters it."""
    found = folder_of(settings, center).stat()
    return (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o2770, 0, _group(center))


def _wrong_below(folder: Path, center: Center) -> Iterator[int]:
    """Yield an open handle of what a restore, or a copy from another disk, left with other permissions.

    By handles and past links: the center's people may exchange what lies in their folder while root looks at it.
    """
    group = _group(center)
    for _, folders, files, parent in os.fwalk(folder, follow_symlinks=False):
        for name in (*folders, *files):
            try:
                handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
            except OSError:  # a link, or gone meanwhile
                continue
            try:
                if not _is_theirs(os.fstat(handle), group):
                    yield handle
            finally:
                os.close(handle)


def _is_theirs(found: os.stat_result, group: int) -> bool:
    needed = 0o2770 if stat.S_ISDIR(found.st_mode) else 0o660
    return found.st_mode & needed == needed and not found.st_mode & 0o007 and found.st_gid == group


def _group(center: Center) -> int:
    try:
        return group_id(center.group)
    except KeyError:  # a dry run
        return -1


def _mend(machine: Machine, handle: int, center: Center) -> None:
    is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
    os.fchown(handle, -1, group_id(center.group))
    rules = [f"user:{BACKUP_ACCOUNT}:r-x", f"default:user:{BACKUP_ACCOUNT}:r-x"]
    wanted = ",".join(rules if is_folder else [f"user:{BACKUP_ACCOUNT}:r--"])
    machine.run("setfacl", "--modify", wanted, f"/proc/{os.getpid()}/fd/{handle}")
    os.fchmod(handle, 0o2770 if is_folder else 0o660)  # last: it sets the list's mask


def _refuse_other(folder: Path, center: Center) -> None:
    """Two ids with the same first digits would share a group."""
    if not folder.parent.exists():
        return
    for each in folder.parent.iterdir():
        if each != folder and _SCHEMA.fullmatch(each.name) and group_of(each.name) == center.group:
            raise Refused(f"The folder {each} has the group that {center.name} would get; make the center anew.")


def remove(machine: Machine, settings: Settings, schema: str) -> None:
    """Take away the folder and the group of a center that was deleted; a folder with anything in it stays."""
    if not _SCHEMA.fullmatch(schema):
        raise Refused("Name the center as its folder is called: center_ and 32 digits.")
    if any(each.schema == schema for each in all_centers(machine, settings)):
        raise Refused("This center is in the database; delete it in the window or with labkeep-admin first.")
    folder = Path(settings.store) / schema
    if folder.is_dir():
        if any(path.is_file() for path in folder.rglob("*")):
            raise Refused(
                f"{folder} has files yet. A system administrator who signs in removes those of deleted centers; "
                "what is left after that belongs to no document."
            )
        if machine.change(f"remove the empty folder {folder}"):
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir()
            folder.rmdir()
    try:
        group_id(group_of(schema))
    except KeyError:
        return
    if machine.change(f"remove the group {group_of(schema)}"):
        machine.run("groupdel", group_of(schema))


def add_person(machine: Machine, settings: Settings, name: str, centers: list[Center], password: str | None) -> None:
    """An account for the share alone, in the groups of these centers; an account that is there only joins groups."""
    if not _PERSON.fullmatch(name):
        raise Refused(f"“{name}” cannot be an account: small letters, digits and . _ -, a letter first, 31 at most.")
    for center in centers:
        if not folder_of(settings, center).is_dir():
            raise Refused(f"{center.name} has no folder on the share yet: labkeep-server center add {center.slug}")
    _refuse_strong(name)
    machine.account(name, Path("/nonexistent"), MEMBERS)
    for group in (MEMBERS, *(center.group for center in centers)):
        if not _is_primary(name, group):
            machine.member(name, group)
    if not settings.share:
        return
    known = name in {line.partition(":")[0] for line in (machine.ask("pdbedit", "-L") or "").splitlines()}
    if password is None and not known:
        raise Refused(f"{name} needs a password for the share: --password-file F (a line; - is standard input).")
    if password is not None and machine.change(f"set the password of {name} for the share"):
        machine.run("smbpasswd", "-s", "-a", name, text=f"{password}\n{password}\n")


def remove_person(machine: Machine, settings: Settings, name: str, centers: list[Center]) -> None:
    """Take somebody out of centers; without any, away from the share altogether, and what he has open is closed."""
    _refuse_strong(name)
    try:
        account_id(name)
    except KeyError:
        raise Refused(f"There is no account {name}.") from None
    leaves = [center.group for center in centers] or [
        group.gr_name for group in grp.getgrall() if name in group.gr_mem and group.gr_name.startswith("labkeep-")
    ]
    for group in leaves:
        if name in grp.getgrnam(group).gr_mem and machine.change(f"take {name} out of the group {group}"):
            machine.run("gpasswd", "--delete", name, group)
    if settings.share and not centers:
        known = name in {line.partition(":")[0] for line in (machine.ask("pdbedit", "-L") or "").splitlines()}
        if known and machine.change(f"take {name} from the share"):
            machine.run("smbpasswd", "-x", name)
    for process in _sessions(machine, name) if settings.share else []:
        # A session keeps the groups with which it began.
        if machine.change(f"end what {name} has open on the share"):
            machine.run("smbcontrol", process, "shutdown")
    if not centers and machine.change(f"remove the account {name}"):
        machine.run("userdel", name)


def _refuse_strong(name: str) -> None:
    """Accounts that are more than a person of the share are not touched."""
    try:
        number = account_id(name)
    except KeyError:
        return
    if number == 0 or name in (BACKUP_ACCOUNT, "postgres") or not _is_primary(name, MEMBERS):
        raise Refused(f"{name} is an account of this machine with other uses; choose another name.")


def _sessions(machine: Machine, name: str) -> list[str]:
    """The processes of Samba that serve somebody now."""
    rows = [line.split() for line in (machine.ask("smbstatus", "--processes", "--user", name) or "").splitlines()]
    return [row[0] for row in rows if len(row) > 1 and row[0].isdecimal() and row[1] == name]


def _is_primary(name: str, group: str) -> bool:
    try:
        return pwd.getpwnam(name).pw_gid == group_id(group)
    except KeyError:
        return False
