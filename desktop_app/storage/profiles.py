"""The profiles that this workstation knows: one TOML file for each installation."""

import builtins
import tomllib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import tomli_w

from desktop_app.domain.profiles import Profile, profile_from_mapping, profile_problems, profile_to_mapping
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.message import Message
from desktop_app.storage.private_files import PrivateTemp
from desktop_app.storage.profile_files import (
    ProfileFileError,
    SentProfile,
    read_text,
    sent_profile,
    sent_text,
    with_certificates,
)
from desktop_app.system.atomic_file import replace_private_file


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
        self.not_given: Message | None = None
        """Why the profile that the laboratory gives to everybody was not taken."""

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
        found = [Message(" {sentence} Import the profile again.", sentence=each.sentence) for each in self.broken()]
        if self.not_given is not None:
            found.append(Message(" {sentence}", sentence=self.not_given))
        return "".join(found)

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

    def export(
        self, profile: Profile, path: Path, certificates: Path | None = None, *, overwrite: bool = False
    ) -> None:
        """Write the profile to a new file for other workstations; raises as ``sent_text``, TargetExistsError,
        TargetError."""
        text = sent_text(profile, certificates)
        with PrivateTemp(path, overwrite=overwrite) as new:
            new.file.write(text.encode())
            new.commit()

    def import_(self, path: Path) -> Profile:
        """Read a profile that an administrator exported, keep it, and return it.

        Raises as ``sent_profile``, and RefusedError for another root fingerprint than the one already trusted here.
        """
        return self.keep(sent_profile(read_text(path)))

    def keep(self, sent: SentProfile, *, replace_root: bool = False) -> Profile:
        """Keep a profile that a file brought, with its certificates beside it, and return it; raises as ``save``."""
        beside = self._folder / f"{sent.profile.installation_id}.pem"
        profile = with_certificates(sent, beside)
        if replace_root or profile not in self.list():
            self.save(profile, replace_root=replace_root)
        if sent.certificates is not None:
            # After the profile: what was refused must change nothing.
            self._write(beside, sent.certificates)
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
    return from_toml(read_text(path))
