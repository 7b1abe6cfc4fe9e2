"""The one place that wires concrete classes; everyone else is given what he needs.

What needs a database driver or cryptography is loaded and wired when it is first asked for.
"""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.db.libpq_environment import forget_libpq_environment
from desktop_app.deferred import deferred
from desktop_app.domain.profiles import Profile, StoreKind, StorePlace
from desktop_app.errors import InvalidInputError
from desktop_app.paths import HomePaths, policy_file
from desktop_app.policy import Policy, load_policy
from desktop_app.storage.profiles import ProfileStore
from desktop_app.system.open_windows import OpenWindows

if TYPE_CHECKING:
    from desktop_app.services.context import connections
    from desktop_app.services.documents import external_copy
    from desktop_app.services.installation import (
        backup,
        backup_notes,
        center_restore,
        demo,
        installation_backups,
        kit_context,
        migration,
        profile_by_kit,
        profile_sharing,
        psql,
        recovery,
        restore,
        restore_drill,
        setup,
    )
    from desktop_app.services.session import sign_in
    from desktop_app.services.session.lab import Lab
    from desktop_app.storage import credentials, folder_store, given_profile, open_folder, remembered_names, seen_heads
    from desktop_app.storage.store import Store
else:
    connections = deferred("desktop_app.services.context.connections")
    external_copy = deferred("desktop_app.services.documents.external_copy")
    backup = deferred("desktop_app.services.installation.backup")
    backup_notes = deferred("desktop_app.services.installation.backup_notes")
    center_restore = deferred("desktop_app.services.installation.center_restore")
    demo = deferred("desktop_app.services.installation.demo")
    installation_backups = deferred("desktop_app.services.installation.installation_backups")
    kit_context = deferred("desktop_app.services.installation.kit_context")
    migration = deferred("desktop_app.services.installation.migration")
    profile_by_kit = deferred("desktop_app.services.installation.profile_by_kit")
    profile_sharing = deferred("desktop_app.services.installation.profile_sharing")
    psql = deferred("desktop_app.services.installation.psql")
    recovery = deferred("desktop_app.services.installation.recovery")
    restore = deferred("desktop_app.services.installation.restore")
    restore_drill = deferred("desktop_app.services.installation.restore_drill")
    setup = deferred("desktop_app.services.installation.setup")
    sign_in = deferred("desktop_app.services.session.sign_in")
    credentials = deferred("desktop_app.storage.credentials")
    folder_store = deferred("desktop_app.storage.folder_store")
    given_profile = deferred("desktop_app.storage.given_profile")
    open_folder = deferred("desktop_app.storage.open_folder")
    remembered_names = deferred("desktop_app.storage.remembered_names")
    seen_heads = deferred("desktop_app.storage.seen_heads")


@dataclass(frozen=True)
class ProgramServices:
    """What there is one of in a program."""

    servers: "connections.Servers"
    sign_in: "sign_in.SignInService"


