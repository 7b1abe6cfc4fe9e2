"""Reaching an installation's database: the built-in server is started first, a lab's own is only addressed."""

import threading
from pathlib import Path
from uuid import UUID

from desktop_app.db.administrator_engine import AdministratorEngine
from desktop_app.db.connection import ServerAddress
from desktop_app.db.migration_state import dsn_of_database
from desktop_app.db.notifications import Notifications, Told, notify
from desktop_app.db.sessions import CenterSessions, SharedSessions, Watch
from desktop_app.db.user_engine import UserEngine
from desktop_app.domain.ids import schema_name
from desktop_app.domain.profiles import Profile, ServerKind
from desktop_app.errors import RefusedError
from desktop_app.server.launcher import BuiltinServer
from desktop_app.server.running_server import RunningServer


class AdministratorNeededError(RefusedError):
    """Only the database administrator's own connection may do this."""

    code = "administrator_needed"


class Connection:
    """The two kinds of sessions under one login: a person's, or the database administrator's."""

    def __init__(self, login: str, opened: UserEngine | AdministratorEngine) -> None:
        self.login = login
        self._opened = opened
        self.shared = SharedSessions(opened.engine, lock_waits=opened.lock_waits)

    def center(self, center_id: UUID, watch: Watch | None = None) -> CenterSessions:
        """Sessions bound to one center for their life."""
        return CenterSessions(self._opened.engine, schema_name(center_id), watch, self._opened.lock_waits)

    def listen(self, told: Told) -> Notifications:
        """Hear by a connection of its own that something changed; only a person's login may."""
        if not isinstance(self._opened, UserEngine):
            raise TypeError("the database's administrator listens to nobody")
        return Notifications(self._opened.connect_beside, self._prove, self._opened.own_pids, told)

    def _prove(self, channel: UUID) -> None:
        with self.shared.begin() as session:
            notify(session, channel)

    def use_password(self, password: str) -> None:
        """Open what comes next with a changed password."""
        self._opened.use_password(password)

    def let_go(self) -> None:
        """Close the connections that nobody is using; the next use opens others."""
        self._opened.engine.dispose()

    def close(self) -> None:
        """Close every connection and forget the password; whoever still asks gets SignedOutError."""
        self._opened.close()


class Servers:
    """Addresses of the installations' servers; keeps each built-in one running while this program lives."""

    def __init__(self) -> None:
        self._running: dict[Path, RunningServer] = {}
        self._lock = threading.Lock()

    def start_builtin(self, data_dir: Path) -> RunningServer:
        """The built-in server of *data_dir*, started if it was not, or has died since."""
        with self._lock:
            running = self._running.get(data_dir)
            server = BuiltinServer(data_dir)
            if running is None or not server.is_running():
                self._running[data_dir] = server.start()
                if running is not None:
                    running.close()
            return self._running[data_dir]

    def remove_builtin(self, data_dir: Path) -> None:
        """Stop the built-in server of *data_dir* and delete all its data; there is no way back."""
        with self._lock:
            if (running := self._running.pop(data_dir, None)) is not None:
                running.close()
            BuiltinServer(data_dir).remove()

    def address(self, profile: Profile) -> ServerAddress:
        """Where the profile's database is to be reached now."""
        if profile.server is ServerKind.BUILT_IN and profile.data_dir is not None:
            return _address_of(self.start_builtin(Path(profile.data_dir)), profile)
        return ServerAddress(
            profile.host or "",
            profile.port or 5432,
            profile.database,
            profile.sslmode.value,
            profile.sslrootcert,
        )

    def connect(self, profile: Profile, login: str, password: str) -> Connection:
        """A pool of connections under one person's login."""
        engine = UserEngine(self.address(profile), login, password, lambda: self._revive(profile))
        return Connection(login, engine)

    def administrator_dsn(self, profile: Profile, dsn: str | None) -> str:
        """The database administrator's connection to the profile's database: *dsn*, or the built-in server's own.

        AdministratorNeededError where there is neither.
        """
        if dsn is not None:
            return dsn_of_database(dsn, profile.database)
        if profile.server is ServerKind.BUILT_IN and profile.data_dir is not None:
            return self.start_builtin(Path(profile.data_dir)).admin_dsn(profile.database)
        raise AdministratorNeededError(
            "This needs the database administrator's connection: give --dsn-file or set LABKEEP_DSN."
        )

    def connect_as_administrator(self, profile: Profile, dsn: str | None, *, read_only: bool = False) -> Connection:
        """Connections as the database's administrator; *read_only* ones cannot change anything."""
        engine = AdministratorEngine(self.administrator_dsn(profile, dsn), read_only=read_only)
        return Connection(engine.login, engine)

    def _revive(self, profile: Profile) -> ServerAddress | None:
        """Where a built-in server is, started again if it has died under an open window; the lab's own is the lab's."""
        if profile.server is not ServerKind.BUILT_IN or profile.data_dir is None:
            return None
        return _address_of(self.start_builtin(Path(profile.data_dir)), profile)

    def close(self) -> None:
        """Let go of the built-in servers; each stops some seconds after its last user is gone."""
        with self._lock:
            for running in self._running.values():
                running.close()
            self._running.clear()


def _address_of(running: RunningServer, profile: Profile) -> ServerAddress:
    return ServerAddress(running.socket_dir, running.port, profile.database)
