"""Details with long words and long texts: nothing is cut below, nothing pushed out at the side."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.actions import Action, ActionAppearance, ActionButton, LiveAction, Rank
from desktop_app.ui.widgets.detail import Detail

LONG_WORD = "x" * 300
LONG_TEXT = "A sentence about the specimen that goes on for a while. " * 20


@pytest.mark.parametrize("title", ["Serum", LONG_WORD, LONG_TEXT])
@pytest.mark.parametrize("value", ["short", LONG_WORD, LONG_TEXT])
@pytest.mark.parametrize("width", [330, 900])
def test_everything_of_a_record_can_be_seen(qtbot: QtBot, look: object, title: str, value: str, width: int) -> None:
    detail = Detail()
    for number in range(5):
        face = ActionAppearance(f"Button number {number}", "plus")
        live: LiveAction[None] = LiveAction(Action(f"b{number}", face, print, rank=Rank.OPEN), detail)
        detail.verbs.add(live)
        live.show_for([None])
    detail.verbs.refresh()
    buttons = detail.findChildren(ActionButton)
    detail.sections.addStretch(1)
    qtbot.addWidget(detail)
    detail.resize(width, 600)
    detail.show_record(title, value, [], [("Description", value), ("Other", "words")])
    detail.show()
    qtbot.waitExposed(detail)
    labels = [label for label in detail.findChildren(QLabel) if label.isVisible() and label.wordWrap()]
    assert {title, value} <= {label.text().replace("\u200b", "") for label in labels}
    for label in labels:
        assert label.height() >= label.heightForWidth(label.width()), label.text()[:40]
    inside = detail.width()
    for widget in (*buttons, detail.title, detail.facts):
        right = widget.mapTo(detail, widget.rect().topRight()).x()
        assert right <= inside, f"{widget} ends at {right} of {inside}"


def test_of_several_records_the_heading_stays_at_the_top(qtbot: QtBot) -> None:
    detail = Detail()
    qtbot.addWidget(detail)
    detail.resize(440, 600)
    detail.show_record("One", "", [], [("Type", "Blood")])
    detail.show()
    qtbot.waitUntil(lambda: detail.title.y() > 0)
    place = detail.title.y()
    detail.show_many("6 samples", [])
    qtbot.wait(20)
    assert detail.title.y() == place
    detail.show_many("6 samples", [("Type", "Blood")])
    qtbot.wait(20)
    assert detail.title.y() == place
    assert not detail.facts.visibleRegion().isEmpty()
    assert detail.facts.height() < 40, "the values stand below the heading, too"
