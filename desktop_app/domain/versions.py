"""Versions of the program, compared as people read them."""

import re

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,5}")


def is_version(text: str) -> bool:
    """Whether a text is a version at all."""
    return _VERSION.fullmatch(text) is not None


def is_older(version: str, than: str) -> bool:
    """Whether *version* is older than *than*; everything is older than what is no version."""
    theirs = _parts(than)
    return theirs is None or (_parts(version) or ()) < theirs


def _parts(version: str) -> tuple[int, ...] | None:
    if _VERSION.fullmatch(version) is None:
        return None
    parts = [int(part) for part in version.split(".")]
    while parts and parts[-1] == 0:  # 1.0 is 1
        parts.pop()
    return tuple(parts)
