"""Opening what was saved: signature, key and every segment are checked before a byte is believed."""

import io
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.errors import CryptoError, LogBehindError, TamperedError, WrongKeyError
from desktop_app.crypto.evidence import ContentDigest
from desktop_app.crypto.sealed_stream import SealedSize, Writable, associated_data, open_stream
from desktop_app.crypto.version_statements import VersionStatement, check_version
from desktop_app.db.people import find_person
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Person, Version
from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.services.context.authorship import compare_author
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.document_facts import compare_time
from desktop_app.storage.private_files import PrivateTemp

PREVIEW_LIMIT = 64 * 1024 * 1024


class PreviewTooLargeError(LabkeepError):
    """The content is too large to be shown from memory."""

    code = "preview_too_large"


@dataclass(frozen=True)
class Seal:
    """Who sealed a version and when, as its signature says; or, in ``problem``, why nobody can tell."""

    version: Version
    by: str
    at: datetime
    problem: str | None = None


@dataclass(frozen=True)
class Downloader:
    """Reads versions of one center's documents, checked and in clear."""

    context: CenterContext

    def content(self, version: Version, limit: int = PREVIEW_LIMIT) -> bytes:
        """The clear bytes of a version, in memory only; PreviewTooLargeError above *limit* bytes."""
        if version.size > limit:
            raise PreviewTooLargeError("The document is too large for the preview. Save it to open it.")
        target = io.BytesIO()
        self._open_into(version, target, silent)
        return target.getvalue()

    def save_as(self, version: Version, target: Path, report: Report, *, overwrite: bool = False) -> Path:
        """Write the clear bytes where the person said; on any error no partial output is left.

        Every file in clear is made here: PolicyError where the laboratory allows none.
        """
        self.context.person.policy.require_export()
        with PrivateTemp(target, overwrite=overwrite) as pending:
            self._open_into(version, pending.file, report)
            return pending.commit()

    def verify(self, version: Version, report: Report) -> None:
        """Read the stored file to its end and raise the first thing that is wrong with it."""
        self._open_into(version, None, report)

    def content_digest(self, version: Version, report: Report) -> str:
        """The digest of the clear bytes, read to their end as ``verify`` does."""
        target = ContentDigest()
        self._open_into(version, target, report)
        return target.digest()

    def problem(self, version: Version) -> Message | None:
        """Why signature or key are not to be believed; the stored file is not read."""
        try:
            self._checked(version)
        except CryptoError as error:
            return error.message
        return None

    def seal(self, version: Version) -> Seal:
        """By whom it was sealed: the signature is checked, the stored file is not read."""
        try:
            statement, _key = self._checked(version)
        except CryptoError as error:
            return Seal(version, "", version.created_at, error.message)
        person = self._signer(statement)
        return Seal(version, version.created_by if person is None else person.display_name, statement.at)

    def _open_into(self, version: Version, target: Writable | None, report: Report) -> None:
        """Raises TamperedError unless every byte is the one that was signed; until then nobody may use *target*.

        Whoever may read holds the key, and could have sealed something else with it: only the signed digest tells.
        """
        statement, key = self._checked(version)
        with self._file(version) as file:
            data = associated_data(statement.center_id, version.document_id, version.id)
            found = open_stream(file, target, key, data, lambda done: report(done, version.size))
        if found != SealedSize(statement.size, version.stored_size, statement.stored_digest):
            raise TamperedError("The stored file is not the one that was signed.")

    def _checked(self, version: Version) -> tuple[VersionStatement, bytes]:
        """The signed statement, compared with the row, and the document key.

        Keys and trust log are read again where they are older than the version: somebody may have come since, or a
        new key.
        """
        try:
            return self._checked_now(version)
        except (LogBehindError, WrongKeyError):
            self.context.forget()
            return self._checked_now(version)

    def _checked_now(self, version: Version) -> tuple[VersionStatement, bytes]:
        keys = self.context.keys()
        statement = check_version(version.statement, version.signature, self.context.person.trust.state)
        expected: tuple[UUID | int | bytes | str, ...] = (
            self.context.person.installation_id,
            version.document_id,
            version.id,
            version.number,
            version.size,
            version.stored_digest,
            version.file_name,
        )
        signed = (
            statement.installation_id,
            statement.document_id,
            statement.version_id,
            statement.number,
            statement.size,
            statement.stored_digest,
            statement.file_name,
        )
        is_ours = self.context.person.trust.state.is_of(
            self.context.center.id, statement.center_id, statement.trust_sequence
        )
        if signed != expected or not is_ours:
            raise TamperedError("The database says something else of this version than its uploader signed.")
        compare_time(statement.at, version.created_at)
        compare_author(self.context.person.trust.state, statement.signer, version.login)
        return statement, keys.ring().unwrap(version.id, version.key_version, version.token)

    def _signer(self, statement: VersionStatement) -> Person | None:
        """The person whose identity signed, by the trust log; what the center calls him."""
        found = self.context.person.trust.state.identity(statement.signer)
        if found is None or found[1] is None:
            return None
        with self.context.read() as session:
            return find_person(session, found[1])

    def _file(self, version: Version) -> BufferedReader:
        return self.context.person.store.open(self.context.center.schema_name, version.file_id)
