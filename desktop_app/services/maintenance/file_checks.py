"""Whether every stored version of a center has its file, its key and its signature, and every file its version."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from desktop_app.crypto.errors import CryptoError, LogBehindError, WrongKeyError
from desktop_app.crypto.sealed_stream import digest_of
from desktop_app.db import documents as document_rows
from desktop_app.db import stored_versions as rows
from desktop_app.db import uploads
from desktop_app.domain.findings import Finding
from desktop_app.domain.paging import batches
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Version
from desktop_app.errors import NotFoundError
from desktop_app.message import Message
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.document_facts import DocumentFacts
from desktop_app.services.documents.download import Downloader
from desktop_app.storage.errors import MissingFileError

PAGE = 500
"""So many versions, or files of the store, are looked at with one question to the server."""

FROM_BACKUP = Message("Put the file back from a backup of the store; until then this version does not open.")
LOOK_WHO = Message("Ask a system administrator what happened to the database; nothing is opened until it is put back.")


@dataclass(frozen=True)
class FileChecks:
    """The files of one center. *others* are the centers beside it that the person may read, for files gone astray."""

    context: CenterContext
    others: Callable[[], Iterable[CenterContext]] = tuple

    def versions(self, after: UUID | None = None) -> Iterator[Version]:
        """Every stored version in the order of their ids, from the one *after* on."""
        while True:
            with self.context.read() as session:
                page = rows.versions_after(session, after, PAGE)
            if not page:
                return
            yield from page
            after = page[-1].id

    def version(self, version: Version, *, deep: bool, report: Report = silent) -> Finding | None:
        """What is wrong with one version, if it is still there and still so when it is looked at again.

        Deep reads the whole file. Raises StorageError while the store is away.
        """
        if self._wrong(version, deep=deep, report=report) is None:
            return None
        # A rotation, a deletion or a sweep may have gone on between the row and the look at the file.
        with self.context.read() as session:
            now = rows.version_by_id(session, version.id)
        self.context.forget()
        return None if now is None else self._wrong(now, deep=deep, report=report)

    def _wrong(self, version: Version, *, deep: bool, report: Report) -> Finding | None:
        found = self._wrong_row(version)
        if found is not None:
            return found
        try:
            size = self.context.person.store.size(self.context.center.schema_name, version.file_id)
        except MissingFileError:
            return self._missing(version)
        if size < version.stored_size:
            return self._finding("cut_file", Message("The file of {what} was cut.", what=_named(version)), version)
        if deep or size != version.stored_size:
            return self._wrong_content(version, report)
        return None

    def _wrong_row(self, version: Version) -> Finding | None:
        if not version.token:
            text = Message("The key of {what} is missing in the database.", what=_named(version))
            return self._finding("missing_key", text, version, LOOK_WHO)
        try:
            self._unwrap(version)
        except CryptoError:
            text = Message("The key of {what} is not its own, or was changed.", what=_named(version))
            return self._finding("swapped_document_key", text, version, LOOK_WHO)
        problem = Downloader(self.context).problem(version)
        if problem is not None:
            text = Message(
                "What the database says of {what} is not what was signed: {problem}",
                what=_named(version),
                problem=problem,
            )
            return self._finding("forged_version", text, version, LOOK_WHO)
        return None

    def _unwrap(self, version: Version) -> None:
        try:
            self.context.keys().ring().unwrap(version.id, version.key_version, version.token)
        except (LogBehindError, WrongKeyError):
            self.context.forget()
            self.context.keys().ring().unwrap(version.id, version.key_version, version.token)

    def _wrong_content(self, version: Version, report: Report) -> Finding | None:
        try:
            Downloader(self.context).verify(version, report)
        except MissingFileError:
            return self._missing(version)
        except CryptoError:
            return self._whose(version, report)
        return None

    def _whose(self, version: Version, report: Report) -> Finding:
        """What is in the place of a file that is not the one that was signed."""
        with self.context.person.store.open(self.context.center.schema_name, version.file_id) as file:
            digest = digest_of(file, lambda done: report(done, version.stored_size))
        with self.context.read() as session:
            twins = [each for each in rows.versions_with_digest(session, digest) if each != version.id]
        if twins:
            text = Message(
                "In the place of the file of {what} is the file of another version of this center.",
                what=_named(version),
            )
            return self._finding("swapped_file", text, version)
        for other in self.others():
            with other.read() as session:
                if rows.versions_with_digest(session, digest):
                    text = Message(
                        "In the place of the file of {what} is a file of {center}.",
                        what=_named(version),
                        center=other.center.name,
                    )
                    return self._finding("foreign_file", text, version)
        return self._finding("damaged_file", Message("The file of {what} is damaged.", what=_named(version)), version)

    def forged_facts(self, document_ids: Iterable[UUID]) -> Iterator[Finding]:
        """Documents whose title, type, tags or sample are not what was signed."""
        facts = DocumentFacts(self.context)
        for ids in batches(document_ids, PAGE):
            if self._forged(facts, ids) is None:
                continue
            for document_id in ids:
                problem = self._forged(facts, [document_id])
                if problem is not None:
                    text = Message("A document is not called what was signed: {problem}", problem=problem)
                    mend = Message("Somebody who may edit it saves it as it was signed.")
                    yield Finding("forged_facts", text, mend, self.context.center.name, document_id)

    def _forged(self, facts: DocumentFacts, ids: Iterable[UUID]) -> Message | None:
        def check() -> None:
            with self.context.read() as session:
                facts.signed(session, tuple(ids))

        try:
            facts.fresh(check)
        except CryptoError as error:
            return error.message
        except NotFoundError:
            # One of them was deleted meanwhile; the others are looked at one by one.
            return Message("") if len(tuple(ids)) > 1 else None
        return None

    def strays(self) -> Iterator[Finding]:
        """Whole files that no row names, and half ones of nobody who is at work."""
        store, schema = self.context.person.store, self.context.center.schema_name
        for file_id in self._unnamed(store.stored_files(schema)):
            if store.exists(schema, file_id):
                yield self._stray(file_id)
        for file_id in self._unnamed(store.leftovers(schema)):
            text = Message("Half of a file, {file}, was left in the store by an interrupted program.", file=file_id)
            mend = Message("“labkeep-admin doctor --repair” removes it.")
            yield Finding("half_written", text, mend, self.context.center.name, file_id)

    def _unnamed(self, files: Iterable[UUID]) -> Iterator[UUID]:
        for some in batches(files, PAGE):
            with self.context.read() as session:
                yield from uploads.unnamed(session, some)

    def _stray(self, file_id: UUID) -> Finding:
        name = self.context.center.name
        for other in self.others():
            with other.read() as session:
                if rows.files_named(session, [file_id]):
                    text = Message(
                        "The file {file} of {center} lies in the folder of this center.",
                        file=file_id,
                        center=other.center.name,
                    )
                    mend = Message("Move it into its own center's folder, or delete it if it is there already.")
                    return Finding("foreign_file", text, mend, name, file_id)
        text = Message("The file {file} in the store belongs to no document.", file=file_id)
        mend = Message(
            "Nothing deletes that. If the database was put back from a backup, it may be a document of later days; "
            "a file of another installation belongs into its own store."
        )
        return Finding("unnamed_file", text, mend, name, file_id)

    def _missing(self, version: Version) -> Finding:
        text = Message("The file of {what} is missing in the store.", what=_named(version))
        return self._finding("missing_file", text, version)

    def _finding(self, code: str, text: Message, version: Version, mend: Message = FROM_BACKUP) -> Finding:
        return Finding(code, text, mend, self.context.center.name, version.id)


def _named(version: Version) -> Message:
    return Message("“{name}”, version {number}", name=version.file_name, number=version.number)


def center_is_there(context: CenterContext) -> Finding | None:
    """The one finding of a center whose whole folder is gone, instead of one for each of its files."""
    with context.read() as session:
        has_versions = document_rows.has_versions(session)
    if not has_versions or context.person.store.has_center(context.center.schema_name):
        return None
    text = Message("The folder {folder} is missing in the store.", folder=context.center.schema_name)
    mend = Message("Put it back from the backup; until then none of its documents opens.")
    return Finding("missing_folder", text, mend, context.center.name)
