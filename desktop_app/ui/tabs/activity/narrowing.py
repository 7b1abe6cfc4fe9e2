"""By whom, in which field and when: what the record is narrowed to besides kinds of records and of deeds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.audit import METADATA
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import audit, formatting
from desktop_app.ui.text.typed_dates import date_time_of, typed_date_time
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.suggestion_line import SuggestionLine

FIELDS = (
    "name", "status", "barcode", "sample_type", "user_id", "description", "metadata", "collected_at",
    "collected_place", "results", "rejection_reason", "is_active", "title", "document_type", "tags", "sample_id",
    "role", "display_name",
)  # fmt: skip
FIELDS_SHARED = (
    "username", "email", "first_name", "last_name", "phone", "is_active", "is_system", "role", "until",
    "must_change_password", "name", "slug", "description", "settings",
)  # fmt: skip


@dataclass(frozen=True)
class Narrowing:
    """One person, one field, and a time; whatever is empty lets all through."""

    username: str = ""
    login: str = ""
    field: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def words(self) -> str:
        """The same for a chip."""
        parts = [self.username, audit.label(self.field) if self.field else ""]
        if self.since is not None:
            parts.append(_tr("since {when}").format(when=formatting.short_date(self.since)))
        if self.until is not None:
            parts.append(_tr("before {when}").format(when=formatting.short_date(self.until)))
        return ", ".join(filter(None, parts))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Narrowing", text)


class NarrowingDialog(FormDialog):
    """Asks for it; ``saved`` brings a Narrowing."""

    def __init__(
        self,
        jobs: Jobs,
        now: Narrowing,
        login_of: Callable[[str], str],
        fields: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        """*login_of* a user name asks the server, and refuses one that nobody ever had."""
        super().__init__(jobs, FormText(_tr("Narrow the record"), _tr("Show"), width=460), parent)
        self._discarding = True  # nothing is lost with a filter that was not put on
        self._login_of = login_of
        self._person = Field("person", _tr("&Person"), SuggestionLine(), _tr("A user name, of now or of then."))
        self._keys = {audit.heading(field): field for field in fields}
        line = SuggestionLine()
        line.offer(sorted(self._keys), _tr("Any field"))
        own = _tr("One of the list, or the name of a field of the center's own.")
        self._field = Field("field", _tr("&Field that was changed"), line, own)
        self._since = Field("since", _tr("&From"), QLineEdit(), _tr("Such as 2026-11-21 or 2026-11-21 09:30."))
        self._until = Field("until", _tr("&To"), QLineEdit(), _tr("A day counts to its end."))
        self._person.set_value(now.username)
        self._field.set_value(
            next((name for name, key in self._keys.items() if key == now.field), audit.label(now.field))
        )
        self._since.set_value(typed_date_time(now.since))
        self._until.set_value(typed_date_time(now.until))
        self.set_form([[self._person], [self._field], [self._since, self._until]], self.problems, self._collect_work)

    def offer(self, usernames: Sequence[str]) -> None:
        """Have these in the person's list."""
        line = self._person.editor
        assert isinstance(line, SuggestionLine)
        line.offer(usernames, _tr("Anybody"))

    def problems(self) -> Mapping[str, str]:
        """Dates that are none, or in the wrong order."""
        problems = {}
        for field in (self._since, self._until):
            if str(field.value).strip() and date_time_of(str(field.value)) is None:
                problems[field.name] = _tr("This is not a date and time, such as 2026-11-21 09:30.")
        since, until = self._since_moment, self._until_moment
        if since is not None and until is not None and since >= until:
            problems["until"] = _tr("This is before the other one.")
        return problems

    @property
    def _since_moment(self) -> datetime | None:
        return date_time_of(str(self._since.value))

    @property
    def _until_moment(self) -> datetime | None:
        typed = str(self._until.value)
        until = date_time_of(typed)
        return until + timedelta(days=1) if until is not None and ":" not in typed else until

    @property
    def _key(self) -> str:
        """The typed field as the record names it; what no column is called is a field that the center made."""
        typed = str(self._field.value).strip()
        found = next((key for name, key in self._keys.items() if typed.casefold() in (name.casefold(), key)), "")
        return found or (f"{METADATA}.{typed}" if typed else "")

    def _collect_work(self) -> Work:
        username, field = str(self._person.value).strip(), self._key
        since, until, login_of = self._since_moment, self._until_moment, self._login_of

        def narrowed() -> Narrowing:
            return Narrowing(username, login_of(username) if username else "", field, since, until)

        return narrowed
