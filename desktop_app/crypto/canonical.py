"""Canonical JSON: the one byte form of a signed statement, and its strict reading."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from desktop_app.crypto.errors import UnknownFormatError
from desktop_app.domain.ids import exact_id

FORMAT = "labkeep/1"
MAX_PAYLOAD = 65_536  # the largest statement is under 3 KiB, but a file name may have escapes

_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def encode(fields: Mapping[str, object]) -> bytes:
    """Sorted keys, no spaces, ASCII; the format's name is added."""
    return _WRITER.encode({"format": FORMAT, **fields}).encode("ascii")


class Fields:
    """The fields of one canonical statement, taken out one by one with their types checked.

    Everything wrong is an ``UnknownFormatError``. ``finish`` refuses fields nobody asked for.
    """

    def __init__(self, payload: bytes) -> None:
        self._fields = _parse(payload)
        if self._fields.pop("format", None) != FORMAT:
            raise UnknownFormatError("The statement is of a format this version does not know.")

    @classmethod
    def _of(cls, fields: dict[str, object]) -> "Fields":
        inner = cls.__new__(cls)
        inner._fields = fields
        return inner

    def _take(self, name: str) -> object:
        if name not in self._fields:
            raise UnknownFormatError("The statement lacks {name}.", name=name)
        return self._fields.pop(name)

    def text(self, name: str) -> str:
        """A string."""
        value = self._take(name)
        if not isinstance(value, str):
            raise UnknownFormatError("The statement's {name} is not text.", name=name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(name)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UnknownFormatError("The statement's {name} is not a list of texts.", name=name)
        return tuple(value)

    def moment(self, name: str) -> datetime:
        """A time in whole seconds, UTC: ``2026-11-28T23:05:11Z``."""
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            raise UnknownFormatError("The statement's {name} is not a time.", name=name) from None
        if found.tzinfo is None or moment_text(found) != value:
            raise UnknownFormatError("The statement's {name} is not written as times are.", name=name)
        return found

    def literal(self, name: str, expected: str) -> None:
        """A string that must be exactly this one."""
        if self.text(name) != expected:
            raise UnknownFormatError("The statement's {name} is not {expected}.", name=name, expected=expected)

    def whole(self, name: str, least: int) -> int:
        """An integer that is not less than ``least``."""
        value = self._take(name)
        if type(value) is not int or not least <= value < 2**63:
            raise UnknownFormatError("The statement's {name} is not a number in range.", name=name)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise UnknownFormatError("The statement's {name} is not true or false.", name=name)
        return value

    def uuid(self, name: str) -> UUID:
        """A UUID in lower case with hyphens."""
        value = self.text(name)
        found = exact_id(value)
        if found is None:
            raise UnknownFormatError("The statement's {name} is not an id.", name=name)
        return found

    def uuid_or_none(self, name: str) -> UUID | None:
        """A UUID, or null."""
        if name in self._fields and self._fields[name] is None:
            self._fields.pop(name)
            return None
        return self.uuid(name)

    def day_or_none(self, name: str) -> date | None:
        """A day written YYYY-MM-DD, or null."""
        if name in self._fields and self._fields[name] is None:
            self._fields.pop(name)
            return None
        value = self.text(name)
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise UnknownFormatError("The statement's {name} is not a day.", name=name) from None
        if found.isoformat() != value:
            raise UnknownFormatError("The statement's {name} is not written as days are.", name=name)
        return found

    def digest(self, name: str) -> bytes:
        """32 bytes in lower-case hexadecimal."""
        value = self.text(name)
        try:
            found = bytes.fromhex(value)
        except ValueError:
            raise UnknownFormatError("The statement's {name} is not hexadecimal.", name=name) from None
        if len(found) != 32 or found.hex() != value:
            raise UnknownFormatError("The statement's {name} is not a digest.", name=name)
        return found

    def digests(self, name: str) -> tuple[bytes, ...]:
        """Digests with one space between them, or nothing."""
        value = self.text(name)
        if value and not re.fullmatch("[0-9a-f]{64}( [0-9a-f]{64})*", value):
            raise UnknownFormatError("The statement's {name} are no digests.", name=name)
        return tuple(bytes.fromhex(each) for each in value.split())

    def named_digest(self, name: str, algorithm: str) -> str:
        """``<algorithm>:`` and 32 bytes in lower-case hexadecimal."""
        value = self.text(name)
        if not re.fullmatch(re.escape(algorithm) + ":[0-9a-f]{64}", value):
            raise UnknownFormatError(
                "The statement's {name} is not a digest of the kind {algorithm}.", name=name, algorithm=algorithm
            )
        return value

    def data(self, name: str) -> bytes:
        """Bytes in base64."""
        value = self.text(name)
        try:
            found = b64decode(value, validate=True)
        except ValueError:
            raise UnknownFormatError("The statement's {name} is not base64.", name=name) from None
        if data_text(found) != value:
            raise UnknownFormatError("The statement's {name} is not canonical base64.", name=name)
        return found

    def part(self, name: str) -> "Fields":
        """A nested object."""
        value = self._take(name)
        if not isinstance(value, dict):
            raise UnknownFormatError("The statement's {name} is not an object.", name=name)
        return Fields._of(dict(value))

    def finish(self) -> None:
        """Refuse what was not asked for: a field that is not understood may change the meaning."""
        if self._fields:
            raise UnknownFormatError("The statement has fields this version does not know.")


def moment_text(moment: datetime) -> str:
    """A time as ``Fields.moment`` reads it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def data_text(data: bytes) -> str:
    """Bytes as base64 text, as ``Fields.data`` reads it."""
    return b64encode(data).decode("ascii")


def _parse(payload: bytes) -> dict[str, object]:
    if len(payload) > MAX_PAYLOAD:
        raise UnknownFormatError("The statement is too long.")
    try:
        found = json.loads(payload.decode("ascii"))
        again = _WRITER.encode(found).encode("ascii")
    except (ValueError, RecursionError):
        raise UnknownFormatError("The statement is not JSON.") from None
    # Two texts with one meaning would be two signatures for one statement; doubled keys end here too.
    if again != payload or not isinstance(found, dict):
        raise UnknownFormatError("The statement is not in canonical form.")
    return found
