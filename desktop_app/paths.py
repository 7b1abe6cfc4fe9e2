"""Where Labkeep keeps its local files, and where its own resources are."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from desktop_app.errors import LabkeepError

HOME_VARIABLE = "LABKEEP_HOME"
_APP = "labkeep"


class ResourcesMissingError(LabkeepError):
    """The program's own files (icons, styles, demo data) are not where an installation has them."""


class UnknownHomeError(LabkeepError):
    """A path begins with the home folder of somebody whom this computer does not know."""


@dataclass(frozen=True)
class HomePaths:
    """The folders of one person on one workstation; none of them is made by naming it here.

    ``data_dir`` holds the built-in server, ``state_dir`` remembered heads and window state, ``open_dir`` the
    decrypted files of "Open with". All of them are private to the person.
    """

    config_dir: Path
    data_dir: Path
    state_dir: Path
    log_dir: Path
    open_dir: Path
    profiles_dir: Path

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "HomePaths":
        """Return the system's usual folders, or folders below ``LABKEEP_HOME`` where that is set and not empty."""
        home = env.get(HOME_VARIABLE, "")
        if home:
            return cls._below(expanded(Path(home)).absolute())
        dirs = platformdirs.PlatformDirs(_APP, appauthor=False)
        config = Path(dirs.user_config_dir)
        return cls(
            config_dir=config,
            data_dir=Path(dirs.user_data_dir),
            state_dir=Path(dirs.user_state_dir),
            log_dir=Path(dirs.user_log_dir),
            open_dir=Path(dirs.user_cache_dir) / "open",
            profiles_dir=config / "profiles",
        )

    @classmethod
    def _below(cls, home: Path) -> "HomePaths":
        return cls(
            config_dir=home / "config",
            data_dir=home / "data",
            state_dir=home / "state",
            log_dir=home / "log",
            open_dir=home / "open",
            profiles_dir=home / "config" / "profiles",
        )

    @property
    def settings_file(self) -> Path:
        """The file that :mod:`desktop_app.config` reads and writes."""
        return self.config_dir / "settings.toml"


def policy_file() -> Path:
    """The file of the laboratory's policy (desktop_app/policy.py): at one place, which no variable moves."""
    if sys.platform == "win32":  # experimental until run there
        return _program_data() / "Labkeep" / "policy.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/Labkeep/policy.toml")
    return Path("/etc/labkeep/policy.toml")


if sys.platform == "win32":
    import winreg

    def _program_data() -> Path:
        """What the registry of the machine says: %ProgramData% is a variable that everybody sets for himself."""
        place = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return Path(winreg.QueryValueEx(key, "Common AppData")[0])
        except OSError:
            return Path(r"C:\ProgramData")


def expanded(path: Path) -> Path:
    """The path with a leading ``~`` or ``~name`` replaced; raises UnknownHomeError where there is no such person."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise UnknownHomeError("{path} begins with the home of nobody on this computer.", path=path) from error


def resources_dir() -> Path:
    """Return the folder of icons, styles and demo data: in the package, in a frozen program, or in a checkout.

    The package's own folder comes first: beside an installed package there may be somebody else's ``resources``.
    Raises ResourcesMissingError.
    """
    package = Path(__file__).resolve().parent
    candidates = [package / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's start-up code
    if frozen:
        candidates.append(Path(frozen) / "resources")
    if (package.parent / "pyproject.toml").is_file():
        candidates.append(package.parent / "resources")
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise ResourcesMissingError("Labkeep's own files are incomplete: please install it again.")


def third_party_licences() -> Path | None:
    """The file with the licences of all libraries inside, which a package has; None in a checkout."""
    path = resources_dir() / "third-party-licences.txt"
    return path if path.is_file() else None
