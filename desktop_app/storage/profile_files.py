"""Profiles on their way to another computer: files that an administrator gives away; they hold no secret."""

import base64
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import tomli_w

from desktop_app.domain.profiles import Profile, ServerKind, profile_from_mapping, profile_problems, profile_to_mapping
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.message import Message
from desktop_app.storage.errors import StorageError

LARGEST_FILE = 65_536  # bytes; a profile has under 1,000, a chain of certificates some thousands
_FORMAT_KEY, FORMAT = "labkeep_profile", 1
_CERTIFICATES = "root_certificates"
BY_THE_SYSTEM = "system"
"""libpq's word for the certificates that the computer trusts anyway."""
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


class ProfileFileError(StorageError):
    """A profile's file could not be read or written, or holds no profile."""

    code = "profile_file"


@dataclass(frozen=True)
class SentProfile:
    """A profile as a file brings it; ``certificates`` (PEM) are what the server's own must lead to."""

    profile: Profile
    certificates: str | None = None


def sent_text(profile: Profile, certificates: Path | None = None) -> str:
    """The text of a file for other computers, with the *certificates* of the server that are in a file here.

    They take the place of ``sslrootcert``, which is a path of the other computers. RefusedError for the built-in
    server, InvalidInputError for a profile that could not be read back, ProfileFileError where the certificates cannot
    be read.
    """
    if profile.server is ServerKind.BUILT_IN:
        raise RefusedError(
            "“{display_name}” runs on the built-in server of this computer, which no other computer reaches. Back it "
            "up and restore it on a server of the laboratory first (labkeep-admin backup, labkeep-admin restore).",
            display_name=profile.display_name,
        )
    problems = profile_problems(profile)
    if problems:
        raise InvalidInputError(problems)
    values = {_FORMAT_KEY: FORMAT, **profile_to_mapping(profile)}
    if certificates is not None:
        values.pop("sslrootcert", None)
        store = values.pop("store")
        values |= {_CERTIFICATES: _certificates_at(certificates), "store": store}
    return tomli_w.dumps(values, multiline_strings=True)


def sent_profile(text: str) -> SentProfile:
    """Read what ``sent_text`` wrote: ProfileFileError (no such file, or a later form), InvalidInputError (bad values),
    RefusedError (the built-in server of another computer)."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileFileError("This is not a profile of Labkeep, or it was cut: {error}.", error=error) from error
    if _FORMAT_KEY not in values:
        raise ProfileFileError(
            "This is not a profile that Labkeep wrote for other computers. Let it be made anew: “Set up another "
            "computer…”, or labkeep-admin profile export."
        )
    form = values.pop(_FORMAT_KEY)
    if type(form) is not int or form != FORMAT:
        raise ProfileFileError(
            "This profile is of a later form ({form}) than this Labkeep reads ({ours}); install the newest Labkeep.",
            form=str(form),
            ours=FORMAT,
        )
    certificates = values.pop(_CERTIFICATES, None)
    profile = profile_from_mapping(values)
    if profile.server is ServerKind.BUILT_IN:
        raise RefusedError(
            "“{display_name}” runs on the built-in server of another computer and cannot be used from "
            "here. Move it to a server of the laboratory first.",
            display_name=profile.display_name,
        )
    if certificates is None:
        return SentProfile(profile)
    if not isinstance(certificates, str) or profile.sslrootcert is not None:
        raise InvalidInputError({_CERTIFICATES: Message("must be text, and stand alone.")})
    return SentProfile(profile, _only_certificates(certificates, Message("The certificates of this profile")))


def with_certificates(sent: SentProfile, path: Path) -> Profile:
    """The profile, with its certificates expected at *path*."""
    return sent.profile if sent.certificates is None else replace(sent.profile, sslrootcert=str(path))


def read_text(path: Path) -> str:
    """The text of a profile's file; ProfileFileError where it cannot be read, is too large or is no text."""
    content = _read(path, Message("The profile {path} could not be read", path=path))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProfileFileError("{path} is not a profile of Labkeep: it is not text.", path=path) from error


def _read(path: Path, what_failed: Message) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # a path may hold what no file's name does
        reason = getattr(error, "strerror", None) or str(error)
        raise ProfileFileError("{what_failed}: {reason}.", what_failed=what_failed, reason=reason) from error
    if len(content) > LARGEST_FILE:
        raise ProfileFileError("{path} is too large to be a profile.", path=path)
    return content


def _certificates_at(path: Path) -> str:
    what = Message("The certificates in {path}", path=path)
    content = _read(path, Message("The server's certificates in {path} could not be read", path=path))
    return _only_certificates(content.decode("utf-8", "replace"), what)


def _only_certificates(text: str, what: Message) -> str:
    """The certificates in a text, and nothing else of it: beside them there may be a private key."""
    found = list(_CERTIFICATE.finditer(text))
    try:
        for each in found:
            base64.b64decode("".join(each[1].split()), validate=True)
    except ValueError as error:
        raise ProfileFileError("{what} are damaged.", what=what) from error
    if not found:
        raise ProfileFileError("{what} are none.", what=what)
    return "".join(f"{each[0]}\n" for each in found)
