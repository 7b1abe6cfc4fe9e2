"""What is not as it should be on this machine: what Labkeep itself cannot see from a workstation."""

import stat
from collections.abc import Iterator
from pathlib import Path

from labserver import backups, centers, postgres, share, tls
from labserver.machine import Machine
from labserver.postgres_files import connections
from labserver.settings import Settings

_FULL = 90
"""Percent."""


def findings(machine: Machine, settings: Settings) -> Iterator[str]:
    """A sentence, with what to do, for each thing found."""
    cluster = postgres.own_cluster(machine, settings)
    if cluster is None or not cluster.online:
        major = cluster.major if cluster else "VERSION"
        yield f"PostgreSQL does not run: pg_ctlcluster {major} {settings.cluster} start"
        return
    yield from _server(machine, settings)
    yield from _certificate(machine)
    yield from _permissions(machine, settings)
    for folder in (settings.store, settings.backups):
        yield from _room(machine, folder)
    if settings.share and not share.is_running():
        yield "Samba does not run: systemctl start smbd"
    if machine.has_systemd():
        for unit in ("labkeep-backup.service", "labkeep-drill.service"):
            if machine.ask("systemctl", "is-failed", unit) is not None:
                yield f"{unit} failed the last time: journalctl -u {unit}"


def _server(machine: Machine, settings: Settings) -> Iterator[str]:
    values = dict(
        line.split("\t")
        for line in postgres.query(
            machine,
            settings,
            "SELECT name, setting FROM pg_settings WHERE name IN ('ssl', 'fsync', 'full_page_writes', "
            "'max_connections', 'max_prepared_transactions', 'password_encryption')",
        ).splitlines()
    )
    wanted = {"ssl": "on", "fsync": "on", "full_page_writes": "on", "max_prepared_transactions": "0"}
    wanted["password_encryption"] = "scram-sha-256"
    for name, value in wanted.items():
        if values[name] != value:
            yield f"PostgreSQL runs with {name} = {values[name]} and not {value}: labkeep-server setup"
    used = int(
        postgres.query(machine, settings, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
    )
    if used * 100 > int(values["max_connections"]) * _FULL:
        yield f"{used} of {values['max_connections']} connections are taken: labkeep-server setup --windows N"
    if int(values["max_connections"]) < connections(settings.windows):
        yield f"There is room for fewer than {settings.windows} windows: labkeep-server setup"
    strong = postgres.query(
        machine,
        settings,
        "SELECT rolname FROM pg_authid WHERE rolsuper AND (rolpassword IS NOT NULL OR rolname <> 'postgres')",
    ).split()
    if strong:
        yield f"{', '.join(strong)}: a superuser besides postgres, or one with a password"


def _certificate(machine: Machine) -> Iterator[str]:
    if tls.ends_soon(machine):
        yield f"The certificate ends soon ({tls.ends(machine) or 'there is none'}): labkeep-server setup"


def _permissions(machine: Machine, settings: Settings) -> Iterator[str]:
    store = Path(settings.store)
    if stat.S_IMODE(store.stat().st_mode) != 0o2770 or store.stat().st_uid != 0:
        yield f"{store} has other permissions than it should: labkeep-server setup"
    if not postgres.has_installation(machine, settings):
        yield "There is no installation yet: labkeep-admin init"
        return
    if not (backups.HOME / "data").exists() and not any(backups.HOME.glob("*")):
        yield "Nothing is backed up yet: labkeep-server backups --user NAME --password-file F"
    known = centers.all_centers(machine, settings)
    for center in known:
        folder = centers.folder_of(settings, center)
        if not folder.is_dir():
            yield f"{center.name} has no folder on the share: labkeep-server center add {center.slug}"
        elif not centers.is_right(settings, center):
            yield f"The folder of {center.name} has wrong permissions: labkeep-server center add {center.slug}"
    for path in store.glob("center_*"):
        if path.name not in {center.schema for center in known}:
            yield f"{path} belongs to no center of the database: labkeep-server center remove {path.name}"


def _room(machine: Machine, folder: str) -> Iterator[str]:
    said = machine.ask("df", "--output=pcent", folder) or "0%"
    used = int(said.split()[-1].rstrip("%"))
    if used >= _FULL:
        yield f"The disk of {folder} is {used}% full."
