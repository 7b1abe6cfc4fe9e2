"""People from a sheet: looked at before, then made one after the other, each a signed step of the trust log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from desktop_app.crypto.passwords import login_for
from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.long_lists import let_go
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role, Verb
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.domain.text_rules import clean, normal_username
from desktop_app.errors import Cancelled, InvalidInputError, LabkeepError, RefusedError, UnavailableError
from desktop_app.message import Message
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.records.centers import Centers
from desktop_app.services.records.enrolment import Enrolment
from desktop_app.services.records.users import Users
from desktop_app.services.sheets.cell_values import day
from desktop_app.services.sheets.password_list import PasswordList
from desktop_app.services.sheets.user_columns import INCOMING, columns_of, parts_of, user_fields

MOST_PEOPLE = 1_000
"""Each takes about a second."""
_ROLES = {"administrator": Role.ADMIN, "system administrator": Role.ADMIN} | {role.value: role for role in Role}
"""As the list of users shows them, too."""
_NO_ROLE = Message("A role is viewer, user or admin.")
_NO_DAY = Message("A day such as 2026-11-21.")
_TAKEN = Message("This user name is taken; user names are never used again.")
_TWICE = Message("This user name stands in the sheet twice.")
_STOPPED = Message("Not created: it was stopped before.")
_NOT_TRIED = Message("Not created: a row before this one could not be.")


@dataclass(frozen=True)
class NewPerson:
    """A row that can be made."""

    row: int
    draft: UserDraft


@dataclass(frozen=True)
class UserImport:
    """Who of a sheet would be made; nobody is yet."""

    columns: Mapping[str, str]
    """Heading to the field that it is."""
    ignored: tuple[str, ...]
    new: list[NewPerson]
    problems: tuple[SheetProblem, ...]

    def let_go(self) -> None:
        """Nobody needs the rows any more; for a worker."""
        let_go(self.new)


@dataclass(frozen=True)
class UsersMade:
    """Who was made, and why each of the others was not."""

    created: tuple[User, ...]
    problems: tuple[SheetProblem, ...]
    passwords: Path | None = None
    """Where the first passwords are; None where there are none."""


@dataclass(frozen=True)
class UserImports:
    """Sheets of people into an installation."""

    context: PersonContext
    users: Users
    centers: Centers

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """What the columns under these headings may come in as, for somebody to choose."""
        return user_fields(headings)

    def plan(self, sheet: Sheet, mapping: Mapping[str, str] | None = None, report: Report = silent) -> UserImport:
        """Look at every row; *mapping* says of headings which field they are (nothing: none).

        Whether a name is taken costs as much as a sign-in, for each of them: *report* hears how many of how many rows
        were looked at, and may stop it. RefusedError where user name, email or role has no column, or there are too
        many rows.
        """
        if len(sheet.rows) > MOST_PEOPLE:
            raise RefusedError("At most {most} people come in at once. Divide the sheet.", most=MOST_PEOPLE)
        columns = columns_of(sheet.headings, mapping or {})
        self.context.refresh_trust()
        rows = _Rows(self, sheet, columns)
        rows.look(report)
        named = {sheet.headings[place]: INCOMING[field] for place, field in columns.items()}
        ignored = tuple(heading for heading in sheet.headings if heading not in named)
        return UserImport(named, ignored, rows.new, tuple(rows.problems))

    def apply(
        self, planned: UserImport, passwords: Path, *, skip_bad: bool = False, report: Report = silent
    ) -> UsersMade:
        """Make them one after the other; the first passwords go to *passwords*, a new file that only its owner reads.

        Without *skip_bad* nobody is made where a row has a problem, and nobody after one who could not be. RefusedError
        where the file is there already or cannot be made: then nobody is made. *report* hears how many of how many
        were tried; whoever stops it by that gets who was made until then.
        """
        if not planned.new or (planned.problems and not skip_bad):
            return UsersMade((), planned.problems)
        problems, made = list(planned.problems), list[User]()
        with PasswordList(passwords) as listed:
            for number, person in enumerate(planned.new, start=1):
                found, goes_on = self._make(person, listed)
                if isinstance(found, User):
                    made.append(found)
                else:
                    problems.extend(found)
                why_not = None if goes_on and (skip_bad or isinstance(found, User)) else _NOT_TRIED
                try:
                    report(number, len(planned.new))
                except Cancelled:
                    why_not = _STOPPED
                if why_not is not None:
                    problems.extend(_of_row(each, "username", why_not) for each in planned.new[number:])
                    break
        return UsersMade(tuple(made), tuple(problems), passwords if listed.is_kept else None)

    def _make(self, person: NewPerson, listed: PasswordList) -> tuple[User | Sequence[SheetProblem], bool]:
        """The person, or why not; and whether there is a use in going on."""
        somebody = Enrolment.prepare(self.context, person.draft, None, keep_password=False)
        try:
            listed.add(person.draft.username, somebody.password)
        except RefusedError as error:
            return [_of_row(person, "username", error)], False
        try:
            return self.users.enrol(somebody).user, True
        except LabkeepError as error:
            return self._after(person, somebody.user_id, listed, error)

    def _after(
        self, person: NewPerson, user_id: UUID, listed: PasswordList, error: LabkeepError
    ) -> tuple[User | Sequence[SheetProblem], bool]:
        """What became of who was being made when *error* came: it may have come after the person was there.

        By the id, because somebody else may have made a person of the same name meanwhile.
        """
        goes_on = not isinstance(error, UnavailableError)
        try:
            self.context.refresh_trust()
            if self.context.trust.state.person(user_id) is not None:
                return self.users.get(user_id), goes_on
        except LabkeepError:
            unknown = Message(
                "Whether this person was made is not known, so the password stays on the list: {why}", why=error
            )
            return [_of_row(person, "username", unknown)], False
        try:
            listed.take_back()
        except RefusedError as stuck:
            return [_of_row(person, "username", stuck)], False
        if self.is_taken(person.draft.username):
            return [_of_row(person, "username", _TAKEN)], goes_on
        problems = error.problems if isinstance(error, InvalidInputError) else {"username": error}
        return [_of_row(person, field, problem) for field, problem in problems.items()], goes_on

    def is_taken(self, username: str) -> bool:
        """Whether anybody has or had the name, as the trust log has it."""
        return login_for(self.context.installation_id, username) in self.context.trust.state.register.logins


class _Rows:
    """The rows of a sheet on their way to drafts."""

    def __init__(self, imports: UserImports, sheet: Sheet, columns: Mapping[int, str]) -> None:
        self._imports, self._sheet, self._columns = imports, sheet, columns
        self._centers: dict[str, UUID | LabkeepError | None] = {"": imports.context.user.center_id}
        self._seen: set[str] = set()
        self.new: list[NewPerson] = []
        self.problems: list[SheetProblem] = []

    def look(self, report: Report) -> None:
        total = len(self._sheet.rows)
        for done, (number, cells) in enumerate(zip(self._sheet.numbers, self._sheet.rows, strict=True)):
            report(done, total)
            texts = {field: cells[place] for place, field in self._columns.items()}
            wrong = self._unreadable(number)
            draft, found = self._draft(texts)
            wrong = found | wrong
            if draft is not None and not wrong:
                self._seen.add(draft.username)
                self.new.append(NewPerson(number, draft))
            for field, problem in wrong.items():
                heading = self._heading(field)
                self.problems.append(SheetProblem(number, heading, texts.get(field, ""), problem))

    def _heading(self, field: str) -> str:
        return next(
            (self._sheet.headings[place] for place, each in self._columns.items() if each == field),
            INCOMING.get(field, field),
        )

    def _unreadable(self, number: int) -> dict[str, Message]:
        found: dict[str, Message] = {}
        for (row, place), why in self._sheet.unreadable.items():
            if row == number and (place in self._columns or place >= len(self._sheet.headings)):
                found[self._columns.get(place, "")] = why
        return found

    def _draft(self, texts: Mapping[str, str]) -> tuple[UserDraft | None, dict[str, Message]]:
        role, until = self._role(texts), self._until(texts)
        center = self._center(clean(texts.get("center", "")))
        read = {"role": role, "until": until, "center": center}
        wrong = {field: value for field, value in read.items() if isinstance(value, Message)}
        first, last = parts_of(clean(texts.get("name", "")))
        draft = UserDraft(
            username=normal_username(texts["username"]),
            email=clean(texts["email"]),
            first_name=clean(texts.get("first_name", first)),
            last_name=clean(texts.get("last_name", last)),
            phone=clean(texts.get("phone", "")),
            role=role if isinstance(role, Role) else Role.VIEWER,
            center_id=center if isinstance(center, UUID) else None,
            until=until if isinstance(until, date) else None,
        )
        found = draft.problems()
        if "role" in wrong or "center" in wrong:
            found = {field: problem for field, problem in found.items() if field not in {"role", "until"}}
        elif (refused := self._refusal(draft.center_id)) is not None:
            wrong["center"] = refused
        for field, problem in found.items():
            is_part = "name" in texts and field in {"first_name", "last_name"}
            wrong.setdefault("name" if is_part else field, _message(problem))
        if "username" not in wrong:
            if draft.username in self._seen:
                wrong["username"] = _TWICE
            elif self._imports.is_taken(draft.username):
                wrong["username"] = _TAKEN
        return draft, wrong

    def _role(self, texts: Mapping[str, str]) -> Role | Message:
        return _ROLES.get(texts["role"].strip().casefold(), _NO_ROLE)

    def _until(self, texts: Mapping[str, str]) -> date | Message | None:
        text = texts.get("until", "").strip()
        if not text:
            return None
        try:
            return date.fromisoformat(day(text) or text)
        except ValueError:
            return _NO_DAY

    def _center(self, ref: str) -> UUID | Message | None:
        if ref not in self._centers:
            try:
                self._centers[ref] = self._imports.centers.get(ref).id
            except UnavailableError:
                raise
            except LabkeepError as error:
                self._centers[ref] = error
        found = self._centers[ref]
        return _message(found) if isinstance(found, LabkeepError) else found

    def _refusal(self, center_id: UUID | None) -> Message | None:
        try:
            verb = Verb.MANAGE_SYSTEM_ADMINISTRATORS if center_id is None else Verb.MANAGE_USERS
            self._imports.context.require(verb, center_id)
        except LabkeepError as error:
            return _message(error)
        return None


def _of_row(person: NewPerson, field: str, problem: object) -> SheetProblem:
    value = getattr(person.draft, field, "")
    text = "" if value is None or isinstance(value, UUID) else str(value)
    return SheetProblem(person.row, INCOMING.get(field, field), text, _message(problem))


def _message(problem: object) -> Message:
    return problem if isinstance(problem, Message) else Message("{problem}", problem=str(problem))
