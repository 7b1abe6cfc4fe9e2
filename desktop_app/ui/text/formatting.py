"""How values read: words for enums, sizes, dates and counts in the person's locale."""

from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale, QTimeZone

from desktop_app.domain.ids import LOGIN_PATTERN
from desktop_app.domain.lifecycle import SampleStatus, Step
from desktop_app.domain.paging import Count
from desktop_app.domain.records import Membership, SampleType
from desktop_app.domain.rights import Role, Standing, Verb, least_standing
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.badges import Badge
from desktop_app.ui.text.typed_dates import typed_day

_CONTEXT = "formatting"


def _tr(text: str, number: int = -1) -> str:
    return QCoreApplication.translate(_CONTEXT, text, None, number)


def status_badge(status: SampleStatus) -> Badge:
    """The pill of a sample's status."""
    match status:
        case SampleStatus.PENDING:
            return Badge(_tr("Pending"), "clock", Tone.WARNING, is_plain=True)
        case SampleStatus.PROCESSING:
            return Badge(_tr("Processing"), "loader", Tone.INFO)
        case SampleStatus.COMPLETED:
            return Badge(_tr("Completed"), "circle-check", Tone.GOOD)
        case SampleStatus.REJECTED:
            return Badge(_tr("Rejected"), "circle-x", Tone.DANGER)
        case SampleStatus.ARCHIVED:
            return Badge(_tr("Archived"), "archive", Tone.NEUTRAL)


def status_text(status: str) -> str:
    """A sample's status as words; what is none stays as it is."""
    return status_badge(SampleStatus(status)).text if status in list(SampleStatus) else status


def inactive_badge() -> Badge:
    """The pill of what was taken out of use."""
    return Badge(_tr("Deactivated"), "circle-slash", Tone.NEUTRAL)


def active_badge() -> Badge:
    """The pill of what is in use."""
    return Badge(_tr("Active"), "circle-check", Tone.GOOD, is_plain=True)


def type_name(code: str, name: str = "") -> str:
    """What a sample is of: the center's own name for it; those of the types that every center begins with are ours."""
    ours = {
        SampleType.BLOOD: _tr("Blood"),
        SampleType.URINE: _tr("Urine"),
        SampleType.TISSUE: _tr("Tissue"),
        SampleType.SALIVA: _tr("Saliva"),
        SampleType.OTHER: _tr("Other"),
    }
    return ours[SampleType(code)] if code in ours and name in ("", code.capitalize()) else name or code


def role_name(role: Role | Standing) -> str:
    """What a person is."""
    match role.value:
        case "viewer":
            return _tr("Viewer")
        case "user":
            return _tr("User")
        case "admin":
            return _tr("Administrator")
    return _tr("System administrator")


def place(membership: Membership, *, with_role: bool = True) -> str:
    """A place in a center, with its last day."""
    named = membership.center or str(membership.center_id)
    until = "" if membership.until is None else _tr("until {day}").format(day=typed_day(membership.until))
    said = [each for each in (role_name(membership.role) if with_role else "", until) if each]
    return f"{named} ({', '.join(said)})" if said else named


def role_badge(standing: Standing) -> Badge:
    """The pill of a role."""
    icon, tone = {
        Standing.VIEWER: ("eye", Tone.NEUTRAL),
        Standing.USER: ("user-round", Tone.INFO),
        Standing.ADMIN: ("shield", Tone.GOOD),
        Standing.SYSTEM: ("shield-check", Tone.WARNING),
    }[standing]
    return Badge(role_name(standing), icon, tone)


def step_name(step: Step) -> str:
    """The verb on a step's button."""
    return {
        Step.PROCESS: _tr("Start processing"),
        Step.COMPLETE: _tr("Complete"),
        Step.REJECT: _tr("Reject…"),
        Step.ARCHIVE: _tr("Archive"),
    }[step]


def why_not(standing: Standing, verb: Verb) -> str:
    """Why a button is disabled for this person."""
    least = least_standing(verb)
    who = {
        Standing.VIEWER: _tr("members of the center"),
        Standing.USER: _tr("users and administrators of the center"),
        Standing.ADMIN: _tr("administrators of the center"),
        Standing.SYSTEM: _tr("system administrators"),
    }[least]
    return _tr("Only {who} may do this. Your role here: {role}.").format(who=who, role=role_name(standing).lower())


