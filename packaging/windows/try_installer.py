"""Installs Labkeep by its installer, tries it, installs it again and removes it: ``python try_installer.py INSTALLER``.

For Windows, and for a computer that has no Labkeep: it installs for this person and, where it runs as an administrator,
for everybody. Ends with status 1 at the first thing that is not as it should be.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
QUIET = ("/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART", "/TASKS=path")
LINK, PROFILE = r"Software\Classes\labkeep\shell\open\command", r"Software\Classes\.labkeep-profile"


class TryError(Exception):
    """The installer does not do what it should."""


def run(*command: str | Path) -> None:
    """Run a program to its end; TryError where it does not end with status 0."""
    status = subprocess.run([str(word) for word in command], timeout=900, check=False).returncode
    demand(status == 0, f"{command[0]} ended with {status}")


def demand(right: bool, problem: str) -> None:
    """Raise TryError unless *right*."""
    if not right:
        raise TryError(problem)


def registered(root: int, key: str) -> str:
    """Return a key's own value; empty where there is none."""
    import winreg

    try:
        return winreg.QueryValue(root, key)
    except OSError:
        return ""


def try_for(mode: str, app: Path, root: int, installer: Path) -> None:
    """Install, try, upgrade and remove, for this person or for everybody."""
    data = Path(os.environ["LOCALAPPDATA"]) / "labkeep" / "kept.txt"
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text("a person's own", encoding="utf-8")
    run(installer, mode, *QUIET, f"/LOG={installer.parent / 'install.log'}")
    demand((app / "labkeep.exe").is_file(), f"{app} has no labkeep.exe")
    demand(str(app) in registered(root, LINK), "links are not opened by it")
    demand(registered(root, PROFILE) != "", "profiles are not opened by it")
    run(sys.executable, HERE.parent / "smoke_test.py", app)
    old = app / "_internal" / "module_of_an_older_version.pyd"
    old.write_bytes(b"")
    run(installer, mode, *QUIET)
    demand(not old.exists(), "an upgrade leaves old modules")
    demand((app / "labkeep.exe").is_file(), "an upgrade removes the program")
    run(app / "unins000.exe", "/VERYSILENT", "/SUPPRESSMSGBOXES", "/NORESTART")
    demand(not (app / "labkeep.exe").exists(), "it is not removed")
    demand(registered(root, LINK) == "", "links stay registered")
    demand(data.read_text(encoding="utf-8") == "a person's own", "a person's data was touched")
    print(f"{mode}: installed, tried, upgraded and removed; the data stays", flush=True)


def try_policy() -> None:
    """The policy's folder is the administrators' own, and stays when the program is removed."""
    folder = Path(os.environ["PROGRAMDATA"]) / "Labkeep"
    demand((folder / "policy.toml").is_file(), f"{folder} has no policy.toml")
    said = subprocess.run(["icacls", str(folder)], capture_output=True, text=True, check=True).stdout
    users = [line for line in said.splitlines() if "Users:" in line and "Administrators" not in line]
    demand(len(users) == 1 and users[0].rstrip().endswith("(RX)"), f"others than administrators may write: {said}")
    print("policy: readable by all, written by administrators", flush=True)


def main(arguments: list[str]) -> int:
    """Try the installer that the only argument names; returns the exit status."""
    if sys.platform != "win32" or len(arguments) != 1:
        sys.stderr.write("usage, on Windows: python packaging/windows/try_installer.py INSTALLER\n")
        return 2
    import winreg

    installer = Path(arguments[0]).resolve()
    try:
        person = Path(os.environ["LOCALAPPDATA"]) / "Programs" / "Labkeep"
        try_for("/CURRENTUSER", person, winreg.HKEY_CURRENT_USER, installer)
        if ctypes.windll.shell32.IsUserAnAdmin():
            everybody = Path(os.environ["PROGRAMFILES"]) / "Labkeep"
            try_for("/ALLUSERS", everybody, winreg.HKEY_LOCAL_MACHINE, installer)
            try_policy()
    except (TryError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"The installer failed: {error}\n")
        return 1
    print("The installer works.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
