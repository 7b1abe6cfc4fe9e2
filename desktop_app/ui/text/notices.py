"""What is said when the server, the center or the person's role is not what it was: one notice each."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, QTime

from desktop_app.domain.paging import COUNT_CAP
from desktop_app.domain.records import Center
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence
from desktop_app.ui.text.messages import said

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab

Act = Callable[[], None]


def at_sign_in(lab: "Lab") -> list[Notice]:
    """What must be known at once: alarms, and what went less than well while signing in."""
    alarms = [Notice(said(alarm), Tone.DANGER) for alarm in lab.alarms]
    return [*alarms, *not_told_yet(lab)]


def not_told_yet(lab: "Lab") -> list[Notice]:
    """What went less than well beside what was done, such as a full disk of this computer; each once."""
    return [Notice(said(remark), Tone.WARNING) for remark in lab.take_notices()]


def server_lost(retry: Act) -> Notice:
    """The server cannot be reached."""
    text = _tr("The server does not answer. Nothing that was reported saved is lost.")
    return Notice(text, Tone.WARNING, _tr("Try again"), retry)


def center_closed(center: Center, retry: Act) -> Notice:
    """A center that was open here was deactivated."""
    text = _tr("{center} was deactivated. What was saved there is kept; a system administrator can restore the center.")
    return Notice(text.format(center=center.name), Tone.WARNING, _tr("Try again"), retry)


def center_left(center: Center) -> Notice:
    """The membership was ended, or its last day is over."""
    return Notice(_tr("You do not belong to {center} any more.").format(center=center.name), Tone.WARNING)


def too_many_chosen() -> Notice:
    """All were chosen of a list that is not counted to its end."""
    text = _tr("More than {count} fit. Narrow the list before all of them are chosen.")
    return Notice(text.format(count=formatting.number(COUNT_CAP)), Tone.WARNING)


def no_center() -> Notice:
    """Who signed in has no place, or only such as are over."""
    return Notice(_tr("You are a member of no center now. An administrator can give you a place in one."), Tone.WARNING)


def role_changed(work: "CenterServices") -> Notice:
    """The person has another role in the center that is open."""
    role = formatting.role_name(work.standing).lower()
    text = _tr("Your role in {center} is now: {role}.").format(center=work.center.name, role=role)
    return Notice(text, Tone.WARNING)


def shut_out(error: LabkeepError, sign_in: Act) -> Notice:
    """The login was closed, or the password was changed somewhere else."""
    return Notice(sentence(error), Tone.DANGER, _tr("Sign in again"), sign_in)


def share_silent(store: str, since: datetime, cancel: Act) -> Notice:
    """Files under way do not move any more."""
    text = _tr(
        "The share {store} has not answered since {time}. The files on their way wait for it; everything else goes on."
    )
    local = since.astimezone()
    time = QLocale().toString(QTime(local.hour, local.minute), QLocale.FormatType.ShortFormat)
    return Notice(text.format(store=store, time=time), Tone.WARNING, _tr("Cancel the files"), cancel)


def share_left(store: str) -> Notice:
    """The person does not want to wait for the share."""
    text = _tr("Stopping as soon as the share {store} answers. Only files that are reported as added are saved.")
    return Notice(text.format(store=store), Tone.WARNING)


def damage_found(center: str) -> Notice:
    """Stored files that are not what was signed, found by the reading in the background."""
    text = _tr("Stored files of {center} are damaged or missing. Its administrators see which under Centers, Health.")
    return Notice(text.format(center=center), Tone.DANGER)


def unexpected(show: Act) -> Notice:
    """Something happened that nobody foresaw."""
    text = _tr(
        "Something unexpected happened. What was reported as saved is saved. Look whether the last thing you did was "
        "done."
    )
    return Notice(text, Tone.DANGER, _tr("Details…"), show)


def _tr(text: str) -> str:
    return QCoreApplication.translate("notices", text)
