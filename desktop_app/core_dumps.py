"""No core dumps: a crash must not put keys and clear documents into a file or send them to somebody."""

import ctypes
import sys

PR_SET_DUMPABLE = 4
_REPORT_NO_HEAP = 1  # WER_FAULT_REPORTING_FLAG_NOHEAP


def forbid_core_dumps() -> None:
    """For this process and, by the limit, the programs that it starts.

    On Linux the process also cannot be attached to by other programs of the same person: a pipe to which dumps are
    sent (systemd, Ubuntu) is not bound by the limit. Windows is told to leave what the program kept in memory out of
    its reports of a crash; whole dumps are kept only where an administrator set them up.
    """
    if sys.platform == "win32":
        ctypes.windll.kernel32.WerSetFlags(_REPORT_NO_HEAP)
        return
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
