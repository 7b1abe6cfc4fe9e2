"""Whether a reason is asked for is the affair of the person's centers, whatever center is open."""

from dataclasses import dataclass, replace

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.reason import ReasonDialog
from desktop_app.ui.tabs.users import UsersTab
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.window_fixture import Shown

WHY = "agreed on Monday"
STRICT = {ReasonVerb.KEYS, ReasonVerb.DEACTIVATE, ReasonVerb.RESTORE}


@dataclass
class Bench:
    """The tab of a system administrator, and the member of Istanbul chosen in it."""

    tab: UsersTab
    lab: Lab

    def choose(self) -> None:
        rows = self.tab.records.model.rows
        self.tab.records.table.choose_row(next(at for at, row in enumerate(rows) if row.username == "mehmet.user"))

    @property
    def is_active(self) -> bool:
        person = self.tab.records.current
        assert person is not None
        return person.is_active

    def shown(self, kind: type[Shown]) -> list[Shown]:
        return [each for each in self.tab.findChildren(QWidget) if isinstance(each, kind) and each.isVisible()]

    def confirm(self, typed: str = "") -> None:
        [question] = self.shown(Confirm)
        if typed:
            line(question._typed).setText(typed)
        question.verb.click()

    def give_reason(self) -> None:
        [dialog] = self.shown(ReasonDialog)
        lines(dialog.fields["reason"]).setPlainText(WHY)
        dialog.submit()


@pytest.fixture(params=["no center", "a lenient center", "a strict center"])
def bench(request: pytest.FixtureRequest, make_context: MakeContext, qtbot: QtBot) -> Bench:
    context, _said, lab = make_context(Standing.SYSTEM, None)
    tab = UsersTab(context)
    qtbot.addWidget(tab)
    tab.show()
    settings = {"reasons": {"required": sorted(STRICT)}} if request.param == "a strict center" else {}
    work = Work(replace(lab.ankara, settings=settings), Standing.SYSTEM, lab)
    tab.set_center(None if request.param == "no center" else as_services(work))
    tab.refresh_if_stale()
    tab.scope.take_off()
    tab._inactive.setChecked(True)
    bench = Bench(tab, lab)
    bench.choose()
    return bench


def test_a_strict_center_is_given_its_reasons(bench: Bench) -> None:
    bench.lab.users.wanting[bench.lab.istanbul.id] = STRICT
    bench.tab.reset.click()
    bench.confirm()
    bench.give_reason()
    [made] = bench.shown(OneTimePasswordDialog)
    made.passed_on.setChecked(True)
    made.done_button.click()
    bench.tab.active.click()
    bench.confirm("mehmet.user")
    bench.give_reason()
    assert not bench.is_active
    bench.tab.active.click()
    bench.give_reason()
    assert bench.is_active
    assert bench.lab.users.reasons == [WHY, WHY, WHY]


def test_the_strictness_of_a_center_that_is_not_the_persons_asks_nothing(bench: Bench) -> None:
    bench.lab.users.wanting[bench.lab.ankara.id] = STRICT
    bench.tab.active.click()
    bench.confirm("mehmet.user")
    assert bench.shown(ReasonDialog) == []
    assert not bench.is_active
    bench.tab.active.click()
    assert bench.is_active
    assert bench.lab.users.reasons == ["", ""]
