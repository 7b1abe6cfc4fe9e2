"""Backups at fixed times, by the system's own means: a systemd timer, a launchd agent, a task of Task Scheduler.

On Linux the units are written and switched on. The files for macOS and Windows are written, and their form is checked;
neither was run yet, and the command that switches them on is told.
"""

import os
import plistlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

from desktop_app.system.atomic_file import replace_file
from desktop_app.system.folders import make_private_folder

_TASKS = "http://schemas.microsoft.com/windows/2004/02/mit/task"


class Every(StrEnum):
    """How often."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def period(self) -> timedelta:
        """The time between two backups."""
        return {Every.HOUR: timedelta(hours=1), Every.DAY: timedelta(days=1), Every.WEEK: timedelta(days=7)}[self]


@dataclass(frozen=True)
class Job:
    """What is run, and when; *home* is LABKEEP_HOME, where the person who schedules it has one."""

    installation_id: UUID
    command: tuple[str, ...]
    every: Every
    at: time
    home: str | None = None

    @property
    def name(self) -> str:
        """The name of its files, one for each installation."""
        return f"labkeep-backup-{self.installation_id.hex[:8]}"


@dataclass(frozen=True)
class Scheduled:
    """Which files were written, whether it is switched on, and how that is done by hand."""

    files: tuple[Path, ...]
    is_on: bool
    switch_on: str


def own_command() -> tuple[str, ...]:
    """How this very program is started again, by a system that has no search path of the person's."""
    if getattr(sys, "frozen", False):  # set by PyInstaller's start-up code: this program is its own file
        return (sys.executable,)
    installed = Path(sys.argv[0])
    if installed.name.startswith("labkeep-admin") and installed.is_file():
        return (str(installed.absolute()),)
    return (sys.executable, "-m", "desktop_app.cli.main")


def schedule(job: Job, folder: Path | None = None, platform: str = sys.platform) -> Scheduled:
    """Write a job's files into *folder* (None: where the system looks for them) and switch it on where we can.

    An older schedule of the same installation is replaced. Raises OSError.
    """
    files = _files(job, platform)
    place = folder or _place(platform)
    make_private_folder(place)
    written = tuple(place / name for name in files)
    for path, content in zip(written, files.values(), strict=True):
        replace_file(path, content, 0o644)
    commands = _switch_on(job, written, platform)
    is_on = folder is None and platform == "linux" and all(_ran(command) for command in commands)
    return Scheduled(written, is_on, " && ".join(" ".join(command) for command in commands))


def _files(job: Job, platform: str) -> dict[str, bytes]:
    if platform == "win32":
        return {f"{job.name}.xml": task(job)}
    if platform == "darwin":
        return {f"org.labkeep.{job.name}.plist": agent(job)}
    return {f"{job.name}.service": service_unit(job).encode(), f"{job.name}.timer": timer_unit(job).encode()}


def service_unit(job: Job) -> str:
    """The systemd unit that makes one backup."""
    environment = "" if job.home is None else f"Environment={_quoted(f'LABKEEP_HOME={job.home}')}\n"
    return (
        "[Unit]\nDescription=Backup of a Labkeep installation\n\n[Service]\nType=oneshot\nUMask=0077\n"
        f"{environment}ExecStart={' '.join(map(_quoted, job.command)).replace('$', '$$')}\n"
    )


def timer_unit(job: Job) -> str:
    """The systemd unit that says when; a time at which the computer was off is made up for."""
    when = {
        Every.HOUR: f"*-*-* *:{job.at.minute:02}:00",
        Every.DAY: f"*-*-* {job.at:%H:%M}:00",
        Every.WEEK: f"Sun *-*-* {job.at:%H:%M}:00",
    }[job.every]
    return (
        f"[Unit]\nDescription=Backups of a Labkeep installation\n\n[Timer]\nOnCalendar={when}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def agent(job: Job) -> bytes:
    """The launchd agent (launchd.plist(5))."""
    when = {"Minute": job.at.minute}
    if job.every is not Every.HOUR:
        when["Hour"] = job.at.hour
    if job.every is Every.WEEK:
        when["Weekday"] = 0
    values: dict[str, object] = {
        "Label": f"org.labkeep.{job.name}",
        "ProgramArguments": list(job.command),
        "StartCalendarInterval": when,
        "Umask": 0o077,
    }
    if job.home is not None:
        values["EnvironmentVariables"] = {"LABKEEP_HOME": job.home}
    return plistlib.dumps(values)


def task(job: Job) -> bytes:
    """The task (Task Scheduler schema 1.2), in UTF-16 as schtasks wants it."""
    root = ElementTree.Element("Task", {"version": "1.2", "xmlns": _TASKS})
    trigger = ElementTree.SubElement(ElementTree.SubElement(root, "Triggers"), "CalendarTrigger")
    if job.every is Every.HOUR:
        _text(ElementTree.SubElement(trigger, "Repetition"), "Interval", "PT1H")
    _text(trigger, "StartBoundary", f"2026-01-04T{job.at:%H:%M}:00")  # a Sunday
    if job.every is Every.WEEK:
        weekly = ElementTree.SubElement(trigger, "ScheduleByWeek")
        _text(weekly, "WeeksInterval", "1")
        ElementTree.SubElement(ElementTree.SubElement(weekly, "DaysOfWeek"), "Sunday")
    else:
        _text(ElementTree.SubElement(trigger, "ScheduleByDay"), "DaysInterval", "1")
    settings = ElementTree.SubElement(root, "Settings")
    _text(settings, "MultipleInstancesPolicy", "IgnoreNew")
    _text(settings, "StartWhenAvailable", "true")
    run = ElementTree.SubElement(ElementTree.SubElement(root, "Actions"), "Exec")
    _text(run, "Command", job.command[0])
    _text(run, "Arguments", subprocess.list2cmdline(job.command[1:]))
    written: bytes = ElementTree.tostring(root, encoding="utf-16", xml_declaration=True)
    return written


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _quoted(word: str) -> str:
    """A word of a unit's line (systemd.syntax(7), "Quoting"): no specifier and no break in it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + escaped.replace("\n", "\\n") + '"'


def _place(platform: str) -> Path:
    if platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "labkeep"
    if platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents"
    if os.geteuid() == 0:
        return Path("/etc/systemd/system")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _switch_on(job: Job, written: tuple[Path, ...], platform: str) -> list[list[str]]:
    if platform == "win32":
        return [["schtasks", "/Create", "/TN", job.name, "/XML", subprocess.list2cmdline([str(written[0])]), "/F"]]
    if platform == "darwin":
        return [["launchctl", "load", "-w", str(written[0])]]
    who = [] if os.geteuid() == 0 else ["--user"]
    return [["systemctl", *who, "daemon-reload"], ["systemctl", *who, "enable", "--now", written[1].name]]


def _ran(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
