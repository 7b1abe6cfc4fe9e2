"""The one place that wires concrete classes; everyone else is given what he needs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from desktop_app.db.connection import forget_libpq_environment
from desktop_app.domain.profiles import Profile
from desktop_app.errors import InvalidInputError
from desktop_app.paths import HomePaths
from desktop_app.services.context.connections import Servers
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.installation.demo import Demo
from desktop_app.services.installation.migration import Migration
from desktop_app.services.installation.psql import Psql
from desktop_app.services.installation.setup import InstallationSetup
from desktop_app.services.session.lab import Lab
from desktop_app.services.session.sign_in import SignInService
from desktop_app.storage.credentials import SystemCredentials
from desktop_app.storage.open_folder import OpenFolder
from desktop_app.storage.profiles import ProfileStore
from desktop_app.storage.remembered_names import RememberedNames
from desktop_app.storage.seen_heads import Remembered


@dataclass(frozen=True)
class App:
    """The parts of one running program."""

    paths: HomePaths
    profiles: ProfileStore
    servers: Servers
    sign_in: SignInService
    set_up: InstallationSetup
    demo: Demo
    migration: Migration
    psql: Psql
    open_with: ExternalCopies

    def close(self) -> None:
        """Wipe what other programs were given, and let go of the built-in servers."""
        self.open_with.close()
        self.servers.close()


def build(env: Mapping[str, str]) -> App:
    """Wire the program for this environment (``LABKEEP_HOME`` moves all local state); starts nothing.

    libpq's own variables (``PG…``) are taken from this process: they could lead a password to another server.
    """
    forget_libpq_environment(os.environ)
    paths = HomePaths.from_environment(env)
    profiles = ProfileStore(paths.profiles_dir)
    servers = Servers()
    state = paths.state_dir
    names, locked = RememberedNames(state), RememberedNames(state, "locked")
    sign_in = SignInService(servers, SystemCredentials(), Remembered(state), names, locked)
    set_up = InstallationSetup(servers, profiles, paths.data_dir)
    demo = Demo(set_up, sign_in, profiles, paths.data_dir)
    open_with = ExternalCopies(OpenFolder(paths.open_dir))
    return App(paths, profiles, servers, sign_in, set_up, demo, Migration(servers), Psql(servers, sign_in), open_with)


@contextmanager
def open_installation(
    profile: Profile | str, user: str | None = None, password: str | None = None, env: Mapping[str, str] = os.environ
) -> Iterator[Lab]:
    """Work in an installation from a script.

    ``with open_installation("Labkeep demo") as lab, lab.center("istanbul") as center: center.samples.list()``

    *profile* is a name or id. Without *user* and *password* the environment's ``LABKEEP_USER`` and
    ``LABKEEP_PASSWORD`` count, and without a password the sign-in that this computer remembers. Raises LabkeepError.
    """
    user, password = user or env.get("LABKEEP_USER"), password or env.get("LABKEEP_PASSWORD")
    if not user:
        raise InvalidInputError({"user": "Say who signs in."})
    app = build(env)
    try:
        chosen = profile if isinstance(profile, Profile) else app.profiles.get(profile)
        lab = app.sign_in.sign_in(chosen, user, password) if password else app.sign_in.sign_in_remembered(chosen, user)
        with lab:
            yield lab
    finally:
        app.close()
