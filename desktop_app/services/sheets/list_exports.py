"""Lists of people, of documents and of fields into a sheet: what is seen, in the list's order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from desktop_app.db import documents as document_rows
from desktop_app.db.fields import list_fields
from desktop_app.db.vocabulary import sample_types
from desktop_app.domain.filters import DocumentFilter, UserFilter
from desktop_app.domain.paging import pages
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Document
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, NEWEST_USERS, DocumentField, Sort, UserField
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.records.user_directory import UserDirectory
from desktop_app.services.sheets.field_columns import HEADINGS as FIELD_HEADINGS
from desktop_app.services.sheets.field_columns import cell_text
from desktop_app.services.sheets.sample_columns import CenterWords
from desktop_app.services.sheets.sample_export import ExportResult
from desktop_app.services.sheets.sheet_file import written_sheet
from desktop_app.services.sheets.user_columns import HEADINGS, SHOWN_ONLY, rows_of

_TOLD_EVERY = 500
DOCUMENT_HEADINGS = (
    "Title",
    "Type",
    "Tags",
    "Sample",
    "File name",
    "Kind of file",
    "Bytes",
    "Version",
    "Active",
    "Created at",
    "Created by",
    "Changed at",
    "Changed by",
    "Id",
)


@dataclass(frozen=True)
class UserExports:
    """Sheets of the people whom one may see."""

    users: UserDirectory

    def write(
        self,
        target: Path,
        filter: UserFilter | None = None,
        sort: Sort[UserField] = NEWEST_USERS,
        report: Report = silent,
        *,
        overwrite: bool = False,
    ) -> ExportResult:
        """All people of a filter into a new CSV or XLSX file, a row for each place of each that may be seen.

        RefusedError for another ending, PolicyError by the laboratory's policy; TargetExistsError and TargetError.
        *report* hears how many rows are written, and may raise: then there is no file.
        """
        self.users.context.policy.require_export()
        names = [*HEADINGS.values(), *SHOWN_ONLY.values()]
        people = pages(lambda after, size: self.users.list(filter, after, size, sort))
        rows = (row for user in people for row in rows_of(user))
        return _written(target, "Users", names, rows, report, overwrite=overwrite)


@dataclass(frozen=True)
class DocumentExports:
    """Sheets of what there is to say of a center's documents; of their contents nothing."""

    context: CenterContext

    def write(
        self,
        target: Path,
        filter: DocumentFilter | None = None,
        sort: Sort[DocumentField] = NEWEST_DOCUMENTS,
        report: Report = silent,
        *,
        overwrite: bool = False,
    ) -> ExportResult:
        """The list of all documents of a filter into a new CSV or XLSX file, as it is at one moment.

        Errors and *report* as for ``UserExports.write``.
        """
        self.context.person.policy.require_export()
        wanted = filter or DocumentFilter()
        with self.context.read() as session:
            listed = pages(lambda after, size: document_rows.list_documents(session, wanted, after, size, sort))
            rows = map(_document_row, listed)
            return _written(target, "Documents", list(DOCUMENT_HEADINGS), rows, report, overwrite=overwrite)


@dataclass(frozen=True)
class FieldExports:
    """Sheets of the fields of one center."""

    context: CenterContext

    def write(self, target: Path, report: Report = silent, *, overwrite: bool = False) -> ExportResult:
        """All fields, those out of use included, into a new CSV or XLSX file that can come in again without a change.

        Errors and *report* as for ``UserExports.write``.
        """
        self.context.person.policy.require_export()
        with self.context.read() as session:
            words = CenterWords(sample_types(session, include_inactive=True), ())
            fields = list_fields(session, include_inactive=True)
        rows: Iterator[list[str | float]] = (
            [cell_text(words, each, name) for name in FIELD_HEADINGS] for each in fields
        )
        return _written(target, "Fields", list(FIELD_HEADINGS.values()), rows, report, overwrite=overwrite)


def _written(
    target: Path, name: str, headings: list[str], rows: Iterator[list[str | float]], report: Report, *, overwrite: bool
) -> ExportResult:
    done = 0
    with written_sheet(target, name, len(headings), overwrite=overwrite) as sheet:
        sheet.write([*headings])
        for row in rows:
            sheet.write(row)
            done += 1
            if done % _TOLD_EVERY == 0:
                report(done, 0)
        report(done, done)
    return ExportResult(target, done)


def _document_row(document: Document) -> list[str | float]:
    return [
        document.title,
        document.document_type,
        ", ".join(document.tags),
        document.sample_barcode,
        document.file_name,
        document.mime_type,
        document.size,
        document.latest_number,
        "yes" if document.is_active else "no",
        document.created_at.astimezone().isoformat(sep=" "),
        document.created_by,
        document.updated_at.astimezone().isoformat(sep=" "),
        document.updated_by,
        str(document.id),
    ]
