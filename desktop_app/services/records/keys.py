"""The keys of a center: which there are, who holds them, and another one in the place of the one in force."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.trust_register import TrustedPerson
from desktop_app.crypto.trust_state import TrustState
from desktop_app.db import administration, registry
from desktop_app.db import keys as rows
from desktop_app.db import people as people_rows
from desktop_app.db import trust as trust_rows
from desktop_app.domain.formulas import guarded
from desktop_app.domain.key_records import CenterKey, HolderKind, KeyHolder
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Person
from desktop_app.domain.rights import Verb
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.records.key_rotation import KeyRotation, Rotation
from desktop_app.storage.private_files import PrivateTemp

KIT = Message("The recovery kit")


@dataclass(frozen=True)
class Keys:
    """What an administrator sees of the keys of one center, and does with them."""

    context: CenterContext

    def list(self) -> tuple[CenterKey, ...]:
        """Every version of the key, newest first."""
        self._require()
        with self.context.read() as session:
            found = rows.tenant_keys(session)
            names = {one.login: one.display_name for one in people_rows.list_people(session, include_former=True)}
        return tuple(
            CenterKey(
                number=key.number,
                state=key.state,
                created_at=key.created_at,
                created_by=names.get(key.created_by, key.created_by),
            )
            for key in reversed(found)
        )

    def holders(self) -> tuple[KeyHolder, ...]:
        """Who can open this center's documents: since when, by whose signature, and who signed in last when.

        Who is named follows the verified trust log; which versions are sealed to him is what the database shows.
        """
        self._require()
        with self.context.read() as session:
            sealed = defaultdict(list)
            for grant in rows.all_grants(session):
                sealed[grant.identity_id].append(grant.key_version)
            people = {one.id: one for one in people_rows.list_people(session, include_former=True)}
        with self.context.person.shared.begin() as session:
            state = self.context.person.trust.refresh(session)
            today = registry.server_date(session)
            found = (*state.members(self.context.center.id, today), *state.system_administrators())
            since = {one.user_id: state.member_since(one.user_id, self.context.center.id) or 1 for one in found}
            signed = trust_rows.signed(session, {state.root_since(), *since.values()})
            sign_ins = registry.last_sign_ins(session, [one.user_id for one in found])
        review = _Review(self.context.center.id, state, people, signed, sign_ins, sealed)
        return (*(review.person(one, since[one.user_id]) for one in found), review.kit())

    def is_due(self) -> bool:
        """Whether somebody who could open the key in force has left since it was made."""
        with self.context.person.shared.begin() as session:
            return administration.is_rotation_due(session, self.context.center.id)

    def rotate(self, reason: str = "", report: Report = silent) -> Rotation:
        """Put a new key in force (see KeyRotation)."""
        return KeyRotation(self.context).rotate(reason, report)

    def export_holders(self, holders: Iterable[KeyHolder], path: Path) -> Path:
        """Write the review into a private CSV file: UTF-8 with a byte order mark, as spreadsheets want it."""
        with PrivateTemp(path, overwrite=True) as pending:
            pending.file.write(holders_csv(holders).encode("utf-8-sig"))
            return pending.commit()

    def _require(self) -> None:
        self.context.person.require(Verb.MANAGE_KEYS, self.context.center.id)


@dataclass(frozen=True)
class _Review:
    """What is known of a center's people, put together for one person at a time."""

    center_id: UUID
    state: TrustState
    people: dict[UUID, Person]
    signed: dict[int, trust_rows.Signed]
    sign_ins: dict[UUID, datetime]
    sealed: dict[UUID, list[int]]

    def person(self, one: TrustedPerson, since: int) -> KeyHolder:
        known = self.people.get(one.user_id)
        place = one.membership(self.center_id)
        return KeyHolder(
            identity_id=one.identity.id,
            user_id=one.user_id,
            username=one.login if known is None else known.username,
            display_name=one.login if known is None else known.display_name,
            kind=HolderKind.SYSTEM if place is None else HolderKind(place.role),
            until=None if place is None else place.until,
            since=self.signed[since].at,
            signed_by=self._name(self.signed[since].signer),
            last_sign_in=self.sign_ins.get(one.user_id),
            keys=tuple(self.sealed.get(one.identity.id, ())),
            provisional=one.provisional,
        )

    def kit(self) -> KeyHolder:
        made = self.signed[self.state.root_since()]
        return KeyHolder(
            identity_id=self.state.root.id,
            user_id=None,
            username="",
            display_name=KIT,
            kind=HolderKind.KIT,
            until=None,
            since=made.at,
            signed_by=self._name(made.signer),
            last_sign_in=None,
            keys=tuple(self.sealed.get(self.state.root.id, ())),
        )

    def _name(self, identity_id: UUID) -> str:
        known = self.state.identity(identity_id)
        if known is None:
            return str(identity_id)
        user_id = known[1]
        if user_id is None:
            return KIT
        person = self.people.get(user_id)
        return str(user_id) if person is None else person.display_name


def holders_csv(holders: Iterable[KeyHolder]) -> str:
    """The review as a table; a text that a spreadsheet would take for a formula is guarded by an apostrophe."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["username", "name", "by", "since", "signed_by", "until", "last_sign_in", "keys", "identity"])
    for one in holders:
        last = "" if one.last_sign_in is None else one.last_sign_in.isoformat()
        words = (one.username, one.display_name, one.kind.value, one.since.isoformat(), one.signed_by)
        ends = ("" if one.until is None else one.until.isoformat(), last, " ".join(map(str, one.keys)))
        table.writerow([guarded(each) for each in (*words, *ends, str(one.identity_id))])
    return text.getvalue()
