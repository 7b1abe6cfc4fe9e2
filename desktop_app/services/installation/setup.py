"""Setting up an installation: all of it, or nothing."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.passwords import KDF_1
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.crypto.trust_log import sign_entry, verify_log
from desktop_app.crypto.trust_statements import EnrolStatement, RootStatement
from desktop_app.db import administration, bootstrap
from desktop_app.db import kit as kit_rows
from desktop_app.db import trust as trust_rows
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import UserDraft, check
from desktop_app.domain.ids import new_id
from desktop_app.domain.profiles import Profile, StorePlace, display_name_problem
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, InvalidInputError, RefusedError
from desktop_app.message import Message
from desktop_app.services.context.account_keys import first_password, make_person_keys
from desktop_app.services.context.connections import Servers
from desktop_app.services.context.trust_log import entry_row
from desktop_app.services.installation.new_place import NewPlace
from desktop_app.services.maintenance.recovery import KitText, write_kit
from desktop_app.storage.profiles import ProfileStore
from desktop_app.storage.store import OpenStore

STEPS = 5


@dataclass(frozen=True)
class InitRequest(NewPlace):
    """What an installation begins with."""

    display_name: str
    administrator: UserDraft
    """The first system administrator: role admin without a center."""
    password: str | None = None
    """None makes one, which is shown once and must be changed at the first sign-in."""
    recovery_kit: Path | None = None
    """Where to write the recovery kit; None leaves it to whoever reads the result."""
    needs_kit: bool = True
    """Whether somebody has to show that he keeps the kit; not of the demo, which holds nothing real."""


@dataclass(frozen=True)
class InitResult:
    """An installation that is ready; the words are shown once and kept nowhere."""

    profile: Profile
    password: str
    kit: KitText
    root_id: UUID


@dataclass(frozen=True)
class InstallationSetup:
    """Makes installations."""

    servers: Servers
    open_store: OpenStore
    profiles: ProfileStore
    data_dir: Path

    def init(self, request: InitRequest, report: Report = silent) -> InitResult:
        """Make an installation; on any error nothing of it is left.

        Raises InvalidInputError and RefusedError with one sentence for what stands in the way.
        """
        _check_request(request)
        self._require_unused_server(request)
        installation_id = new_id()
        password = first_password(request.password, request.administrator.username)
        root: list[UUID] = []
        with ExitStack() as undo:
            place = self._prepare_store(request, undo)
            store = self.open_store(place, installation_id)
            report(1, STEPS)
            kit = RecoveryKit.make()
            shown = KitText.of(kit, request.display_name, installation_id)
            self._write_kit(request, shown, undo)
            admin_dsn = request.admin_dsn(self.servers, self.data_dir)
            report(2, STEPS)
            profile = request.profile(
                admin_dsn,
                place,
                self.data_dir,
                installation_id=installation_id,
                display_name=request.display_name,
                root_fingerprint=kit.fingerprint().hex(),
                kdf=KDF_1,
            )

            def first_rows(session: Session) -> None:
                """The last steps, inside the database's transaction: it commits only if all of them worked."""
                report(3, STEPS)
                root_id = _enrol(session, request, installation_id, kit, password)
                if request.recovery_kit is not None or not request.needs_kit:
                    kit_rows.confirm(session, root_id)
                root.append(root_id)
                store.create_marker()
                undo.callback(store.remove_marker)
                self.profiles.save(profile)
                undo.callback(self.profiles.remove, installation_id)
                report(4, STEPS)

            bootstrap.prepare_cluster(admin_dsn, installation_id, kdf=KDF_1, then=first_rows)
            undo.pop_all()
        with suppress(Cancelled):  # too late: whoever is not given the recovery words now never gets them
            report(STEPS, STEPS)
        return InitResult(profile, password, shown, root[0])

    def confirm_kit(self, request: InitRequest, made: InitResult) -> None:
        """Write down that the words of a new installation are kept, with the rights that made it."""
        bootstrap.run_as_superuser(
            request.admin_dsn(self.servers, self.data_dir),
            made.profile.database,
            lambda session: kit_rows.confirm(session, made.root_id),
        )

    def _prepare_store(self, request: InitRequest, undo: ExitStack) -> StorePlace:
        """The store's folder, proved to be writable; made where nobody named one."""
        store = request.store_folder(self.data_dir)
        if request.store is None:
            undo.callback(_remove_if_empty, store)
        return StorePlace(str(store))

    def _write_kit(self, request: InitRequest, kit: KitText, undo: ExitStack) -> None:
        path = request.recovery_kit
        if path is None:
            return
        if path.exists():
            raise InvalidInputError(
                {"recovery_kit": Message("{path} exists already; nothing was overwritten.", path=path)}
            )
        write_kit(kit, path)
        undo.callback(path.unlink, missing_ok=True)

    def _require_unused_server(self, request: InitRequest) -> None:
        """A built-in server holds one installation; say which one before anything is started."""
        place = str(request.server_folder(self.data_dir))
        for profile in self.profiles.list() if request.dsn is None else ():
            if profile.data_dir == place:
                raise RefusedError(
                    "The built-in server of this computer holds the installation “{display_name}” already. Sign "
                    "in there, or name another server with a DSN. Nothing was changed.",
                    display_name=profile.display_name,
                )


def _check_request(request: InitRequest) -> None:
    """What can be said at once, before anything is touched."""
    check(request.administrator)
    if request.administrator.role is not Role.ADMIN or request.administrator.center_id is not None:
        raise InvalidInputError(
            {"role": Message("The first person is a system administrator: an admin without a center.")}
        )
    if problem := display_name_problem(request.display_name):
        raise InvalidInputError({"display_name": Message("The name {problem}", problem=problem)})


def _enrol(session: Session, request: InitRequest, installation_id: UUID, kit: RecoveryKit, password: str) -> UUID:
    """The root's entry, and the first system administrator signed by it; then the root is dropped from memory."""
    draft, user_id = request.administrator, new_id()
    root = kit.identity(new_id())
    keys = make_person_keys(installation_id, user_id, draft.username, password, KDF_1)
    first = sign_entry(RootStatement(root.public), None, root, installation_id)
    state = verify_log([first], installation_id, kit.fingerprint())
    chosen = request.password is not None
    enrol = EnrolStatement(
        user_id, keys.sign_in.login, keys.identity.public, draft.role.value, None, provisional=not chosen
    )
    second = sign_entry(enrol, state, root, installation_id)
    trust_rows.append_root(session, root.public.id, root.public.to_bytes(), entry_row(first))
    administration.create_user(
        session,
        user_id,
        draft,
        login=keys.sign_in.login,
        verifier=keys.verifier,
        identity=keys.row,
        entry=entry_row(second),
        grants=[],
        must_change_password=not chosen,
    )
    return root.public.id


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
