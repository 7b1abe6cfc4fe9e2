"""The one bridge for what is said to the person: any part of the window may say it, a test may read it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop_app.errors import Cancelled, ConflictError, InvalidInputError, LabkeepError, UnavailableError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.foundation.unexpected_error import UnexpectedError
from desktop_app.ui.text.messages import said


@dataclass(frozen=True)
class Notice:
    """One sentence for the person, with at most one next step."""

    text: str
    tone: Tone = Tone.INFO
    action: str = ""
    act: Callable[[], None] | None = None
    passes: bool = False
    """Whether it goes by itself: after a while, and as soon as something else is done. What went wrong stays."""
    holds: bool = False
    """Whether something would be lost with it: what could only not be read does not take its place."""


def sentence(error: LabkeepError) -> str:
    """What the error says to a person; the fields' problems joined where no form can show them."""
    if isinstance(error, InvalidInputError):
        return " ".join(said(problem) for problem in error.problems.values())
    text = said(error.message).strip()
    if not text:
        return QCoreApplication.translate("messages", "This could not be done.")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def tone_of(error: LabkeepError) -> Tone:
    """How loudly an error is said: what may pass by itself is a warning, the rest danger."""
    return Tone.WARNING if isinstance(error, UnavailableError | ConflictError) else Tone.DANGER


class MessageBus(QObject):
    """Says things in the mildest place that fits: the status strip, then the banner."""

    said = Signal(str)
    """A passing remark for the status strip: something went well."""
    noticed = Signal(object)
    """A :class:`Notice` for the banner."""
    cleared = Signal()
    """The banner's cause is gone."""
    undo_offered = Signal(str, object)
    """What was done and can be taken back, as a sentence (empty where it is said elsewhere), and what takes it back."""
    surprised = Signal(object)
    """An error that nobody foresaw, of a job: an exception."""

    def say(self, text: str) -> None:
        """Remark that something was done."""
        self.said.emit(text)

    def offer_undo(self, text: str, back: Callable[[], None]) -> None:
        """Remark that something was done, with the way back."""
        self.undo_offered.emit(text, back)

    def notice(self, notice: Notice) -> None:
        """Show a banner until it is closed or cleared, or passes."""
        self.noticed.emit(notice)

    def clear(self) -> None:
        """Take the banner away."""
        self.cleared.emit()

    def fail(self, error: LabkeepError, retry: Callable[[], None] | None = None) -> None:
        """Say an error; cancelled says nothing, and of what nobody foresaw there are details."""
        if isinstance(error, Cancelled):
            return
        if isinstance(error, UnexpectedError):
            self.surprised.emit(error.__cause__ or error)
            return
        action = self.tr("Try again") if retry else ""
        self.noticed.emit(Notice(sentence(error), tone_of(error), action, retry))
