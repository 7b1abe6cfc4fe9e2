"""What PostgreSQL's own ``psql`` needs to run under a signed-in person's rights, and no other."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from desktop_app.crypto.passwords import SignInKeys, derive_keys
from desktop_app.db.client_programs import REQUIRES_AUTH, major_of
from desktop_app.domain.profiles import Profile, ServerKind, SslMode
from desktop_app.domain.records import Center
from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.connections import Servers
from desktop_app.services.session.sign_in import SignInService

_OURS = ("LABKEEP_PASSWORD", "LABKEEP_PASSWORD_FILE", "LABKEEP_DSN")


@dataclass(frozen=True)
class PsqlSession:
    """A program and the environment to start it in, which holds the database password and is never shown."""

    program: Path
    environment: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Psql:
    """Prepares ``psql`` for people."""

    servers: Servers
    sign_in: SignInService

    def session(
        self,
        profile: Profile,
        username: str,
        password: str | None,
        center: Center | None,
        environment: Mapping[str, str],
    ) -> PsqlSession:
        """Everything for one run; *password* None takes the remembered sign-in, *center* None no search path.

        The caller has signed in before, so that the password is right and the trust log was looked at. Settings of
        libpq that the person's environment has are left out: they could lead the password to another server.
        """
        program = self._program(profile, environment)
        address = self.servers.address(profile)
        private = profile.server is ServerKind.BUILT_IN and address.host.startswith("/")
        if not private and address.effective_sslmode != SslMode.VERIFY_FULL:
            _require_modern(program)
        keys = self._keys(profile, username, password)
        own = {
            "PGHOST": address.host,
            "PGPORT": str(address.port),
            "PGDATABASE": address.database,
            "PGUSER": keys.login,
            "PGPASSWORD": keys.database_password.reveal().decode("ascii"),
            "PGSSLMODE": address.effective_sslmode,
            "PGREQUIREAUTH": "scram-sha-256",
            "PGAPPNAME": "labkeep",
            "PGCLIENTENCODING": "UTF8",
        }
        if address.sslrootcert:
            own["PGSSLROOTCERT"] = address.sslrootcert
        if center is not None:
            own["PGOPTIONS"] = f"-c search_path={center.schema_name},pg_catalog"
        inherited = {
            name: value for name, value in environment.items() if not name.startswith("PG") and name not in _OURS
        }
        return PsqlSession(program, inherited | own)

    def _keys(self, profile: Profile, username: str, password: str | None) -> SignInKeys:
        if password is not None:
            return derive_keys(profile.installation_id, username, password, profile.kdf)
        stored = self.sign_in.credentials.recall(profile.installation_id, username)
        if stored is None:
            raise RefusedError("This computer does not remember the password any more. Type it, please.")
        return SignInKeys.from_bytes(stored)

    def _program(self, profile: Profile, environment: Mapping[str, str]) -> Path:
        found = shutil.which("psql", path=environment.get("PATH"))
        if found is not None:
            return Path(found)
        # A checkout has the wheel's, a package none (it reads lines with GNU readline, GPL). It has no TLS, and so goes
        # nowhere but to the built-in server.
        if profile.server is ServerKind.BUILT_IN and profile.data_dir is not None:
            bundled = self.servers.start_builtin(Path(profile.data_dir)).psql_path
            if bundled is not None:
                return bundled
        raise NotFoundError(
            "psql is not installed here. Install PostgreSQL's client, and try again: the package postgresql-client "
            "(Debian, Ubuntu) or postgresql (Fedora, Red Hat)."
        )


def _require_modern(program: Path) -> None:
    """Refuse a psql that would not insist on SCRAM; RefusedError also for one that does not say its version."""
    found = major_of(program)
    if found is None:
        raise _nameless(program)
    if found < REQUIRES_AUTH:
        raise RefusedError(
            "This psql is of version {found} and would give your password to whoever asks for it. "
            "Install version {requires_auth} or newer (postgresql-client), or let the profile say "
            "sslmode = verify-full.",
            found=str(found),
            requires_auth=REQUIRES_AUTH,
        )


def _nameless(program: Path) -> RefusedError:
    return RefusedError(
        Message("{program} does not say which version it is, so your password is not given to it.", program=program)
    )
