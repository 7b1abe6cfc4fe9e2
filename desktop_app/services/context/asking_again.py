"""An answer that was lost on its way is asked for again, until the server can be asked or patience is at its end."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from desktop_app.db.errors import UnconfirmedError
from desktop_app.db.sessions import Session
from desktop_app.errors import UnavailableError

WAITS = (0.2, 1.0, 3.0)
"""Seconds before asking again: a server that restarts is back by then."""
Answer = TypeVar("Answer")


def asked_again(begin: Callable[[], AbstractContextManager[Session]], look: Callable[[Session], Answer]) -> Answer:
    """What *look* finds in a session of its own; UnconfirmedError where the server cannot be asked."""
    for wait in WAITS:
        time.sleep(wait)
        try:
            with begin() as session:
                return look(session)
        except UnconfirmedError:
            raise
        except UnavailableError:
            continue
    raise UnconfirmedError
