"""What can be seen of a center that is closed: its own tables are shut to everybody until it is opened again."""

from collections.abc import Iterator

from desktop_app.crypto.errors import CryptoError
from desktop_app.db import registry
from desktop_app.domain.findings import Finding
from desktop_app.domain.records import Center
from desktop_app.errors import RefusedError
from desktop_app.message import Message
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.maintenance import schema_checks
from desktop_app.services.maintenance.people_checks import ALARM, PlaceChecks

_OPEN = Message("Restore the center and look it over again; if it stays so, fetch them from a backup.")


def look(person: PersonContext, center: Center, *, looks_at_files: bool) -> Iterator[Finding]:
    """Schema, places and the person's own keys, and whether the store has as many files; for system administrators."""
    yield from schema_checks.look(person, center)
    yield from PlaceChecks(person, center.id, center.name).look()
    yield from _keys(person, center)
    if looks_at_files:
        yield from _files(person, center)


def _keys(person: PersonContext, center: Center) -> Iterator[Finding]:
    with person.shared.begin() as session:
        state = person.trust.refresh(session)
        try:
            held = len(center_keys(person, session, center.id).keys)
        except CryptoError as error:
            yield Finding("keys_differ", error.message, ALARM, center.name, center.id)
            return
        except RefusedError:
            held = 0
    if held != len(state.register.keys.get(center.id, ())):
        text = Message("You do not hold every key of the center.")
        mend = Message("Restore the center; then “labkeep-admin doctor --repair” mends it.")
        yield Finding("missing_grant", text, mend, center.name, person.user.id)


def _files(person: PersonContext, center: Center) -> Iterator[Finding]:
    with person.shared.begin() as session:
        contents = registry.center_contents(session, center.id)
    store, count, total = person.store, 0, 0
    if store.has_center(center.schema_name):
        for file_id in store.stored_files(center.schema_name):
            count, total = count + 1, total + store.size(center.schema_name, file_id)
    if count < contents.versions:
        text = Message("{n} stored files are missing.", one="{n} stored file is missing.", n=contents.versions - count)
        yield Finding("missing_file", text, _OPEN, center.name, center.id)
    elif total < contents.stored_bytes:
        yield Finding("cut_file", Message("Stored files were cut."), _OPEN, center.name, center.id)
