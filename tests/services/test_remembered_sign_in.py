"""The remembered sign-in, with a real Secret Service: derived bytes are kept, and only while they are wanted."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.domain.rights import Role
from desktop_app.storage.profiles import to_toml
from tests.forking import program
from tests.services.conftest import ROOT, Person, World
from tests.unit.test_credentials_secret_service import SecretService

# One program of the person's: what keyring found first it keeps for its life, so each step is a program of its own.
PROGRAM = """
import json, os, sys
from desktop_app.bootstrap import build
from desktop_app.errors import LabkeepError
from desktop_app.storage.profiles import from_toml
from tests.light_passwords import lighten
lighten()
call = json.load(sys.stdin)
app = build(os.environ)
profile, service = from_toml(call["profile"]), app.sign_in
answer = {}
try:
    if call["verb"] == "forget":
        service.forget(profile, call["user"])
    else:
        remembered = call["verb"] == "remembered"
        lab = service.sign_in_remembered(profile, call["user"]) if remembered else service.sign_in(
            profile, call["user"], call["password"], remember=call["verb"] == "remember",
            new_password=call.get("new"))
        with lab:
            answer["who"], answer["notices"] = lab.user.username, lab.notices
            answer["rows"] = len(lab.center("alpha").documents.list().rows) >= 0
            if "change_to" in call:
                keys = lab.account.change_password(call["password"], call["change_to"])
                service.renew(profile, lab.user.username, keys)
except LabkeepError as error:
    answer["error"], answer["sentence"] = type(error).__name__, str(error)
answer["names"] = service.remembered_names(profile)
app.close()
print(json.dumps(answer))
"""


class Desktop:
    """A person's desktop: programs that share a home and a session bus."""

    def __init__(self, world: World, bus: SecretService, somebody: Person) -> None:
        self._world = world
        self._bus = bus
        self._somebody = somebody
        self.home = bus.folder / "labkeep"

    def run(self, verb: str, **more: str) -> dict[str, object]:
        call = {"verb": verb, "profile": to_toml(self._world.profile), "user": self._somebody.username}
        done = subprocess.run(
            program("services", "-c", PROGRAM),
            input=json.dumps(call | {"password": self._somebody.password} | more),
            env=self._bus.environment | {"LABKEEP_HOME": str(self.home)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretService]:
    service = SecretService(tmp_path_factory.mktemp("desk"))
    try:
        yield service
    finally:
        service.stop()


def test_remembered_used_and_forgotten(world: World, bus: SecretService) -> None:
    bus.start_keyring()
    somebody = world.person(Role.USER, "alpha", keep_password=False)
    desktop = Desktop(world, bus, somebody)
    name = somebody.username
    assert desktop.run("remember", new="Cobalt-Meadow-99") == {
        "who": name,
        "notices": [],
        "rows": True,
        "names": [name],
    }
    assert desktop.run("remembered", user=name.upper())["who"] == name, "with the new password, and however typed"
    kept = [path for path in bus.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in kept)
    assert not [path for path in kept if b"Cobalt-Meadow-99" in path.read_bytes()]
    world.lab(ROOT).users.reset_password(name)
    answer = desktop.run("remembered")
    assert (answer["error"], answer["names"]) == ("RefusedError", []), "a reset ends what was remembered"
    assert "is no longer valid" in str(answer["sentence"])
    answer = desktop.run("remembered")
    assert (answer["error"], answer["names"]) == ("RefusedError", [])
    assert "does not remember" in str(answer["sentence"]), "and it is not kept to be tried again"


def test_what_is_remembered_follows_a_change_of_the_password(world: World, bus: SecretService) -> None:
    bus.start_keyring()
    somebody = world.person(Role.USER, "alpha")
    desktop = Desktop(world, bus, somebody)
    name = somebody.username
    assert desktop.run("plain", change_to="Copper-Lantern-66")["names"] == [], "who was not remembered is not now"
    assert desktop.run("remember", password="Copper-Lantern-66")["names"] == [name]
    changed = desktop.run("remembered", password="Copper-Lantern-66", change_to="Saffron-Glacier-31")
    assert (changed.get("error"), changed["names"]) == (None, [name])
    assert desktop.run("remembered")["who"] == name
    assert desktop.run("forget", user=name.upper())["names"] == []
    assert desktop.run("remembered")["error"] == "RefusedError"


def test_a_change_that_cannot_be_remembered_is_forgotten_and_said(world: World, bus: SecretService) -> None:
    bus.start_keyring()
    somebody = world.person(Role.USER, "alpha")
    desktop = Desktop(world, bus, somebody)
    assert desktop.run("remember")["names"] == [somebody.username]
    assert bus.keyring is not None
    bus.keyring.terminate()
    bus.keyring.wait(30)
    answer = desktop.run("plain", change_to="Saffron-Glacier-31")
    assert answer["error"] == "CredentialsUnavailableError"
    assert answer["names"] == []


def test_without_a_credential_store_nothing_is_kept_and_it_is_said(world: World, bus: SecretService) -> None:
    somebody = world.person(Role.USER, "alpha")
    desktop = Desktop(world, bus, somebody)
    answer = desktop.run("remember")
    assert answer["who"] == somebody.username
    assert "could not be remembered" in str(answer["notices"])
    assert answer["names"] == []
    assert desktop.run("remembered")["error"] == "CredentialsUnavailableError"
