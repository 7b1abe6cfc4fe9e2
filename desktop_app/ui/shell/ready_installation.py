"""An installation that a person may go on with: what the first start, a profile file or the demo leads to."""

from dataclasses import dataclass

from desktop_app.domain.profiles import Profile


@dataclass(frozen=True)
class ReadyInstallation:
    """An installation that can be signed in to; user and password are empty where somebody else made it."""

    profile: Profile
    username: str = ""
    password: str = ""
