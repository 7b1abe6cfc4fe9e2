"""No core dumps: a crash must not put keys and clear documents into a file or send them to somebody."""

import ctypes
import sys

PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """For this process and, by the limit, the programs that it starts.

    On Linux the process also cannot be attached to by other programs of the same person: a pipe to which dumps are
    sent (systemd, Ubuntu) is not bound by the limit. What Windows keeps of a crash is a setting of Windows.
    """
    if sys.platform == "win32":
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
