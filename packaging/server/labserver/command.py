"""labkeep-server: setup, center, person, backups, snapshot, check."""

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from labserver import backups, centers, checks, postgres, share, tls
from labserver.machine import Machine, Refused, complain
from labserver.settings import Settings, checked, load, need, save

Command = Callable[[Machine, argparse.Namespace], int]
_LISTS = ("addresses", "networks")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 refused or something found, 2 not understood."""
    given = _parser().parse_args(arguments)
    machine = Machine(dry_run=getattr(given, "dry_run", False))
    try:
        _require_debian()
        _require_root(machine)
        status: int = given.run(machine, given)
    except Refused as refused:
        complain(str(refused))
        return 1
    if status == 0 and machine.changes == 0 and given.run is not check:
        machine.said("Everything is as it should be; nothing was changed.")
    return status


def setup(machine: Machine, given: argparse.Namespace) -> int:
    """PostgreSQL, TLS, the share and the backups, as the options and the last setup say."""
    settings = _merged(load() or Settings(), given)
    checked(settings)
    cluster = postgres.make(machine, settings)
    before = machine.changes
    files = tls.set_up(machine, settings)
    backups.set_up(machine, settings)
    postgres.configure(machine, settings, cluster, files, reload=machine.changes != before)
    share.set_up(machine, settings)
    save(machine, settings)
    _say_next(machine, settings)
    return 0


def _say_next(machine: Machine, settings: Settings) -> None:
    if machine.dry_run or postgres.has_installation(machine, settings):
        return
    machine.said(
        "\nThe server is ready. One line makes the installation, and asks for the administrator's password:\n"
        f"  {settings.labkeep_admin} init --admin NAME --store {settings.store} --recovery-kit FILE "
        f'--dsn "{backups.administrator_dsn(settings)}"\n'
        "After it: labkeep-server backups --user NAME --password-file F; "
        "labkeep-server center add C for each center.\n"
        f"Workstations get {tls.ROOT}, and reach {settings.name} on TCP {settings.port}"
        + (" and 445." if settings.share else ".")
    )


def center(machine: Machine, given: argparse.Namespace) -> int:
    """A center's group and folder on the share."""
    settings = need()
    if given.action == "remove":
        centers.remove(machine, settings, given.center)
        return 0
    if given.action == "list":
        for each in centers.all_centers(machine, settings):
            there = centers.folder_of(settings, each).is_dir()
            machine.said(f"{each.group}  {each.schema}  {'' if there else 'not on the share yet: '}{each.name}")
        machine.changes += 1
        return 0
    wanted = [centers.find(machine, settings, name) for name in given.centers]
    for each in wanted or centers.all_centers(machine, settings):
        centers.add(machine, settings, each)
    return 0


def person(machine: Machine, given: argparse.Namespace) -> int:
    """Somebody's account on the share."""
    settings = need()
    wanted = [centers.find(machine, settings, name) for name in given.center]
    if given.action == "remove":
        centers.remove_person(machine, settings, given.name, wanted)
        return 0
    if given.every_center:
        wanted = centers.all_centers(machine, settings)
    if not wanted:
        raise Refused("Name the person's centers with --center, or --every-center for a system administrator.")
    centers.add_person(machine, settings, given.name, wanted, _password(given.password_file))
    return 0


def switch_backups_on(machine: Machine, given: argparse.Namespace) -> int:
    """Backups from tonight on."""
    settings = need()
    if not postgres.has_installation(machine, settings):
        raise Refused("There is no installation yet: run labkeep-admin init first.")
    backups.switch_on(machine, settings, given.user, _password(given.password_file))
    return 0


def snapshot(machine: Machine, given: argparse.Namespace) -> int:
    """One snapshot of the store."""
    del given
    share.take_snapshot(machine, need())
    return 0


def check(machine: Machine, given: argparse.Namespace) -> int:
    """Look, and change nothing."""
    del given
    found = list(checks.findings(machine, need()))
    for sentence in found:
        complain(sentence)
    if not found:
        machine.said("Nothing is wrong.")
    return 1 if found else 0


