"""What is done at once and can be taken back: said with the way back, and what could not be done."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from desktop_app.domain.reasons import ReasonVerb, required_reasons
from desktop_app.errors import LabkeepError, UnavailableError
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.widgets.actions import ActionAppearance
from desktop_app.ui.widgets.edit_in_place import Unsaved

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.ui.tabs.record_tab import RecordTab

Row = TypeVar("Row")
Made = TypeVar("Made")


class Switching(Protocol[Row]):
    """What takes records out of use and brings them back."""

    def deactivate(self, record: Row, reason: str = "", /) -> Row:
        """Take it out of use."""

    def restore(self, record: Row, reason: str = "", /) -> Row:
        """Bring it back."""


def active_appearance(record: object) -> ActionAppearance:
    """How the action looks that takes a record out of use, or brings it back."""
    if getattr(record, "is_active", True):
        tip = QCoreApplication.translate("undoing", "Take it out of the lists; nothing is deleted")
        return ActionAppearance(QCoreApplication.translate("undoing", "Deacti&vate"), "circle-slash", tip=tip)
    tip = QCoreApplication.translate("undoing", "Bring it back into the lists")
    return ActionAppearance(QCoreApplication.translate("undoing", "&Restore"), "rotate-ccw", tip=tip)


def say_done(tab: "RecordTab[Any]", text: str, back: Callable[[], Row] | None) -> None:
    """*back* runs away from the GUI thread and returns the record as it is then, which is chosen again."""
    if back is None:
        tab.context.messages.say(text)
        return
    way_back = back

    def undo() -> None:
        take_back(tab, way_back, restored, undo)

    def restored(record: Row) -> None:
        tab.put_saved(record)
        tab.records.select(tab.key_of(record))
        tab.context.messages.say(QCoreApplication.translate("undoing", "Undone."))

    tab.context.messages.offer_undo(text, undo)


def take_back(
    tab: "RecordTab[Any]", back: Callable[[], Made], done: Callable[[Made], None], undo: Callable[[], None]
) -> None:
    """Go the way back; where the server is away it is offered again, as *undo*: it was not gone."""

    def failed(error: LabkeepError) -> None:
        if isinstance(error, UnavailableError):
            tab.context.messages.offer_undo("", undo)
        tab.context.jobs.failed.emit(error)

    tab.context.jobs.write(tab, back, done, failed)


def tell_of_lost_editors(tab: "RecordTab[Any]") -> None:
    """From now on say what was typed in an editor of the inspector that is gone, and was not saved."""

    def tell(lost: Unsaved) -> None:
        problem, tone = lost.problem, Tone.WARNING
        if lost.error is not None:
            # First what an error sets off; what is said of it gives way to what was typed.
            tab.context.jobs.failed.emit(lost.error)
            problem, tone = sentence(lost.error), tone_of(lost.error)
        text = QCoreApplication.translate("undoing", "What was typed as {field} is not saved. {problem}")
        said = text.format(field=lost.label, problem=problem)
        copy = QCoreApplication.translate("undoing", "Copy what was typed") if lost.typed else ""
        act = partial(QGuiApplication.clipboard().setText, lost.typed)
        tab.context.messages.notice(Notice(said, tone, copy, act, holds=bool(copy)))

    tab.detail.in_place.unsaved.connect(tell)


def switch_active(
    tab: "RecordTab[Any]",
    work: "CenterServices",
    switching: Switching[Row],
    record: Row,
    title: str,
    saved: Callable[[Row, Callable[[], Row] | None], None],
) -> None:
    """Deactivate or restore, after asking why where the center wants that; *saved* gets the way back where one is."""
    active = bool(getattr(record, "is_active", True))
    change, back = (switching.deactivate, switching.restore) if active else (switching.restore, switching.deactivate)
    verb, verb_back = ReasonVerb.DEACTIVATE, ReasonVerb.RESTORE
    if not active:
        verb, verb_back = verb_back, verb
    needed = required_reasons(work.center.settings)
    act = ReasonedAct(verb in needed, FormText(title, tab.action("active").text()), lambda why: change(record, why))

    def done(changed: Row) -> None:
        # Whoever must say why would have to say it for the way back, too.
        saved(changed, None if verb_back in needed else lambda: back(changed))

    do_with_reason(tab, tab.context.jobs, act, done, tab.action("active").set_busy)
