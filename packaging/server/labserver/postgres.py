"""PostgreSQL: the version, a cluster of its own, its files, and whether what runs is what the files say."""

import re
from dataclasses import dataclass
from pathlib import Path

from labserver.machine import Machine, Refused
from labserver.postgres_files import hba_text, ident_text, settings_text
from labserver.settings import Settings

OLDEST = 15
WANTED = 16
SOCKETS = Path("/var/run/postgresql")
_NO_MAIN = Path("/etc/postgresql-common/createcluster.d/labkeep.conf")


@dataclass(frozen=True)
class Cluster:
    """A cluster as pg_lsclusters(1) lists it."""

    major: int
    name: str
    port: int
    online: bool

    @property
    def folder(self) -> Path:
        """Where its files of settings are."""
        return Path("/etc/postgresql") / str(self.major) / self.name


def clusters(machine: Machine) -> list[Cluster]:
    """All clusters of this machine."""
    found = []
    for line in (machine.ask("pg_lsclusters", "--no-header") or "").splitlines():
        words = line.split()
        if len(words) >= 4 and words[0].isdecimal() and words[2].isdecimal():
            found.append(Cluster(int(words[0]), words[1], int(words[2]), words[3].startswith("online")))
    return found


def own_cluster(machine: Machine, settings: Settings) -> Cluster | None:
    """Labkeep's cluster; Refused where two majors have one, as in the middle of an upgrade."""
    own = [each for each in clusters(machine) if each.name == settings.cluster]
    if settings.postgresql:
        own = [each for each in own if each.major == settings.postgresql]
    if len(own) > 1:
        raise Refused(
            f"There are clusters “{settings.cluster}” of PostgreSQL {own[0].major} and {own[1].major}: say which with "
            "--postgresql, or remove the one that is not used any more (pg_dropcluster)."
        )
    return own[0] if own else None


def majors_offered(listed: str) -> list[int]:
    """The majors in what `apt-cache search --names-only '^postgresql-[0-9]+$'` prints, the newest first."""
    found = re.findall(r"^postgresql-(\d+) ", listed, re.MULTILINE)
    return sorted({int(each) for each in found}, reverse=True)


def choose_major(machine: Machine, settings: Settings) -> int:
    """The wanted or newest version; Refused where none is new enough."""
    offered = majors_offered(machine.ask("apt-cache", "search", "--names-only", "^postgresql-[0-9]+$") or "")
    if settings.postgresql:
        if settings.postgresql not in offered:
            raise Refused(
                f"No configured repository has PostgreSQL {settings.postgresql}; "
                f"there is {', '.join(map(str, offered)) or 'none'}."
            )
        return settings.postgresql
    if not offered or offered[0] < OLDEST:
        raise Refused(
            f"Labkeep needs PostgreSQL {OLDEST} or newer, and the repositories of this machine have "
            f"{', '.join(map(str, offered)) or 'none'}. Use a newer release of the distribution, or configure a "
            "repository that has one, and run this again."
        )
    if offered[0] < WANTED:
        machine.said(
            f"note: the distribution has PostgreSQL {offered[0]}. Labkeep works with it; {WANTED} or newer is better "
            "where a configured repository has it, and can be changed to later (docs/administrator.md)."
        )
    return offered[0]


def make(machine: Machine, settings: Settings) -> Cluster:
    """Packages and a cluster of its own, not started yet."""
    found = own_cluster(machine, settings)
    major = found.major if found else choose_major(machine, settings)
    if not machine.has_package("postgresql-common"):
        # The package would make a cluster “main” on port 5432, which nobody asked for.
        machine.file(_NO_MAIN, "create_main_cluster = false\n")
    machine.packages([f"postgresql-{major}", "openssl"])
    if found is None:
        _refuse_taken_port(machine, settings)
        found = Cluster(major, settings.cluster, settings.port, online=False)
        if machine.change(f"make the cluster {settings.cluster} of PostgreSQL {major} on port {settings.port}"):
            machine.run(
                *("pg_createcluster", str(major), settings.cluster, "--port", str(settings.port)),
                *("--start-conf", "auto", "--locale", "C.UTF-8", "--encoding", "UTF8"),
                *("--", "--auth-local=peer", "--auth-host=scram-sha-256", "--data-checksums"),
            )
    return found


def configure(
    machine: Machine, settings: Settings, cluster: Cluster, tls: tuple[str, str], *, reload: bool = False
) -> None:
    """Its files, and what runs brought to them; *reload* says that the certificate is a new one."""
    folder, own = cluster.folder, {"mode": 0o640, "owner": "postgres", "group": "postgres"}
    new = reload | machine.file(
        folder / "conf.d" / "labkeep.conf", settings_text(settings, memory(), tls), 0o644, "postgres", "postgres"
    )
    for name, text in (("pg_hba.conf", hba_text(settings)), ("pg_ident.conf", ident_text())):
        new |= machine.file(folder / name, text, **own)  # type: ignore[arg-type]  # mode is a number, the others names
    running = next((each for each in clusters(machine) if each.folder == folder and each.online), None)
    words = (str(cluster.major), cluster.name)
    if running is None:
        if machine.change("start PostgreSQL"):
            machine.run("pg_ctlcluster", *words, "start")
    elif new and machine.change("let PostgreSQL read its files again"):
        machine.run("pg_ctlcluster", *words, "reload")
    if not machine.dry_run:
        _restart_where_needed(machine, settings, words)


def _restart_where_needed(machine: Machine, settings: Settings, words: tuple[str, str]) -> None:
    pending = query(machine, settings, "SELECT name FROM pg_settings WHERE pending_restart ORDER BY name").split()
    if pending and machine.change(f"restart PostgreSQL for {', '.join(pending)}: windows reconnect by themselves"):
        machine.run("pg_ctlcluster", *words, "restart", "--mode", "fast")
    wrong = query(
        machine,
        settings,
        "SELECT 'pg_hba.conf: ' || error FROM pg_hba_file_rules WHERE error IS NOT NULL UNION ALL "
        "SELECT sourcefile || ': ' || name || ' ' || error FROM pg_file_settings WHERE error IS NOT NULL",
    ).strip()
    if wrong:
        raise Refused(f"PostgreSQL does not take its files: {wrong.splitlines()[0]}.")


def query(machine: Machine, settings: Settings, sql: str, database: str = "postgres") -> str:
    """What the superuser gets for a question, one row a line, columns apart by tabs; Refused if it fails."""
    words = ("psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", SOCKETS, "-p", str(settings.port))
    # Nothing that somebody put into the database is taken for a function of the server.
    place = f"dbname={database} user=postgres options='-c search_path=pg_catalog,pg_temp'"
    found = machine.ask(*words, "-d", place, "-c", sql, account="postgres")
    if found is None:
        raise Refused(f"The database {database} does not answer on port {settings.port}.")
    return found


def has_installation(machine: Machine, settings: Settings) -> bool:
    """Whether labkeep-admin init has made its database."""
    return bool(query(machine, settings, "SELECT 1 FROM pg_database WHERE datname = 'labkeep'").strip())


def memory() -> int:
    """MiB of this machine."""
    kilobytes = re.search(r"^MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
    return int(kilobytes[1]) // 1024 if kilobytes else 0


def _refuse_taken_port(machine: Machine, settings: Settings) -> None:
    for each in clusters(machine):
        if each.port == settings.port and not _is_retired(each):
            raise Refused(
                f"The cluster “{each.name}” of PostgreSQL {each.major} has port {each.port}, and Labkeep needs a "
                "cluster of its own: give another --port, or remove that one if nobody needs it (pg_dropcluster). One "
                f"that is kept after an upgrade must be stopped, with “disabled” in {each.folder / 'start.conf'}."
            )


def _is_retired(cluster: Cluster) -> bool:
    """Whether it is stopped for good, as the one from before an upgrade: it must not come up again by itself."""
    try:
        lines = (cluster.folder / "start.conf").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    words = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return not cluster.online and words == ["disabled"]
