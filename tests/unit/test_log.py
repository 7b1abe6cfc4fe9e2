"""The log is private, rotates, and holds ids: no secrets, no names, no texts of exceptions."""

import logging
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app import log
from desktop_app.errors import RefusedError

ROOT = Path(__file__).parents[2]
LOGGER = logging.getLogger("desktop_app.tests")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger("desktop_app").level
    yield log.set_up(tmp_path / "log")
    log.shut_down()
    logging.getLogger("desktop_app").setLevel(level)


def test_entries_go_to_a_private_file(path: Path) -> None:
    LOGGER.info("saved %s", "0b9f1a52-6f5a-4f6e-9d58-8d2b8a5a1c11")
    text = path.read_text()
    assert "INFO desktop_app.tests: saved 0b9f1a52-6f5a-4f6e-9d58-8d2b8a5a1c11" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_log_that_cannot_be_written_prints_nothing(tmp_path: Path) -> None:
    program = (
        "import logging, resource, sys\n"
        "from pathlib import Path\n"
        "from desktop_app import log\n"
        "log.set_up(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))\n"
        "logging.getLogger('desktop_app.tests').warning('full')\n"
        "log.shut_down()\n"
        "print('went on')\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "log"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "went on\n", "")


def test_other_libraries_write_nothing(path: Path) -> None:
    logging.getLogger("sqlalchemy.engine").error("INSERT INTO samples VALUES ('Ayşe')")
    LOGGER.debug("too fine")
    assert path.read_text() == ""


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://u_abc:hunter2@db.example/labkeep", "hunter2"),
        ("postgresql+psycopg2://u_abc:p%40ss@db/labkeep", "p%40ss"),
        ("host=db password=hunter2 user=x", "hunter2"),
        ("password='two words' user=x", "two words"),
        ('{"database_password": "hunter2"}', "hunter2"),
        ("PGPASSWORD=hunter2", "hunter2"),
        ("key gAAAAABmS9qkWv8sYpQ4o-_x0123456789abcdefghij==", "WV8sYpQ4o"),
        ("SCRAM-SHA-256$4096:c2FsdA==$c3RvcmVk:c2VydmVy", "c3RvcmVk"),
        ("tenant key cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=", "jtRR7oE8h"),
        ("seed " + "0a1b" * 16, "0a1b0a1b"),
        ("from ayse.yilmaz@hospital.example", "ayse.yilmaz"),
    ],
)
def test_what_looks_like_a_secret_is_removed(path: Path, text: str, secret: str) -> None:
    LOGGER.warning("%s", text)
    content = path.read_text()
    assert secret.lower() not in content.lower()
    assert "[removed]" in content


@pytest.mark.parametrize(
    "text",
    [
        "center_0123456789abcdef0123456789abcdef",
        "0b9f1a52-6f5a-4f6e-9d58-8d2b8a5a1c11",
        "u_mfrggzdfmztwq2lknnwg23tpobyxe43u",
        "desktop_app.services.documents.documents",
        "sqlstate LK001 after 12 ms, 3 of 12 files",
    ],
)
def test_ids_stay(path: Path, text: str) -> None:
    LOGGER.warning("%s", text)
    assert text in path.read_text()


def test_exceptions_are_types_numbers_and_places(path: Path) -> None:
    try:
        try:
            Path("/nowhere/patient Ayşe.pdf").read_bytes()
        except OSError as error:
            raise RefusedError("Ayşe's file was refused.") from error
    except RefusedError:
        LOGGER.exception("add failed")
    text = path.read_text()
    assert "desktop_app.errors.RefusedError code=refused" in text
    assert "builtins.FileNotFoundError errno=2" in text
    assert "test_log.py:" in text
    assert "Ayşe" not in text
    assert "nowhere" not in text


def test_nobody_fakes_an_entry(path: Path) -> None:
    LOGGER.info("name\n2026-01-01T00:00:00.000Z 1 MainThread INFO desktop_app: forged\r\n")
    lines = path.read_text().splitlines()
    assert [line for line in lines if not line.startswith("    ")] == lines[:1]


def test_a_huge_entry_is_cut_and_costs_little(path: Path) -> None:
    started = time.process_time()
    for character in ("x", "x ", "a.", "aA1"):
        LOGGER.info("%s", character * 1_000_000)
    assert time.process_time() - started < 5
    assert path.stat().st_size < 50_000
    assert "characters)" in path.read_text()


def test_it_rotates_privately(path: Path) -> None:
    for _ in range(330):
        LOGGER.info("%s", " " * 7000)
    files = sorted(path.parent.iterdir())
    assert len(files) == 3
    assert all(file.stat().st_size <= 1_000_000 for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_it_goes_on_in_the_new_file_when_another_program_rotated(path: Path) -> None:
    LOGGER.info("first")
    path.rename(path.with_suffix(".log.1"))
    LOGGER.info("second")
    assert "second" in path.read_text()
    path.unlink()
    LOGGER.info("third")
    assert "third" in path.read_text()


def test_setting_up_again_moves_it(path: Path, tmp_path: Path) -> None:
    other = log.set_up(tmp_path / "other")
    LOGGER.info("here")
    assert "here" in other.read_text()
    assert path.read_text() == ""


def test_a_link_in_the_logs_place_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "victim").touch()
    (tmp_path / "labkeep.log").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError):
        log.set_up(tmp_path)
    assert (tmp_path / "victim").read_bytes() == b""


def test_several_programs_share_it(path: Path) -> None:
    program = """
import logging, sys
from pathlib import Path
from desktop_app import log
log.set_up(Path(sys.argv[1]))
for number in range(300):
    logging.getLogger("desktop_app.x").info("entry %s of %s", number, sys.argv[2])
"""
    running = [subprocess.Popen([sys.executable, "-c", program, path.parent, str(name)], cwd=ROOT) for name in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    lines = path.read_text().splitlines()
    assert len(lines) == 900
    assert all("INFO desktop_app.x: entry" in line for line in lines)