def _password(file: str | None) -> str | None:
    if file is None:
        return None
    try:
        text = sys.stdin.readline() if file == "-" else Path(file).read_text(encoding="utf-8").partition("\n")[0]
    except OSError as error:
        raise Refused(f"The file {file} could not be read: {error.strerror}.") from error
    if not text.strip("\r\n"):
        raise Refused(f"The file {file} has nothing on its first line.")
    return text.strip("\r\n")


def _merged(before: Settings, given: argparse.Namespace) -> Settings:
    """What was said now stands above what was said before."""
    said = {each.name: getattr(given, each.name, None) for each in dataclasses.fields(Settings)}
    new: dict[str, Any] = {
        name: tuple(value) if name in _LISTS else value for name, value in said.items() if value is not None
    }
    return dataclasses.replace(before, **new)


def _require_root(machine: Machine) -> None:
    if os.geteuid() != 0 and not machine.dry_run:
        raise Refused("This changes the machine; run it as root.")


def _require_debian() -> None:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    values = {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}
    if not {"debian", "ubuntu"} & {values.get("ID", ""), *values.get("ID_LIKE", "").split()}:
        raise Refused("This is for Debian and Ubuntu; docs/administrator.md says what to do by hand elsewhere.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="labkeep-server", description="Set up and keep the server of a lab.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _setup_options(_command(commands, "setup", setup))
    of_center = _command(commands, "center", center).add_subparsers(required=True, dest="action", metavar="ACTION")
    adding = _dry(of_center.add_parser("add", help="group and folder of centers; of all, where none is named"))
    adding.add_argument("centers", nargs="*", metavar="C", help="name, slug or id")
    _dry(of_center.add_parser("remove", help="of one that was deleted")).add_argument("center", metavar="FOLDER")
    of_center.add_parser("list", help="all centers, their groups and folders")
    of_person = _command(commands, "person", person).add_subparsers(required=True, dest="action", metavar="ACTION")
    for action, about in (("add", "an account for the share"), ("remove", "out of centers, or of the share")):
        one = _dry(of_person.add_parser(action, help=about))
        one.add_argument("name", metavar="NAME")
        one.add_argument("--center", action="append", default=[], metavar="C")
        if action == "add":
            one.add_argument("--every-center", action="store_true", help="for a system administrator")
            one.add_argument("--password-file", metavar="F", help="its first line; - is standard input")
    switching = _dry(_command(commands, "backups", switch_backups_on))
    switching.add_argument("--user", metavar="NAME", help="a system administrator, who lends a key that signs them")
    switching.add_argument("--password-file", metavar="F", help="its first line is the password; - is standard input")
    _dry(_command(commands, "snapshot", snapshot))
    _command(commands, "check", check)
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=(run.__doc__ or "").rstrip("."))
    made.set_defaults(run=run)
    return made


def _dry(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--dry-run", action="store_true", help="only say what would be changed")
    return parser


def _setup_options(parser: argparse.ArgumentParser) -> None:
    _dry(parser)
    add = parser.add_argument
    add("--name", help="the server's name, as workstations ask for it")
    add("--address", dest="addresses", action="append", metavar="A", help="further names or addresses")
    add("--network", dest="networks", action="append", metavar="N", help="from where workstations come")
    add("--windows", type=int, metavar="N", help="how many windows may be open at once (20)")
    add("--cluster", help="the cluster's name (labkeep)")
    add("--port", type=int, help="5432")
    add("--postgresql", type=int, metavar="MAJOR", help="this version, not the newest that is to be had")
    add("--store", metavar="DIR", help="/srv/labkeep/store")
    add("--backups", metavar="DIR", help="/var/backups/labkeep; better on another disk")
    add("--keep", type=int, metavar="N", help="how many backups are kept (30)")
    add("--at", metavar="HH:MM", help="when a backup is made (02:00)")
    add("--certificate", metavar="F", help="a certificate that the hospital made, with --key and --root")
    add("--key", metavar="F")
    add("--root", metavar="F", help="the certificate of its authority, for workstations")
    add("--share", action=argparse.BooleanOptionalAction, default=None, help="share the store with Samba (yes)")
    add("--drill-user", metavar="NAME", help="whose password opens the backup for the weekly drill")
    add("--drill-password-file", metavar="F", help="where that password is, readable for root alone")
    add("--labkeep-admin", metavar="F", help="the program, where it is not in the path")


if __name__ == "__main__":
    sys.exit(main())
