"""The root of every error that Labkeep raises on purpose."""

from desktop_app.message import Message


class LabkeepError(Exception):
    """Something was refused or failed; ``str(error)`` is one sentence for a person, in English.

    It is raised with a template and its values, ``RefusedError("There is no {title}.", title=title)``: the window
    says it in the person's language. Subclasses carry a one-sentence docstring and, where a program must tell cases
    apart, a ``code`` that scripts may rely on.
    """

    code = "failed"

    def __init__(self, template: str = "", /, *, one: str = "", **values: object) -> None:
        """*template* and *values* as of a :class:`Message`, or one that was made already."""
        self.message = template if isinstance(template, Message) else Message(template, one=one, **values)
        super().__init__(self.message)


class RefusedError(LabkeepError):
    """The person may not do this, or the state of things does not allow it."""

    code = "refused"


class ConflictError(LabkeepError):
    """Somebody else changed the same thing meanwhile."""

    code = "conflict"


class NotFoundError(LabkeepError):
    """There is no such thing, or it may not be seen from here."""

    code = "not_found"


class UnavailableError(LabkeepError):
    """The server, the store or the credential store cannot be reached now; trying again may help."""

    code = "unavailable"


class Cancelled(LabkeepError):
    """The person stopped a long task; nothing is shown for it."""

    code = "cancelled"


class InvalidInputError(LabkeepError):
    """One or more fields do not hold what they must; ``problems`` maps field name to sentence."""

    code = "invalid"

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems
