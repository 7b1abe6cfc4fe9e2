"""What the laboratory fixed for everybody on this workstation: one TOML file that only an administrator may write.

No environment variable and no setting of the person leads to another file. A file that cannot be believed is not
ignored, for then whoever spoils it would be free of it: the strictest reading holds until it is put right, so that
people go on working and nothing is looser than it should be.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import urlsplit

from desktop_app.errors import LabkeepError, RefusedError
from desktop_app.message import Message
from desktop_app.system.protected_files import NotProtectedError, read_protected

LARGEST_FILE = 65_536  # bytes
LONGEST_IDLE = 24 * 60  # minutes
NEVER = "never"


class Remembering(StrEnum):
    """Whether the credential store of the desktop may keep a sign-in."""

    ALLOWED = "allowed"
    NEVER = "never"


class PolicyError(RefusedError):
    """The laboratory's policy does not allow this on this workstation."""

    code = "policy"


class PolicyFileError(LabkeepError):
    """A policy file cannot be believed."""

    code = "policy_file"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is fixed here; a key that the file leaves out fixes nothing."""

    profile: str = ""
    """The path of a profile file that everybody gets, on this computer or on a share."""
    remember_sign_in: Remembering = Remembering.ALLOWED
    idle_lock_minutes: int | None = None
    """The window locks itself after so many minutes at most."""
    export: bool = True
    """Whether documents and evidence may be written in clear: saved, opened with other programs, dragged out."""
    updates: str = ""
    """Where the manifest of releases is, as path or https address; "never" for nowhere, empty for not said."""
    source: Path | None = None
    """The file; None where there is none."""
    problem: Message | None = None
    """Why the file is not believed, in which case everything is at its strictest."""

    @property
    def fixed(self) -> frozenset[str]:
        """The names of the keys that are not left to the person."""
        free = Policy()
        return frozenset(key for key in KEYS if getattr(self, key) != getattr(free, key))

    def idle_minutes(self, chosen: int) -> int:
        """The person's choice (0: never), or what the policy leaves of it."""
        bound = self.idle_lock_minutes
        return chosen if bound is None or 0 < chosen <= bound else bound

    def require_export(self) -> None:
        """Raise PolicyError where nothing may be written in clear."""
        if not self.export:
            raise self._refusal(
                "Your laboratory's policy keeps documents inside Labkeep on this computer: nothing was written in "
                "clear. The preview shows them."
            )

    def require_remembering(self) -> None:
        """Raise PolicyError where no sign-in may be remembered."""
        if self.remember_sign_in is Remembering.NEVER:
            raise self._refusal(
                "Your laboratory's policy lets no sign-in be remembered on this computer. Type your password."
            )

    def _refusal(self, template: str) -> PolicyError:
        return PolicyError(template) if self.problem is None else PolicyError(self.problem)


KEYS = ("profile", "remember_sign_in", "idle_lock_minutes", "export", "updates")
STRICTEST: Mapping[str, Any] = {
    "remember_sign_in": Remembering.NEVER,
    "idle_lock_minutes": 5,
    "export": False,
    "updates": NEVER,
}
"""What holds while the file cannot be believed."""


def load_policy(path: Path, administrator: int = 0) -> Policy:
    """The policy at *path*: none where no file is, the strictest where it cannot be believed.

    *administrator* is the account that alone may have written it (Unix).
    """
    try:
        content = read_protected(path, LARGEST_FILE, administrator)
        return Policy() if content is None else policy_in(content, path)
    except (PolicyFileError, NotProtectedError) as error:
        return Policy(**STRICTEST, source=path, problem=_sentence(path, error.message))


def _sentence(path: Path, why: Message) -> Message:
    return Message(
        "The laboratory's policy in {path} cannot be believed, so the strictest one holds: no remembered sign-in, "
        "nothing written in clear, the lock after {n} minutes. {why} An administrator of this computer puts it right.",
        path=path,
        n=STRICTEST["idle_lock_minutes"],
        why=why,
    )


def policy_in(content: bytes, source: Path) -> Policy:
    """The policy that a file's bytes say; PolicyFileError with a sentence for the first thing that is wrong."""
    if len(content) > LARGEST_FILE:
        raise PolicyFileError("It is larger than {n} bytes.", n=LARGEST_FILE)
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are of this kind
        raise PolicyFileError("It is no TOML: {error}.", error=str(error).rstrip(".")) from error
    for key, value in values.items():
        if key not in KEYS:
            raise PolicyFileError("“{key}” is no key of a policy; there are {keys}.", key=key, keys=tuple(KEYS))
        if problem := _CHECKS[key](value):
            raise PolicyFileError("“{key}” {problem}", key=key, problem=problem)
    if "remember_sign_in" in values:
        values["remember_sign_in"] = Remembering(values["remember_sign_in"])
    return Policy(**values, source=source)


def _remembering_problem(value: object) -> Message | None:
    names = [each.value for each in Remembering]
    return None if isinstance(value, str) and value in names else Message("must be one of {names}.", names=names)


def _minutes_problem(value: object) -> Message | None:
    good = type(value) is int and 1 <= value <= LONGEST_IDLE  # exactly: True is an int to isinstance
    return None if good else Message("must be a whole number of minutes from 1 to {longest}.", longest=LONGEST_IDLE)


def _switch_problem(value: object) -> Message | None:
    return None if isinstance(value, bool) else Message("must be true or false.")


def _path_problem(value: object) -> Message | None:
    if isinstance(value, str) and is_whole_path(value):
        return None
    return Message("must be the whole path of a file, in quotes.")


def _updates_problem(value: object) -> Message | None:
    if isinstance(value, str) and (value == NEVER or is_whole_path(value) or is_https(value)):
        return None
    return Message("must be the whole path of a manifest, its https address, or “never”.")


_CHECKS = {
    "profile": _path_problem,
    "remember_sign_in": _remembering_problem,
    "idle_lock_minutes": _minutes_problem,
    "export": _switch_problem,
    "updates": _updates_problem,
}
assert set(_CHECKS) == set(KEYS) <= {each.name for each in fields(Policy)}


def is_whole_path(text: str) -> bool:
    """Whether the text is a path from the root of a file system or a share, on the system that it was written for."""
    readable = text.isprintable() and text == text.strip()
    return readable and (PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute())


def is_https(text: str) -> bool:
    """Whether the text is an https address of one host, without a name or password in it."""
    try:
        parts = urlsplit(text)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return good and "@" not in parts.netloc and text.isprintable() and not any(letter.isspace() for letter in text)
