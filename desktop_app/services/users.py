"""Users: people with a login, made, moved and removed by those who may."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.crypto.trust_statements import (
    EnrolStatement,
    PlaceStatement,
    RemoveStatement,
    ReplaceKeysStatement,
)
from desktop_app.db import administration, registry
from desktop_app.db.sessions import OnWaiting
from desktop_app.domain.drafts import UserDraft, check
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.ids import new_id
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Verb
from desktop_app.domain.sorting import NEWEST_USERS, Sort, UserField
from desktop_app.errors import Cancelled, InvalidInputError, RefusedError
from desktop_app.services.access import Access
from desktop_app.services.departure import Departing
from desktop_app.services.granting import grants_for
from desktop_app.services.person_keys import first_password, make_person_keys
from desktop_app.services.progress import Waiting, nobody_waits
from desktop_app.services.trust import TrustChange
from desktop_app.services.unfinished import Unfinished

Ref = str | UUID
END_SESSION_ROUNDS = 20
EDITABLE = ("email", "first_name", "last_name", "phone")


@dataclass(frozen=True)
class NewUser:
    """A person who was just given a first password, which is shown once."""

    user: User
    password: str


@dataclass(frozen=True)
class Departure:
    """A person who is out: login, memberships and grants are gone."""

    user: User
    sessions_left: int
    """Open sessions that the server could not end; 0 is what everyone expects."""


@dataclass(frozen=True)
class Users:
    """What a signed-in person may see and do with users."""

    access: Access

    def list(
        self,
        filter: UserFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[UserField] = NEWEST_USERS,
    ) -> Page[User]:
        """One page of users in the order of *sort*; the key *after* must be of the same order."""
        with self.access.shared.begin() as session:
            return registry.list_users(session, filter or UserFilter(), after, limit, sort)

    def part(self, filter: UserFilter, part: Part, sort: Sort[UserField]) -> tuple[User, ...]:
        """The users at these places in the order of *sort*."""
        with self.access.shared.begin() as session:
            return registry.users_at(session, filter, part, sort)

    def count(self, filter: UserFilter | None = None, cap: int = COUNT_CAP) -> Count:
        """How many users a filter has."""
        with self.access.shared.begin() as session:
            return registry.count_users(session, filter or UserFilter(), cap)

    def get(self, ref: Ref) -> User:
        """The user of this user name or id; NotFoundError also for a foreign one."""
        with self.access.shared.begin() as session:
            return registry.get_user(session, ref)

    def refresh_own(self) -> User:
        """The signed-in person as the registry names him now; what he may do here follows it from now on."""
        with self.access.shared.begin() as session:
            self.access.user = registry.own_user(session)
        return self.access.user

    def create(self, draft: UserDraft, password: str | None = None, *, keep_password: bool = False) -> NewUser:
        """A new person with provisional keys, who replaces them (and the password) at the first sign-in."""
        self._require_over(draft.center_id)
        check(draft)
        user_id = new_id()
        password = first_password(password, draft.username)
        keys = make_person_keys(self.access.installation_id, user_id, draft.username, password, self.access.profile.kdf)

        def act(change: TrustChange) -> None:
            public = keys.identity.public
            entry = change.sign(EnrolStatement(user_id, public, draft.role.value, draft.center_id, provisional=True))
            grants = grants_for(self.access, change.session, public, draft.center_id)
            administration.create_user(
                change.session,
                user_id,
                draft,
                login=keys.sign_in.login,
                verifier=keys.verifier,
                identity=keys.row,
                entry=entry,
                grants=grants,
                must_change_password=not keep_password,
            )

        self._change(act)
        self._finish()
        return NewUser(self.get(user_id), password)

    def update(self, user: User, draft: UserDraft) -> User:
        """Save edited names, email and phone over the state that *user* was read in."""
        self._require_over(user.center_id)
        check(draft)
        changes = {name: getattr(draft, name) for name in EDITABLE if getattr(draft, name) != getattr(user, name)}
        fixed = {
            "username": "User names are fixed for life.",
            "role": "The role is changed by itself.",
            "center_id": "The center is changed by itself.",
        }
        if problems := {name: fixed[name] for name in fixed if getattr(draft, name) != getattr(user, name)}:
            raise InvalidInputError(problems)
        with self.access.change_shared() as session:
            administration.update_user(session, user.id, changes, user.row_version)
        return self.get(user.id)

    def change_role(self, ref: Ref, role: Role) -> User:
        """Another role in the same center; acts on the next statement of the person's open sessions.

        Where the server would leave a session that said SET ROLE its old rights, the sessions are ended.
        """
        user = _active(self._other(ref))
        if user.is_system_administrator:
            raise RefusedError("A system administrator has no role in a center; move the person to a center instead.")
        if user.role is role:
            raise RefusedError(f"{user.username} has this role already.")

        def act(change: TrustChange) -> None:
            entry = change.sign(PlaceStatement(user.id, role.value, user.center_id))
            administration.change_role(change.session, user.id, role, entry)

        self._change(act)
        with self.access.shared.begin() as session:
            keeps = administration.sessions_keep_roles(session)
        if keeps:
            self._end_sessions(user)
        return self.get(user.id)

    def change_center(self, ref: Ref, center: Ref | None, role: Role | None = None) -> User:
        """Move a person to another center, or (None) make a system administrator of him.

        The old center's grants are deleted; what the person already copied cannot be taken back.
        """
        self.access.require(Verb.MOVE_USERS, None)
        user = _active(self._other(ref))
        target = None if center is None else self._center_id(center)
        if target == user.center_id:
            raise RefusedError(f"{user.username} belongs there already.")
        new_role = Role.ADMIN if target is None else role or user.role

        def act(change: TrustChange) -> None:
            entry = change.sign(PlaceStatement(user.id, new_role.value, target))
            grants = grants_for(self.access, change.session, _current(change, user), target)
            administration.change_center(change.session, user.id, target, new_role, entry, grants)

        self._change(act)
        self._end_sessions(user)
        self._finish()
        return self.get(user.id)

    def deactivate(self, ref: Ref, waiting: Waiting = nobody_waits) -> Departure:
        """Out, whatever the person holds: the login first, open sessions, then memberships and grants.

        *waiting* may stop it; DepartureStoppedError then says how far it had come.
        """
        user = _active(self._other(ref))
        departing = Departing(self.access, user, waiting)
        departing.close_login()

        def act(change: TrustChange) -> None:
            administration.deactivate_user(change.session, user.id, change.sign(RemoveStatement(user.id)))

        with departing.stopped_afterwards():
            self._change(act, departing.on_waiting)
        self._finish(waiting)
        return Departure(self.get(user.id), self._end_sessions(user))

    def activate(self, ref: Ref) -> User:
        """Let a deactivated person in again, with the identity and place he had."""
        user = self._other(ref)
        if user.is_active:
            raise RefusedError(f"{user.username} is active already.")

        def act(change: TrustChange) -> None:
            entry = change.sign(PlaceStatement(user.id, user.role.value, user.center_id))
            grants = grants_for(self.access, change.session, _current(change, user), user.center_id)
            administration.activate_user(change.session, user.id, entry, grants)

        self._change(act)
        self._finish()
        return self.get(user.id)

    def reset_password(self, ref: Ref, password: str | None = None, *, keep_password: bool = False) -> NewUser:
        """A first password again, with provisional keys: what the old password sealed is replaced."""
        user = _active(self._other(ref))
        password = first_password(password, user.username)
        keys = make_person_keys(self.access.installation_id, user.id, user.username, password, self.access.profile.kdf)

        def act(change: TrustChange) -> None:
            public = keys.identity.public
            entry = change.sign(ReplaceKeysStatement(user.id, public, provisional=True))
            grants = grants_for(self.access, change.session, public, user.center_id)
            administration.reset_password(
                change.session,
                user.id,
                verifier=keys.verifier,
                identity=keys.row,
                entry=entry,
                grants=grants,
                must_change=not keep_password,
            )

        self._change(act)
        self._end_sessions(user)
        self._finish()
        return NewUser(self.get(user.id), password)

    def _change(self, act: Callable[[TrustChange], None], waiting: OnWaiting | None = None) -> None:
        self.access.trust.change(self.access.shared, self.access.identity, act, waiting=waiting)

    def _finish(self, waiting: Waiting = nobody_waits) -> None:
        """What the change left to do in many centers; whoever stops it, or cannot, leaves it for the next one."""
        if self.access.user.is_system_administrator:
            with suppress(Cancelled):
                Unfinished(self.access).finish(
                    report=lambda done, total: waiting(f"{done} of {total} centers are done…")
                )

    def _end_sessions(self, user: User) -> int:
        left = 1
        for _round in range(END_SESSION_ROUNDS):
            with self.access.shared.begin() as session:
                left = administration.end_sessions(session, user.id)
            if left == 0:
                break
        return left

    def _other(self, ref: Ref) -> User:
        """A user over whom the signed-in person has rights, and who is not himself."""
        user = self.get(ref)
        if user.id == self.access.user.id:
            raise RefusedError("Nobody changes his own role or ends his own account; ask another administrator.")
        self._require_over(user.center_id)
        return user

    def _require_over(self, center_id: UUID | None) -> None:
        verb = Verb.MANAGE_SYSTEM_ADMINISTRATORS if center_id is None else Verb.MANAGE_USERS
        self.access.require(verb, center_id)

    def _center_id(self, ref: Ref) -> UUID:
        with self.access.shared.begin() as session:
            return registry.get_center(session, ref).id


def _active(user: User) -> User:
    if not user.is_active:
        raise RefusedError(f"{user.username} is deactivated; activate the person first.")
    return user


def _current(change: TrustChange, user: User) -> PublicIdentity:
    """Whom to seal to: the identity that the trust log names for the person."""
    person = change.state.person(user.id)
    if person is None:
        raise RefusedError(f"The trust log does not know {user.username}; reset the password to enrol the person anew.")
    return person.identity
