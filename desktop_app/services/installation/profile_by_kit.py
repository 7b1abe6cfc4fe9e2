"""How a workstation that knows no profile reaches an installation: by its recovery kit, its database and its store.

What the database says of itself proves nothing. The kit does: the trust log must begin with it, or, where it took the
place of another kit, with the root whose fingerprint the person brings from a workstation that knows the installation.
"""

import re
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import TruncatedLogError
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.crypto.trust_entries import TrustEntry
from desktop_app.crypto.trust_log import claimed_root, verify_log
from desktop_app.db import kit as kit_rows
from desktop_app.db import registry
from desktop_app.db import trust as trust_rows
from desktop_app.db.administrator_engine import AdministratorEngine
from desktop_app.db.bootstrap import planned_address
from desktop_app.db.connection import ServerAddress
from desktop_app.db.migration_state import dsn_of_database
from desktop_app.domain.profiles import Profile, StorePlace
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.paths import expanded
from desktop_app.services.context.connections import AdministratorNeededError, Connection, Servers
from desktop_app.services.installation.kit_context import root_identity
from desktop_app.services.installation.new_place import NewPlace
from desktop_app.storage.errors import StorageError
from desktop_app.storage.profiles import ProfileStore
from desktop_app.storage.store import OpenStore

DEFAULT_NAME = "Labkeep"
_NAME = re.compile(r"Installation {2}([^<\n]+)")
"""On a kit's page."""


class ReplacedRootError(RefusedError):
    """The kit counts, but does not show by itself where the trust log begins."""

    code = "replaced_root"


@dataclass(frozen=True)
class _Found:
    """What the database says of its installation."""

    id: UUID
    kdf: str
    entries: list[TrustEntry]


@dataclass(frozen=True)
class ProfileByKit:
    """Makes profiles for whoever holds a kit and is the database's administrator."""

    servers: Servers
    open_store: OpenStore
    profiles: ProfileStore
    data_dir: Path

    def make(
        self, words: str, dsn: str | None = None, store: Path | None = None, *, name: str = "", root: str = ""
    ) -> Profile:
        """The profile of the installation that these words are the kit of, kept on this workstation.

        *words* are as typed, or the whole text of a kit's file, which says the installation's *name*, too. Without
        *dsn* the built-in server below the data folder is meant, and without *store* the folder beside it. *root*: the
        words of the fingerprint with which the trust log begins, for a kit that took another's place. Nothing of the
        installation is changed, and a profile that is known already is returned as it is.

        MistypedKitError, OtherKitError, ReplacedKitError; ReplacedRootError where *root* is needed;
        AdministratorNeededError; InvalidInputError for the store.
        """
        kit = RecoveryKit.from_words(words)
        address, admin_dsn = self._address(dsn)
        found = _read(dsn_of_database(admin_dsn, address.database))
        beginning = _verified_root(found, kit, root)
        with suppress(NotFoundError):
            known = self.profiles.get(found.id)
            if known.root_fingerprint == beginning.hex():
                return known
        wanted = " ".join(name.split()) or _name_on(words)
        profile = NewPlace(dsn=dsn).profile(
            admin_dsn,
            self._store(store, found.id),
            self.data_dir,
            installation_id=found.id,
            display_name=self.profiles.free_name(wanted, found.id),
            root_fingerprint=beginning.hex(),
            kdf=found.kdf,
        )
        self.profiles.save(profile)
        return profile

    @property
    def _server_folder(self) -> Path:
        return self.data_dir / "server"

    def _address(self, dsn: str | None) -> tuple[ServerAddress, str]:
        if dsn is None:
            if not self._server_folder.is_dir():
                raise AdministratorNeededError(
                    "This computer has no built-in server in {folder}: give the connection of the database's "
                    "administrator. A backup is brought back by labkeep-admin restore, which makes the profile, too.",
                    folder=self._server_folder,
                )
            dsn = self.servers.start_builtin(self._server_folder).admin_dsn()
        return planned_address(dsn), dsn

    def _store(self, store: Path | None, installation_id: UUID) -> StorePlace:
        place = StorePlace(str(self.data_dir / "store" if store is None else expanded(store).absolute()))
        try:
            self.open_store(place, installation_id).check_marker()
        except StorageError as error:
            raise InvalidInputError({"store": error.message}) from error
        return place


def _read(dsn: str) -> _Found:
    engine = AdministratorEngine(dsn, read_only=True)
    with closing(Connection(engine.login, engine)) as connection, connection.shared.begin() as session:
        if not kit_rows.sees_everything(session):
            raise AdministratorNeededError(
                "This connection is not the database administrator's: a superuser's is needed."
            )
        row = registry.installation(session)
        rows = trust_rows.entries_after(session, 0)
    entries = [TrustEntry(each.sequence, each.payload, each.signer, each.signature) for each in rows]
    return _Found(row.id, row.kdf, entries)


def _verified_root(found: _Found, kit: RecoveryKit, root: str) -> bytes:
    """The fingerprint that the log rightly begins with."""
    if not found.entries:
        raise TruncatedLogError("The trust log is empty.")
    beginning = claimed_root(found.entries[0], found.id)
    root_identity(kit, verify_log(found.entries, found.id, beginning))
    if beginning == kit.fingerprint():
        return beginning
    words = fingerprint_words(beginning)
    if not root:
        raise ReplacedRootError(
            "This kit took the place of another one, so it does not show by itself where the trust log begins. Bring "
            "a profile from a workstation that knows the installation, or say the fingerprint that labkeep-admin trust "
            "fingerprint prints there."
        )
    if " ".join(root.lower().split()) not in (words, beginning.hex()):
        raise InvalidInputError({"root": Message("The trust log of this database begins with another root.")})
    return beginning


def _name_on(words: str) -> str:
    found = _NAME.search(words)
    return DEFAULT_NAME if found is None else found[1].strip() or DEFAULT_NAME
