"""Schedules of backups as each system reads them; on Linux its own tool checks the units."""

import plistlib
import shutil
import subprocess
import sys
from datetime import time
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest

from desktop_app.services.installation.backup_schedule import Every, Job, own_command, schedule

ODD = 'a "quoted" folder, 100% $HOME \\ and so on'
TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def job(every: Every = Every.DAY) -> Job:
    return Job(UUID(int=7), ("/bin/true", "backup", f"/mnt/{ODD}", "--keep", "14"), every, time(2, 30), f"/home/{ODD}")


@pytest.mark.parametrize("every", list(Every))
def test_systemd_takes_the_units(tmp_path: Path, every: Every) -> None:
    done = schedule(job(every), tmp_path, "linux")
    assert not done.is_on, "only where the system looks for units"
    assert {path.suffix for path in done.files} == {".service", ".timer"}
    checker = shutil.which("systemd-analyze")
    assert checker is not None
    checked = subprocess.run([checker, "verify", *map(str, done.files)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    (when,) = [
        line.partition("=")[2] for line in done.files[1].read_text().splitlines() if line.startswith("OnCalendar")
    ]
    asked = subprocess.run([checker, "calendar", "--iterations=2", when], capture_output=True, text=True, check=True)
    assert (":30:00" if every is Every.HOUR else "02:30:00") in asked.stdout
    service = done.files[0].read_text()
    assert '"/mnt/a \\"quoted\\" folder, 100%% $$HOME \\\\ and so on"' in service
    assert 'Environment="LABKEEP_HOME=/home/a \\"quoted\\" folder, 100%% $HOME ' in service


def test_a_schedule_replaces_the_one_before(tmp_path: Path) -> None:
    schedule(job(Every.HOUR), tmp_path, "linux")
    done = schedule(job(Every.WEEK), tmp_path, "linux")
    assert sorted(tmp_path.iterdir()) == sorted(done.files)
    assert "Sun *-*-* 02:30:00" in done.files[1].read_text()


@pytest.mark.parametrize(
    ("every", "when"),
    [
        (Every.HOUR, {"Minute": 30}),
        (Every.DAY, {"Hour": 2, "Minute": 30}),
        (Every.WEEK, {"Weekday": 0, "Hour": 2, "Minute": 30}),
    ],
)
def test_launchd_gets_words_and_times(tmp_path: Path, every: Every, when: dict[str, int]) -> None:
    done = schedule(job(every), tmp_path, "darwin")
    values = plistlib.loads(done.files[0].read_bytes())
    assert values["ProgramArguments"] == list(job().command)
    assert values["StartCalendarInterval"] == when
    assert values["EnvironmentVariables"] == {"LABKEEP_HOME": f"/home/{ODD}"}
    assert done.files[0].name == f"{values['Label']}.plist"
    assert not done.is_on


@pytest.mark.parametrize("every", list(Every))
def test_task_scheduler_gets_words_and_times(tmp_path: Path, every: Every) -> None:
    done = schedule(job(every), tmp_path, "win32")
    content = done.files[0].read_bytes()
    root = ElementTree.fromstring(content)
    assert root.tag == f"{TASKS}Task"
    assert root.findtext(f".//{TASKS}Command") == "/bin/true"
    assert root.findtext(f".//{TASKS}Arguments") == subprocess.list2cmdline(job().command[1:])
    assert str(root.findtext(f".//{TASKS}StartBoundary")).endswith("T02:30:00")
    assert (root.find(f".//{TASKS}Repetition") is not None) == (every is Every.HOUR)
    assert (root.find(f".//{TASKS}ScheduleByWeek") is not None) == (every is Every.WEEK)


def test_a_package_names_its_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """There its first argument is a name without a folder, and no Python is there to run a module with."""
    monkeypatch.setattr(sys, "argv", ["labkeep-admin"])
    assert own_command()[1:] == ("-m", "desktop_app.cli.main")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/labkeep/labkeep-admin")
    assert own_command() == ("/usr/lib/labkeep/labkeep-admin",)
