"""The first day of an installation, lived once through the real window for all tests that start it again."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.shell.application import Look
from tests.servers import sync_nothing
from tools import steps
from tools.driver import Program, stop_servers
from tools.steps import Account

DEMO = Path(__file__).parents[2] / "resources" / "demo" / "documents"
CLINIC, OTHER = "Gökova Kliniği", "Second Laboratory"
ADMIN = Account("anna.admin", "Correct-Horse-77")
OWN_PASSWORD = "Fresh-Meadow-2026"
SIZES = {"empty.dat": 0, "one segment.bin": 1024 * 1024, "large.bin": 3 * 1024 * 1024 + 17}


@dataclass
class Day:
    """What was seen on the first day, and what is needed on the next one."""

    home: Path
    files: Path
    words: tuple[str, ...] = ()
    passwords: dict[str, str] = field(default_factory=dict)
    passwords_in_window: list[str] = field(default_factory=list)
    overlay: str = ""
    summary: str = ""
    titles: list[str] = field(default_factory=list)
    previews: dict[str, str] = field(default_factory=dict)

    @property
    def dropped(self) -> dict[str, Path]:
        """Title of each document and the file it came from."""
        found = (path for path in sorted(self.files.rglob("*")) if path.is_file())
        return {path.relative_to(self.files).as_posix(): path for path in found}


def make_files(folder: Path) -> None:
    inner = folder / "folder" / "in it"
    inner.mkdir(parents=True)
    for name in ("complete-blood-count-P-1031.pdf", "gel-2026-11-04.png", "bench-notes-2026-11-03.txt"):
        shutil.copy(DEMO / name, folder / name)
    for name in ("qpcr-run-118.csv", "gönüllü-olur-formu.pdf"):
        shutil.copy(DEMO / name, inner / name)
    for at, (name, size) in enumerate(SIZES.items()):
        (inner / name).write_bytes((bytes([at + 1, 7, 255, 0]) * (size // 4 + 1))[:size])


def live_the_first_day(program: Program, day: Day) -> None:
    day.words = steps.set_up(program, "Journey", ADMIN, day.home / "kit.txt")
    for center in (CLINIC, OTHER):
        steps.make_center(program, center, "Made in a test.")
    for username, center, role, called in (
        ("berk.user", CLINIC, "User", ("Berk", "Öz")),
        ("vera.viewer", CLINIC, "Viewer", ("Vera", "Ilgaz")),
        ("olga.admin", OTHER, "Administrator", ("Olga", "Ek")),
    ):
        day.passwords[username] = steps.make_user(program, username, center, role, called)
        steps.pass_on_password(program)
    shown = program.window.findChildren(OneTimePasswordDialog)
    day.passwords_in_window = [each.password.text() for each in shown]
    steps.make_sample(program, "Whole blood", "GOK-0001")
    tops = sorted(path for path in day.files.iterdir())
    day.overlay, day.summary = steps.drop(program, [*tops, day.files / "gone.txt"])
    day.titles = steps.titles(program.workspace.tabs.documents)
    for name in (
        "folder/in it/qpcr-run-118.csv",
        "gel-2026-11-04.png",
        "folder/in it/gönüllü-olur-formu.pdf",
        "bench-notes-2026-11-03.txt",
    ):
        day.previews[name] = steps.preview(program, name)


@pytest.fixture(scope="session")
def day(tmp_path_factory: pytest.TempPathFactory, look: Look) -> Iterator[Day]:
    home = tmp_path_factory.mktemp("journey")
    files = tmp_path_factory.mktemp("files")
    make_files(files)
    lived = Day(home, files)
    try:
        with Program(home, look) as program:
            live_the_first_day(program, lived)
            (profile,) = program.app.profiles.list()
            assert profile.data_dir is not None
            sync_nothing(program.app.servers.start_builtin(Path(profile.data_dir)).admin_dsn(profile.database))
        yield lived
    finally:
        stop_servers(home)


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    """The administrator at work in the clinic, on a screen of 1366 by 768; some tests have one of their own."""
    with Program(day.home, look, width=1366, height=768) as opened:
        steps.sign_in(opened, ADMIN)
        steps.open_center(opened, CLINIC)
        yield opened
