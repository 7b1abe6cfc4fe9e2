"""What a job meets that nobody foresaw, as an error that may be shown."""

import logging
import traceback

from desktop_app.errors import LabkeepError

log = logging.getLogger(__name__)


class UnexpectedError(LabkeepError):
    """Something failed that nobody foresaw; the log has the place."""

    code = "unexpected"


def unexpected(error: Exception) -> UnexpectedError:
    """The error in a sentence; its place goes into the log."""
    # Without the message: it may hold a name or a value, and the log has ids only.
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s in a job\n%s", type(error).__name__, places)
    made = UnexpectedError(
        f"Something unexpected happened ({type(error).__name__}). What was reported as saved is saved; "
        "the place is in the log."
    )
    made.__cause__ = error
    return made
