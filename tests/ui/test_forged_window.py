"""A reader exchanged a stored file: the window shows no byte of it and says why. Everything real."""

from pathlib import Path

from desktop_app.ui.shell.application import Look
from tests.services.forging import resealed
from tests.ui.journey_fixture import Day
from tests.ui.test_journey import enter
from tools import steps
from tools.driver import Program, click, until

NAME = "bench-notes-2026-11-03.txt"
SENTENCE = "The stored file is not the one that was signed."


def test_a_forged_document_is_neither_shown_nor_saved(day: Day, look: Look, tmp_path: Path) -> None:
    with Program(day.home, look) as program:
        enter(program, day, "vera.viewer")
        tab = program.workspace.tabs.documents
        work = program.workspace.work
        assert work is not None
        assert steps.preview(program, NAME) == "text"
        said: list[str] = []
        program.window.messages.noticed.connect(lambda notice: said.append(notice.text))
        true = tab.preview.text.toPlainText()
        steps.choose(program, tab, "gel-2026-11-04.png")
        store = Path(program.app.profiles.list()[0].store.path)
        with resealed(store, work, work.documents.get(NAME), b"POSITIVE " + day.dropped[NAME].read_bytes()[9:]):
            assert steps.preview(program, NAME) == "empty"
            assert tab.preview.empty.text == SENTENCE
            assert tab.preview.text.toPlainText() == ""
            target = tmp_path / "copy.txt"
            click(tab.save)
            program.answer_file_dialog(target)
            until(lambda: SENTENCE in said, "the refusal is said")
            program.settle()
            assert list(tmp_path.iterdir()) == []
        steps.choose(program, tab, "gel-2026-11-04.png")
        assert steps.preview(program, NAME) == "text"
        assert tab.preview.text.toPlainText() == true
