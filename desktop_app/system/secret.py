"""Bytes that must not be printed, logged, pickled or compared in variable time."""

import hmac
from dataclasses import dataclass
from typing import NoReturn


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Secret:
    """Holds secret bytes; only ``reveal`` gives them out."""

    _value: bytes

    def reveal(self) -> bytes:
        """The bytes themselves."""
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value, other._value)

    def __hash__(self) -> int:
        # A hash kept in a set or printed by a debugger says something about the value.
        raise TypeError("A secret has no hash.")

    def __repr__(self) -> str:
        return "Secret(redacted)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A secret is not copied or pickled.")
