"""The profile that the laboratory's policy gives to everybody: taken at each start, kept where its place is away."""

from dataclasses import replace
from pathlib import Path

from desktop_app.errors import LabkeepError
from desktop_app.message import Message
from desktop_app.storage.profile_files import ProfileFileError, SentProfile, read_text, sent_profile
from desktop_app.storage.profiles import ProfileStore
from desktop_app.system.protected_files import is_protected
from desktop_app.system.time_limits import within

SECONDS = 5.0
"""A share that hangs cannot be interrupted, and nobody waits for it longer than this."""


def take_given(store: ProfileStore, path: Path, administrator: int = 0) -> Message | None:
    """Keep the profile in the file at *path*; a sentence where it could not be taken, and what was there before stays.

    A file that only the computer's administrator may write (*administrator*: his account) also says which root is
    trusted. One on a share, which others might write, does not replace a root that is trusted here already.
    """
    try:
        sent, is_the_administrators = _read_within(path, administrator, SECONDS)
        # Where a person gave another installation that name, it must not keep the laboratory's away.
        name = store.free_name(sent.profile.display_name, sent.profile.installation_id)
        sent = replace(sent, profile=replace(sent.profile, display_name=name))
        store.keep(sent, replace_root=is_the_administrators)
    except LabkeepError as error:
        return Message("The profile that your laboratory gives to everybody was not taken: {error}", error=error)
    return None


def _read_within(path: Path, administrator: int, seconds: float) -> tuple[SentProfile, bool]:
    """The profile, and whether only the administrator may write its file."""
    try:
        return within(seconds, lambda: (sent_profile(read_text(path)), is_protected(path, administrator)))
    except TimeoutError:
        raise ProfileFileError("The profile {path} could not be read: its place does not answer.", path=path) from None
