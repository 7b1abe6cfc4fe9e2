"""Which column of a sheet is which field: what somebody chose for these headings is there again the next time."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray

from desktop_app.ui.foundation.window_state import WindowState


@dataclass(frozen=True)
class ColumnMemory:
    """Of one person and one kind of sheet; headings stay unsaid, because they may name anything."""

    state: WindowState
    place: str

    def of(self, headings: Sequence[str]) -> tuple[str, ...]:
        """The field of each column; nothing where none was ever chosen."""
        kept = self.state.layout(self._name(headings))
        try:
            said = json.loads(bytes(kept.data())) if kept is not None else []
        except ValueError:
            return ()
        return tuple(map(str, said)) if isinstance(said, list) else ()

    def keep(self, headings: Sequence[str], chosen: Sequence[str]) -> None:
        """Remember the field of each column."""
        self.state.keep_layout(self._name(headings), QByteArray(json.dumps(list(chosen)).encode()))

    def _name(self, headings: Sequence[str]) -> str:
        digest = hashlib.sha256("\0".join(headings).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return f"sheet_{self.place}_{digest}"
