"""What is said of editors of the inspector that are gone: what was typed in them, or could not be saved."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text.message_bus import Notice

if TYPE_CHECKING:
    from desktop_app.ui.tabs.record_tab import RecordTab


def tell_of_lost_editors(tab: "RecordTab[Any]") -> None:
    """From now on, in the window's banner."""

    def given_up(label: str, problem: str) -> None:
        text = QCoreApplication.translate("lost_editors", "What was typed as {field} is not saved. {problem}")
        tab.context.messages.notice(Notice(text.format(field=label, problem=problem), Tone.WARNING))

    tab.detail.in_place.given_up.connect(given_up)
    tab.detail.in_place.failed.connect(tab.context.jobs.failed.emit)
