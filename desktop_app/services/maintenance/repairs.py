"""Mending what is safe: nothing that a row names is ever deleted, and nothing is given that the trust log does not say.

What cannot be mended, or not now, stays a finding.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from desktop_app.db import keys as key_rows
from desktop_app.db import kit, places, registry, uploads
from desktop_app.domain.findings import Finding
from desktop_app.domain.rights import Verb
from desktop_app.errors import LabkeepError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.documents.abandoned_uploads import sweep

SWEEP_SECONDS = 600.0


def mend_uploads(context: CenterContext, halves: Collection[Finding]) -> None:
    """Clear away what interrupted programs left: what is on record as over, and halves that no row names."""
    with suppress(LabkeepError):
        sweep(context, SWEEP_SECONDS)
    ids = [finding.id for finding in halves if finding.code == "half_written" and finding.id is not None]
    with suppress(LabkeepError):
        if ids:
            with context.change(Verb.EDIT_DOCUMENTS) as session:
                ids = uploads.unnamed(session, ids)
        for file_id in ids:
            context.person.store.delete_leftover(context.center.schema_name, file_id)


def mend_grants(context: CenterContext, findings: Collection[Finding]) -> None:
    """Seal the center's keys to whoever must have them, and delete what is sealed to who must not."""
    person, center_id = context.person, context.center.id
    codes = {finding.code for finding in findings}
    for user_id in (finding.id for finding in findings if finding.code == "missing_grant"):
        with suppress(LabkeepError):
            _grant(person, center_id, user_id)
    if "missing_kit_grant" in codes:
        with suppress(LabkeepError), person.change_shared() as session:
            root = person.trust.refresh(session).root
            kit.seal(session, center_id, center_keys(person, session, center_id).grants_to([root]))
    if "needless_grant" in codes:
        with suppress(LabkeepError), person.change_shared() as session:
            places.drop_needless_grants(session, center_id)


def _grant(person: PersonContext, center_id: UUID, user_id: UUID | None) -> None:
    with person.sessions(center_id).begin() as session:
        grants = key_rows.all_grants(session)
    with person.change_shared() as session:
        state = person.trust.refresh(session)
        one = None if user_id is None else state.person(user_id)
        if one is None or one not in (
            *state.members(center_id, registry.server_date(session)),
            *state.system_administrators(),
        ):
            return
        has = {grant.key_version for grant in grants if grant.identity_id == one.identity.id}
        sealed = center_keys(person, session, center_id).grants_to([one.identity])
        missing = [grant for grant in sealed if grant.key_version not in has]
        places.grant_again(session, center_id, one.user_id, missing)


@dataclass(frozen=True)
class PlaceRepair:
    """The groups of one center (None: the system administrators')."""

    person: PersonContext
    center_id: UUID | None

    def mend(self, findings: Collection[Finding]) -> None:
        """Give logins the groups of their places, where the trust log says the same of all of them."""
        if any(finding.code == "place_differs" for finding in findings):
            return
        with self.person.shared.begin() as session:
            registered = {
                (place.login, place.role) for place in places.places(session, self.center_id) if place.is_active
            }
            wrong = {login for login, _role in registered ^ places.in_groups(session, self.center_id)}
            if self.center_id is None:
                people = places.people_by_login(session)
                wrong |= {
                    one.name
                    for one in places.logins(session)
                    if one.is_open and not people.get(one.name, ("", False))[1]
                }
        for login in wrong:
            with suppress(LabkeepError), self.person.change_shared() as session:
                places.mend_groups(session, self.center_id, [login])
