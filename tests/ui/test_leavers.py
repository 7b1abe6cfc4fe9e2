"""Who leaves makes a new key for what comes next, unless somebody says no; what fails of it is said."""

from typing import Any
from uuid import uuid4

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.key_records import NewKey
from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.confirm import Confirm
from desktop_app.ui.tabs.users.page import UsersTab
from tests.ui.conftest import MakeContext
from tests.ui.editors import line
from tests.ui.tab_bench import Bench


@pytest.mark.parametrize("wanted", [True, False])
def test_a_leaver_makes_a_new_key_unless_somebody_says_no(
    make_context: MakeContext, qtbot: QtBot, wanted: bool
) -> None:
    bench = Bench(UsersTab, make_context, qtbot, Standing.ADMIN)
    outcome: dict[str, Any] = {"problem": "The server is away."} if wanted else {"number": 2}
    bench.lab.users.keys_made = (NewKey(center_id=uuid4(), center="Alpha", **outcome),)
    bench.choose("mehmet.user")
    bench.tab.active.click()
    question = bench.dialog(Confirm)
    assert question.option.isChecked(), "a new key is the default"
    question.option.setChecked(wanted)
    line(question._typed).setText("mehmet.user")
    question.verb.click()
    assert bench.lab.users.new_keys == [wanted]
    told = "Alpha has no new key yet: The server is away. Make one by “Keys…” in Centers."
    assert [notice.text for notice in bench.said.notices] == ([told] if wanted else [])
