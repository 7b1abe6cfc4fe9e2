"""Sheets of people, and of what there is to say of documents, in memory."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.filters import DocumentFilter, UserFilter
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Document, User
from desktop_app.domain.rights import Role
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.domain.sorting import NEWEST_DOCUMENTS, NEWEST_USERS, DocumentField, Sort, UserField
from desktop_app.errors import Cancelled
from desktop_app.message import Message
from desktop_app.services.sheets.list_exports import DocumentExports, UserExports
from desktop_app.services.sheets.password_list import PasswordList
from desktop_app.services.sheets.sample_export import ExportResult
from desktop_app.services.sheets.user_columns import columns_of, user_fields
from desktop_app.services.sheets.user_import import NewPerson, UserImport, UserImports, UsersMade
from tests.ui.fake_users import Users
from tests.ui.in_memory import Rows, Trouble, stands_for

TAKEN = Message("This user name is taken; user names are never used again.")


@stands_for(UserImports, handles="taken_meanwhile")
class UserImportsInMemory:
    """Looks at user name and email alone; everybody is a viewer of the first person's center."""

    def __init__(self, users: Users, trouble: Trouble) -> None:
        self._users, self._trouble = users, trouble
        self.taken_meanwhile: set[str] = set()

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        return user_fields(headings)

    def plan(self, sheet: Sheet, mapping: Mapping[str, str] | None = None, report: Report = silent) -> UserImport:
        self._trouble.meet("user_imports.plan")
        columns = columns_of(sheet.headings, mapping or {})
        home = next(iter(self._users.rows.rows.values())).center_id
        taken = {row.username for row in self._users.rows.rows.values()}
        new, problems = list[NewPerson](), list[SheetProblem]()
        for number, cells in zip(sheet.numbers, sheet.rows, strict=True):
            report(len(new) + len(problems), len(sheet.rows))
            texts = {field: cells[place] for place, field in columns.items()}
            draft = UserDraft(username=texts["username"], email=texts["email"], role=Role.VIEWER, center_id=home)
            if draft.username in taken:
                problems.append(SheetProblem(number, "User name", draft.username, TAKEN))
            else:
                new.append(NewPerson(number, draft))
        named = {sheet.headings[place]: field for place, field in columns.items()}
        ignored = tuple(heading for heading in sheet.headings if heading not in named)
        return UserImport(named, ignored, new, tuple(problems))

    def apply(
        self, planned: UserImport, passwords: Path, *, skip_bad: bool = False, report: Report = silent
    ) -> UsersMade:
        self._trouble.meet("user_imports.apply")
        if planned.problems and not skip_bad:
            return UsersMade((), planned.problems)
        made, problems = list[User](), list(planned.problems)
        with PasswordList(passwords) as listed:
            for number, person in enumerate(planned.new, start=1):
                if person.draft.username in self.taken_meanwhile:
                    problems.append(SheetProblem(person.row, "User name", person.draft.username, TAKEN))
                    continue
                listed.add(person.draft.username, f"made-{number}")
                made.append(self._users.create(person.draft).user)
                try:
                    report(number, len(planned.new))
                except Cancelled:
                    break
        return UsersMade(tuple(made), tuple(problems), passwords if listed.is_kept else None)


@stands_for(UserExports, handles="wanted")
class UserExportsInMemory:
    """Writes user names."""

    def __init__(self, users: Users, trouble: Trouble) -> None:
        self._users, self._trouble = users, trouble
        self.wanted: list[UserFilter | None] = []

    def write(
        self,
        target: Path,
        filter: UserFilter | None = None,
        sort: Sort[UserField] = NEWEST_USERS,
        report: Report = silent,
        *,
        overwrite: bool = False,
    ) -> ExportResult:
        del report, overwrite
        self._trouble.meet("user_exports.write")
        self.wanted.append(filter)
        names = [row.username for row in self._users.list(filter, sort=sort).rows]
        target.write_text(",".join(names))
        return ExportResult(target, len(names))


@stands_for(DocumentExports)
class DocumentExportsInMemory:
    """Writes titles."""

    def __init__(self, rows: Rows[Document], trouble: Trouble) -> None:
        self._rows, self._trouble = rows, trouble

    def write(
        self,
        target: Path,
        filter: DocumentFilter | None = None,
        sort: Sort[DocumentField] = NEWEST_DOCUMENTS,
        report: Report = silent,
        *,
        overwrite: bool = False,
    ) -> ExportResult:
        del sort, report, overwrite
        self._trouble.meet("document_exports.write")
        wanted = filter or DocumentFilter()
        titles = [row.title for row in self._rows.rows.values() if wanted.search.lower() in row.title.lower()]
        target.write_text(",".join(sorted(titles)))
        return ExportResult(target, len(titles))
