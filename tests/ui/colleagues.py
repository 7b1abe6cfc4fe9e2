"""Somebody else at work in the same installation while the window is open: real people on real connections."""

from collections.abc import Iterator
from contextlib import contextmanager

from desktop_app.domain.drafts import UserDraft
from desktop_app.domain.rights import Role
from desktop_app.services.session.lab import Lab
from tests.ui.journey_fixture import ADMIN
from tools.driver import Program
from tools.steps import Account

PASSWORD = "Copper-Meadow-31"


@contextmanager
def administrator(program: Program) -> Iterator[Lab]:
    """The installation's administrator in another window."""
    (profile,) = program.app.profiles.list()
    with program.app.sign_in.sign_in(profile, ADMIN.username, ADMIN.password) as lab:
        yield lab


def somebody_new(lab: Lab, username: str, role: Role, center: str) -> Account:
    """A person who keeps the password that the administrator gave."""
    home = lab.centers.get(center)
    draft = UserDraft(
        username=username,
        email=f"{username}@lab.example",
        role=role,
        center_id=home.id,
        first_name=username.partition(".")[0].capitalize(),
        last_name="Yıldız",
    )
    lab.users.create(draft, PASSWORD, keep_password=True)
    return Account(username, PASSWORD)
