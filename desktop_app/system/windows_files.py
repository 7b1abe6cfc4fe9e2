"""Windows' own way to open a file, for what Python's does not offer: past the cache, or so that it may be deleted."""

import sys
from pathlib import Path

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    GENERIC_READ, GENERIC_WRITE = 0x80000000, 0x40000000
    SHARE_READ, SHARE_WRITE, SHARE_DELETE = 1, 2, 4
    OPEN_EXISTING, OPEN_ALWAYS = 3, 4
    NO_BUFFERING, SEQUENTIAL, OPEN_REPARSE_POINT = 0x20000000, 0x08000000, 0x00200000
    _INVALID = wintypes.HANDLE(-1).value

    def open_handle(path: Path, access: int, share: int, disposition: int, flags: int, mode: int) -> int:
        """Return a descriptor by CreateFileW; *mode* is what ``os.open`` calls the flags. Raises OSError."""
        create = ctypes.WinDLL("kernel32", use_last_error=True).CreateFileW
        create.restype = wintypes.HANDLE
        number = wintypes.DWORD
        create.argtypes = [
            *(wintypes.LPCWSTR, number, number, wintypes.LPVOID, number, number, wintypes.HANDLE),
        ]
        handle = create(str(path), access, share, None, disposition, flags, None)
        if handle == _INVALID:
            raise ctypes.WinError(ctypes.get_last_error())
        return msvcrt.open_osfhandle(handle, mode)
