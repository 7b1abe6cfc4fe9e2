"""The laboratory's policy in the services: what it forbids is not done, whoever asks and from wherever."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from desktop_app.bootstrap import App
from desktop_app.domain.records import Document
from desktop_app.domain.rights import Role
from desktop_app.paths import HomePaths
from desktop_app.policy import Policy, PolicyError, Remembering
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.credentials import CredentialState
from tests.services.conftest import Person, World

STRICT = Policy(remember_sign_in=Remembering.NEVER, export=False)


class Keyring:
    """What stands for the desktop's credential store: what it was given, and whether it was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def remember(self, installation_id: object, username: str, secret: bytes) -> None:
        del installation_id
        self.kept[username] = secret

    def recall(self, installation_id: object, username: str) -> bytes | None:
        del installation_id
        return self.kept.get(username)

    def forget(self, installation_id: object, username: str) -> None:
        del installation_id
        self.kept.pop(username, None)

    def state(self) -> CredentialState:
        return CredentialState.AVAILABLE


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring()
    monkeypatch.setattr("desktop_app.storage.credentials.SystemCredentials", lambda: made)
    return made


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Callable[[Policy], App]]:
    """A workstation of one home, started again and again under another policy."""
    made: list[App] = []

    def start(policy: Policy) -> App:
        made.append(App(HomePaths.from_environment({"LABKEEP_HOME": str(tmp_path / "home")}), policy))
        return made[-1]

    yield start
    for app in made:
        app.close()


@pytest.fixture
def admin(world: World) -> Person:
    return world.person(Role.ADMIN, "alpha")


def added(work: CenterServices, folder: Path, name: str) -> Document:
    source = folder / name
    source.write_text("haemoglobin 9.8 g/dl")
    [result] = work.documents.add([source]).results
    source.unlink()
    assert result.id is not None
    return work.documents.get(result.id)


WAYS: dict[str, Callable[[App, CenterServices, Document, Path], Any]] = {
    "save": lambda _app, work, document, target: work.documents.save_as(document, target),
    "open with": lambda app, work, document, _target: app.external_copies.open(work.documents, document),
    "drag out": lambda app, work, document, _target: app.external_copies.drag(work.documents, document),
    "evidence": lambda _app, work, document, target: work.evidence.of_document(document, target),
    "samples.csv": lambda _app, work, _document, target: work.exports.write(target),
    "fields.csv": lambda _app, work, _document, target: work.field_exports.write(target),
    "documents.csv": lambda _app, work, _document, target: work.document_exports.write(target),
}


def test_nothing_is_written_in_clear(
    world: World, admin: Person, station: Callable[[Policy], App], tmp_path: Path
) -> None:
    free, strict = station(Policy()), station(STRICT)
    with (
        closing(strict.sign_in.sign_in(world.profile, admin.username, admin.password)) as lab,
        lab.center("alpha") as work,
    ):
        document = added(work, tmp_path, world.unused("blood") + ".txt")
        assert work.documents.content(document) == b"haemoglobin 9.8 g/dl", "the preview shows it"
        for name, way in WAYS.items():
            target = tmp_path / name
            with pytest.raises(PolicyError, match="nothing was written in clear"):
                way(strict, work, document, target)
            assert not target.exists()
        clear = [path for path in tmp_path.rglob("*") if path.is_file() and b"haemoglobin" in path.read_bytes()]
        assert clear == []
    with (
        closing(free.sign_in.sign_in(world.profile, admin.username, admin.password)) as lab,
        lab.center("alpha") as work,
    ):
        for name, way in WAYS.items():
            way(free, work, document, tmp_path / name)
        assert (tmp_path / "save").read_text() == "haemoglobin 9.8 g/dl"


def test_nothing_is_remembered_and_what_was_is_forgotten(
    world: World, admin: Person, keyring: Keyring, station: Callable[[Policy], App]
) -> None:
    free, who = station(Policy()).sign_in, (world.profile, admin.username)
    with closing(free.sign_in(*who, admin.password, remember=True)):
        assert free.remembered_names(world.profile) == [admin.username]
    with closing(free.sign_in_remembered(*who)):
        pass
    kept = dict(keyring.kept)
    strict = station(STRICT).sign_in
    assert strict.remembered_names(world.profile) == []
    assert strict.credential_state() is CredentialState.FORBIDDEN
    with pytest.raises(PolicyError, match="Type your password"):
        strict.sign_in_remembered(*who)
    assert keyring.kept == {}, "also when somebody calls the service by hand"
    keyring.kept = dict(kept)
    with closing(strict.sign_in(*who, admin.password, remember=True)) as lab:
        assert keyring.kept == kept, "nothing new"
        assert "lets no sign-in be remembered" in "".join(lab.take_notices())
    free.names.add(world.profile.installation_id, admin.username)
    with closing(strict.sign_in(*who, admin.password)) as lab:
        changed = lab.account.change_password(admin.password, "Copper-Lantern-66")
        with pytest.raises(PolicyError):
            strict.renew(*who, changed)
    assert keyring.kept == {}
    assert free.remembered_names(world.profile) == []
