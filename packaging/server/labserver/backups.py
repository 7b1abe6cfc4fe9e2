"""Nightly backups by an account that reads everything and changes nothing, and what is tried of them each week."""

import shutil
from pathlib import Path

from labserver.machine import Machine, Refused, complain
from labserver.postgres import SOCKETS
from labserver.postgres_files import BACKUP_ACCOUNT
from labserver.settings import FOLDER, Settings
from labserver.share import make_store, snapshot_folder

HOME = Path("/var/lib/labkeep-backup")
UNITS = Path("/etc/systemd/system")
DSN_FILE = FOLDER / "backup.dsn"
_MADE = "# Made by labkeep-server.\n"
_GUARD = (
    "NoNewPrivileges=yes\nPrivateTmp=yes\nPrivateDevices=yes\nProtectSystem=strict\nProtectKernelTunables=yes\n"
    "ProtectKernelModules=yes\nProtectControlGroups=yes\nRestrictSUIDSGID=yes\nLockPersonality=yes\n"
)


def administrator_dsn(settings: Settings) -> str:
    """The superuser's connection: no password, by the account of root or postgres."""
    return f"host={SOCKETS} port={settings.port} user=postgres"


def backup_dsn(settings: Settings) -> str:
    """The backup's: no password either."""
    return f"host={SOCKETS} port={settings.port} dbname=labkeep user=labkeep_backup"


def set_up(machine: Machine, settings: Settings) -> None:
    """The account, its folders and the units; the timers wait for an installation."""
    machine.group(BACKUP_ACCOUNT)
    machine.account(BACKUP_ACCOUNT, HOME, BACKUP_ACCOUNT)
    for folder in (HOME, Path(settings.backups)):
        machine.folder(folder, 0o700, BACKUP_ACCOUNT, BACKUP_ACCOUNT)
    machine.file(DSN_FILE, backup_dsn(settings) + "\n")
    new = False
    for name, text in units(settings).items():
        new |= machine.file(UNITS / name, text)
    if new and not machine.dry_run and machine.has_systemd():
        machine.run("systemctl", "daemon-reload")


def own_program() -> Path:
    """How a unit starts this program again: beside its modules, or where the package put it."""
    beside = Path(__file__).resolve().parents[1] / "labkeep-server"
    return beside if beside.is_file() else Path("/usr/sbin/labkeep-server")


def backup_command(settings: Settings) -> str:
    """What the nightly unit runs."""
    return f"{settings.labkeep_admin} backup {settings.backups} --keep {settings.keep} --dsn-file {DSN_FILE}"


def weekly_command(settings: Settings) -> str:
    """What the weekly unit runs: a restore into a throw-away place, or without a password a backup read again whole."""
    if settings.drill_user:
        return f"{settings.labkeep_admin} restore {settings.backups} --drill"
    return f"{backup_command(settings)} --check"


def units(settings: Settings) -> dict[str, str]:
    """The text of the units, by name."""
    made = {"labkeep-backup": ("Nightly backup of Labkeep", backup_command(settings), "")}
    drill = ""
    if settings.drill_user:
        drill = (
            f"Environment=LABKEEP_USER={settings.drill_user}\nEnvironment=LABKEEP_PASSWORD_FILE=%d/password\n"
            f"LoadCredential=password:{settings.drill_password_file}\n"
        )
    made["labkeep-drill"] = ("Weekly trial of Labkeep's backup", weekly_command(settings), drill)
    texts = {}
    for name, (description, command, more) in made.items():
        texts[f"{name}.service"] = (
            f"{_MADE}[Unit]\nDescription={description}\nAfter=postgresql.service\n\n[Service]\nType=oneshot\n"
            f"User={BACKUP_ACCOUNT}\nGroup={BACKUP_ACCOUNT}\nUMask=0077\nEnvironment=LABKEEP_HOME={HOME}\n{more}"
            f"{_GUARD}ReadWritePaths={HOME} {settings.backups}\nExecStart={command}\n"
        )
    if settings.share:
        texts["labkeep-snapshot.service"] = (
            f"{_MADE}[Unit]\nDescription=Hourly snapshot of Labkeep's store\n\n[Service]\nType=oneshot\n"
            f"ExecStart={own_program()} snapshot\n"
        )
        texts["labkeep-snapshot.timer"] = _timer("Hourly snapshots of Labkeep's store", "*-*-* *:07:00")
    texts["labkeep-backup.timer"] = _timer("Nightly backups of Labkeep", f"*-*-* {settings.at}:00")
    texts["labkeep-drill.timer"] = _timer("Weekly trials of Labkeep's backups", "Sun *-*-* 06:00:00")
    return texts


def _timer(description: str, when: str) -> str:
    return (
        f"{_MADE}[Unit]\nDescription={description}\n\n[Timer]\nOnCalendar={when}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def switch_on(machine: Machine, settings: Settings, user: str | None, password: str | None) -> None:
    """Give the account the profile, and a key that signs if a system administrator signs in; switch the timers on."""
    make_store(machine, settings)
    program = settings.labkeep_admin
    if machine.ask(program, "profile", "list", "--json") is None:
        raise Refused(f"{program} does not run here; install Labkeep, or name it with setup --labkeep-admin.")
    if machine.change("give the backup's account the profile of the installation"):
        profile = HOME / "profile.toml"
        profile.unlink(missing_ok=True)
        machine.run(program, "profile", "export", profile)
        _own(profile)
        _run(machine, "profile", "import", profile, settings=settings)
    if user is not None and password is None:
        raise Refused("The password of --user is needed: --password-file F (a line; - is standard input).")
    lends = () if user is None else ("--user", user, "--password-file", "-")
    if machine.change("note that there is a backup each night" + (f", signed for {user}" if user else "")):
        words = ("backup", settings.backups, "--every", "day", "--at", settings.at, "--no-timer")
        _run(machine, *lends, *words, settings=settings, text=password)
    if user is None:
        complain(
            "Its backups are not signed until a system administrator lends the account a key: "
            "labkeep-server backups --user NAME --password-file F"
        )
    timers = [name for name in units(settings) if name.endswith(".timer")]
    if snapshot_folder(machine, settings) is None:
        timers = [name for name in timers if "snapshot" not in name]
    if not machine.has_systemd():
        machine.said(f"note: systemd does not run here; switch on by hand: {' '.join(timers)}")
    elif machine.change(f"switch on {' '.join(timers)}"):
        machine.run("systemctl", "enable", "--now", *timers)


def _own(path: Path) -> None:
    shutil.chown(path, BACKUP_ACCOUNT, BACKUP_ACCOUNT)


def _run(machine: Machine, *words: object, settings: Settings, text: str | None = None) -> None:
    machine.run(
        "env", f"LABKEEP_HOME={HOME}", settings.labkeep_admin, *map(str, words), account=BACKUP_ACCOUNT, text=text
    )
