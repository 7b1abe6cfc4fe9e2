"""What is put off is not loaded, is loaded when it is used, and is the module itself then."""

import gc
import importlib
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from desktop_app.cli.command_tree import SETTINGS, ListedCommand, listed_commands
from desktop_app.cli.main import app
from desktop_app.deferred import DeferredModule, deferred, left, load_left
from tests.servers import wait_until

ROOT = Path(__file__).parents[2]
HEAVY = {"sqlalchemy", "psycopg2", "alembic", "cryptography", "keyring", "rich.console", "pypdfium2"}


def loaded_after(program: str) -> set[str]:
    """The names of the modules that are loaded after *program* in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(said.stdout.splitlines()[-1].split())


def test_module_is_loaded_when_something_of_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "put_off_for_a_test.py").write_text("import gc\nCOLLECTED = gc.isenabled()\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = deferred("put_off_for_a_test")
    assert "put_off_for_a_test" not in sys.modules
    assert module.COLLECTED is False
    assert gc.isenabled()
    assert module.load() is sys.modules.pop("put_off_for_a_test")


def test_many_threads_may_ask_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = "import threading\nBEGUN, OPEN = threading.Event(), threading.Event()\n"
    (tmp_path / "events_for_a_test.py").write_text(events, encoding="utf-8")
    text = "import events_for_a_test as events\nevents.BEGUN.set()\nevents.OPEN.wait(60)\nWORD = 'whole'\n"
    (tmp_path / "slowly_loaded_for_a_test.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    events_module = importlib.import_module("events_for_a_test")
    module, words = deferred("slowly_loaded_for_a_test"), list[str]()
    first, *others = [threading.Thread(target=lambda: words.append(module.WORD)) for _ in range(8)]
    first.start()
    try:
        assert events_module.BEGUN.wait(60)
        for thread in others:
            thread.start()
        wait_until(lambda: all(_waits_in_load(thread) for thread in others))
        assert words == []
    finally:
        events_module.OPEN.set()
    for thread in (first, *others):
        thread.join()
    del sys.modules["slowly_loaded_for_a_test"], sys.modules["events_for_a_test"]
    assert words == ["whole"] * 8
    assert gc.isenabled()


def test_what_is_left_is_loaded_with_what_it_puts_off_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "left_for_a_test"
    package.mkdir()
    text = "from desktop_app.deferred import deferred\nNEXT = deferred('left_for_a_test.second')\n"
    for name, source in (("__init__", ""), ("first", text), ("second", "")):
        (package / f"{name}.py").write_text(source, encoding="utf-8")
    (tmp_path / "left_for_a_test_elsewhere.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    first, elsewhere = deferred("left_for_a_test.first"), deferred("left_for_a_test_elsewhere")
    assert left("left_for_a_test") == [first]
    load_left("left_for_a_test")
    loaded = [name for name in sys.modules if name.startswith("left_for_a_test.")]
    for name in (*loaded, "left_for_a_test"):
        del sys.modules[name]
    assert loaded == ["left_for_a_test.first", "left_for_a_test.second"]
    assert not elsewhere.is_loaded, "it is of another package"


def _waits_in_load(thread: threading.Thread) -> bool:
    """Whether the thread asked for something of a module, and stands where one waits for another to load it."""
    assert thread.ident is not None
    frame = sys._current_frames().get(thread.ident)
    return frame is not None and frame.f_code is DeferredModule.load.__code__


def test_help_loads_nothing_heavy() -> None:
    names = loaded_after("from desktop_app.cli.main import run\nrun(['--help'], {'LABKEEP_HOME': '/nonexistent'})")
    assert not HEAVY & names
    assert not {name for name in names if name.startswith(("desktop_app.bootstrap", "desktop_app.db"))}


@pytest.mark.parametrize("command", listed_commands(), ids=lambda command: command.name)
def test_list_says_of_each_command_what_it_says_itself(command: ListedCommand) -> None:
    true = command.load()
    assert true.name == command.name
    assert true.help == command.help
    assert true.get_short_help_str() == command.get_short_help_str()


def test_list_leaves_no_command_out() -> None:
    from desktop_app.cli import installation

    parent = typer.Typer(**SETTINGS)
    installation.register(parent)
    listed = {command.name for command in listed_commands()}
    assert set(typer.main.get_group(parent).commands) <= listed
    assert set(typer.main.get_group(app).commands) == listed
