"""Has every locked library a wheel for Windows and macOS? Downloads them all: ``python packaging/wheels_elsewhere.py``.

Prints one line for each system and ends with status 1 where a wheel is missing or is not the locked one. Needs pip, and
packaging, which the locks have.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-package.lock")
SYSTEMS = {
    "win_amd64": {"sys_platform": "win32", "platform_machine": "AMD64"},
    "macosx_13_0_arm64": {"sys_platform": "darwin", "platform_machine": "arm64"},
}
"""Wheels' tags, and what the locks' markers ask of such a system. Not macosx_13_0_x86_64: since version 49 cryptography
brings no wheels for Intel's Macs."""
PYTHON = "3.11"


def wanted(lock: str, system: str) -> list[str]:
    """The locked lines, each with its hashes, that count on *system*; without their markers."""
    here = {str(name): str(value) for name, value in default_environment().items()}
    there = here | SYSTEMS[system] | {"python_version": PYTHON, "python_full_version": f"{PYTHON}.9"}
    found = []
    for line in re.sub(r"\\\n", " ", lock).splitlines():
        line = line.partition("#")[0].strip()
        if not line:
            continue
        requirement, *hashes = re.split(r"\s+(?=--hash=)", line)
        needed = Requirement(requirement)
        if needed.marker is None or needed.marker.evaluate(there):
            found.append(" ".join([f"{needed.name}{needed.specifier}", *hashes]))
    return found


def download(system: str, folder: Path) -> str:
    """Download the wheels of all locks for one system; returns a line, and raises SystemExit where one is missing."""
    lines = {line for lock in LOCKS for line in wanted((PROJECT / lock).read_text("utf-8"), system)}
    listed = folder / "requirements.txt"
    listed.write_text("\n".join(sorted(lines)), "utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--disable-pip-version-check", "--platform", system, "--python-version", PYTHON]
    done = subprocess.run(
        [*command, "--dest", folder, "-r", listed],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != len(lines):
        raise SystemExit(f"{system}: {len(wheels)} of {len(lines)} wheels.\n{done.stdout}{done.stderr}")
    binary = sum(not wheel.stem.endswith("-any") for wheel in wheels)
    size = sum(wheel.stat().st_size for wheel in wheels) / 1e6
    return f"{system}: {len(wheels)} wheels, {binary} of them binary, {size:.0f} MB"


def main(systems: list[str]) -> int:
    """Download for the named systems, or for all; returns the exit status."""
    for system in systems or SYSTEMS:
        with tempfile.TemporaryDirectory(prefix="labkeep-wheels-") as folder:
            print(download(system, Path(folder)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
