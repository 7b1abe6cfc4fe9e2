"""Where an installation's database and files go that is made, or brought back, on this computer."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from desktop_app.db.bootstrap import planned_address
from desktop_app.domain.profiles import Profile, ServerKind, SslMode, StorePlace
from desktop_app.errors import InvalidInputError
from desktop_app.message import Message
from desktop_app.paths import expanded
from desktop_app.services.context.connections import Servers
from desktop_app.services.installation.server_dsn import with_password
from desktop_app.system.folders import make_private_folder


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """A server and a folder; what nobody named is the built-in server, and a folder beside it."""

    store: Path | None = None
    """The shared folder; None makes one beside the built-in server."""
    dsn: str | None = None
    """A database superuser's DSN of the lab's own server; None is the built-in server."""
    dsn_password: str = field(default="", repr=False)
    """The superuser's password where it was asked for by itself; empty leaves the DSN as it is."""
    home: Path | None = None
    """Where the built-in server's data (and a store that is not named) go; None is the usual place."""

    def server_folder(self, data_dir: Path) -> Path:
        """The built-in server's; *data_dir* is the usual place."""
        return (self.home or data_dir) / "server"

    def admin_dsn(self, servers: Servers, data_dir: Path) -> str:
        """The database superuser's DSN; starts the built-in server where that is meant."""
        if self.dsn is not None:
            return with_password(self.dsn, self.dsn_password)
        return servers.start_builtin(self.server_folder(data_dir)).admin_dsn()

    def store_folder(self, data_dir: Path) -> Path:
        """The folder for the files, proved to be writable; made where nobody named one. InvalidInputError."""
        if self.store is None:
            return make_private_folder((self.home or data_dir) / "store")
        store = expanded(self.store).absolute()
        try:
            if not store.is_dir():
                raise InvalidInputError(
                    {"store": Message("The folder {store} does not exist. Make it, or connect the share.", store=store)}
                )
            with tempfile.TemporaryFile(dir=store):
                pass
        except OSError as error:
            raise InvalidInputError(
                {"store": Message("Nothing can be written to {store}: {reason}.", store=store, reason=error.strerror)}
            ) from error
        return store

    def profile(
        self,
        admin_dsn: str,
        store: StorePlace,
        data_dir: Path,
        *,
        installation_id: UUID,
        display_name: str,
        root_fingerprint: str,
        kdf: str,
    ) -> Profile:
        """How this computer reaches it."""
        builtin, address = self.dsn is None, planned_address(admin_dsn)
        return Profile(
            installation_id=installation_id,
            display_name=display_name,
            server=ServerKind.BUILT_IN if builtin else ServerKind.POSTGRES,
            host=None if builtin else address.host,
            port=None if builtin else address.port,
            database=address.database,
            sslmode=SslMode(address.effective_sslmode),
            sslrootcert=address.sslrootcert,
            store=store,
            root_fingerprint=root_fingerprint,
            kdf=kdf,
            data_dir=str(self.server_folder(data_dir)) if builtin else None,
        )
