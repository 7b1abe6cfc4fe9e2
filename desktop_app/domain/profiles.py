"""How a workstation reaches an installation: everything but a secret."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from desktop_app.domain.ids import exact_id
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message

KDF_NAMES = ("kdf 1",)
PROFILE_SUFFIX = ".labkeep-profile"
"""How the name of a profile's file ends."""
_LONGEST_NAME = 80
_LONGEST_DATABASE_NAME = 63  # bytes, NAMEDATALEN - 1 of PostgreSQL
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_HOST = re.compile(r"[A-Za-z0-9._:%-]{1,253}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ServerKind(StrEnum):
    """Who runs the PostgreSQL server."""

    BUILT_IN = "built-in"
    POSTGRES = "postgres"


class SslMode(StrEnum):
    """The names that libpq gives to its ways of protecting a connection, weakest first."""

    DISABLE = "disable"
    ALLOW = "allow"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_CA = "verify-ca"
    VERIFY_FULL = "verify-full"


class StoreKind(StrEnum):
    """What a store is made of."""

    FOLDER = "folder"


@dataclass(frozen=True)
class StorePlace:
    """Where the store is: what it is made of, and how a store of that kind is reached."""

    path: str
    """Of a folder that all workstations reach."""
    kind: StoreKind = StoreKind.FOLDER

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One installation as this workstation knows it; the constructor checks nothing, ``profile_problems`` does.

    ``host`` is a name, an address or the absolute path of a socket folder, and None for the built-in server,
    whose data folder is ``data_dir``. ``root_fingerprint`` is the SHA-256 of the root's public halves, 64 lower
    case hexadecimal digits; ``kdf`` names the set of key derivation parameters.
    """

    installation_id: UUID
    display_name: str
    server: ServerKind
    store: StorePlace
    root_fingerprint: str
    kdf: str
    host: str | None = None
    port: int | None = None
    database: str = "labkeep"
    sslmode: SslMode = SslMode.VERIFY_FULL
    sslrootcert: str | None = None
    data_dir: str | None = None

    @property
    def is_local(self) -> bool:
        """True when the connection stays on this computer: the built-in server, a socket, or loopback."""
        if self.server is ServerKind.BUILT_IN or self.host is None:
            return True
        return self.host.startswith("/") or self.host in _LOOPBACK

    @property
    def is_weakly_protected(self) -> bool:
        """True when the window must say in red that the connection could be listened to or faked."""
        return not self.is_local and self.sslmode is not SslMode.VERIFY_FULL


def profile_problems(profile: Profile) -> dict[str, str]:
    """Return a sentence for every field that does not hold what it must; empty when the profile is good."""
    problems = {
        "display_name": display_name_problem(profile.display_name),
        "store": _text_problem(profile.store.path, "the path of the store"),
        "root_fingerprint": None
        if _FINGERPRINT.fullmatch(profile.root_fingerprint)
        else Message("must be 64 hexadecimal digits in lower case."),
        "kdf": None
        if profile.kdf in KDF_NAMES
        else Message("is unknown here; this Labkeep knows {names}.", names=tuple(KDF_NAMES)),
        "database": _database_problem(profile.database),
        "port": _port_problem(profile.port),
        "sslrootcert": None
        if profile.sslrootcert is None
        else _text_problem(profile.sslrootcert, "the path of a certificate file"),
    } | _server_problems(profile)
    return {field: problem for field, problem in problems.items() if problem}


def _server_problems(profile: Profile) -> dict[str, str | None]:
    if profile.server is ServerKind.BUILT_IN:
        missing = profile.data_dir is None
        return {
            "host": None if profile.host is None else Message("must be left out for the built-in server."),
            "data_dir": Message("is missing: the built-in server needs its data folder.")
            if missing
            else _text_problem(profile.data_dir or "", "the path of the data folder"),
        }
    return {
        "host": _host_problem(profile.host),
        "data_dir": None if profile.data_dir is None else Message("belongs to the built-in server only."),
    }


def _has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"} for character in text)


def _text_problem(text: str, what: str) -> str | None:
    if not text.strip():
        return Message("is missing: {what} is needed.", what=what)
    return Message("must not hold control characters.") if _has_control_characters(text) else None


def display_name_problem(name: str) -> str | None:
    """What is wrong with an installation's name, as a sentence without its subject, or None."""
    if len(name) > _LONGEST_NAME:
        return Message("must not be longer than {longest_name} characters.", longest_name=_LONGEST_NAME)
    if name != name.strip():
        return Message("must not begin or end with a space.")
    return _text_problem(name, "a name that people recognise")


def _host_problem(host: str | None) -> str | None:
    if not host:
        return Message("is missing: the server's name or address is needed.")
    if host.startswith("/"):
        return _text_problem(host, "the folder of the server's socket")
    # A comma would make libpq try several servers, an @ an abstract socket: neither is one known server.
    return None if _HOST.fullmatch(host) else Message("must be one server's name or address.")


def _database_problem(database: str) -> str | None:
    if len(database.encode()) > _LONGEST_DATABASE_NAME:
        return Message(
            "must not be longer than {longest_database_name} bytes.", longest_database_name=_LONGEST_DATABASE_NAME
        )
    if "=" in database or "://" in database:  # libpq would read it as a whole connection string
        return Message("must be the name of a database, nothing more.")
    return _text_problem(database, "the name of the database")


def _port_problem(port: int | None) -> str | None:
    return None if port is None or 1 <= port <= 65535 else Message("must be between 1 and 65535.")


def profile_to_mapping(profile: Profile) -> dict[str, str | int | dict[str, str]]:
    """Return the profile as plain values, in the order in which a file has them; what is None is left out."""
    values: dict[str, str | int | dict[str, str] | None] = {
        "installation_id": str(profile.installation_id),
        "display_name": profile.display_name,
        "server": profile.server.value,
        "host": profile.host,
        "port": profile.port,
        "database": profile.database,
        "sslmode": profile.sslmode.value,
        "sslrootcert": profile.sslrootcert,
        "root_fingerprint": profile.root_fingerprint,
        "kdf": profile.kdf,
        "data_dir": profile.data_dir,
        "store": {"kind": profile.store.kind.value, "path": profile.store.path},
    }
    return {key: value for key, value in values.items() if value is not None}


_REQUIRED = ("installation_id", "display_name", "server", "store", "root_fingerprint", "kdf")
_OPTIONAL = ("host", "port", "database", "sslmode", "sslrootcert", "data_dir")


def profile_from_mapping(values: Mapping[str, object]) -> Profile:
    """Return the profile that ``values`` describe, or raise InvalidInputError with a sentence per field."""
    problems = {key: "is missing." for key in _REQUIRED if key not in values}
    for key, value in values.items():
        problem = _value_problem(key, value)
        if problem:
            problems[key] = problem
    if problems:
        raise InvalidInputError(problems)
    given = dict(values)
    given["installation_id"] = UUID(str(given["installation_id"]))
    given["server"] = ServerKind(str(given["server"]))
    given["store"] = _store_place(given["store"])
    if "sslmode" in given:
        given["sslmode"] = SslMode(str(given["sslmode"]))
    profile = Profile(**given)  # type: ignore[arg-type]  # each value's type was checked just above
    problems = profile_problems(profile)
    if problems:
        raise InvalidInputError(problems)
    return profile


def _value_problem(key: str, value: object) -> str | None:
    if key not in _REQUIRED + _OPTIONAL:
        return Message("is not part of a profile; a profile holds no passwords and nothing of other programs.")
    if key == "port":
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return None if is_number else Message("must be a whole number.")
    if key == "store":
        return _store_problem(value)
    if not isinstance(value, str):
        return Message("must be text in quotes.")
    if key == "installation_id":
        return None if exact_id(value) else Message("must be the installation's id, a uuid.")
    choices = {"server": [kind.value for kind in ServerKind], "sslmode": [mode.value for mode in SslMode]}.get(key)
    return Message("must be one of {names}.", names=choices) if choices and value not in choices else None


def _store_problem(value: object) -> str | None:
    if not isinstance(value, dict) or value.keys() != {"kind", "path"}:
        return Message("must say its kind and its path, and nothing else.")
    if value["kind"] not in set(StoreKind):
        return Message("must be one of {names}.", names=[kind.value for kind in StoreKind])
    return None if isinstance(value["path"], str) else Message("must be text in quotes.")


def _store_place(value: object) -> StorePlace:
    assert isinstance(value, dict)
    return StorePlace(value["path"], StoreKind(value["kind"]))
