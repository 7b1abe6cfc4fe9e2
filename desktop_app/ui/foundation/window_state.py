"""What the window remembers by itself between starts: sizes, who and where last, what was said; never a secret.

What a person chose is in the settings (config.py).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtCore import QByteArray, QSettings

from desktop_app.domain.ids import parse_id


class WindowState:
    """A small file in the person's state folder; Qt reads it once and writes it when the program rests."""

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def layout(self, name: str) -> QByteArray | None:
        """The remembered geometry, splitter or header of this name."""
        value: Any = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Remember it."""
        self._settings.setValue(f"layout/{name}", state)

    def was_told(self, what: str) -> bool:
        """Whether the person was told something that is said once."""
        return str(self._settings.value(f"told/{what}", "")) == "yes"

    def keep_told(self, what: str) -> None:
        """Remember it."""
        self._settings.setValue(f"told/{what}", "yes")

    def write(self) -> None:
        """Put it on the disk now, for a program that is about to be ended."""
        self._settings.sync()

    def last_center(self, installation: UUID, user: UUID) -> UUID | None:
        """The center that this person worked in last."""
        return parse_id(str(self._settings.value(f"center/{installation.hex}{user.hex}", "")))

    def keep_center(self, installation: UUID, user: UUID, center: UUID) -> None:
        """Remember it."""
        self._settings.setValue(f"center/{installation.hex}{user.hex}", str(center))

    def pinned_centers(self, installation: UUID, user: UUID) -> tuple[UUID, ...]:
        """The centers that this person wants to find first."""
        kept = str(self._settings.value(f"pinned/{installation.hex}{user.hex}", ""))
        return tuple(found for each in kept.split() if (found := parse_id(each)) is not None)

    def keep_pinned(self, installation: UUID, user: UUID, centers: Iterable[UUID]) -> None:
        """Remember them."""
        self._settings.setValue(f"pinned/{installation.hex}{user.hex}", " ".join(str(each) for each in centers))

    @property
    def last_profile(self) -> UUID | None:
        """The installation that was signed in to last."""
        return parse_id(str(self._settings.value("sign_in/profile", "")))

    @last_profile.setter
    def last_profile(self, value: UUID) -> None:
        self._settings.setValue("sign_in/profile", str(value))

    def last_user(self, installation: UUID) -> str:
        """Who signed in last."""
        return str(self._settings.value(f"sign_in/{installation.hex}", ""))

    def keep_user(self, installation: UUID, username: str) -> None:
        """Remember the user name."""
        self._settings.setValue(f"sign_in/{installation.hex}", username)
