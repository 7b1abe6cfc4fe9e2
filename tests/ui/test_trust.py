"""What is trusted, in the window: a banner by name, the log in plain words, and fingerprints to compare."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.domain.findings import Finding
from desktop_app.domain.rights import Standing
from desktop_app.errors import UnavailableError
from desktop_app.message import Message
from desktop_app.ui.dialogs.trust import TrustDialog
from desktop_app.ui.shell.header import Header
from desktop_app.ui.shell.trust_banner import TrustBanner
from desktop_app.ui.tabs.users import UsersTab
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Work, as_services

SWAPPED = Finding("swapped_key", Message("Keys were swapped."), Message("Ask."))
OLDER = Finding("fork", Message("The log forks."), Message("Ask."))


def texts(widget: TrustDialog) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def test_the_dialog_says_what_disagrees_and_what_the_log_says(make_context: MakeContext, qtbot: QtBot) -> None:
    context, _said, lab = make_context(Standing.ADMIN)
    dialog = TrustDialog(context.jobs, context.lab)
    qtbot.addWidget(dialog)
    assert dialog.title.text() == "Nothing disagrees with the trust log"
    cells = [[column.text(line) for column in dialog.lines.columns] for line in dialog.lines.rows]
    assert [row[2:] for row in cells] == [
        ["elif.viewer", "mehmet.user was removed.", "no: no right"],
        ["a recovery kit", "The installation was made; this is the recovery kit's root.", "yes"],
    ]
    assert {"academic acid acne", "zero yoga yield"} <= set(texts(dialog))
    lab.trust.found = (SWAPPED,)
    dialog.again.click()
    assert dialog.title.text() == "Something disagrees with the trust log"
    assert {"Keys were swapped.", "Ask. (swapped_key)"} <= set(texts(dialog))
    lab.trouble.next("trust.disagreements", UnavailableError("The server does not answer."))
    dialog.again.click()
    assert dialog.title.text() == "The server does not answer."


@pytest.mark.parametrize(("standing", "offers"), [(Standing.ADMIN, True), (Standing.VIEWER, False)])
def test_an_alarm_is_a_banner_and_administrators_look(
    make_context: MakeContext, qtbot: QtBot, standing: Standing, offers: bool
) -> None:
    context, _said, lab = make_context(standing)
    header = Header(context.jobs, context.lab, context.window_state)
    banner = TrustBanner(context, header)
    qtbot.addWidget(header)
    banner.look()
    lab.trust.found = (OLDER,)
    banner.look()
    assert banner.text == "", "the banner of an older state says that"
    lab.trust.found = (OLDER, SWAPPED)
    banner.look()
    assert banner.text.startswith("Keys were swapped.")
    assert ("Tell an administrator." in banner.text) is not offers
    assert any(action.objectName() == "trust" for action in header.person.menu().actions()) is offers


def test_a_persons_fingerprint_is_in_his_detail(make_context: MakeContext, qtbot: QtBot) -> None:
    context, _said, lab = make_context(Standing.ADMIN)
    tab = UsersTab(context)
    qtbot.addWidget(tab)
    tab.set_center(as_services(Work(lab.istanbul, Standing.ADMIN, lab)))
    tab.refresh_if_stale()
    tab.records.table.choose_row(0)
    assert "zero yoga yield" in {label.text() for label in tab.detail.findChildren(QLabel)}