class App:
    """The parts of one running program; may be used by several threads."""

    def __init__(self, paths: HomePaths, policy: Policy) -> None:
        self.paths = paths
        self.policy = policy
        self._made: ProgramServices | None = None
        self._copies: external_copy.ExternalCopies | None = None
        self._lock = threading.Lock()

    @cached_property
    def profiles(self) -> ProfileStore:
        """The installations that this workstation knows; first asked for, it takes the one that the policy gives."""
        store = ProfileStore(self.paths.profiles_dir)
        if self.policy.profile:
            store.not_given = given_profile.take_given(store, Path(self.policy.profile))
        return store

    @property
    def windows(self) -> OpenWindows:
        """The windows that this person has open on this computer."""
        return OpenWindows(self.paths.state_dir / "windows")

    @property
    def window_state_file(self) -> Path:
        """Where the window keeps sizes, and who and where last."""
        return self.paths.state_dir / "window.ini"

    @property
    def settings_file(self) -> Path:
        """Where a person's choices are."""
        return self.paths.settings_file

    @property
    def external_copies(self) -> "external_copy.ExternalCopies":
        """Copies for other programs."""
        with self._lock:
            if self._copies is None:
                self._copies = external_copy.ExternalCopies(open_folder.OpenFolder(self.paths.open_dir))
            return self._copies

    @property
    def servers(self) -> "connections.Servers":
        """The installations' servers."""
        return self._wired().servers

    @property
    def sign_in(self) -> "sign_in.SignInService":
        """Signing in."""
        return self._wired().sign_in

    @property
    def set_up(self) -> "setup.InstallationSetup":
        """Making installations."""
        return setup.InstallationSetup(self.servers, self.open_store, self.profiles, self.paths.data_dir)

    @property
    def demo(self) -> "demo.Demo":
        """The demo installation."""
        return demo.Demo(self.set_up, self.sign_in, self.profiles, self.paths.data_dir)

    @property
    def migration(self) -> "migration.Migration":
        """Bringing schemas to this program's revisions."""
        return migration.Migration(self.servers)

    @property
    def recovery(self) -> "recovery.KitRecovery":
        """What whoever holds the recovery kit does without signing in."""
        return recovery.KitRecovery(self._kit_access)

    @property
    def profile_by_kit(self) -> "profile_by_kit.ProfileByKit":
        """Reaching an installation that this workstation does not know, by its kit."""
        return profile_by_kit.ProfileByKit(self.servers, self.open_store, self.profiles, self.paths.data_dir)

    @property
    def backup(self) -> "backup.Backup":
        """Backing up an installation."""
        return backup.Backup(self.servers, self.open_store, self.backup_notes)

    @property
    def backup_notes(self) -> "backup_notes.BackupNotes":
        """What this computer remembers of the backups it makes."""
        return backup_notes.BackupNotes(self.paths.state_dir / "backups")

    @property
    def restore(self) -> "restore.Restore":
        """Bringing one back."""
        return restore.Restore(self.servers, self.open_store, self.profiles, self.paths.data_dir)

    @property
    def center_restore(self) -> "center_restore.CenterRestore":
        """Bringing one center back, beside what is there."""
        return center_restore.CenterRestore(self._kit_access)

    @property
    def restore_drill(self) -> "restore_drill.RestoreDrill":
        """Trying a backup in a throw-away place."""
        return restore_drill.RestoreDrill(
            lambda home: App(HomePaths.from_environment({"LABKEEP_HOME": str(home)}), replace(self.policy, profile="")),
            self.backup_notes,
        )

    @property
    def profile_sharing(self) -> "profile_sharing.ProfileSharing":
        """Profiles as files for other computers."""
        return profile_sharing.ProfileSharing(self.profiles)

    @property
    def backups(self) -> "installation_backups.InstallationBackups":
        """What the window knows and does of backups."""
        return installation_backups.InstallationBackups(self.backup, self.restore_drill, self.backup_notes)

    @property
    def psql(self) -> "psql.Psql":
        """PostgreSQL's own program under a person's rights."""
        return psql.Psql(self.servers, self.sign_in)

    @staticmethod
    def open_store(place: StorePlace, installation_id: UUID) -> "Store":
        """The store at a place; each kind of place has its form of store."""
        match place.kind:
            case StoreKind.FOLDER:
                return folder_store.FolderStore(Path(place.path), installation_id)

    @property
    def _kit_access(self) -> "kit_context.KitAccess":
        return kit_context.KitAccess(self.servers, self.open_store, seen_heads.SeenHeads(self.paths.state_dir))

    def close(self) -> None:
        """Wipe what other programs were given, and let go of the built-in servers."""
        with self._lock:
            if self._copies is not None:
                self._copies.close()
            if self._made is not None:
                self._made.servers.close()

    def _wired(self) -> ProgramServices:
        # One for all: two would start a built-in server twice.
        with self._lock:
            if self._made is None:
                state = self.paths.state_dir
                servers = connections.Servers()
                service = sign_in.SignInService(
                    servers,
                    self.open_store,
                    credentials.SystemCredentials(),
                    seen_heads.SeenHeads(state),
                    remembered_names.RememberedNames(state),
                    remembered_names.RememberedNames(state, "locked"),
                    self.policy,
                )
                self._made = ProgramServices(servers, service)
            return self._made


def build(env: Mapping[str, str]) -> App:
    """Wire the program for this environment (``LABKEEP_HOME`` moves all local state); starts nothing.

    libpq's own variables (``PG…``) are taken from this process: they could lead a password to another server. The
    laboratory's policy comes from its one file, whatever the environment says.
    """
    forget_libpq_environment(os.environ)
    return App(HomePaths.from_environment(env), load_policy(policy_file()))


@contextmanager
def open_installation(
    profile: Profile | str, user: str | None = None, password: str | None = None, env: Mapping[str, str] = os.environ
) -> "Iterator[Lab]":
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
