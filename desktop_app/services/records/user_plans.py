"""Many people changed as one was shown: who will change and who not and why, then each by a signed step of his own.

The trust log takes one entry after the other, and each is checked by its signer; so a plan of people is no transaction.
What was done and what not is said of each, also where it was stopped half-way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.domain.change_plan import LeftAlone
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Membership, User
from desktop_app.domain.rights import Role
from desktop_app.domain.user_plan import UserChange, UserPlan, UserPlanResult
from desktop_app.errors import Cancelled, LabkeepError, UnavailableError
from desktop_app.message import Message
from desktop_app.services.records.due_keys import DueKeys
from desktop_app.services.records.user_results import Changed
from desktop_app.services.records.users import Users

_MYSELF = Message("Nobody changes his own role or ends his own account.")
_SO_ALREADY = Message("It is so already.")
_INACTIVE = Message("The person is deactivated.")
_SYSTEM = Message("A system administrator has no role in a center.")
_NO_PLACE = Message("The person has no place in this center.")
_SEVERAL = Message("The person belongs to several centers; name one.")
_ONLY_PLACE = Message("It is the person's only center: deactivate the person instead.")
_ELSEWHERE = Message("Only a system administrator may do this: the person has other centers, too.")
_MEANWHILE = Message("Somebody changed it meanwhile.")
_STOPPED = Message("It was stopped before.")


@dataclass(frozen=True)
class UserPlans:
    """Plans of people, for who may change them one by one."""

    users: Users

    def plan_active(self, people: Iterable[User], reason: str = "", *, active: bool, new_keys: bool = True) -> UserPlan:
        """Let people in again, or put them out."""

        def look(user: User) -> UserChange | Message:
            if user.is_active is active:
                return _SO_ALREADY
            if not self.users.may_administer(user):
                return _ELSEWHERE
            return UserChange(user.id, user.username, {"is_active": not active}, {"is_active": active})

        return self._plan(people, look, reason, new_keys)

    def plan_role(
        self, people: Iterable[User], role: Role, center_id: UUID | None = None, reason: str = ""
    ) -> UserPlan:
        """Another role in the named center, or in the only one; the last day stays."""

        def look(user: User) -> UserChange | Message:
            place = _place(user, center_id)
            if isinstance(place, Message):
                return place
            return _change(user, place.center_id, place, role, place.until)

        return self._plan(people, look, reason)

    def plan_join(
        self, people: Iterable[User], center_id: UUID, role: Role, until: date | None = None, reason: str = ""
    ) -> UserPlan:
        """A place in this center; who has one gets this role and last day there."""

        def look(user: User) -> UserChange | Message:
            if (why := _no_member(user)) is not None:
                return why
            place = next((each for each in user.memberships if each.center_id == center_id), None)
            return _change(user, center_id, place, role, until)

        return self._plan(people, look, reason)

    def plan_leave(
        self, people: Iterable[User], center_id: UUID, reason: str = "", *, new_keys: bool = True
    ) -> UserPlan:
        """No place in this center any more; the others stay."""

        def look(user: User) -> UserChange | Message:
            place = _place(user, center_id)
            if isinstance(place, Message):
                return place
            if not self.users.has_other_places(user):
                return _ONLY_PLACE
            return _change(user, center_id, place, None, None)

        return self._plan(people, look, reason, new_keys)

    def apply(self, plan: UserPlan, report: Report = silent) -> UserPlanResult:
        """Change one person after the other; whoever stops it gets what was done until then, and who was left.

        Centers that people left have one new key at the end, unless the plan says otherwise.
        """
        done: list[UUID] = []
        left: list[LeftAlone] = []
        told: list[Message] = []
        centers: set[UUID] = set()
        total, why_not = len(plan.changes), None
        for number, change in enumerate(plan.changes):
            try:
                if why_not is None:
                    report(number, total)
                    left_centers, words = self._make(change, plan)
                    centers |= left_centers
                    told += words
                    done.append(change.id)
                    continue
            except Cancelled:
                why_not = _STOPPED
            except UnavailableError as error:
                left.append(LeftAlone(change.id, change.name, error.message))
                why_not = _STOPPED
                continue
            except LabkeepError as error:
                left.append(LeftAlone(change.id, change.name, error.message))
                continue
            left.append(LeftAlone(change.id, change.name, why_not))
        if centers and plan.new_keys:
            told += self._new_keys(centers, plan.reason)
        return UserPlanResult(plan, tuple(done), (*plan.left_alone, *left), tuple(told))

    def _plan(
        self,
        people: Iterable[User],
        look: Callable[[User], UserChange | Message],
        reason: str,
        new_keys: bool = True,
    ) -> UserPlan:
        changes: list[UserChange] = []
        left: list[LeftAlone] = []
        for user in {each.id: each for each in people}.values():
            found = _MYSELF if user.id == self.users.context.user.id else look(user)
            if isinstance(found, Message):
                left.append(LeftAlone(user.id, user.username, found))
            else:
                changes.append(found)
        return UserPlan(tuple(changes), tuple(left), reason.strip(), new_keys)

    def _make(self, change: UserChange, plan: UserPlan) -> tuple[set[UUID], list[Message]]:
        """The centers that the person left, and what there is to tell."""
        user = self.users.get(change.id)
        if _state(user, change) != dict(change.before):
            raise _ChangedMeanwhileError(_MEANWHILE)
        if "is_active" in change.after:
            if change.after["is_active"]:
                self.users.activate(user.id, plan.reason)
                return set(), []
            gone: Changed = self.users.deactivate(user.id, reason=plan.reason, new_keys=False)
            return {each.center_id for each in user.memberships}, _sessions(gone)
        assert change.center_id is not None
        role = change.after["role"]
        if role is None:
            gone = self.users.leave(user.id, change.center_id, plan.reason, new_keys=False)
            return {change.center_id}, _sessions(gone)
        until = change.after["until"]
        day = None if until is None else date.fromisoformat(until)
        return set(), _sessions(self.users.join(user.id, change.center_id, Role(role), day, plan.reason))

    def _new_keys(self, centers: set[UUID], reason: str) -> list[Message]:
        made = DueKeys(self.users.context).rotate(centers, reason)
        return [
            Message("{center} has no new key yet: {problem}", center=each.center, problem=each.problem)
            for each in made
            if each.number is None
        ]


class _ChangedMeanwhileError(LabkeepError):
    """The person is not in the state that was shown."""

    code = "stale"


def _change(
    user: User, center_id: UUID, place: Membership | None, role: Role | None, until: date | None
) -> UserChange | Message:
    before, after = _place_values(place), _values(role, until)
    return _SO_ALREADY if before == after else UserChange(user.id, user.username, before, after, center_id)


def _state(user: User, change: UserChange) -> dict[str, Any]:
    if "is_active" in change.before:
        return {"is_active": user.is_active}
    return _place_values(next((each for each in user.memberships if each.center_id == change.center_id), None))


def _place_values(place: Membership | None) -> dict[str, Any]:
    return _values(None, None) if place is None else _values(place.role, place.until)


def _values(role: Role | None, until: date | None) -> dict[str, Any]:
    return {"role": None if role is None else role.value, "until": None if until is None else until.isoformat()}


def _no_member(user: User) -> Message | None:
    if not user.is_active:
        return _INACTIVE
    return _SYSTEM if user.is_system else None


def _place(user: User, center_id: UUID | None) -> Membership | Message:
    """The place in the named center, or the only one."""
    if (why := _no_member(user)) is not None:
        return why
    if center_id is None:
        return user.only or (_SEVERAL if user.memberships else _NO_PLACE)
    return next((each for each in user.memberships if each.center_id == center_id), _NO_PLACE)


def _sessions(changed: Changed) -> list[Message]:
    if changed.sessions_left == 0:
        return []
    return [Message("Open sessions of {username} may not have ended; try again later.", username=changed.user.username)]
