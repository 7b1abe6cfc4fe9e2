"""What checking a record of changes finds, as findings; and whether a center's key is due for another one."""

from collections.abc import Iterator
from datetime import timedelta

from desktop_app.db import keys as key_rows
from desktop_app.db import registry
from desktop_app.domain.audit import AuditFault, AuditVerdict
from desktop_app.domain.findings import Finding
from desktop_app.domain.key_records import KeyState
from desktop_app.domain.key_reminder import remind_after_days
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.records.keys import Keys

_MEND = Message("“labkeep-admin audit verify” says the same. Ask the database's administrator, and look into a backup.")
_FAULTS = {
    AuditFault.LINK_MISSING: Message("A link of the record of changes is missing, at {at}."),
    AuditFault.LINK_CHANGED: Message("The record of changes does not carry on from link to link, at {at}."),
    AuditFault.ENTRIES_CHANGED: Message("Entries of the record of changes were changed, in link {at}."),
    AuditFault.ENTRIES_UNSEALED: Message("Entry {at} of the record of changes belongs to no link."),
    AuditFault.ERASED_UNSIGNED: Message("What entry {at} of the record of changes said was erased unsigned."),
    AuditFault.HEAD_CHANGED: Message("The head of the record of changes is not its newest link ({at})."),
    AuditFault.FORGOTTEN: Message("The record of changes lacks link {at}, which this workstation saw."),
}


def about_record(verdict: AuditVerdict, center: str = "") -> Iterator[Finding]:
    """Nothing for a sound record."""
    for table, row_id in verdict.changed:
        text = Message("A row of {table} is not what the record of changes says of it.", table=table)
        yield Finding("row_unlike_record", text, _MEND, center, row_id)
    if verdict.fault is not None and not verdict.changed:
        template = _FAULTS.get(verdict.fault, _FAULTS[AuditFault.HEAD_CHANGED])
        yield Finding("broken_record", Message(template.template, at=verdict.broken_at or 0), _MEND, center)


def about_key(context: CenterContext) -> Iterator[Finding]:
    """Whether somebody who could open the key in force has left, or the key is older than the center wants."""
    center, mend = context.center, Message("An administrator of the center gives it a new key.")
    if Keys(context).is_due():
        text = Message("Somebody who could open the key in force has left since it was made.")
        yield Finding("rotation_due", text, mend, center.name, center.id)
    days = remind_after_days(center.settings)
    if days is None:
        return
    with context.read() as session:
        made = [key.created_at for key in key_rows.tenant_keys(session) if key.state is KeyState.ACTIVE]
    with context.person.shared.begin() as session:
        today = registry.server_date(session)
    if made and made[0].date() + timedelta(days=days) < today:
        text = Message(
            "The key in force is older than {n} days.", one="The key in force is older than {n} day.", n=days
        )
        yield Finding("key_too_old", text, mend, center.name, center.id)
