"""What a person chose on this workstation: a small TOML file, replaced whole, forgiving when it is damaged."""

import tomllib
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import tomli_w

from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.message import Message
from desktop_app.system.atomic_file import replace_private_file
from desktop_app.system.open_elsewhere import read_whole


class Appearance(StrEnum):
    """Light or dark, or what the desktop says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class SettingsError(LabkeepError):
    """The settings could not be written."""

    code = "settings"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a person chose. ``idle_lock_minutes`` 0 never locks by itself."""

    appearance: Appearance = Appearance.SYSTEM
    idle_lock_minutes: int = 10
    scanner_prefix: str = ""
    """What the barcode scanner types before each code; empty where it was set up for none."""


@dataclass(frozen=True)
class LoadedSettings:
    """Settings, always usable, and a sentence for each thing that could not be read as it was."""

    settings: Settings
    problems: tuple[str, ...] = ()


_LONGEST_IDLE = 24 * 60
_LONGEST_PREFIX = 8


def settings_problems(settings: Settings) -> dict[str, str]:
    """Return a sentence for every field with a value out of its bounds."""
    problems: dict[str, str] = {}
    if not 0 <= settings.idle_lock_minutes <= _LONGEST_IDLE:
        problems["idle_lock_minutes"] = Message(
            "must be between 0 (never) and {longest_idle}.", longest_idle=_LONGEST_IDLE
        )
    prefix = settings.scanner_prefix
    if len(prefix) > _LONGEST_PREFIX or not all(" " < letter <= "~" for letter in prefix):
        problems["scanner_prefix"] = Message(
            "At most {longest_prefix} signs of a keyboard without accents and spaces.", longest_prefix=_LONGEST_PREFIX
        )
    return problems


def load_settings(path: Path) -> LoadedSettings:
    """Read the settings; a missing file means defaults, a damaged one is set aside, a bad value is the default.

    Never raises for what the file holds or for a file that may not be read.
    """
    try:
        values = tomllib.loads(read_whole(path).decode("utf-8"))
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except OSError as error:
        return LoadedSettings(
            Settings(),
            (
                Message(
                    "Your settings in {path} could not be read ({reason}); the usual ones are used.",
                    path=path,
                    reason=error.strerror,
                ),
            ),
        )
    except ValueError:  # TOMLDecodeError and UnicodeDecodeError are of this kind
        return LoadedSettings(Settings(), (_set_aside(path),))
    settings, problems = Settings(), []
    for field in fields(Settings):
        if field.name not in values:
            continue
        try:
            settings = _with_value(settings, field.name, values[field.name])
        except ValueError:
            problems.append(
                Message(
                    "The setting “{field}” in {path} has no proper value; the usual one is used.",
                    field=field.name,
                    path=path,
                )
            )
    return LoadedSettings(settings, tuple(problems))


def save_settings(path: Path, settings: Settings) -> None:
    """Write all settings; raises InvalidInputError for values out of bounds, and SettingsError."""
    problems = settings_problems(settings)
    if problems:
        raise InvalidInputError(problems)
    values = {name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(settings).items()}
    try:
        replace_private_file(path, tomli_w.dumps(values).encode())
    except OSError as error:
        raise SettingsError(
            "Your settings could not be written to {path}: {reason}.", path=path, reason=error.strerror
        ) from error


def _with_value(settings: Settings, name: str, value: Any) -> Settings:
    """Return the settings with one more value; raises ValueError for a wrong type or a value out of bounds."""
    kind = type(getattr(settings, name))
    if issubclass(kind, StrEnum):
        value = kind(value)
    elif type(value) is not kind:  # exactly: True is an int to isinstance
        raise ValueError(name)
    changed: Settings = replace(settings, **{name: value})
    if settings_problems(changed):
        raise ValueError(name)
    return changed


def _set_aside(path: Path) -> str:
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")
    try:
        path.replace(aside)
    except OSError:
        return Message("Your settings in {path} are damaged; the usual ones are used.", path=path)
    return Message("Your settings were damaged and were set aside as {aside}; the usual ones are used.", aside=aside)
