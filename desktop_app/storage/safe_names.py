"""File names of documents made safe for the system on which they are written."""

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

LONGEST = 200  # bytes of UTF-8; every common file system takes 255, encrypted home folders fewer
_LONGEST_EXTENSION = 20  # bytes; what is longer is no extension
_SEPARATORS = "/\\"
_WINDOWS_FORBIDDEN = '<>:"|?*'
_WINDOWS_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?", re.IGNORECASE
)
# Joiners are spelling in Persian and the languages of India, and turn nothing around.
_ALLOWED_FORMAT_CHARACTERS = "\u200c\u200d"
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_FALLBACK = "document"


def safe_file_name(name: str, system: str = sys.platform) -> str:
    """Return ``name`` as one harmless file name of at most 200 bytes, its extension kept.

    ``system`` is a value of ``sys.platform``: "win32" forbids more characters and reserves names such as ``CON``,
    "darwin" shows a colon as a slash. Separators, control and bidirectional characters become underscores, so that
    what was hidden is seen. The result never is empty, ``.``, ``..`` or hidden.
    """
    forbidden = _SEPARATORS
    if system in ("win32", "cygwin"):
        forbidden += _WINDOWS_FORBIDDEN
    elif system == "darwin":
        forbidden += ":"
    normal = unicodedata.normalize("NFC", name)
    clean = "".join(character if _is_safe(character, forbidden) else "_" for character in normal)
    clean = clean.strip().rstrip(". ")
    if clean.startswith("."):
        clean = "_" + clean[1:]
    if not clean.strip("_ "):
        clean = _FALLBACK
    if system in ("win32", "cygwin") and _WINDOWS_RESERVED.fullmatch(clean):
        clean = "_" + clean
    return _shortened(clean, LONGEST)


def unique_target(folder: Path, name: str) -> Path:
    """Return a path in ``folder`` that nothing has now: ``name``, or ``name (2)``, ``name (3)`` before the extension.

    Only a look: the writer still must refuse to overwrite, see ``private_files.PrivateTemp``.
    """
    for candidate in _candidates(name):
        path = folder / candidate
        if not os.path.lexists(path):
            return path
    raise AssertionError("the candidates never end")


def _candidates(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield _shortened(name, LONGEST, f" ({number})")
        number += 1


def _is_safe(character: str, forbidden: str) -> bool:
    if character in forbidden:
        return False
    return character in _ALLOWED_FORMAT_CHARACTERS or unicodedata.category(character) not in _UNSAFE_CATEGORIES


def _shortened(name: str, limit: int, suffix: str = "") -> str:
    """Return the stem cut to fit, then ``suffix``, then the extension; never a half character."""
    stem, extension = _split(name)
    room = limit - len(suffix.encode()) - len(extension.encode())
    cut = stem.encode()[:room].decode("utf-8", "ignore")
    return (cut if cut == stem else cut.rstrip(". ")) + suffix + extension


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension.encode()) >= _LONGEST_EXTENSION:
        return name, ""
    return stem, dot + extension
