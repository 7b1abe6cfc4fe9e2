"""In the foot of a list how many there are of it, or for the moment a hint."""

from desktop_app.domain.paging import Count
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel, give_tip


class ListCount(PlainLabel):
    """Hidden while there is nothing to say."""

    def __init__(self, words: tuple[str, str]) -> None:
        """*words* say one row and more ("1 sample", "{count} samples")."""
        super().__init__()
        self.setProperty("caption", "true")
        self._one, self._more = words
        self._said = ""
        self.hide()

    def show_count(self, count: Count, *, in_sight: bool) -> None:
        """There are so many; *in_sight*: and the rows are shown."""
        is_one = count.number == 1 and not count.capped
        words = self._one if is_one else self._more.format(count=formatting.counted(count))
        self._said = words if count.number > 0 else ""
        self.show_again()
        if not in_sight:
            self.hide()

    def show_again(self) -> None:
        """What was counted last, in place of a hint."""
        self.setText(self._said)
        give_tip(self, self.tr("Entries that fit the search and filters"))
        self.setVisible(bool(self._said))

    def forget(self) -> None:
        """Nothing is shown that could be counted."""
        self._said = ""
        self.show_again()

    def hint(self, text: str) -> None:
        """Say something else until it is counted anew."""
        self.setText(text)
        give_tip(self, "")
        self.show()
