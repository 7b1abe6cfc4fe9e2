"""Where the manifest of versions lies: a file, usually on the share, or a web server; read, and nothing else."""

import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

from desktop_app.storage.errors import StorageError
from desktop_app.system.time_limits import within

MANIFEST = "labkeep-update.json"
LARGEST = 65_536  # bytes
SECONDS = 10.0


class UpdatePlaceError(StorageError):
    """The place of the manifest cannot be read now."""

    code = "update_place"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Who answers from another place than the administrator named is not asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the redirection itself is the (unwanted) answer."""


def read_place(place: str) -> bytes | None:
    """The manifest's bytes, None where there is none; *place* is a path or an https address.

    Raises UpdatePlaceError: not reached, silent, redirected, too large, or no address that is read.
    """
    try:
        content = within(SECONDS, lambda: _read_web(place) if "://" in place else _read_file(Path(place)))
    except TimeoutError:
        raise UpdatePlaceError("{place} does not answer.", place=place) from None
    if content is not None and len(content) > LARGEST:
        raise UpdatePlaceError("What is at {place} is too large to be a manifest.", place=place)
    return content


def _read_file(path: Path) -> bytes | None:
    try:
        # A pipe or a device in its place would never end.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UpdatePlaceError("{path} could not be read: {reason}.", path=path, reason=reason) from error


def _read_web(address: str) -> bytes | None:
    if not address.startswith("https://"):
        raise UpdatePlaceError("{address} is no https address.", address=address)
    opener = urllib.request.build_opener(
        _NoRedirects, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(address, timeout=SECONDS) as answer:
            content: bytes = answer.read(LARGEST + 1)
            return content
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            return None
        raise UpdatePlaceError("{address} answered {code}.", address=address, code=str(error.code)) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise UpdatePlaceError("{address} could not be read: {reason}.", address=address, reason=str(reason)) from error
