"""What disagrees with the trust log, each by a name of its own; nothing is ever sealed to any of it.

Looked at twice where something is found: a change that somebody made between two readings is none.
"""

from collections.abc import Iterator

from desktop_app.crypto.errors import CryptoError, PlantedKeyError
from desktop_app.crypto.key_ring import KeyRing, check_tenant_key, open_grant
from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db import keys as key_rows
from desktop_app.db import registry
from desktop_app.db import trust as trust_rows
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.findings import Finding
from desktop_app.domain.paging import pages
from desktop_app.domain.records import User
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_alarms import alarms
from desktop_app.services.context.trusted_people import differing
from desktop_app.services.maintenance.people_checks import ALARM, seen_twice

_PAGE = 1_000


def everybody(context: PersonContext) -> tuple[User, ...]:
    """All whom the person may see, those who left among them."""
    every = UserFilter(include_inactive=True)
    with context.shared.begin() as session:
        return tuple(pages(lambda after, size: registry.list_users(session, every, after, size)))


def about_installation(context: PersonContext) -> list[Finding]:
    """The log itself, everybody's public keys, and the places of whom the person may see."""
    with context.shared.begin() as session:
        state = context.trust.refresh(session)
    found = [Finding("refused_entry", sentence, ALARM) for sentence in alarms(state)]
    if context.trust.rollback is not None:
        found.append(Finding(context.trust.rollback_code, context.trust.rollback, ALARM))
    elif (rollback := context.rollback_of(None)) is not None:
        found.append(Finding("older_state", rollback, ALARM))
    return found + seen_twice(lambda: _keys(context)) + seen_twice(lambda: _people(context))


def _keys(context: PersonContext) -> Iterator[Finding]:
    with context.shared.begin() as session:
        rows = trust_rows.registered_keys(session)
        state = context.trust.refresh(session)
    current = {one.identity.id: one.user_id for one in state.register.people.values()}
    registered = {row.identity_id for row in rows}
    for row in rows:
        known = state.identity(row.identity_id)
        if known is None or known[1] != row.user_id or known[0].to_bytes() != row.public_key:
            text = Message("The database has public keys of {id} that the trust log does not know.", id=row.identity_id)
            yield Finding("swapped_key", text, ALARM, id=row.identity_id)
        elif row.is_current and row.user_id is not None and current.get(row.identity_id) != row.user_id:
            text = Message("The database brings former keys of {id} back.", id=row.user_id)
            yield Finding("swapped_key", text, ALARM, id=row.user_id)
    for identity_id in sorted({*current, state.root.id} - registered, key=str):
        text = Message("The public keys {id} are missing in the database.", id=identity_id)
        yield Finding("missing_key", text, ALARM, id=identity_id)


def _people(context: PersonContext) -> Iterator[Finding]:
    rows = {user.id: user for user in everybody(context)}
    with context.shared.begin() as session:
        state = context.trust.refresh(session)
    for user_id in sorted(differing(context, tuple(rows.values())), key=str):
        code, text = _about_person(rows[user_id], state.person(user_id))
        yield Finding(code, text, ALARM, id=user_id)


def _about_person(user: User, person: TrustedPerson | None) -> tuple[str, Message]:
    name = user.username
    if person is None:
        unknown = Message("The database has {username}, whom the trust log does not know.", username=name)
        return "planted_person", unknown
    if user.is_active and not person.active:
        back = Message("The database brings {username} back, who was removed by the trust log.", username=name)
        return "person_brought_back", back
    if person.active and not user.is_active:
        gone = Message("The database says that {username} was removed; the trust log does not.", username=name)
        return "person_hidden", gone
    if person.login != user.login:
        return "swapped_login", Message("The database gives {username} another login than was signed.", username=name)
    other = Message("The database says another place of {username} than the trust log.", username=name)
    return "place_differs", other


def about_center(context: CenterContext, most_keys: int | None) -> list[Finding]:
    """The keys of one center: those sealed to the person, and the documents' keys."""
    found = seen_twice(lambda: _grants(context))
    if (rollback := context.rollback) is not None:
        found.append(Finding("older_state", rollback, ALARM, context.center.name, context.center.id))
    return found or seen_twice(lambda: _document_keys(context, most_keys))


def _grants(context: CenterContext) -> Iterator[Finding]:
    person = context.person
    with context.read() as session:
        grants = key_rows.own_grants(session, person.identity.public.id)
    with person.shared.begin() as session:
        state = person.trust.refresh(session)
    for grant in grants:
        yield from _own_grant(context, state, grant)


def _own_grant(context: CenterContext, state: TrustState, grant: key_rows.TenantGrant) -> Iterator[Finding]:
    center, number = context.center, grant.key_version
    installation = context.person.installation_id
    try:
        key = open_grant(installation, center.id, number, grant.sealed, context.person.identity)
        check_tenant_key(state, center.id, number, key)
    except PlantedKeyError as error:
        yield Finding("planted_key", error.message, ALARM, center.name, center.id)
    except CryptoError:
        exchanged = Message(
            "What is sealed to you of key {number} of {center} was exchanged.", number=number, center=center.name
        )
        yield Finding("swapped_grant", exchanged, ALARM, center.name, center.id)


def _document_keys(context: CenterContext, most: int | None) -> Iterator[Finding]:
    context.forget()
    ring, done, after = context.keys().ring(), 0, None
    while most is None or done < most:
        with context.read() as session:
            page = key_rows.document_keys(session, after, _PAGE)
        for stored in page:
            if not _opens(ring, stored):
                text = Message("The key of a document of {center} is not its own.", center=context.center.name)
                yield Finding("swapped_document_key", text, ALARM, context.center.name, stored.version_id)
        if len(page) < _PAGE:
            return
        after, done = page[-1].version_id, done + len(page)


def _opens(ring: KeyRing, stored: key_rows.StoredKey) -> bool:
    try:
        ring.unwrap(stored.version_id, stored.key_version, stored.token)
    except CryptoError:
        return False
    return True
