"""What a pill says: a word, an icon and a tone."""

from dataclasses import dataclass

from desktop_app.ui.foundation.theme import Tone


@dataclass(frozen=True)
class Badge:
    """What a pill shows."""

    text: str
    icon: str
    tone: Tone = Tone.NEUTRAL
    is_plain: bool = False
    """A dot and the word, without a ground: for what is usual, and in the head of a record."""
