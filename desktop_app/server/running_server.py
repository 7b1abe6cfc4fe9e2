"""A built-in server that somebody uses: where it is, its password, and letting it go."""

from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2

from desktop_app.server.cluster import SUPERUSER
from desktop_app.server.errors import ServerPasswordError, ServerStartError
from desktop_app.server.folders import ServerFolders
from desktop_app.server.postmaster import Postmaster
from desktop_app.server.programs import ServerPrograms
from desktop_app.system.locks import FileLock
from desktop_app.system.secret import Secret


class RunningServer:
    """A server that runs at least until ``close`` is called or this process ends."""

    superuser = SUPERUSER

    def __init__(self, postmaster: Postmaster, password: Secret, programs: ServerPrograms, users: FileLock) -> None:
        self.socket_dir = postmaster.host
        self.port = postmaster.port
        self.superuser_password = password
        self._programs = programs
        self._users = users

    def admin_dsn(self, database: str = "postgres") -> str:
        """Return the superuser's libpq URI. It holds the password: for connecting, not for showing."""
        options = urlencode({"host": self.socket_dir, "port": self.port}, quote_via=quote)
        person = f"{self.superuser}:{quote(self.superuser_password.reveal().decode(), '')}"
        return f"postgresql://{person}@/{quote(database, '')}?{options}"

    @property
    def psql_path(self) -> Path | None:
        """The psql that comes with the server, if it does: a checkout has one, a package has none."""
        psql = self._programs.path("psql")
        return psql if psql.is_file() else None

    def close(self) -> None:
        """Say that this program no longer needs the server; harmless when repeated."""
        if self._users.handle >= 0:
            with suppress(OSError):  # the folder may be gone already
                self._users.touch()
            self._users.close()

    def __enter__(self) -> "RunningServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sign_in_once(running: RunningServer, folders: ServerFolders) -> None:
    """Prove that it is our server that answers and that it takes the password, and takes it by SCRAM only."""
    try:
        connection = psycopg2.connect(running.admin_dsn(), connect_timeout=30, require_auth="scram-sha-256")
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('data_directory')")
                (data_directory,) = cursor.fetchone()
        finally:
            connection.close()
    except psycopg2.OperationalError as error:
        if "password authentication failed" in str(error):
            raise ServerPasswordError(
                "The built-in server does not take the password in {password}. The data is whole; put the "
                "file back from a backup.",
                password=folders.password,
            ) from error
        raise ServerStartError(
            "The built-in server runs but does not take connections. Its log is in {log}.", log=folders.log
        ) from error
    # A folder moved under its running server is known to that by its old path, where nothing is any more.
    if Path(data_directory).exists() and not folders.cluster.samefile(data_directory):
        raise ServerStartError("Another server answers in place of the one in {home}.", home=folders.home)
