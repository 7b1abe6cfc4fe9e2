"""Centers: the tenants of an installation."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.crypto.key_ring import make_tenant_key, tenant_key_digest
from desktop_app.crypto.trust_statements import KeyVersionStatement
from desktop_app.db import administration, registry
from desktop_app.db.sessions import Session
from desktop_app.domain.drafts import CenterDraft, UserDraft, check
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.ids import new_id
from desktop_app.domain.paging import COUNT_CAP, DEFAULT_PAGE, Count, Page, PageKey, Part
from desktop_app.domain.reasons import ReasonVerb, require_reason
from desktop_app.domain.records import Center, CenterStats, User
from desktop_app.domain.rights import Role, Verb
from desktop_app.domain.sorting import NEWEST_CENTERS, CenterField, Sort
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.context.lost_answers import confirmed_shared, edited
from desktop_app.services.context.merged_edit import Edit
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.services.records.deleted_centers import DeletedCenters
from desktop_app.services.records.enrolment import Enrolment
from desktop_app.services.records.user_results import NewCenter, NewUser

Ref = str | UUID


@dataclass(frozen=True)
class Centers:
    """What a signed-in person may see and do with centers."""

    context: PersonContext

    def list(
        self,
        filter: CenterFilter | None = None,
        after: PageKey | None = None,
        limit: int = DEFAULT_PAGE,
        sort: Sort[CenterField] = NEWEST_CENTERS,
    ) -> Page[Center]:
        """One page of centers in the order of *sort*; the key *after* must be of the same order."""
        with self.context.shared.begin() as session:
            return registry.list_centers(session, filter or CenterFilter(), after, limit, sort)

    def part(self, filter: CenterFilter, part: Part, sort: Sort[CenterField]) -> tuple[Center, ...]:
        """The centers at these places in the order of *sort*."""
        with self.context.shared.begin() as session:
            return registry.centers_at(session, filter, part, sort)

    def from_a_to_z(self, filter: CenterFilter, part: Part, first: Collection[UUID] = ()) -> tuple[Center, ...]:
        """The centers at these places of the order by name, in which those of *first* stand before all others."""
        with self.context.shared.begin() as session:
            return registry.centers_from_a_to_z(session, filter, part, first)

    def count(self, filter: CenterFilter | None = None, cap: int = COUNT_CAP) -> Count:
        """How many centers a filter has."""
        with self.context.shared.begin() as session:
            return registry.count_centers(session, filter or CenterFilter(), cap)

    def get(self, ref: Ref) -> Center:
        """The center of this name, slug or id; NotFoundError also for a foreign one."""
        with self.context.shared.begin() as session:
            return registry.get_center(session, ref)

    def create(self, draft: CenterDraft) -> Center:
        """A new center: registry row, roles, schema, and key version 1 sealed to all who must have it."""
        self.context.require(Verb.MANAGE_CENTERS, None)
        check(draft)
        new = _NewCenter(self.context, draft)
        return self.context.trust.change(self.context.shared, self.context.identity, new.make)

    def create_with_administrator(
        self, draft: CenterDraft, first: UserDraft, password: str | None = None, *, keep_password: bool = False
    ) -> NewCenter:
        """A new center and its first administrator in one transaction: both are there, or neither is.

        Role and center of *first* are decided here.
        """
        self.context.require(Verb.MANAGE_CENTERS, None)
        check(draft)
        new = _NewCenter(self.context, draft)
        administrator = replace(first, role=Role.ADMIN, center_id=new.center_id)
        somebody = Enrolment.prepare(self.context, administrator, password, keep_password=keep_password)

        def act(change: TrustChange) -> tuple[Center, User]:
            center = new.make(change)
            signed = somebody.sign(change)
            return center, signed.store(new.keys.grants_to([signed.person.identity]))

        center, user = self.context.trust.change(self.context.shared, self.context.identity, act)
        return NewCenter(center, NewUser(user, somebody.password))

    def update(self, center: Center, draft: CenterDraft) -> Center:
        """Save edited fields over the state that *center* was read in (ConflictError if it is stale)."""
        check(draft)
        fields = ("name", "slug", "description", "settings")
        changes = {name: getattr(draft, name) for name in fields if getattr(draft, name) != getattr(center, name)}
        renames = bool(changes.keys() & {"name", "slug"})
        self.context.require(Verb.MANAGE_CENTERS if renames else Verb.EDIT_CENTER, center.id)

        def act(session: Session) -> Center:
            administration.update_center(session, center.id, changes, center.row_version)
            return registry.get_center(session, center.id)

        return confirmed_shared(self.context, act, edited(center, registry.get_center, changes))

    def edit(self, center: Center, draft: CenterDraft) -> Center:
        """Save edited fields; what others saved meanwhile in other fields is kept (see Edit.run)."""
        return Edit(center, CenterDraft.of, lambda: self.get(center.id), self.update).run(draft)

    def deactivate(self, ref: Ref, reason: str = "") -> Center:
        """Close a center for everybody; nothing is deleted."""
        return self._set_active(ref, reason, active=False)

    def restore(self, ref: Ref, reason: str = "") -> Center:
        """Open a deactivated center again."""
        return self._set_active(ref, reason, active=True)

    @property
    def deleted(self) -> DeletedCenters:
        """Deleting for good."""
        return DeletedCenters(self.context)

    def stats(self, ref: Ref) -> CenterStats:
        """What the center holds."""
        center = self.get(ref)
        with self.context.shared.begin() as session:
            return registry.center_stats(session, center.id)

    def _set_active(self, ref: Ref, reason: str, *, active: bool) -> Center:
        self.context.require(Verb.MANAGE_CENTERS, None)
        center = self.get(ref)
        verb = ReasonVerb.RESTORE if active else ReasonVerb.DEACTIVATE
        require_reason(center.settings, verb, reason)

        def act(session: Session) -> Center:
            administration.set_center_active(session, center.id, active=active)
            return registry.get_center(session, center.id)

        done = edited(center, registry.get_center, {"is_active": active})
        return confirmed_shared(self.context, act, done, reason)


class _NewCenter:
    """A center that is about to be made, with its first key."""

    def __init__(self, context: PersonContext, draft: CenterDraft) -> None:
        self.center_id = new_id()
        self.keys = CenterKeys(context.installation_id, self.center_id, {1: make_tenant_key()}, 1)
        self._draft = draft

    def make(self, change: TrustChange) -> Center:
        """Sign the key's entry and make the center; the key is sealed to all who must have it."""
        digest = tenant_key_digest(self.center_id, 1, self.keys.keys[1])
        entry = change.sign(KeyVersionStatement(self.center_id, 1, digest))
        grants = self.keys.grants_to(change.state.recipients(self.center_id))
        administration.create_center(change.session, self.center_id, self._draft, entry, grants)
        return registry.get_center(change.session, self.center_id)
