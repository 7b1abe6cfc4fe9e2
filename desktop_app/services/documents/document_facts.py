"""What documents are called, checked against what was signed: title, type, tags and sample.

A person with power over the database can exchange two patients' titles, and nobody would see it in a list. So each
change of them is signed, and whatever opens, shows or changes a document compares its row with the newest statement.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from desktop_app.crypto.errors import LogBehindError, TamperedError, WrongKeyError
from desktop_app.crypto.version_statements import (
    NO_STATEMENT,
    DocumentStatement,
    VersionStatement,
    check_document,
    check_version,
    sign_document,
    statement_digest,
    whole_seconds,
)
from desktop_app.db import document_statements as rows
from desktop_app.db.document_statements import LatestStatements, SignedRow
from desktop_app.db.errors import KeysReplacedError, TrustLogMovedError
from desktop_app.db.sessions import Session
from desktop_app.domain.change_plan import SIGNED, PlannedChange
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.records import Document
from desktop_app.errors import NotFoundError
from desktop_app.message import Message
from desktop_app.services.context.authorship import compare_author
from desktop_app.services.context.center_context import CenterContext

CLOCK = timedelta(hours=1)
"""How far the time in a statement may be from that of its row; the database holds writers to it."""
_WORDS = {"title": "title", "document_type": "type", "tags": "tags", "sample_id": "sample"}
Found = TypeVar("Found")


class FactsForgedError(TamperedError):
    """The database calls a document something else than was signed."""

    code = "facts_forged"


@dataclass(frozen=True)
class SignedFacts:
    """What a document is called by the newest statement that counts, and which one that is."""

    facts: DocumentDraft
    number: int
    """Of the document's newest statement; 0 where the first version says it."""
    digest: bytes


