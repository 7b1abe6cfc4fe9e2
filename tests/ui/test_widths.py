"""Forms and lists with long entries: nothing is pushed out, and every control is where the eye expects it."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QStyleOptionComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from desktop_app.domain.sheets import SheetForm
from desktop_app.ui.dialogs.confirm import Confirm, Question
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.tabs.samples import SamplesTab
from desktop_app.ui.widgets.actions import ActionButton
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.dialog_size import SMALLEST
from desktop_app.ui.widgets.drop_button import DropButton
from desktop_app.ui.widgets.empty_state import EmptyState
from desktop_app.ui.widgets.field import ChoiceBox, Field
from desktop_app.ui.widgets.sheet_form import SheetFormChoices
from desktop_app.ui.widgets.sheet_problems import SheetProblems
from desktop_app.ui.widgets.styling import row
from desktop_app.ui.widgets.suggestion_line import SuggestionLine
from desktop_app.ui.widgets.table import PAD
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Lab, Work, as_services
from tests.ui.made_records import document, sample
from tests.ui.window_fixture import WindowDriver

LONG = "Institute of Haematology, Clinical Chemistry and Molecular Microbiology of the University Hospital of Istanbul"


def words_in(box: ChoiceBox) -> str:
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    return str(option.currentText)


def test_a_choice_with_a_long_entry_stays_narrow_and_shortens_it(qtbot: QtBot, look: object) -> None:
    box = ChoiceBox([("Every center", None), (LONG, 1)])
    qtbot.addWidget(box)
    box.resize(box.sizeHint())
    box.show()
    assert box.sizeHint().width() <= 200
    assert box.minimumSizeHint().width() <= 96
    assert words_in(box) == "Every center"
    box.choose(1)
    assert words_in(box).endswith("…")
    assert LONG.startswith(words_in(box)[:-1])


def test_two_fields_side_by_side_begin_at_the_same_height(qtbot: QtBot, look: object) -> None:
    page = QWidget()
    more, less = Field("a", "&One", QLineEdit(), "Two lines of help. " * 8), Field("b", "&Two", QLineEdit())
    line = row(page)
    for field in (more, less):
        line.addWidget(field, 1)
    qtbot.addWidget(page)
    page.resize(400, 300)
    page.show()
    qtbot.waitExposed(page)
    tops = [field.mapTo(page, field.editor.pos()).y() for field in (more, less)]
    assert tops[0] == tops[1]
    assert more.editor.width() == less.editor.width()


def test_a_form_of_one_choice_shows_it_whole(qtbot: QtBot, threaded_jobs: Jobs, look: object) -> None:
    dialog = FormDialog(threaded_jobs, FormText("Change the role", "Change role", "It holds at once. " * 6))
    qtbot.addWidget(dialog)
    field = Field("role", "&Role", ChoiceBox([("Viewer", 1), ("User", 2)]))
    dialog.set_form([[field]], dict, lambda: lambda: None)
    dialog.show()
    qtbot.waitExposed(dialog)
    bottom = field.editor.mapTo(dialog, field.editor.rect().bottomLeft()).y()
    assert bottom < dialog.verb.mapTo(dialog, dialog.verb.rect().topLeft()).y()
    assert not field.visibleRegion().isEmpty()
    assert field.visibleRegion().boundingRect() == field.rect()


def test_a_long_name_to_be_typed_does_not_widen_the_question(qtbot: QtBot, look: object) -> None:
    asked = Confirm(
        Question(f"Deactivate {LONG}?", "Nothing is deleted.", "Deactivate", danger=True, type_name=LONG * 2)
    )
    qtbot.addWidget(asked)
    asked.show()
    qtbot.waitExposed(asked)
    assert asked.minimumSizeHint().width() <= 560
    layout = asked.layout()
    assert layout is not None
    assert asked.height() == layout.totalHeightForWidth(asked.width()), "no gaps that nobody asked for"


def test_the_headers_buttons_shorten_their_words_and_show_what_opens(qtbot: QtBot, look: object) -> None:
    button = DropButton(180)
    qtbot.addWidget(button)
    button.set_words(f"R&D {LONG}")
    assert button.text().startswith("R&&D")
    assert "…" in button.text()
    button.resize(240, 40)
    end = button.rect().adjusted(216, 0, 0, 0)
    without = button.grab(end).toImage()
    button.set_opens(True)
    assert button.grab(end).toImage() != without


def test_tab_goes_from_the_filters_to_the_list_and_then_to_the_record(make_context: MakeContext, qtbot: QtBot) -> None:
    def fill(lab: Lab) -> None:
        lab.sample_rows = [sample(1)]

    context, _, lab = make_context(Standing.USER, fill)
    tab = SamplesTab(context)
    qtbot.addWidget(tab)
    tab.resize(1200, 700)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    tab.set_center(as_services(Work(lab.istanbul, Standing.USER, lab)))
    tab.refresh_if_stale()
    tab.records.table.choose_row(0)
    tab.records.search.setFocus()
    walked: list[QWidget | None] = []
    for _ in range(12):
        walked.append(QApplication.focusWidget())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    records = tab.records
    expected = [
        records.search,
        tab._status,
        tab._type,
        next(each for each in records.findChildren(ActionButton) if each.action is tab.new),
        records.table,
        tab._inactive,
        tab._bin,
        records.columns,
    ]
    # Some more may be offered behind ⋯ and at the foot.
    assert [each for each in walked if each in expected] == expected
    assert walked[-1] in tab.detail.findChildren(Button)


@pytest.mark.parametrize("standing", [Standing.USER, Standing.SYSTEM])
def test_without_a_center_one_is_told_what_one_can_do(
    make_context: MakeContext, qtbot: QtBot, standing: Standing
) -> None:
    context, _, _ = make_context(standing)
    tab = SamplesTab(context)
    qtbot.addWidget(tab)
    tab.set_center(None)
    tab.refresh_if_stale()
    said = tab.records.empty.text
    assert said.startswith("Choose a center" if standing is Standing.SYSTEM else "A system administrator can")


def test_what_a_sheet_is_recognised_as_is_not_cut(qtbot: QtBot) -> None:
    choices = SheetFormChoices(",;", ["utf-8", "cp1252"])
    qtbot.addWidget(choices)
    choices.resize(900, 40)
    choices.show()
    choices.show_form(SheetForm(separator=",", encoding="utf-8"))
    wanted = ["Comma (recognised)", "UTF-8 (recognised)"]
    qtbot.waitUntil(lambda: [words_in(box) for box in (choices.separator, choices.encoding)] == wanted)


def test_a_barcode_with_a_problem_is_not_cut(qtbot: QtBot) -> None:
    problems = SheetProblems()
    qtbot.addWidget(problems)
    table = problems.table
    assert table.columnWidth(2) - 2 * PAD >= table.fontMetrics().horizontalAdvance("ANK-26-0001")


def test_a_line_that_has_nothing_to_offer_has_no_arrow(qtbot: QtBot) -> None:
    line = SuggestionLine()
    qtbot.addWidget(line)
    line.show()
    [arrow] = line.findChildren(QToolButton)
    assert not arrow.isVisible()
    line.offer(["Haemolysed"], "Choose")
    assert arrow.isVisible()


def test_where_there_is_little_room_nothing_is_said_over_the_icon(qtbot: QtBot, look: object) -> None:
    text = "The document is too large for the preview, which shows files of up to 50 MB."
    # In another one, as in the window: by itself it would not be made smaller than its layout wants.
    window = QWidget()
    qtbot.addWidget(window)
    empty = EmptyState("triangle-alert", "This cannot be shown", text, "Save as…", window)
    empty.resize(330, 300)
    window.show()
    qtbot.waitExposed(window)
    assert empty._icon.isVisible()
    for height in (120, 150, 170, 200, 300):
        empty.resize(330, height)
        QApplication.processEvents()
        shown = [each for each in (empty._icon, empty._title, empty._text, empty.button) if each.isVisible()]
        assert len(shown) == (4 if height > 190 else 3)
        for above, below in pairwise(shown):
            assert above.geometry().bottom() < below.geometry().top(), height
        for each in shown[-3:]:
            assert each.height() >= min(each.sizeHint().height(), each.heightForWidth(each.width()) or 99), height


def fill_all(lab: Lab) -> None:
    lab.sample_rows = [sample(1)]
    lab.document_rows = [document(1)]


def test_no_button_above_a_list_is_cut_beside_the_inspector_in_the_smallest_window(
    driver: WindowDriver, look: object
) -> None:
    space = driver.enter(Standing.SYSTEM, fill_all)
    space.open_center(driver.sign_in.labs[0].istanbul)
    window = space.window()
    window.resize(SMALLEST)
    tabs = space.tabs
    for tab in (tabs.centers, tabs.users, tabs.samples, tabs.documents):
        space.show_tab(tab)
        tab.records.table.choose_row(0)
        driver.qtbot.waitUntil(tab.detail.isVisible)
        QApplication.processEvents()
        assert window.size() == SMALLEST
        buttons = [each for each in tab.records.findChildren(ActionButton) if each.isVisible()]
        assert buttons
        for button in buttons:
            assert button.width() >= button.sizeHint().width(), (tab.title(), button.text())