def who(name: str) -> str:
    """A person's name; one that may not be seen from here is left as a login by the database."""
    return _tr("a system administrator") if LOGIN_PATTERN.fullmatch(name) else name


def when_and_who(moment: datetime, name: str) -> str:
    """When something was done, and by whom."""
    return _tr("{when} by {who}").format(when=short_date(moment), who=who(name))


def _local(moment: datetime) -> QDateTime:
    made = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()), QTimeZone.utc())
    return made.toLocalTime()


def short_date(moment: datetime | None, today: QDate | None = None) -> str:
    """When it was, as short as it can be said: "20:45" today, "Yesterday 20:45", else "28 Nov 2026"."""
    if moment is None:
        return ""
    local, now = _local(moment), today or QDate.currentDate()
    time = QLocale().toString(local.time(), "HH:mm")
    if local.date() == now:
        return time
    if local.date().addDays(1) == now:
        return _tr("Yesterday {time}").format(time=time)
    return day(local.date())


def day(date: QDate) -> str:
    """A date with the name of its month: no two countries agree on what 03/04 is."""
    return QLocale().toString(date, "d MMM yyyy")


def moments() -> list[str]:
    """What ``short_date`` says at its longest, for columns to be measured by."""
    days = [day(QDate(2026, month, 28)) for month in range(1, 13)]
    return [*days, _tr("Yesterday {time}").format(time="00:00")]


def exact_date(moment: datetime | None) -> str:
    """Date and time to the second with the time zone, for tooltips."""
    if moment is None:
        return ""
    local = _local(moment)
    return f"{QLocale().toString(local.date(), QLocale.FormatType.LongFormat)}, {local.toString('HH:mm:ss t')}"


def size(number: int) -> str:
    """Bytes for people: 1.2 MB."""
    return QLocale().formattedDataSize(number, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)


def exact_size(number: int) -> str:
    """Bytes to the last, for tooltips."""
    return _tr("{number} bytes").format(number=QLocale().toString(number))


def number(value: int) -> str:
    """A number with the locale's separators."""
    return QLocale().toString(value)


def counted(count: Count) -> str:
    """How many rows there are: "9,999", and "10,000+" where no more of them were counted."""
    return number(count.number) + ("+" if count.capped else "")


def files(count: int) -> str:
    """So many files."""
    return _tr("1 file") if count == 1 else _tr("{count} files").format(count=number(count))


def samples(count: int) -> str:
    """So many samples."""
    return _tr("1 sample") if count == 1 else _tr("{count} samples").format(count=number(count))


def codes(count: int) -> str:
    """So many scanned codes."""
    return _tr("1 code") if count == 1 else _tr("{count} codes").format(count=number(count))


def documents(count: int) -> str:
    """So many documents."""
    return _tr("1 document") if count == 1 else _tr("{count} documents").format(count=number(count))


def stored_versions(count: int) -> str:
    """So many versions of documents."""
    return _tr("1 stored version") if count == 1 else _tr("{count} stored versions").format(count=number(count))


def entries(count: int) -> str:
    """So many entries of a record of changes."""
    return _tr("1 entry") if count == 1 else _tr("{count} entries").format(count=number(count))


def fields(count: int) -> str:
    """So many fields of a center."""
    return _tr("1 field") if count == 1 else _tr("{count} fields").format(count=number(count))


def people(count: int) -> str:
    """So many persons."""
    return _tr("1 person") if count == 1 else _tr("{count} people").format(count=number(count))


def done_of(done: int, total: int) -> str:
    """How many of how many."""
    return _tr("{done} of {total}").format(done=number(done), total=number(total))


def files_of(done: int, total: int) -> str:
    """How many of how many files."""
    return _tr("{done} of {files}").format(done=number(done), files=files(total))


def duration(seconds: float) -> str:
    """A rough time to go."""
    if seconds < 60:
        return _tr("{count} s left").format(count=max(1, round(seconds)))
    if seconds < 3600:
        return _tr("{count} min left").format(count=round(seconds / 60))
    return _tr("{count} h left").format(count=round(seconds / 3600))


def plain_value(value: Any) -> str:
    """A value of JSON that is no text, as it is read and typed."""
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return "—" if value is None else str(value)
