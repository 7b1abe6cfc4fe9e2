"""What a center may set stands in fields; only what is in none of them is JSON, under Advanced."""

from collections.abc import Mapping
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Standing
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.center_settings import CenterSettings
from desktop_app.ui.tabs.centers import CentersTab
from tests.ui.conftest import MakeContext
from tests.ui.editors import line, lines
from tests.ui.tab_bench import Bench

ALL = {
    "keys": {"remind_after_days": 365},
    "health": {"scrub_every_days": 7},
    "openings": "exports",
    "erasure": {"administrators": 2},
    "reasons": {"required": ["deactivate", "keys"]},
}


def edited(make_context: MakeContext, qtbot: QtBot, settings: Mapping[str, Any]) -> tuple[Bench, CenterDialog]:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.choose("ankara")
    before = bench.tab.records.current
    bench.lab.centers.update(before, CenterDraft(name=before.name, slug=before.slug, settings=settings))
    bench.tab.reload()
    bench.choose("ankara")
    bench.tab.edit.click()
    return bench, bench.dialog(CenterDialog)


def saved(bench: Bench) -> Any:
    return bench.tab.records.current.settings


@pytest.mark.parametrize(
    "settings", [{}, ALL, {"erasure": {"administrators": 1}}, {"openings": "all", "door": {"code": 1}}]
)
def test_what_nobody_touches_is_saved_as_it_was(
    make_context: MakeContext, qtbot: QtBot, settings: Mapping[str, Any]
) -> None:
    bench, dialog = edited(make_context, qtbot, settings)
    lines(dialog.fields["description"]).setPlainText("Moved")
    dialog.submit()
    assert saved(bench) == settings


def test_settings_are_read_and_written_in_fields(make_context: MakeContext, qtbot: QtBot) -> None:
    bench, dialog = edited(make_context, qtbot, {"door": {"code": 1}})
    fields = dialog.fields
    assert fields["settings"].isHidden(), "JSON is under Advanced"
    line(fields["settings.keys"]).setText("365")
    line(fields["settings.health"]).setText("7")
    fields["settings.openings"].set_value("exports")
    fields["settings.erasure"].set_value(2)
    for verb in ("deactivate", "keys"):
        fields[f"settings.reasons.{verb}"].set_value(True)
    dialog.submit()
    assert saved(bench) == ALL | {"door": {"code": 1}}
    bench.tab.edit.click()
    again = bench.dialog(CenterDialog)
    assert [again.fields[f"settings.{part}"].value for part in ("keys", "health", "erasure")] == ["365", "7", 2]
    line(again.fields["settings.keys"]).setText("")
    line(again.fields["settings.health"]).setText(" ")
    again.fields["settings.openings"].set_value("all")
    again.fields["settings.erasure"].set_value(1)
    for verb in ("deactivate", "keys"):
        again.fields[f"settings.reasons.{verb}"].set_value(False)
    again.submit()
    assert saved(bench) == {"door": {"code": 1}}, "what is usual is not written down"


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("keys", "soon", "A number of days from 1 to"),
        ("keys", "0", "A number of days from 1 to"),
        ("health", "-1", "A number of days from 0 to"),
        ("health", "1.5", "A number of days from 0 to"),
    ],
)
def test_what_is_no_number_of_days_is_said_at_its_field(
    make_context: MakeContext, qtbot: QtBot, part: str, typed: str, said: str
) -> None:
    bench, dialog = edited(make_context, qtbot, {})
    line(dialog.fields[f"settings.{part}"]).setText(typed)
    dialog.submit()
    assert dialog.fields[f"settings.{part}"].problem.startswith(said)
    assert saved(bench) == {}
    dialog._discarding = True
    dialog.reject()


def test_what_is_wrong_under_advanced_is_seen(make_context: MakeContext, qtbot: QtBot) -> None:
    _bench, dialog = edited(make_context, qtbot, {})
    lines(dialog.fields["settings"]).setPlainText("[1]")
    dialog.submit()
    assert dialog.fields["settings"].isVisible()
    assert dialog.fields["settings"].problem
    dialog._discarding = True
    dialog.reject()


def test_every_setting_of_a_center_has_a_field(qtbot: QtBot) -> None:
    settings = CenterSettings()
    for row in settings.rows:
        for field in row:
            qtbot.addWidget(field)
    assert settings.show(ALL | {"door": 1}) == {"door": 1}
    assert settings.value() == ALL


def test_a_new_center_is_asked_for_its_settings_only_where_somebody_wants_to(
    make_context: MakeContext, qtbot: QtBot
) -> None:
    bench = Bench(CentersTab, make_context, qtbot, Standing.SYSTEM)
    bench.tab.new.click()
    dialog = bench.dialog(CenterDialog)
    assert dialog.fields["settings.keys"].isHidden()
    dialog._advanced.click()
    assert dialog.fields["settings.keys"].isVisible()
    assert dialog.fields["settings"].isVisible()
    line(dialog.fields["name"]).setText("Bursa")
    line(dialog.fields["settings.keys"]).setText("never")
    dialog._advanced.click()
    dialog.submit()
    assert dialog.fields["settings.keys"].isVisible(), "what is wrong is seen"
    dialog._discarding = True
    dialog.reject()
