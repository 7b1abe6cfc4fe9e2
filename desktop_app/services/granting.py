"""Which grants a person must get: every version of the key of every center he belongs to."""

from uuid import UUID

from desktop_app.crypto.identities import PublicIdentity
from desktop_app.db import administration, registry
from desktop_app.db.rows import GrantRow
from desktop_app.db.sessions import Session
from desktop_app.services.access import Access
from desktop_app.services.keys import CenterKeys, open_center_keys


def grants_for(access: Access, session: Session, recipient: PublicIdentity, center_id: UUID | None) -> list[GrantRow]:
    """Grants for a member of *center_id*, or (None) for a system administrator, of the centers done at once."""
    of_system = () if center_id is not None else registry.all_center_ids(session)[: administration.CENTERS_AT_ONCE]
    centers = [center_id] if center_id is not None else of_system
    return [grant for center in centers for grant in center_keys(access, session, center).grants_to([recipient])]


def center_keys(access: Access, session: Session, center_id: UUID) -> CenterKeys:
    """The keys of one center as the signed-in person holds them, read in a shared session."""
    grants = administration.own_grants(session, center_id)
    return open_center_keys(grants, access.installation_id, center_id, access.identity, access.trust.state)
