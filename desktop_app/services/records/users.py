"""Users: people with a login, made, moved and removed by those who may."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_statements import (
    JoinStatement,
    LeaveStatement,
    ReadmitStatement,
    RemoveStatement,
    ReplaceKeysStatement,
)
from desktop_app.db import administration, registry
from desktop_app.db.sessions import OnWaiting, Session
from desktop_app.domain.drafts import UserDetails, UserDraft, check
from desktop_app.domain.key_records import NewKey
from desktop_app.domain.progress import Waiting, nobody_waits
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Standing, Verb, may
from desktop_app.errors import Cancelled, InvalidInputError, NotFoundError, RefusedError, UnavailableError
from desktop_app.message import Message
from desktop_app.services.context.account_keys import first_password, make_person_keys
from desktop_app.services.context.key_grants import grants_for, grants_in
from desktop_app.services.context.lost_answers import confirmed_shared, edited
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.context.trusted_people import Trusted, active, is_less, read_trusted
from desktop_app.services.records.deactivation import Deactivating, require_reason_for
from desktop_app.services.records.due_keys import DueKeys
from desktop_app.services.records.enrolment import Enrolment
from desktop_app.services.records.unfinished_changes import UnfinishedChanges
from desktop_app.services.records.user_directory import Ref, UserDirectory
from desktop_app.services.records.user_results import Changed, Deactivation, NewUser

Result = TypeVar("Result")
END_SESSION_ROUNDS = 20
EDITABLE = ("email", "first_name", "last_name", "phone")


class Users(UserDirectory):
    """What a signed-in person may see and do with users."""

    def create(self, draft: UserDraft, password: str | None = None, *, keep_password: bool = False) -> NewUser:
        """A new person with provisional keys, who replaces them (and the password) at the first sign-in."""
        self._require_over(draft.center_id)
        return self.enrol(Enrolment.prepare(self.context, draft, password, keep_password=keep_password))

    def enrol(self, somebody: Enrolment) -> NewUser:
        """The person whose keys are made; by the id one can tell afterwards whether it was this one that was made."""
        self._require_over(somebody.draft.center_id)

        def act(change: TrustChange) -> User:
            signed = somebody.sign(change)
            return signed.store(grants_for(self.context, change.session, signed.person))

        user = self._change(act, "")
        self._finish()
        return NewUser(user, somebody.password)

    def update(self, user: User, draft: UserDetails) -> User:
        """Save edited names, email and phone over the state that *user* was read in."""
        check(draft)
        changes = {name: getattr(draft, name) for name in EDITABLE if getattr(draft, name) != getattr(user, name)}
        if draft.username != user.username:
            raise InvalidInputError({"username": Message("User names are fixed for life.")})

        def act(session: Session) -> User:
            trusted = read_trusted(self.context, session, lambda reading: registry.get_user(reading, user.id))
            self._require_over_person(trusted.person)
            administration.update_user(session, user.id, changes, user.row_version)
            return registry.get_user(session, user.id)

        return confirmed_shared(self.context, act, edited(user, registry.get_user, changes))

    def edit(self, user: User, draft: UserDetails) -> User:
        """Save edited fields; what others saved meanwhile in other fields is kept (see Edit.run)."""
        return Edit(user, UserDetails.of, lambda: self.get(user.id), self.update).run(draft)

    def change_role(self, ref: Ref, role: Role, center: Ref | None = None, reason: str = "") -> Changed:
        """Another role in the person's only center (or in the named one); the last day stays.

        It acts on the next statement of the person's open sessions; after a lowering they are ended.
        """

        def act(change: TrustChange) -> tuple[User, bool]:
            trusted = self._other(change.session, ref)
            center_id = self._one_center(change.session, trusted, center)
            place = trusted.person.membership(center_id)
            if place is None:
                raise RefusedError("{username} is no member of this center.", username=trusted.user.username)
            if place.role == role.value:
                raise RefusedError("{username} has this role already.", username=trusted.user.username)
            return self._join(change, trusted, center_id, role, place.until)

        return self._placed(*self._change(act, reason))

    def join(self, ref: Ref, center: Ref, role: Role, until: date | None = None, reason: str = "") -> Changed:
        """Make or change a person's place in a center, with a last day for a guest.

        Into a center that is new to the person only a system administrator brings him.
        """

        def act(change: TrustChange) -> tuple[User, bool]:
            trusted = self._other(change.session, ref)
            center_id = registry.get_center(change.session, center).id
            place = trusted.person.membership(center_id)
            if place is not None and (place.role, place.until) == (role.value, until):
                raise RefusedError("{username} has this place already.", username=trusted.user.username)
            return self._join(change, trusted, center_id, role, until)

        return self._placed(*self._change(act, reason))

    def leave(self, ref: Ref, center: Ref, reason: str = "", *, new_keys: bool = True) -> Changed:
        """End a person's place in one center; the others stay. The only one is not ended but the person deactivated.

        *new_keys* gives the center another key afterwards, so that what comes next is closed to the person, too.
        """

        def act(change: TrustChange) -> tuple[User, UUID]:
            trusted = self._other(change.session, ref)
            user, person = active(trusted)
            center_id = registry.get_center(change.session, center).id
            self._require_over(center_id)
            if person.membership(center_id) is None:
                raise RefusedError("{username} is no member of this center.", username=user.username)
            if len(person.memberships) == 1:
                raise RefusedError(
                    "This is {username}'s only center; deactivate the person, or move the person to another one.",
                    username=user.username,
                )
            entry = change.sign(LeaveStatement(user.id, center_id))
            administration.leave_center(change.session, user.id, center_id, entry)
            # Not read again: the administrator of the center may not see the person any more.
            return replace(user, memberships=tuple(m for m in user.memberships if m.center_id != center_id)), center_id

        user, center_id = self._change(act, reason)
        left = self._end_sessions(user)
        return Changed(user, left, self._renew({center_id}, reason) if new_keys else ())

    def change_center(
        self,
        ref: Ref,
        center: Ref | None,
        role: Role | None = None,
        until: date | None = None,
        reason: str = "",
        *,
        new_keys: bool = True,
    ) -> Changed:
        """Move a person from his only center to another, or (None) make a system administrator of him.

        The old center's grants are deleted; what the person already copied cannot be taken back. *new_keys* as of
        ``leave``.
        """
        self.context.require(Verb.MOVE_USERS, None)

        def act(change: TrustChange) -> tuple[User, TrustedPerson]:
            user, person = active(self._other(change.session, ref))
            target = None if center is None else registry.get_center(change.session, center).id
            if len(person.memberships) > 1:
                raise RefusedError(
                    "{username} belongs to several centers: join and leave them one by one.", username=user.username
                )
            old = person.memberships[0] if person.memberships else None
            if target == (old.center_id if old else None):
                raise RefusedError("{username} belongs there already.", username=user.username)
            new_role = Role.ADMIN if target is None else role or Role(old.role if old else "admin")
            left = change.sign(LeaveStatement(user.id, old.center_id if old else None))
            joined = change.sign(JoinStatement(user.id, new_role.value, target, until))
            grants = grants_for(self.context, change.session, change.person(user.id))
            administration.change_center(change.session, user.id, target, new_role, until, (left, joined), grants)
            return registry.get_user(change.session, user.id), person

        user, before = self._change(act, reason)
        left = self._end_sessions(user)
        self._finish()
        return Changed(user, left, self._renew(_centers_of(before), reason) if new_keys else ())

    def deactivate(
        self, ref: Ref, waiting: Waiting = nobody_waits, reason: str = "", *, new_keys: bool = True
    ) -> Deactivation:
        """Out, whatever the person holds: the login first, open sessions, then memberships and grants.

        *waiting* may stop it; DeactivationStoppedError then says how far it had come. *new_keys* gives every center of
        the person another key at the end; what is left of that, stopped or failed, stays due.
        """
        with self.context.change_shared() as session:
            leaver, person = active(self._other(session, ref))
            self._require_over_person(person)
            require_reason_for(session, person, ReasonVerb.DEACTIVATE, reason)
            if new_keys:
                require_reason_for(session, person, ReasonVerb.KEYS, reason)
        deactivating = Deactivating(self.context, leaver, waiting)
        deactivating.close_login()

        def act(change: TrustChange) -> User:
            user, person = active(self._other(change.session, ref))
            self._require_over_person(person)
            administration.deactivate_user(change.session, user.id, change.sign(RemoveStatement(user.id)))
            return registry.get_user(change.session, user.id)

        with deactivating.stopped_afterwards():
            user = self._change(act, reason, deactivating.on_waiting)
        self._finish(waiting)
        left = self._end_sessions(user)
        return Deactivation(user, left, self._renew(_centers_of(person), reason, waiting) if new_keys else ())

    def activate(self, ref: Ref, reason: str = "") -> User:
        """Let a deactivated person in again, with the identity and places he had."""

        def act(change: TrustChange) -> User:
            trusted = self._other(change.session, ref)
            user = trusted.user
            self._require_over_person(trusted.person)
            if user.is_active:
                raise RefusedError("{username} is active already.", username=user.username)
            entry = change.sign(ReadmitStatement(user.id))
            grants = grants_for(self.context, change.session, change.person(user.id))
            administration.activate_user(change.session, user.id, entry, grants)
            return registry.get_user(change.session, user.id)

        user = self._change(act, reason)
        self._finish()
        return user

    def reset_password(
        self, ref: Ref, password: str | None = None, *, keep_password: bool = False, reason: str = ""
    ) -> NewUser:
        """A first password again, with provisional keys: what the old password sealed is replaced."""
        named = self.get(ref)
        password = first_password(password, named.username)
        kdf = self.context.profile.kdf
        keys = make_person_keys(self.context.installation_id, named.id, named.username, password, kdf)

        def act(change: TrustChange) -> User:
            user, person = active(self._other(change.session, named.id))
            self._require_over_person(person)
            entry = change.sign(ReplaceKeysStatement(user.id, keys.identity.public, provisional=True))
            administration.reset_password(
                change.session,
                user.id,
                verifier=keys.verifier,
                identity=keys.row,
                entry=entry,
                grants=grants_for(self.context, change.session, change.person(user.id)),
                must_change=not keep_password,
            )
            return registry.get_user(change.session, user.id)

        user = self._change(act, reason)
        left = self._end_sessions(user)
        self._finish()
        return NewUser(user, password, left)

    def _change(self, act: Callable[[TrustChange], Result], reason: str, on: OnWaiting | None = None) -> Result:
        return self.context.trust.change(self.context.shared, self.context.identity, act, reason=reason, waiting=on)

    def _finish(self, waiting: Waiting = nobody_waits) -> None:
        """What the change left to do in many centers; whoever stops it, or cannot, leaves it for the next one."""
        if self.context.user.is_system_administrator:

            def report(done: int, total: int) -> None:
                waiting(Message("{done} of {total} centers are done…", done=done, total=total))

            with suppress(Cancelled):
                UnfinishedChanges(self.context).finish(report=report)

    def _renew(
        self, centers: Collection[UUID] | None, reason: str, waiting: Waiting = nobody_waits
    ) -> tuple[NewKey, ...]:
        """Another key for these centers (None: for all), where one is due since the person left."""

        def report(done: int, total: int) -> None:
            # Of a single one there is nothing to count; whoever shall be stopped is asked all the same.
            waiting("" if total < 2 else Message("{done} of {total} centers have a new key…", done=done, total=total))

        return DueKeys(self.context).rotate(centers, reason, report)

    def _join(
        self, change: TrustChange, trusted: Trusted, center_id: UUID, role: Role, until: date | None
    ) -> tuple[User, bool]:
        """The person in his new place, and whether it is less than the old one."""
        user, person = active(trusted)
        self._require_over(center_id)
        if person.is_system:
            raise RefusedError("A system administrator has no role in a center; move the person to a center instead.")
        place = person.membership(center_id)
        if place is None:
            self.context.require(Verb.MOVE_USERS, None)
        entry = change.sign(JoinStatement(user.id, role.value, center_id, until))
        needs_keys = place is None or not place.lasts(registry.server_date(change.session))
        grants = grants_in(self.context, change.session, change.person(user.id), [center_id] if needs_keys else [])
        administration.join_center(change.session, user.id, center_id, role, until, entry, grants)
        return registry.get_user(change.session, user.id), place is not None and is_less(place, role, until)

    def _placed(self, user: User, lowered: bool) -> Changed:
        return Changed(user, self._end_sessions(user) if lowered else 0)

    def _end_sessions(self, user: User) -> int | None:
        """Open sessions that are left. It comes after the change, and its failing does not undo that."""
        left = 1
        try:
            for _round in range(END_SESSION_ROUNDS):
                with self.context.shared.begin() as session:
                    left = administration.end_sessions(session, user.id)
                if left == 0:
                    break
        except (UnavailableError, RefusedError, NotFoundError):  # he may have lost his own place meanwhile
            return None
        return left

    def _other(self, session: Session, ref: Ref) -> Trusted:
        """A user whom the signed-in person may see, who is not himself, and whom row and trust log name alike."""
        trusted = read_trusted(self.context, session, lambda reading: registry.get_user(reading, ref))
        if trusted.user.id == self.context.user.id:
            raise RefusedError("Nobody changes his own role or ends his own account; ask another administrator.")
        return trusted

    def _one_center(self, session: Session, trusted: Trusted, center: Ref | None) -> UUID:
        """The named center, or the only one of the person's in which the signed-in person says who is what."""
        if center is not None:
            return registry.get_center(session, center).id
        if trusted.person.is_system:
            raise RefusedError("A system administrator has no role in a center; move the person to a center instead.")
        found = [place.center_id for place in trusted.person.memberships if self._may_over_center(place.center_id)]
        if len(found) > 1:
            raise RefusedError("{username} belongs to several centers; name one.", username=trusted.user.username)
        if not found:
            self.context.require(Verb.MANAGE_USERS, trusted.person.memberships[0].center_id)
        return found[0]

    def _require_over(self, center_id: UUID | None) -> None:
        verb = Verb.MANAGE_SYSTEM_ADMINISTRATORS if center_id is None else Verb.MANAGE_USERS
        self.context.require(verb, center_id)

    def _require_over_person(self, person: TrustedPerson) -> None:
        """Over password and being in or out; who belongs to several centers is system administrators' alone."""
        if person.is_system or not person.memberships:
            self._require_over(None)
        elif len(person.memberships) == 1:
            self._require_over(person.memberships[0].center_id)
        else:
            self.context.require(Verb.MOVE_USERS, None)

    def _may_over_center(self, center_id: UUID) -> bool:
        standing = self.context.standing_in(center_id)
        return standing is not None and may(standing, Verb.MANAGE_USERS)

    def may_administer(self, user: User) -> bool:
        """Whether password, names and being in or out of this person are the signed-in person's to change."""
        person = self.context.trust.state.person(user.id)
        if self.context.standing_in(None) is Standing.SYSTEM:
            return True
        places = () if person is None or person.is_system else person.memberships
        return len(places) == 1 and self._may_over_center(places[0].center_id)

    def has_other_places(self, user: User) -> bool:
        """Whether the person belongs to several centers, also ones that the signed-in person does not see."""
        person = self.context.trust.state.person(user.id)
        return person is not None and len(person.memberships) > 1


def _centers_of(person: TrustedPerson) -> Collection[UUID] | None:
    """Whose keys the person could open; None for a system administrator, who could open all."""
    return None if person.is_system else {place.center_id for place in person.memberships}
