"""What the cases act on: things of center A, and what administrators sign and seal for it (made up)."""

import json
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from desktop_app.db.api_rows import EntryRow, GrantRow
from desktop_app.db.samples import insert_sample, step_sample
from desktop_app.db.scram import verifier
from desktop_app.db.sessions import CenterSessions
from desktop_app.db.uploads import NewVersion, reserve, save_versions
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.ids import schema_name
from desktop_app.domain.lifecycle import Step
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from tests.db.admin_actions import deactivate, join
from tests.db.centers import new_version
from tests.db.conftest import TwoCenters
from tests.db.installation import Member, identity_says, made_up_grant, made_up_identity, place_says
from tests.db.rights.people import Person
from tests.db.statements import document_statement, signed


class ThingsOfA:
    """Samples, a document, and people of A (and of the installation) who are not among the seven."""

    def __init__(self, scene: TwoCenters) -> None:
        lab = self._lab = scene.installation
        self._scene = scene
        self._colleague = lab.add_member("colleague", Role.USER, scene.a)
        self._gone = lab.add_member("gone", Role.USER, scene.a)
        deactivate(lab, self._gone)
        self._guest = lab.add_member("guest", Role.VIEWER, scene.a)
        join(lab, self._guest, Role.VIEWER, scene.b)
        self._visitor = lab.add_member("visitor", Role.USER, scene.b)
        self._deputy = lab.add_member("deputy", Role.ADMIN, None)
        self._retired = lab.add_member("retired", Role.ADMIN, None)
        deactivate(lab, self._retired)
        self._unfinished = lab.add_member("half.known", Role.VIEWER, scene.b)
        with lab.raw() as owner:
            owner.cursor().execute(
                "INSERT INTO public.unfinished VALUES (%s, gen_random_uuid())", (str(self._unfinished.id),)
            )
        with lab.raw(self._colleague) as connection:
            connection.cursor().execute("SELECT api.note_sign_in('bench 2')")
        sessions = lab.center(scene.user_a, scene.a)
        self._sample, self._completed = uuid4(), uuid4()
        self._document = self._signed(scene.user_a, new_version(document=DocumentDraft(title="Report")))
        self._fill(sessions)
        self.names = self._names()

    def _fill(self, sessions: CenterSessions) -> None:
        with sessions.begin() as session:
            for number, sample in enumerate((self._sample, self._completed)):
                insert_sample(session, sample, SampleDraft(name=f"Blood {number}", sample_type=SampleType.BLOOD))
            step_sample(session, self._completed, Step.PROCESS, 1)
            step_sample(session, self._completed, Step.COMPLETE, 2)
            reserve(session, [(self._document.version_id, self._document.document_id, uuid4())])
            save_versions(session, [self._document])

    def _names(self) -> dict[str, str]:
        scene = self._scene
        return {
            "A": schema_name(scene.a),
            "A_id": str(scene.a),
            "B_id": str(scene.b),
            "sample": str(self._sample),
            "completed": str(self._completed),
            "document": str(self._document.document_id),
            "version": str(self._document.version_id),
            "colleague": str(self._colleague.id),
            "gone": str(self._gone.id),
            "guest": str(self._guest.id),
            "visitor": str(self._visitor.id),
            "deputy": str(self._deputy.id),
            "unfinished": str(self._unfinished.id),
            "retired": str(self._retired.id),
        }

    def names_for(self, session: Session, person: Person) -> dict[str, str]:
        """What fills the cases' ``<names>`` when *person* tries them; the session reads the trust log."""
        new = uuid4()
        names = self.names | {
            "me": str(person.member.id),
            "my_identity": str(person.member.identity.id),
            "verifier": verifier(secrets.token_urlsafe(), person.member.login),
            "new": str(new),
            "first_version": self._version(
                person, version_id=new, document_id=new, document=DocumentDraft(title="New")
            ),
            "next_version": self._version(person, version_id=new, document_id=self._document.document_id, number=2),
            "renamed": self._renamed(person).hex(),
        }

        def sign(kind: str, after: str = "", **says: Any) -> str:
            before = None if not after else EntryRow(**_entry_of(after))
            return json.dumps(self._lab.next_entry(session, kind, says, person.member.identity.id, before).to_json())

        return names | self._signed_of_people(sign) | self._signed_of_keys(sign, person, new)

    def _version(self, person: Person, **fields: Any) -> str:
        return json.dumps([self._signed(person.member, new_version(**fields)).to_json()])

    def _signed(self, member: Member, version: NewVersion) -> NewVersion:
        with self._lab.center(self._scene.user_a, self._scene.a).begin() as session:
            return signed(session, self._scene.a, [version], member.identity.id, self._lab.trust_sequence())[0]

    def _renamed(self, person: Person) -> bytes:
        facts = DocumentDraft(title="x", document_type="x", tags=("x",), sample_id=self._sample)
        return document_statement(
            self._scene.a,
            self._document.document_id,
            facts,
            signer=person.member.identity.id,
            trust_sequence=self._lab.trust_sequence(),
        )

    def _signed_of_people(self, sign: Callable[..., str]) -> dict[str, str]:
        a, b, lab = self._scene.a, self._scene.b, self._lab
        colleague = str(self._colleague.id)
        leave_entry = sign("leave", user=colleague, center=str(a))
        return {
            "promotion": sign("join", user=colleague, **place_says(a, Role.ADMIN)),
            "last_day": sign("join", user=colleague, **place_says(a, Role.USER, date(2999, 12, 31))),
            "visit": sign("join", user=str(self._visitor.id), **place_says(a, Role.VIEWER)),
            "visit_grants": _sealed(lab.grants_for(a, self._visitor.identity.id)),
            "leaving": sign("leave", user=str(self._guest.id), center=str(a)),
            "removal": sign("remove", user=colleague),
            "return": sign("readmit", user=str(self._gone.id)),
            "return_grants": _sealed(lab.grants_for(self._scene.a, self._gone.identity.id)),
            "leave_entry": leave_entry,
            "move": sign("join", after=leave_entry, user=colleague, **place_says(b, Role.VIEWER)),
            "move_grants": _sealed(lab.grants_for(self._scene.b, self._colleague.identity.id)),
            "elevation": sign("join", after=leave_entry, user=colleague, **place_says(None, Role.ADMIN)),
            "elevation_grants": _sealed(lab.grants_for(None, self._colleague.identity.id)),
            "restoration": sign("restored", head_sequence=10**6, head_digest=secrets.token_hex(32), lineages=""),
            "deputy_removal": sign("remove", user=str(self._deputy.id)),
            "comeback": sign("readmit", user=str(self._retired.id)),
            "comeback_grants": _sealed(lab.grants_for(None, self._retired.identity.id)),
        }

    def _signed_of_keys(self, sign: Callable[..., str], person: Person, new: UUID) -> dict[str, str]:
        lab, identity = self._lab, made_up_identity()
        says = {"identity": identity_says(identity)}
        made = {
            "new_identity": json.dumps(identity.to_json()),
            "next_grants": _sealed([made_up_grant(self._scene.a, 1, new)]),
            "new_key": sign("key_version", center=str(new), number=1, digest=secrets.token_hex(32)),
            "new_key_grants": _sealed([made_up_grant(new, 1, one) for one in lab.standing_recipients()]),
            "deleted": sign("center_deleted", center=str(self._scene.a)),
            "next_key": sign("key_version", center=str(self._scene.a), number=2, digest=secrets.token_hex(32)),
            "next_key_grants": _sealed([made_up_grant(self._scene.a, 2, one) for one in self._recipients()]),
            "reset": sign("replace_keys", user=str(self._colleague.id), provisional=True, **says),
            "deputy_reset": sign("replace_keys", user=str(self._deputy.id), provisional=True, **says),
            "my_keys": sign("replace_keys", user=str(person.member.id), provisional=False, **says),
            "root": str(lab.root.id),
            "new_root": json.dumps({name: identity.to_json()[name] for name in ("id", "public_key")}),
            "new_kit": sign("kit_replaced", **says),
            "kit_grants": _sealed(lab.grants_for(self._scene.a, identity.id)),
            "my_grants": _sealed(lab.grants_for(person.member.center_id, identity.id)),
        }
        for name, role, center in (
            ("user", Role.USER, self._scene.a), ("admin", Role.ADMIN, self._scene.a), ("system", Role.ADMIN, None),
        ):  # fmt: skip
            member = Member(f"new.{name}", role, center, id=new)
            made[f"new_{name}"] = _user_json(member)
            place = {"login": member.login, **place_says(center, role)}
            made[f"enrol_{name}"] = sign("enrol", user=str(new), provisional=True, **place, **says)
            made[f"grants_{name}"] = _sealed(lab.grants_for(center, identity.id))
        return made

    def _recipients(self) -> list[UUID]:
        found = self._lab.value("SELECT internal.recipients_in(%s)::text[]", str(self._scene.a))
        return [UUID(one) for one in found]


def _entry_of(signed: str) -> dict[str, Any]:
    entry = json.loads(signed)
    return {
        "sequence": entry["sequence"],
        "payload": bytes.fromhex(entry["payload"]),
        "signer": UUID(entry["signer"]),
        "signature": bytes.fromhex(entry["signature"]),
    }


def _user_json(member: Member) -> str:
    center = None if member.center_id is None else str(member.center_id)
    user = {"id": str(member.id), "username": member.username, "email": member.draft.email, "login": member.login}
    return json.dumps(user | {"role": member.role.value, "center_id": center})


def _sealed(grants: list[GrantRow]) -> str:
    return json.dumps([grant.to_json() for grant in grants])
