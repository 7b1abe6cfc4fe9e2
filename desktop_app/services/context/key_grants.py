"""Which grants a person must get: every version of the key of every center he belongs to, as the trust log says."""

from collections.abc import Iterable
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.db import administration, registry
from desktop_app.db.api_rows import GrantRow
from desktop_app.db.sessions import Session
from desktop_app.services.context.center_keys import CenterKeys, open_center_keys
from desktop_app.services.context.person_context import PersonContext


def grants_for(context: PersonContext, session: Session, person: TrustedPerson) -> list[GrantRow]:
    """Grants for what the person may open now, of the centers done at once; a last day is over by the server's date."""
    today = registry.server_date(session)
    places = person.memberships[: administration.CENTERS_AT_ONCE]
    centers = [place.center_id for place in places if place.lasts(today)]
    if person.is_system:
        centers = registry.all_center_ids(session)[: administration.CENTERS_AT_ONCE]
    return grants_in(context, session, person, centers)


def grants_in(
    context: PersonContext, session: Session, person: TrustedPerson, centers: Iterable[UUID]
) -> list[GrantRow]:
    """Grants for some of his centers."""
    recipients = [person.identity]
    return [grant for center in centers for grant in center_keys(context, session, center).grants_to(recipients)]


def center_keys(context: PersonContext, session: Session, center_id: UUID) -> CenterKeys:
    """The keys of one center as whoever is at work holds them, read in a shared session."""
    grants = context.own_grants(session, center_id)
    return open_center_keys(grants, context.installation_id, center_id, context.identity, context.trust.state)
