"""From options and environment to a profile, a signed-in person and a center."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from desktop_app.cli.interrupts import ending_soon
from desktop_app.cli.output import print_problem
from desktop_app.cli.secrets_input import (
    PASSWORD,
    PASSWORD_FILE,
    SecretMissingError,
    asked_new_password,
    asked_password,
    can_ask,
    given_password,
    read_secret_file,
)
from desktop_app.deferred import deferred
from desktop_app.domain.profiles import Profile
from desktop_app.domain.text_rules import normal_username
from desktop_app.errors import LabkeepError, NotFoundError

if TYPE_CHECKING:
    from desktop_app import bootstrap
    from desktop_app.services.session import sign_in
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab
else:
    bootstrap = deferred("desktop_app.bootstrap")
    sign_in = deferred("desktop_app.services.session.sign_in")


class ChoiceNeededError(LabkeepError):
    """A profile, a person or a center must be named, and none was."""

    code = "choice_needed"


@dataclass(frozen=True)
class SignedIn:
    """A person at work, and the password he typed; None where it was remembered."""

    lab: "Lab"
    password: str | None = field(repr=False)


@dataclass
class Invocation:
    """One run of the program: its environment and what stood before the command's name."""

    environment: Mapping[str, str]
    profile_name: str | None = None
    username: str | None = None
    password_file: Path | None = None
    new_password_file: Path | None = None
    _opened: list["bootstrap.App"] = field(default_factory=list)

    @cached_property
    def app(self) -> "bootstrap.App":
        """The wired services; built when a command first needs them, so that ``--help`` costs nothing."""
        app = bootstrap.build(self.environment)
        self._opened.append(app)
        return app

    def close(self) -> None:
        """Let go of what was opened."""
        for app in self._opened:
            app.close()
        self._opened.clear()

    def profile(self) -> Profile:
        """The named profile, or the only one."""
        if self.profile_name:
            return self.app.profiles.get(self.profile_name)
        profiles = self.app.profiles.list()
        if len(profiles) == 1:
            return profiles[0]
        if not profiles and (damage := self.app.profiles.damage()):
            raise NotFoundError("No profile of this workstation can be used.{damage}", damage=damage)
        if not profiles:
            raise NotFoundError(
                "This workstation knows no installation yet; make one with labkeep-admin init,"
                " or bring a profile with labkeep-admin profile import; with the recovery kit alone: labkeep-admin"
                " recovery profile."
            )
        names = ", ".join(f"“{profile.display_name}”" for profile in profiles)
        raise ChoiceNeededError(
            "This workstation knows {names}; name one with --profile or LABKEEP_PROFILE.", names=names
        )

    def user(self) -> str:
        """The signing-in person's user name."""
        name = self.username
        if not name:
            if not can_ask():
                raise ChoiceNeededError("Who signs in? Give --user before the command, or set LABKEEP_USER.")
            name = input_line("User name: ")
        return normal_username(name)

    def password(self) -> str | None:
        """The password that was given without asking, or None."""
        return given_password(self.environment, self.password_file)


def input_line(question: str) -> str:
    """An answer from the terminal; the question goes to standard error, for output may go into a file."""
    typer.echo(question, nl=False, err=True)
    return input().strip()


def invocation(context: typer.Context) -> Invocation:
    """The run that a command belongs to."""
    found = context.find_object(Invocation)
    assert found is not None
    return found


@contextmanager
def open_lab(context: typer.Context) -> "Iterator[Lab]":
    """The signed-in person's lab; closed at the end, with alarms and notices told on standard error."""
    with open_person(context) as person:
        yield person.lab


@contextmanager
def open_person(context: typer.Context) -> Iterator[SignedIn]:
    """The same, with the password that was used."""
    run = invocation(context)
    with ending_soon():
        person = _sign_in(run, run.profile(), run.user())
        try:
            with person.lab as lab:
                rollback = () if lab.rollback is None else (lab.rollback,)
                for warning in (*rollback, *lab.take_notices(), *lab.alarms):
                    print_problem(f"Warning: {warning}")
                yield person
        finally:
            for warning in person.lab.take_notices():
                print_problem(f"Warning: {warning}")


@contextmanager
def open_center(context: typer.Context, ref: str | None) -> "Iterator[CenterServices]":
    """Work in the named center, or in the person's own."""
    with open_lab(context) as lab:
        if not ref and lab.user.center_id is None:
            raise ChoiceNeededError("Which center? Give --center, or set LABKEEP_CENTER.")
        with lab.center(ref or str(lab.user.center_id)) as work:
            yield work
            for warning in (None if work.rollback == lab.rollback else work.rollback, work.misfit):
                if warning is not None:
                    print_problem(f"Warning: {warning}")


def _sign_in(run: Invocation, profile: Profile, user: str) -> SignedIn:
    password = run.password()
    service = run.app.sign_in
    if password is None and user in service.remembered_names(profile) and not service.is_locked(profile, user):
        return SignedIn(service.sign_in_remembered(profile, user), None)
    if password is None:
        password = _asked(user)
    new = None if run.new_password_file is None else read_secret_file(run.new_password_file)
    try:
        return SignedIn(service.sign_in(profile, user, password, new_password=new), new or password)
    except sign_in.PasswordChangeNeededError:
        if new is not None or not can_ask():
            raise
    new = asked_new_password("This first password must be changed. New password: ")
    return SignedIn(service.sign_in(profile, user, password, new_password=new), new)


def _asked(user: str) -> str:
    try:
        return asked_password(f"Password of {user}: ")
    except SecretMissingError as error:
        raise SecretMissingError(
            "The password of {user} is needed: set {password} or {password_file}, give --password-file "
            "before the command, or use a terminal.",
            user=user,
            password=PASSWORD,
            password_file=PASSWORD_FILE,
        ) from error
