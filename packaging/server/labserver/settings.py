"""What the administrator says once: options of `setup`, kept in /etc/labkeep/server.json for every later command."""

import dataclasses
import ipaddress
import json
import re
from dataclasses import dataclass
from pathlib import Path

from labserver.machine import Machine, Refused

FOLDER = Path("/etc/labkeep")
FILE = FOLDER / "server.json"
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_CLUSTER = re.compile(r"[a-z][a-z0-9]{0,30}")
_PLACE = re.compile(r"(/[A-Za-z0-9._+@-]+)+")
_USER = re.compile(r"[a-z0-9._-]{1,64}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Settings:
    """The server as it should be."""

    name: str = ""
    """What workstations call it; it stands in the certificate."""
    addresses: tuple[str, ...] = ()
    """Further names and addresses of the certificate."""
    networks: tuple[str, ...] = ()
    """From where workstations come, such as 10.20.0.0/16."""
    windows: int = 20
    """How many windows may be open at once."""
    cluster: str = "labkeep"
    port: int = 5432
    postgresql: int = 0
    """The major version; 0 is the newest that is to be had."""
    store: str = "/srv/labkeep/store"
    backups: str = "/var/backups/labkeep"
    keep: int = 30
    at: str = "02:00"
    certificate: str = ""
    key: str = ""
    root: str = ""
    """Files of a certificate that the hospital made; empty: a certificate authority of its own."""
    share: bool = True
    drill_user: str = ""
    drill_password_file: str = ""
    """Who opens the weekly drill's backup, and the file with his password; empty: it is only read again."""
    labkeep_admin: str = "labkeep-admin"

    def problems(self) -> list[str]:
        """A sentence for everything that cannot be."""
        checks = (
            (bool(_NAME.fullmatch(self.name)), "--name must be the server's name in lower case, as workstations ask"),
            (bool(self.networks), "--network is needed: from where workstations come, such as 10.20.0.0/16"),
            (1 <= self.windows <= 1000, "--windows must be between 1 and 1,000"),
            (bool(_CLUSTER.fullmatch(self.cluster)), "--cluster must be small letters and digits"),
            (0 < self.port < 65536, "--port must be between 1 and 65535"),
            (self.postgresql == 0 or self.postgresql >= 15, "--postgresql must be 15 or newer"),
            (self.keep >= 1, "--keep must be at least 1"),
            (bool(_TIME.fullmatch(self.at)), "--at must be a time such as 02:00"),
            (_is_place(self.store), "--store must be a full path of plain letters, digits and . _ - + @"),
            (_is_place(self.backups), "--backups must be a full path of plain letters, digits and . _ - + @"),
            (not _is_below(self.backups, self.store), "--backups and --store must not lie in each other"),
            (not _is_below(self.store, self.backups), "--backups and --store must not lie in each other"),
            (
                bool(self.certificate) == bool(self.key) == bool(self.root),
                "--certificate, --key and --root go together, or none of them",
            ),
            (not self.drill_user or bool(_USER.fullmatch(self.drill_user)), "--drill-user is no user name"),
            (
                not self.drill_password_file or _is_place(self.drill_password_file),
                "--drill-password-file must be a full path of plain letters, digits and . _ - + @",
            ),
            (
                self.labkeep_admin == "labkeep-admin" or _is_place(self.labkeep_admin),
                "--labkeep-admin must be a full path of plain letters, digits and . _ - + @",
            ),
            (
                bool(self.drill_user) == bool(self.drill_password_file),
                "--drill-user and --drill-password-file go together",
            ),
        )
        problems = [sentence for good, sentence in checks if not good]
        problems += [problem for network in self.networks for problem in _network_problems(network)]
        problems += [f"“{each}” is no name and no address" for each in self.addresses if not _is_address_or_name(each)]
        return list(dict.fromkeys(problems))


def _is_place(text: str) -> bool:
    return bool(_PLACE.fullmatch(text)) and ".." not in Path(text).parts


def _is_below(path: str, other: str) -> bool:
    return Path(path).is_relative_to(other)


def _network_problems(text: str) -> list[str]:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        return [f"--network {text}: {error}"]
    return [f"--network {text} is everybody; name the networks of the workstations"] if not network.prefixlen else []


def _is_address_or_name(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(_NAME.fullmatch(text))
    return True


def checked(settings: Settings) -> Settings:
    """The same, or Refused with everything that cannot be."""
    if problems := settings.problems():
        raise Refused("; ".join(problems) + ".")
    return settings


def load() -> Settings | None:
    """What an earlier setup kept; None before the first."""
    try:
        values = json.loads(FILE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise Refused(f"{FILE} cannot be read; run this as root.") from None
    except ValueError as error:
        raise Refused(f"{FILE} is damaged ({error}); bring it back, or delete it.") from error
    known = {each.name for each in dataclasses.fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise Refused(f"{FILE} has {', '.join(unknown)}, which this program does not know; is it older than the setup?")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return checked(Settings(**values))


def need() -> Settings:
    """What the setup kept; Refused before the first."""
    found = load()
    if found is None:
        raise Refused("This server is not set up yet: run labkeep-server setup first.")
    return found


def save(machine: Machine, settings: Settings) -> None:
    """Keep them."""
    machine.file(FILE, json.dumps(dataclasses.asdict(settings), indent=2) + "\n")
