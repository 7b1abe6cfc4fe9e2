"""The one place that wires concrete classes; everyone else is given what he needs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from desktop_app.domain.profiles import Profile
from desktop_app.paths import HomePaths
from desktop_app.services.connecting import Servers
from desktop_app.services.demo import Demo
from desktop_app.services.lab import Lab
from desktop_app.services.setup import SetUp
from desktop_app.services.sign_in import SignInService
from desktop_app.storage.credentials import SystemCredentials
from desktop_app.storage.profiles import ProfileStore
from desktop_app.storage.remembered import Remembered
from desktop_app.storage.remembered_names import RememberedNames


@dataclass(frozen=True)
class App:
    """The parts of one running program."""

    paths: HomePaths
    profiles: ProfileStore
    servers: Servers
    sign_in: SignInService
    set_up: SetUp
    demo: Demo

    def close(self) -> None:
        """Let go of the built-in servers."""
        self.servers.close()


def build(env: Mapping[str, str]) -> App:
    """Wire the program for this environment (``LABKEEP_HOME`` moves all local state); starts nothing."""
    paths = HomePaths.from_environment(env)
    profiles = ProfileStore(paths.profiles_dir)
    servers = Servers()
    sign_in = SignInService(servers, SystemCredentials(), Remembered(paths.state_dir), RememberedNames(paths.state_dir))
    set_up = SetUp(servers, profiles, paths.data_dir)
    demo = Demo(set_up, sign_in, profiles, paths.data_dir)
    return App(paths, profiles, servers, sign_in, set_up, demo)


@contextmanager
def open_installation(profile: Profile | str, user: str, password: str, env: Mapping[str, str]) -> Iterator[Lab]:
    """Work in an installation from a script: ``with open_installation("Demo", …) as lab``."""
    app = build(env)
    try:
        chosen = profile if isinstance(profile, Profile) else app.profiles.get(profile)
        with app.sign_in.sign_in(chosen, user, password) as lab:
            yield lab
    finally:
        app.close()
