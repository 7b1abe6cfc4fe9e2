"""An installation that a person may go on with: what the first start, a profile file or the demo leads to."""

from dataclasses import dataclass

from desktop_app.domain.profiles import Profile
from desktop_app.ui.foundation.theme import Tone


@dataclass(frozen=True)
class ReadyInstallation:
    """An installation that can be signed in to; user and password are empty where they are to be typed."""

    profile: Profile
    username: str = ""
    password: str = ""
    note: str = ""
    """What there is to say of it on the sign-in page."""
    tone: Tone = Tone.GOOD
