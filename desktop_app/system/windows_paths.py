"""Windows' long paths: beyond 259 signs a path is found only in a form that the system takes letter for letter.

``\\\\?\\C:\\…`` for a drive and ``\\\\?\\UNC\\server\\share\\…`` for a share. The program's manifest says that it knows
long paths, but Windows heeds that only where an administrator allowed it for the whole computer. Short paths stay as
they are: some network file systems do not know the other form, and people read these.
https://learn.microsoft.com/en-us/windows/win32/fileio/maximum-file-path-limitation
"""

import ntpath
import sys
from pathlib import Path, PureWindowsPath

_LONGEST_FOLDER = 247  # UTF-16 units: MAX_PATH less the end and the twelve of a file in it
_LETTER_FOR_LETTER = ("\\\\?\\", "\\\\.\\")


def extended(path: PureWindowsPath, room: int) -> PureWindowsPath:
    """The form in which Windows finds *path*, and what is *room* units longer than it, whatever their length.

    A path that is short enough, is not a full one or has such a form already stays as it is.
    """
    text = str(path)
    long = len(text.encode("utf-16-le", "surrogatepass")) // 2 + room > _LONGEST_FOLDER
    if not long or not path.is_absolute() or text.startswith(_LETTER_FOR_LETTER):
        return path
    plain = ntpath.normpath(text)  # dots and slashes would be taken for names
    return PureWindowsPath(f"\\\\?\\UNC\\{plain[2:]}" if plain.startswith("\\\\") else f"\\\\?\\{plain}")


def reachable(path: Path, room: int = 0) -> Path:
    """The full path by which this system finds *path* and what is *room* signs longer; on Windows maybe ``extended``.

    For calls, not for messages.
    """
    if sys.platform != "win32":
        return path
    full = PureWindowsPath(path.absolute())
    found = extended(full, room)
    return path if found == full else Path(found)
