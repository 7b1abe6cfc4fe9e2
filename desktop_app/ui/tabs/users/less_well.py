"""What went less well after a change of a person that is made all the same."""

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from desktop_app.services.records.user_results import Changed, NewUser
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said


def less_well(done: Changed | NewUser) -> Iterator[Notice]:
    """Sessions that may be open still, and centers without the new key that they need."""
    name = done.user.display_name
    if done.sessions_left is None:
        text = _tr("{name} is changed; whether open sessions were ended is not known.")
        yield Notice(text.format(name=name), Tone.WARNING)
    elif done.sessions_left:
        text = _tr("{count} open sessions of {name} could not be ended. Try again, or restart the server.")
        yield Notice(text.format(count=formatting.number(done.sessions_left), name=name), Tone.DANGER)
    for one in done.new_keys if isinstance(done, Changed) else ():
        if one.number is None:
            text = _tr("{center} has no new key yet: {problem} Make one by “Keys…” in Centers.")
            yield Notice(text.format(center=one.center, problem=said(one.problem)), Tone.WARNING)


def _tr(text: str) -> str:
    return QCoreApplication.translate("UsersTab", text)
