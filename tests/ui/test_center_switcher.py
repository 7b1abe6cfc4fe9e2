"""The center switcher: from A to Z in colours, pinned ones first, the open one marked, a thousand without a pause."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.ui.foundation import theme
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.foundation.window_state import WindowState
from desktop_app.ui.models.pinned_centers import PinnedCenters
from desktop_app.ui.widgets.center_switcher import CenterPopup, CenterSwitcher
from tests.ui.fake_services import Lab
from tests.ui.made_records import center

MANY = 1_000
LONGEST_MS = 100
"""What opening the list may cost the window."""
ME = UUID(int=7), UUID(int=1)
Make = Callable[..., CenterSwitcher]


@pytest.fixture
def lab() -> Any:
    made = Lab(Standing.SYSTEM)
    for number in range(MANY):
        made.centers.rows.put(center(f"Laboratory {number:04}", f"lab-{number}"))
    return made


@pytest.fixture
def make(lab: Any, jobs: Jobs, window_state: WindowState, qtbot: QtBot) -> Make:
    made: list[CenterSwitcher] = []

    def build(whose: tuple[UUID, UUID] = ME, with_jobs: Jobs = jobs) -> CenterSwitcher:
        switcher = CenterSwitcher(with_jobs, lab.centers, PinnedCenters(window_state, *whose), many=True)
        qtbot.addWidget(switcher)
        switcher.show()
        made.append(switcher)  # qtbot itself keeps no widget alive
        return switcher

    return build


def popup_of(switcher: CenterSwitcher) -> CenterPopup:
    switcher.open()
    [popup] = [each for each in switcher.findChildren(CenterPopup) if each.isVisible()]
    return popup


def names(popup: CenterPopup, count: int = 4) -> list[str]:
    return [row.name for row in popup._model.rows[:count]]


def mark(popup: CenterPopup, row: int) -> tuple[str, str] | None:
    cell = popup._model.cell(popup._model.index(row, 0))
    assert cell is not None
    return cell.mark


def test_from_a_to_z_in_colours_with_the_open_one_marked(make: Make, lab: Any) -> None:
    switcher = make()
    switcher.set_center(lab.istanbul)
    popup = popup_of(switcher)
    model = popup._model
    assert [model.index(at, 0).data() for at in range(3)] == [
        "Ankara Research Lab",
        "Istanbul Medical Center (open)",
        "Laboratory 0000",
    ]
    cell = model.cell(model.index(0, 0))
    assert cell is not None
    assert cell.dot == theme.center_color(lab.ankara.id)
    popup.close()


def test_a_pinned_center_stands_first_for_this_person_on_this_computer(make: Make, lab: Any) -> None:
    popup = popup_of(make())
    popup.list.setFocus()
    popup.list.setCurrentIndex(popup._model.index(3, 0))
    QTest.keyClick(popup.list, Qt.Key.Key_Space)
    assert names(popup) == ["Laboratory 0001", "Ankara Research Lab", "Istanbul Medical Center", "Laboratory 0000"]
    assert popup.hint.text() == "Laboratory 0001 is pinned."
    assert popup.list.currentIndex().row() == 0, "it stays chosen where it is now"
    assert mark(popup, 0) == ("pin", "accent")
    spoken = [popup._model.index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(2)]
    assert spoken == ["Laboratory 0001, pinned", "Ankara Research Lab"], "what is seen is heard, too"
    assert mark(popup, 1) is None
    QTest.keyClick(popup.list, Qt.Key.Key_Space)
    assert popup.list.currentIndex().row() == 3
    QTest.keyClick(popup.list, Qt.Key.Key_Space)
    popup.close()
    again = popup_of(make())
    assert names(again, 2) == ["Laboratory 0001", "Ankara Research Lab"], "after a restart, too"
    QTest.keyClicks(again.search, "Laboratory 000")
    again._pause.timeout.emit()
    assert names(again, 2) == ["Laboratory 0001", "Laboratory 0000"], "also among what was searched for"
    again.close()
    other = popup_of(make((ME[0], UUID(int=2))))
    assert names(other, 1) == ["Ankara Research Lab"], "somebody else has other ones"
    other.close()


def test_a_click_at_the_right_end_pins_and_chooses_nothing(make: Make) -> None:
    popup = popup_of(make())
    chosen: list[Any] = []
    popup.chosen.connect(chosen.append)
    view = popup.list.viewport()

    def click(row: int) -> None:
        place = popup.list.visualRect(popup._model.index(row, 0)).center()
        QTest.mouseMove(view, place)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(view.width() - 10, place.y()))

    click(1)
    assert names(popup, 2) == ["Istanbul Medical Center", "Ankara Research Lab"]
    assert mark(popup, 1) == ("pin", "muted"), "where the mouse is, it may be pinned"
    click(0)
    assert names(popup, 2) == ["Ankara Research Lab", "Istanbul Medical Center"]
    assert popup.hint.text() == "Istanbul Medical Center is not pinned."
    assert not chosen
    assert popup.isVisible()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=popup.list.visualRect(popup._model.index(1, 0)).center())
    assert [each.name for each in chosen] == ["Istanbul Medical Center"]


def timed(work: Callable[[], object]) -> float:
    """Seconds for which the window is deaf meanwhile."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_a_thousand_open_without_a_pause(make: Make, threaded_jobs: Jobs) -> None:
    switcher = make(with_jobs=threaded_jobs)
    popup_of(switcher).close()  # fonts and classes are loaded once
    QApplication.processEvents()
    longest = 0.0
    for _ in range(3):
        turns = [timed(lambda: popup_of(switcher).grab())]
        popup = switcher.findChildren(CenterPopup)[-1]
        while popup._model.rowCount() < MANY + 2:
            turns.append(timed(QApplication.processEvents))
        turns.append(timed(popup.grab))
        longest = max(longest, *turns)
        popup.close()
        QApplication.processEvents()
    print(f"opened with {MANY + 2} centers in {longest * 1000:.0f} ms")
    assert longest * 1000 < LONGEST_MS


def test_the_list_is_as_high_as_its_centers_and_stays_so_while_one_searches(make: Make, lab: Any) -> None:
    many = popup_of(make())
    assert many.height() == 360
    many.close()
    for row in [each for each in lab.centers.rows.rows.values() if each.name.startswith("Laboratory")]:
        lab.centers.rows.rows.pop(row.id)
    few = popup_of(make())
    low = few.height()
    assert low < 250
    assert few.list.viewport().height() >= 2 * few.list.sizeHintForRow(0)
    lab.centers.rows.rows.pop(lab.ankara.id)
    few._show()
    assert few._model.rowCount() == 1
    assert few.height() == low, "nothing jumps under the hands"
