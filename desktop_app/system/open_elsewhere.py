"""A file that another program has open: Windows refuses to rename, remove or replace it, most often for a moment only.

Virus scanners, indexers and backups open what was just written, and Python itself opens files so that nobody may
rename them meanwhile. Elsewhere there is no such refusal, and nothing here waits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop_app.system.retrying import retried

_T = TypeVar("_T")
_WAITS = (0.01, 0.03, 0.1, 0.3, 1.0)  # seconds; virus scanners and indexers let go within these
_ACCESS_DENIED = 5  # also said of a file that is being deleted, and of a target that is open
_SHARING_VIOLATION, _LOCK_VIOLATION = 32, 33


def retried_while_open(act: Callable[[], _T]) -> _T:
    """What *act* returns, done again after short waits while Windows says that another program has the file open.

    The last OSError is raised, after one and a half seconds.
    """
    return retried(act, _may_pass, _WAITS)


def read_whole(path: Path) -> bytes:
    """What a small file holds that another program may be replacing right now; raises OSError."""
    return retried_while_open(path.read_bytes)


def is_open_elsewhere(error: OSError) -> bool:
    """Tell whether Windows certainly says so: its word for a lack of rights may mean it, too."""
    return getattr(error, "winerror", None) in (_SHARING_VIOLATION, _LOCK_VIOLATION)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, PermissionError) and (
        is_open_elsewhere(error) or getattr(error, "winerror", None) == _ACCESS_DENIED
    )
