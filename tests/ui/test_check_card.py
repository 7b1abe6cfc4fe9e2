"""Cards of checks on a page that is longer than the dialog."""

from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.check_card import NOT_YET, WARNING, Check
from desktop_app.ui.widgets.styling import column


def test_what_came_of_a_check_is_seen_by_who_asked_for_it_and_moves_nothing_else(qtbot: QtBot) -> None:
    page, area = QWidget(), QScrollArea()
    qtbot.addWidget(area)
    layout = column(page)
    checks = [Check(f"Check {number}", "What it looks at.", Button("Check now")) for number in range(6)]
    for check in checks:
        check.say(NOT_YET, "Not done yet.")
        layout.addWidget(check)
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.resize(400, 260)
    area.show()
    checks[5].say(WARNING, "Found by somebody else.")
    qtbot.wait(20)
    assert area.verticalScrollBar().value() == 0, "nobody asked here"
    button = checks[5].button
    assert button is not None
    button.click()
    checks[5].say(WARNING, "It was not what was signed. " * 12)
    result = checks[5].result
    shown = area.viewport().rect()
    qtbot.waitUntil(lambda: shown.contains(result.mapTo(area.viewport(), result.rect().bottomLeft())), timeout=5_000)
