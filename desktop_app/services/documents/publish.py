"""The last step of saving: what is sealed becomes live in one transaction, or is given back.

A server that is away is asked again for a while. When the answer is lost, the very same step is said again, which
harms nothing. If that fails too, giving back tells whether the version is live, and only without any answer to what was
sent is the fate unknown; what was never sent is known not to be saved.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from desktop_app.crypto.key_ring import KeyRing
from desktop_app.crypto.version_statements import NO_STATEMENT, VersionStatement, sign_version, whole_seconds
from desktop_app.db import documents as document_rows
from desktop_app.db import uploads
from desktop_app.db.document_statements import server_now
from desktop_app.db.errors import (
    KeyNotActiveError,
    KeysReplacedError,
    NumberTakenError,
    TrustLogMovedError,
    UnconfirmedError,
)
from desktop_app.db.sessions import Session
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.media_types import mime_type_of
from desktop_app.domain.records import Version
from desktop_app.domain.rights import Verb
from desktop_app.errors import Cancelled, LabkeepError, RefusedError, UnavailableError
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.context.retries import RetryPolicy
from desktop_app.services.documents.add_results import AddResult
from desktop_app.services.documents.document_facts import DocumentFacts, SignedFacts
from desktop_app.services.documents.upload_items import (
    NOT_SAVED,
    UNKNOWN,
    Attempt,
    Sealed,
    UploadItem,
    cancelled,
    failed,
    not_sent,
    saved,
    unknown,
)
from desktop_app.storage.store import remove_traces
from desktop_app.system.retrying import retried

ATTEMPTS = 5
"""How often one is signed again because somebody was first with the number, or a rotation with the key."""


@dataclass(frozen=True)
class Publisher:
    """Ends what was begun with files of one center."""

    context: CenterContext
    retries: RetryPolicy

    def make_live(self, sealed: Sequence[Sealed]) -> dict[UUID, AddResult]:
        """One transaction for all; where that is refused for one of them, one transaction for each."""
        if not sealed:
            return {}
        try:
            self._commit(sealed, {})
        except (UnavailableError, Cancelled) as error:
            return {each.attempt.version_id: _without_answer(each.attempt.job, error) for each in sealed}
        except LabkeepError as error:
            if len(sealed) > 1:
                return {version: result for each in sealed for version, result in self.make_live([each]).items()}
            return {sealed[0].attempt.version_id: self._make_one_live(sealed[0], error)}
        return {
            each.attempt.version_id: saved(each.attempt.job, each.attempt.job.number, each.stored.size)
            for each in sealed
        }

    def _make_one_live(self, sealed: Sealed, error: LabkeepError) -> AddResult:
        """Sign again where somebody was first with the number, or a rotation with the key."""
        job = sealed.attempt.job

        def sign_again() -> AddResult:
            number = job.number if job.document is not None else self._next_number(job)
            self._commit([sealed], {sealed.attempt.version_id: number})
            return saved(job, number, sealed.stored.size)

        if not self._can_be_signed_again(error):
            return failed(job, error)
        try:
            return retried(sign_again, self._can_be_signed_again, (0.0,) * (ATTEMPTS - 1))
        except (UnavailableError, Cancelled) as lost:
            return _without_answer(job, lost)
        except LabkeepError as last:
            return failed(job, last)

    def _can_be_signed_again(self, error: Exception) -> bool:
        """Whether another signature can succeed after *error*; what it must not be made with is forgotten."""
        if isinstance(error, KeyNotActiveError | TrustLogMovedError):
            self.context.forget()
        elif isinstance(error, KeysReplacedError):
            with self.context.person.changing_keys:  # this window may be replacing them just now
                pass
        else:
            return isinstance(error, NumberTakenError)
        return True

    def _next_number(self, job: UploadItem) -> int:
        def read() -> int:
            with self.context.read() as session:
                return document_rows.get_document(session, job.document_id).latest_number + 1

        return self.retries.through(read)

    def _commit(self, sealed: Sequence[Sealed], numbers: dict[UUID, int]) -> None:
        """One transaction, said again while the server is away; UnconfirmedError if it was sent and is not known."""
        versions: list[NewVersion] = []
        is_sent = False

        def once() -> None:
            nonlocal is_sent
            if not versions:
                # Signed once: what is said again after a lost answer must be the very same.
                ring = self.context.keys().ring()
                now, called = self._facts(sealed)
                for each in sealed:
                    number = numbers.get(each.attempt.version_id, each.attempt.job.number)
                    versions.append(self._new_version(each, number, ring, now, called[each.attempt.job.document_id]))
            try:
                with self.context.change(Verb.EDIT_DOCUMENTS) as session:
                    uploads.save_versions(session, versions)
            except UnconfirmedError:
                is_sent = True
                raise

        try:
            self.retries.through(once)
        except (UnavailableError, RefusedError, Cancelled) as error:
            if is_sent:
                raise UnconfirmedError from error
            raise

    def _facts(self, sealed: Sequence[Sealed]) -> tuple[datetime, dict[UUID, SignedFacts]]:
        """The server's time, and what each document is called: a new one by its draft, others by what was signed."""
        made = {each.attempt.job.document_id: each.attempt.job.document for each in sealed}
        facts = DocumentFacts(self.context)

        def read() -> tuple[datetime, dict[UUID, SignedFacts]]:
            with self.context.read() as session:
                existing = facts.signed(session, [document for document, draft in made.items() if draft is None])
                return server_now(session), existing

        now, existing = facts.fresh(read)
        new = {document: SignedFacts(draft, 0, NO_STATEMENT) for document, draft in made.items() if draft is not None}
        return now, existing | new

    def _new_version(
        self, sealed: Sealed, number: int, ring: KeyRing, now: datetime, called: SignedFacts
    ) -> NewVersion:
        attempt, stored, person = sealed.attempt, sealed.stored, self.context.person
        wrapped = ring.wrap(attempt.version_id, sealed.key)
        statement = VersionStatement(
            installation_id=person.installation_id,
            center_id=self.context.center.id,
            document_id=attempt.job.document_id,
            version_id=attempt.version_id,
            number=number,
            file_name=attempt.job.source.name,
            size=stored.size,
            stored_digest=stored.stored_digest,
            statement=called.number,
            statement_digest=called.digest,
            facts=called.facts,
            at=whole_seconds(now),
            signer=person.identity.public.id,
            trust_sequence=person.trust.state.head.sequence,
        )
        payload, signature = sign_version(statement, person.identity)
        return NewVersion(
            version_id=attempt.version_id,
            document_id=attempt.job.document_id,
            number=number,
            file_name=attempt.job.source.name,
            mime_type=mime_type_of(attempt.job.source.name),
            size=stored.size,
            stored_size=stored.stored_size,
            stored_digest=stored.stored_digest,
            statement=payload,
            signature=signature,
            key_version=wrapped.key_version,
            token=wrapped.token,
            document=attempt.job.document,
            sample_id=attempt.job.sample_id,
        )

    def give_back(self, attempts: Sequence[Attempt], results: dict[UUID, AddResult]) -> None:
        """Free the places of those that are not live; *results* are told what is known of them now.

        What is left of one, on the record or in the store, is swept later.
        """
        gone: list[UUID] = []
        for attempt in attempts:
            try:
                results[attempt.version_id] = self._give_back_one(attempt, results[attempt.version_id], gone)
            except UnavailableError:
                return  # each further question would wait as long for no answer
            except LabkeepError:
                continue
        if gone:
            with suppress(LabkeepError), self.context.change(Verb.EDIT_DOCUMENTS) as session:
                uploads.forget(session, gone)

    def _give_back_one(self, attempt: Attempt, result: AddResult, gone: list[UUID]) -> AddResult:
        """Abandon first and committed, then delete: a sealed file that a live row may name is never deleted.

        What was given up by somebody else meanwhile is deleted, too: there is no way back from that. Returns the fate
        again: of a version whose saving was in doubt it is known afterwards.
        """
        with self.context.change(Verb.EDIT_DOCUMENTS) as session:
            abandoned = uploads.abandon(session, [attempt.version_id])
            live = None if abandoned else self._live_version(session, attempt)
        if live is not None:
            return saved(attempt.job, live.number, live.size)
        with suppress(LabkeepError):
            remove_traces(self.context.person.store, self.context.center.schema_name, attempt.file_id)
            gone.append(attempt.file_id)
        return replace(result, reason=NOT_SAVED) if result.reason == UNKNOWN else result

    def _live_version(self, session: Session, attempt: Attempt) -> Version | None:
        versions = document_rows.list_versions(session, attempt.job.document_id)
        return next((version for version in versions if version.id == attempt.version_id), None)


def _without_answer(job: UploadItem, error: LabkeepError) -> AddResult:
    """Not sent is not saved; sent and not answered is not known."""
    if isinstance(error, UnconfirmedError):
        return unknown(job)
    return cancelled(job) if isinstance(error, Cancelled) else not_sent(job, error)
