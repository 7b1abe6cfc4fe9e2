"""The values of one entry, before and after."""

from collections.abc import Sequence

from desktop_app.ui.widgets.detail import Pairs
from desktop_app.ui.widgets.styling import clear


class Changes(Pairs):
    """Field, old value struck through, new value."""

    def show_changes(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """Show these; an empty old or new value is left out."""
        clear(self._grid)
        line = 0
        for name, old, new in changes:
            self._put_label(line, name)
            for text, gone in ((old, True), (new, False)):
                if text:
                    value = self._put_value(line, text)
                    line += 1
                    if gone:
                        value.setProperty("muted", "true")
                        font = value.font()
                        font.setStrikeOut(True)
                        value.setFont(font)
