"""Plans of people, what they may see, and samples of leavers in memory, for tests of widgets."""

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID, uuid4

from desktop_app.domain.access import Access, PlaceAccess
from desktop_app.domain.change_plan import ChangePlan, LeftAlone, PlanAction, PlannedChange, PlanTable
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Person, User
from desktop_app.domain.rights import Role
from desktop_app.domain.user_plan import UserChange, UserPlan, UserPlanResult
from desktop_app.errors import NotFoundError
from desktop_app.message import Message
from desktop_app.services.records import access, reassigning, user_plans
from desktop_app.services.records.user_directory import Ref
from tests.ui.fake_users import Users
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import START


@stands_for(user_plans.UserPlans, handles="plans failing")
class UserPlans:
    def __init__(self, users: Users, trouble: Trouble) -> None:
        self._users = users
        self._trouble = trouble
        self.plans: list[UserPlan] = []
        self.failing: set[UUID] = set()

    def plan_active(self, people: Iterable[User], reason: str = "", *, active: bool, new_keys: bool = True) -> UserPlan:
        return _plan(
            people, reason, lambda user: ({"is_active": user.is_active}, {"is_active": active}), new_keys=new_keys
        )

    def plan_role(
        self, people: Iterable[User], role: Role, center_id: UUID | None = None, reason: str = ""
    ) -> UserPlan:
        return _plan(people, reason, lambda user: ({"role": user.role}, {"role": role}), center_id)

    def plan_join(
        self, people: Iterable[User], center_id: UUID, role: Role, until: date | None = None, reason: str = ""
    ) -> UserPlan:
        return _plan(people, reason, lambda _user: ({"role": None}, {"role": role}), center_id)

    def plan_leave(
        self, people: Iterable[User], center_id: UUID, reason: str = "", *, new_keys: bool = True
    ) -> UserPlan:
        return _plan(people, reason, lambda user: ({"role": user.role}, {"role": None}), center_id, new_keys=new_keys)

    def apply(self, plan: UserPlan, report: Report = silent) -> UserPlanResult:
        report(0, len(plan.changes))
        self._trouble.meet("user_plans.apply")
        self.plans.append(plan)
        done = [each for each in plan.changes if each.id not in self.failing]
        for each in done:
            if "is_active" in each.after:
                self._users.rows.change(self._users.get(each.id), is_active=each.after["is_active"])
        failed = (
            LeftAlone(each.id, each.name, Message("Not him.")) for each in plan.changes if each.id in self.failing
        )
        return UserPlanResult(plan, tuple(each.id for each in done), (*plan.left_alone, *failed))


def _plan(
    people: Iterable[User],
    reason: str,
    look: Callable[[User], tuple[dict[str, object], dict[str, object]]],
    center_id: UUID | None = None,
    *,
    new_keys: bool = True,
) -> UserPlan:
    looked = [(user, *look(user)) for user in people]
    return UserPlan(
        tuple(
            UserChange(user.id, user.username, before, after, center_id)
            for user, before, after in looked
            if before != after
        ),
        tuple(
            LeftAlone(user.id, user.username, Message("It is so already."))
            for user, before, after in looked
            if before == after
        ),
        reason,
        new_keys,
    )


@stands_for(access.AccessReview, handles="rights")
class AccessReview:
    def __init__(self, users: Users, trouble: Trouble) -> None:
        self._users = users
        self._trouble = trouble
        self.rights = ""
        """What the server says, where that is something else."""

    def of(self, ref: Ref) -> Access:
        self._trouble.meet("access.of")
        user = self._users.get(ref)
        places = tuple(
            PlaceAccess(
                each.center_id, each.center, each.role, START, "root.admin", each.until, False, self.rights or each.role
            )
            for each in user.memberships
        )
        return Access(user, places, user.is_active, user.is_active, True)


@stands_for(reassigning.Reassigning, handles="of")
class Reassigning:
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.of: dict[UUID, int] = {}

    def count(self, person_id: UUID) -> int:
        self._trouble.meet("reassigning.count")
        return self.of.get(person_id, 0)

    def plan(self, from_id: UUID, to_id: UUID, reason: str = "") -> ChangePlan:
        changes = (
            PlannedChange(uuid4(), PlanTable.SAMPLES, f"B-{at}", 1, {"user_id": str(from_id)}, {"user_id": str(to_id)})
            for at in range(self.of.get(from_id, 0))
        )
        return ChangePlan(uuid4(), PlanAction.EDIT, tuple(changes), (), reason)

    def person(self, username: str) -> Person:
        raise NotFoundError(username)
