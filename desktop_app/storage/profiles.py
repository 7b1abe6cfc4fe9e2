"""The profiles that this workstation knows: one TOML file for each installation."""

import builtins
import tomllib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import tomli_w

from desktop_app.domain.profiles import Profile, ServerKind, profile_from_mapping, profile_problems, profile_to_mapping
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.storage.errors import StorageError
from desktop_app.storage.private_files import PrivateTemp
from desktop_app.system.atomic_file import replace_private_file

_LARGEST_FILE = 65_536  # bytes; a profile has under 1,000


class ProfileFileError(StorageError):
    """A profile's file could not be read or written, or holds no profile."""

    code = "profile_file"


@dataclass(frozen=True)
class BrokenProfile:
    """A file among the profiles that holds none, with the sentence that says why."""

    path: Path
    problem: str

    @property
    def sentence(self) -> Message:
        """The problem with the file's name."""
        return Message(
            "The profile file {path} cannot be read: {problem}.", path=self.path, problem=self.problem.rstrip(".")
        )


def to_toml(profile: Profile) -> str:
    """Return the text of a profile's file; raises InvalidInputError for a profile that could not be read back."""
    problems = profile_problems(profile)
    if problems:
        raise InvalidInputError(problems)
    return tomli_w.dumps(profile_to_mapping(profile))


def from_toml(text: str) -> Profile:
    """Return the profile in ``text``; raises ProfileFileError (not TOML) or InvalidInputError (a sentence per key)."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileFileError("This is not a profile of Labkeep: {error}.", error=error) from error
    return profile_from_mapping(values)


class ProfileStore:
    """The profiles in one folder, named by installation id; every change replaces a whole file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> builtins.list[Profile]:
        """Return all readable profiles by display name; ``broken`` names the others."""
        profiles, _ = self._read_all()
        return sorted(profiles, key=lambda profile: (profile.display_name.casefold(), str(profile.installation_id)))

    def broken(self) -> builtins.list[BrokenProfile]:
        """Return the files that should hold a profile and do not, for a warning."""
        return self._read_all()[1]

    def get(self, name_or_id: str | UUID) -> Profile:
        """Return the profile of that installation id or display name; raises NotFoundError, naming what there is."""
        wanted = str(name_or_id).strip()
        profiles = self.list()
        for profile in profiles:
            if wanted.casefold() in (str(profile.installation_id), profile.display_name.casefold()):
                return profile
        known = ", ".join(f"“{profile.display_name}”" for profile in profiles)
        hint = (
            Message("This workstation knows {known}.", known=known)
            if known
            else Message("This workstation knows no profile yet.")
        )
        raise NotFoundError(
            "There is no profile “{wanted}”. {hint}{damage}", wanted=wanted, hint=hint, damage=self.damage()
        )

    def damage(self) -> str:
        """A sentence on damaged profile files with a space before it, or nothing where there are none."""
        return "".join(
            Message(" {sentence} Import the profile again.", sentence=each.sentence) for each in self.broken()
        )

    def save(self, profile: Profile, *, replace_root: bool = False) -> None:
        """Write the profile, replacing an older one of the same installation.

        Raises InvalidInputError for bad values and for a name that another profile has; RefusedError when the
        root fingerprint would change, unless ``replace_root`` says that the recovery kit was replaced lawfully.
        """
        text = to_toml(profile)
        for other in self.list():
            if other.installation_id == profile.installation_id:
                if other.root_fingerprint != profile.root_fingerprint and not replace_root:
                    raise RefusedError(
                        "The profile “{display_name}” names another root than the one this workstation trusts. "
                        "Nothing was changed. Ask your administrator for the fingerprint before going on.",
                        display_name=profile.display_name,
                    )
            elif other.display_name.casefold() == profile.display_name.casefold():
                raise InvalidInputError(
                    {"display_name": Message("is the name of another profile on this workstation.")}
                )
        self._write(self._path(profile.installation_id), text)

    def free_name(self, name: str, installation_id: UUID) -> str:
        """The installation's name, with a part of its id where another profile of this workstation has it."""
        others = (each for each in self.list() if each.installation_id != installation_id)
        if any(each.display_name.casefold() == name.casefold() for each in others):
            return f"{name} {installation_id.hex[:8]}"
        return name

    def remove(self, name_or_id: str | UUID) -> Profile:
        """Forget a profile (never the installation's data) and return it; raises NotFoundError."""
        profile = self.get(name_or_id)
        try:
            self._path(profile.installation_id).unlink(missing_ok=True)
        except OSError as error:
            raise ProfileFileError("The profile could not be removed: {reason}.", reason=error.strerror) from error
        return profile

    def export(self, profile: Profile, path: Path) -> None:
        """Write the profile to a new file for other workstations; raises TargetExistsError, TargetError."""
        with PrivateTemp(path) as new:
            new.file.write(to_toml(profile).encode())
            new.commit()

    def import_(self, path: Path) -> Profile:
        """Read a profile that an administrator exported, keep it, and return it.

        Raises ProfileFileError, InvalidInputError, and RefusedError for a built-in server of another computer or
        another root fingerprint than the one already trusted here.
        """
        profile = _read(path)
        if profile.server is ServerKind.BUILT_IN and not Path(profile.data_dir or "").is_dir():
            raise RefusedError(
                "“{display_name}” runs on the built-in server of another computer and cannot be used from "
                "here. Move it to a server of the laboratory first.",
                display_name=profile.display_name,
            )
        self.save(profile)
        return profile

    def _path(self, installation_id: UUID) -> Path:
        return self._folder / f"{installation_id}.toml"

    def _read_all(self) -> tuple[builtins.list[Profile], builtins.list[BrokenProfile]]:
        profiles: builtins.list[Profile] = []
        broken: builtins.list[BrokenProfile] = []
        for path in self._files():
            try:
                profile = _read(path)
            except (ProfileFileError, InvalidInputError) as error:
                broken.append(BrokenProfile(path, error.message))
                continue
            if path.stem == str(profile.installation_id):
                profiles.append(profile)
            else:
                broken.append(BrokenProfile(path, Message("The file's name is not the installation's id.")))
        return profiles, broken

    def _files(self) -> builtins.list[Path]:
        try:
            return sorted(self._folder.glob("*.toml"))
        except OSError as error:
            raise ProfileFileError("The profiles could not be read: {reason}.", reason=error.strerror) from error

    @staticmethod
    def _write(path: Path, text: str) -> None:
        try:
            replace_private_file(path, text.encode())
        except OSError as error:
            raise ProfileFileError(
                "The profile could not be written to {path}: {reason}.", path=path, reason=error.strerror
            ) from error


def _read(path: Path) -> Profile:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ProfileFileError(
            "The profile {path} could not be read: {reason}.", path=path, reason=error.strerror
        ) from error
    if len(content) > _LARGEST_FILE:
        raise ProfileFileError("{path} is too large to be a profile.", path=path)
    try:
        return from_toml(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProfileFileError("{path} is not a profile of Labkeep: it is not text.", path=path) from error
