"""A signed-in installation: ``with open_installation(profile) as lab``."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakSet

from desktop_app.db import administration
from desktop_app.deferred import deferred
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.findings import Finding
from desktop_app.domain.paging import pages
from desktop_app.domain.profiles import Profile
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Center, User
from desktop_app.domain.rights import Verb, may
from desktop_app.errors import NotFoundError
from desktop_app.message import Message
from desktop_app.policy import Policy
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_alarms import alarms
from desktop_app.services.records.access import AccessReview
from desktop_app.services.records.account import Account
from desktop_app.services.records.audit import InstallationAudit
from desktop_app.services.records.centers import Centers
from desktop_app.services.records.due_keys import DueKeys
from desktop_app.services.records.user_plans import UserPlans
from desktop_app.services.records.users import Users
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.drafts import Drafts
from desktop_app.services.session.live import LiveUpdates

if TYPE_CHECKING:
    from desktop_app.services.maintenance import backup_signing
    from desktop_app.services.maintenance import doctor as doctor_services
    from desktop_app.services.maintenance import recovery as recovery_services
    from desktop_app.services.maintenance import restoring as restoring_services
    from desktop_app.services.maintenance import status as status_services
    from desktop_app.services.maintenance import trust_review as trust_services
    from desktop_app.services.maintenance import updates as update_services
    from desktop_app.services.sheets import list_exports, user_import
else:  # what few who sign in ask for
    backup_signing = deferred("desktop_app.services.maintenance.backup_signing")
    doctor_services = deferred("desktop_app.services.maintenance.doctor")
    recovery_services = deferred("desktop_app.services.maintenance.recovery")
    restoring_services = deferred("desktop_app.services.maintenance.restoring")
    status_services = deferred("desktop_app.services.maintenance.status")
    trust_services = deferred("desktop_app.services.maintenance.trust_review")
    update_services = deferred("desktop_app.services.maintenance.updates")
    list_exports = deferred("desktop_app.services.sheets.list_exports")
    user_import = deferred("desktop_app.services.sheets.user_import")


class Lab:
    """One person at work in one installation."""

    def __init__(self, context: PersonContext) -> None:
        self._context = context
        self._open: WeakSet[CenterContext] = WeakSet()
        self.notices: list[str] = context.trust.memory.notices
        """What went less than well while signing in or after a change that is made, one sentence each."""
        self.centers = Centers(context)
        self.users = Users(context)
        self.due_keys = DueKeys(context)
        self.account = Account(context)
        self.audit = InstallationAudit(context)
        self.user_plans = UserPlans(self.users)
        self.access = AccessReview(context)
        self.live = LiveUpdates(context)
        self.drafts = Drafts(context)

    @cached_property
    def user_imports(self) -> "user_import.UserImports":
        """Sheets of people that come in."""
        return user_import.UserImports(self._context, self.users, self.centers)

    @cached_property
    def user_exports(self) -> "list_exports.UserExports":
        """Sheets of people that go out."""
        return list_exports.UserExports(self.users)

    @cached_property
    def restoring(self) -> "restoring_services.Restoring":
        """What is said after a backup was restored."""
        return restoring_services.Restoring(self._context)

    @cached_property
    def recovery(self) -> "recovery_services.Recovery":
        """The recovery kit."""
        return recovery_services.Recovery(self._context)

    @cached_property
    def trust(self) -> "trust_services.TrustReview":
        """The trust log in the open."""
        return trust_services.TrustReview(self._context, self._opened)

    @cached_property
    def updates(self) -> "update_services.Updates":
        """Which version of the program is to be used."""
        return update_services.Updates(self._context)

    @cached_property
    def backup_signer(self) -> "backup_signing.BackupSigner":
        """Signs backups in the person's name."""
        return backup_signing.BackupSigner(self._context)

    @property
    def profile(self) -> Profile:
        """How this workstation reaches the installation."""
        return self._context.profile

    @property
    def policy(self) -> Policy:
        """What the laboratory fixed on this workstation."""
        return self._context.policy

    @property
    def user(self) -> User:
        """Who is signed in."""
        return self._context.user

    @property
    def login(self) -> str:
        """The PostgreSQL role of the person, for ``psql``."""
        return self._context.connection.login

    @property
    def alarms(self) -> tuple[Message, ...]:
        """What in the trust log does not count, one sentence for each signer; empty on a quiet day."""
        return alarms(self._context.trust.state)

    @property
    def rollback(self) -> Message | None:
        """The sentence of the alarm, if the installation was put back to an older state than this workstation saw."""
        return self._context.rollback_of(None)

    def take_notices(self) -> list[str]:
        """The notices that were not taken yet: each one is told once."""
        taken = self.notices[:]
        del self.notices[: len(taken)]
        return taken

    def center(self, ref: str | UUID | Center) -> CenterServices:
        """Work in one center, named by name, slug or id; the same answer for a foreign and an unknown one."""
        center = ref if isinstance(ref, Center) else self.centers.get(ref)
        return CenterServices(self._opened(center))

    def _opened(self, center: Center) -> CenterContext:
        if center.id not in self._context.trust.state.register.keys:
            # Made or brought back since the log was read, which says who belongs to it and whose documents it has.
            self._context.refresh_trust()
        standing = self._context.standing_in(center.id)
        if standing is None:
            raise NotFoundError("There is no center {ref}, or it is not yours.", ref=center.name)
        context = CenterContext(self._context, center, standing)
        self._open.add(context)
        return context

    def examine(
        self,
        center: str | UUID | Center | None = None,
        *,
        deep: bool = True,
        repair: bool = False,
        report: Report = silent,
    ) -> tuple[Finding, ...]:
        """Look one center over, or all that the person administers and the installation; what is found, or left.

        Of a closed center a system administrator is told what can be seen from outside: schema, places, his keys, and
        whether files are missing.

        Deep reads every stored file. With *repair* what is safe is mended first. RefusedError for who administers none.
        """
        if center is not None:
            chosen = [center if isinstance(center, Center) else self.centers.get(center)]
        else:
            which = CenterFilter(include_inactive=self.user.is_system_administrator)
            every = pages(lambda after, size: self.centers.list(which, after, size))
            chosen = [each for each in every if self._administers(each)]
            if not chosen:
                self._context.require(Verb.READ_AUDIT, None)
        wanted = doctor_services.Wanted(deep=deep, repair=repair, installation=center is None)
        return doctor_services.Doctor(self._context, self._opened).examine(chosen, wanted, report)

    def _administers(self, center: Center) -> bool:
        standing = self._context.standing_in(center.id)
        return standing is not None and may(standing, Verb.READ_AUDIT)

    def free_the_way(self) -> None:
        """End the sessions that hold up everybody, also who wants to sign in, by asking for a lock refused to them."""
        with self._context.shared.begin() as session:
            administration.end_queue_jumpers(session)

    def status(self) -> "status_services.Status":
        """How the installation is, as far as this person may look; takes seconds with a large store."""
        alarms = self.trust.disagreements(trust_services.STATUS_KEYS, trust_services.STATUS_SECONDS)
        return status_services.read_status(
            self._context, alarms, pages(lambda after, size: self.centers.list(None, after, size))
        )

    def check_store(self) -> None:
        """Look whether the store is there and this installation's, by its marker alone; StorageError where not."""
        self._context.store.check_marker()

    def close(self) -> None:
        """Forget keys and password and close the connections; what was opened raises SignedOutError from now on.

        For good, or until ``reopen``: a locked window closes its Lab, too.
        """
        # At once, and again when nobody who is still at work can read a key: closing tells the server what was opened.
        self._forget_keys()
        self.live.stop()
        self._context.close()
        self._forget_keys()

    def _forget_keys(self) -> None:
        for opened in tuple(self._open):
            opened.forget()

    def reopen(self, context: PersonContext, password: str) -> None:
        """Work on with what the same person has just proved (see ``SignInService.unlock``)."""
        self._context.user, self._context.held = context.user, context.held
        self._context.connection.use_password(password)
        self._context.openings.resume()

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