@dataclass(frozen=True)
class DocumentFacts:
    """The signed side of one center's documents."""

    context: CenterContext

    def signed(self, session: Session, document_ids: Collection[UUID]) -> dict[UUID, SignedFacts]:
        """What these documents are called, each compared with its row; FactsForgedError, NotFoundError."""
        latest = rows.latest_statements(session, document_ids)
        if len(latest) < len(set(document_ids)):
            raise NotFoundError("There is no such document.")
        return {each.document_id: self._agreed(each) for each in latest.values()}

    def check(self, session: Session, document: Document) -> SignedFacts:
        """The same for one; also what the person sees of it is compared, unless it was changed since."""
        (latest,) = rows.latest_statements(session, [document.id]).values() or (None,)
        if latest is None:
            raise NotFoundError("There is no such document.")
        signed = self._said(latest)
        for row in self._shown(latest, document):
            _compare(row, signed.facts)
        return signed

    def check_all(self, session: Session, document: Document) -> None:
        """Check every statement of a document, from the first one: whose it is, and that it follows the one before."""
        before = NO_STATEMENT
        for nth, row in enumerate(rows.all_statements(session, document.id), 1):
            statement = self._statement(document.id, row)
            if (statement.number, statement.previous) != (nth, before):
                raise FactsForgedError("A signed change of this document was taken away or put in.")
            before = statement_digest(row.statement, row.signature)
        self.check(session, document)

    def change(self, session: Session, document: Document, facts: DocumentDraft) -> None:
        """Sign *facts* and change the document to them, over the state that *document* was read in.

        Where its row was forged nothing is signed, but for putting back what was signed last.
        """
        latest = rows.latest_statements(session, [document.id]).get(document.id)
        if latest is None:
            raise NotFoundError("There is no such document.")
        signed = self._said(latest)
        for row in self._shown(latest, document):
            if any(getattr(facts, name) != getattr(signed.facts, name) for name in _forged(row, signed.facts)):
                _compare(row, signed.facts)
        payload, signature = self._sign(document.id, signed, facts, rows.server_now(session))
        rows.change_document(session, document.id, document.row_version, payload, signature)

    def sign_changes(
        self, session: Session, changes: Sequence[PlannedChange]
    ) -> tuple[dict[UUID, tuple[bytes, bytes]], dict[UUID, Message]]:
        """What is signed of each document that changes so, and why nothing is signed of one.

        Where its row was forged, or the person was shown something else than it says, nothing is signed. One that is
        not there any more, or in another state than it was shown in, is in neither.
        """
        signed: dict[UUID, tuple[bytes, bytes]] = {}
        refused: dict[UUID, Message] = {}
        latest = rows.latest_statements(session, [change.id for change in changes])
        moment = rows.server_now(session)
        for change in changes:
            row = latest.get(change.id)
            if row is None or change.row_version not in (0, row.row_version):
                continue
            try:
                last = self._agreed(row)
                _compare(_with(replace(row.facts, title=change.name), change.before), last.facts)
            except (FactsForgedError, TamperedError) as error:
                refused[change.id] = error.message
                continue
            signed[change.id] = self._sign(change.id, last, _with(row.facts, change.after), moment)
        return signed, refused

    def _sign(self, document_id: UUID, last: SignedFacts, facts: DocumentDraft, at: datetime) -> tuple[bytes, bytes]:
        """The statement that follows the last one, and its signature."""
        person = self.context.person
        statement = DocumentStatement(
            installation_id=person.installation_id,
            center_id=self.context.center.id,
            document_id=document_id,
            number=last.number + 1,
            previous=last.digest,
            facts=facts,
            at=whole_seconds(at),
            signer=person.identity.public.id,
            trust_sequence=person.trust.state.head.sequence,
        )
        return sign_document(statement, person.identity)

    def fresh(self, act: Callable[[], Found]) -> Found:
        """Do it; again with keys and log read anew where they are older than what it met, or too old to sign by."""
        try:
            return act()
        except KeysReplacedError:
            with self.context.person.changing_keys:  # this window may be replacing them just now
                pass
        except (LogBehindError, WrongKeyError, TrustLogMovedError):
            self.context.forget()
            self.context.keys()
        return act()

    @staticmethod
    def _shown(latest: LatestStatements, document: Document) -> tuple[DocumentDraft, ...]:
        """What the row says, and what the person was shown of it, unless it was lawfully changed since."""
        if latest.row_version != document.row_version:
            return (latest.facts,)
        return latest.facts, DocumentDraft.of(document)

    def _agreed(self, latest: LatestStatements) -> SignedFacts:
        signed = self._said(latest)
        _compare(latest.facts, signed.facts)
        return signed

    def _said(self, latest: LatestStatements) -> SignedFacts:
        """What the newest statement says; and the newest version knows of no later one."""
        if latest.version is None or latest.version.number != latest.latest_number:
            raise FactsForgedError("The newest version of this document was taken away.")
        version = check_version(latest.version.statement, latest.version.signature, self.context.person.trust.state)
        self._compare_place(latest.document_id, version)
        compare_author(self.context.person.trust.state, version.signer, latest.version.created_by)
        newest = 0 if latest.statement is None else latest.statement.number
        if newest != latest.statement_number or version.statement > newest:
            raise FactsForgedError("A signed change of this document's title, type, tags or sample was taken away.")
        if latest.statement is None:
            return SignedFacts(version.facts, 0, NO_STATEMENT)
        statement = self._statement(latest.document_id, latest.statement)
        digest = statement_digest(latest.statement.statement, latest.statement.signature)
        if version.statement == statement.number and version.statement_digest != digest:
            raise FactsForgedError("A signed change of this document's title, type, tags or sample was exchanged.")
        return SignedFacts(statement.facts, statement.number, digest)

    def _statement(self, document_id: UUID, row: SignedRow) -> DocumentStatement:
        statement = check_document(row.statement, row.signature, self.context.person.trust.state)
        self._compare_place(document_id, statement)
        if statement.number != row.number:
            raise FactsForgedError("A signed change of this document stands in another's place.")
        compare_time(statement.at, row.created_at)
        compare_author(self.context.person.trust.state, statement.signer, row.created_by)
        return statement

    def _compare_place(self, document_id: UUID, said: VersionStatement | DocumentStatement) -> None:
        state, center_id = self.context.person.trust.state, self.context.center.id
        if said.document_id != document_id or not state.is_of(center_id, said.center_id, said.trust_sequence):
            raise FactsForgedError("A signed statement about another document stands beside this one.")


def compare_time(signed: datetime, kept: datetime) -> None:
    """The server's time of a row against the one in its statement."""
    if abs(kept - signed) > CLOCK:
        raise TamperedError("The database says another time than was signed.")


def _with(facts: DocumentDraft, values: Mapping[str, Any]) -> DocumentDraft:
    """The same with these values, as a plan has them."""
    said = {name: value for name, value in values.items() if name in SIGNED}
    if said.get("sample_id") is not None:
        said["sample_id"] = UUID(said["sample_id"])
    if "tags" in said:
        said["tags"] = tuple(said["tags"])
    return replace(facts, **said)


def _forged(row: DocumentDraft, signed: DocumentDraft) -> list[str]:
    return [each.name for each in fields(row) if getattr(row, each.name) != getattr(signed, each.name)]


def _compare(row: DocumentDraft, signed: DocumentDraft) -> None:
    forged = _forged(row, signed)
    if forged:
        words = " and ".join(_WORDS[name] for name in forged)
        raise FactsForgedError(
            "The database says another {words} of this document than was signed; it was signed as "
            "“{title}”. Tell a system administrator.",
            words=words,
            title=signed.title,
        )
