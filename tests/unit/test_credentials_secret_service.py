"""The credential store against a real Secret Service, with a session bus and a home of its own."""

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[2]
SECRET = bytes(range(64))
BUS_CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""

# Answers one JSON list of calls on stdin, because what keyring found first it keeps for the life of a program.
ASKER = """
import json, sys, threading, time, uuid
from desktop_app.errors import LabkeepError
from desktop_app.storage.credentials import SystemCredentials
for line in sys.stdin:
    call = json.loads(line)
    store = SystemCredentials(call.get("limit", 10.0))
    name, installation, secret = call["user"], uuid.UUID(call["installation"]), bytes.fromhex(call.get("secret", ""))
    started = time.monotonic()
    try:
        if call["verb"] == "state":
            answer = store.state().value
        elif call["verb"] == "remember":
            answer = store.remember(installation, name, secret)
        elif call["verb"] == "recall":
            found = store.recall(installation, name)
            answer = None if found is None else found.hex()
        else:
            answer = store.forget(installation, name)
        result = {"answer": answer}
    except LabkeepError as error:
        result = {"error": type(error).__name__, "sentence": str(error)}
    result["seconds"] = time.monotonic() - started
    print(json.dumps(result), flush=True)
"""


class SecretService:
    """A session bus and, when started, gnome-keyring on it; nothing of the person who runs the tests is touched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        socket = folder / "bus"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("DBUS_", "XDG_"))}
        self.environment |= {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}",
            "PYTHONPATH": str(ROOT),
        }
        self.environment.pop("DISPLAY", None)
        self.environment.pop("WAYLAND_DISPLAY", None)
        configuration = folder / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=socket))
        self.processes: list[subprocess.Popen[str]] = []
        bus = self._start("dbus-daemon", f"--config-file={configuration}", "--nofork", "--print-address")
        assert bus.stdout is not None
        assert bus.stdout.readline().startswith("unix:")  # printed when it listens
        self.keyring: subprocess.Popen[str] | None = None

    def start_keyring(self, password: str = "of the keyring") -> None:
        self.keyring = self._start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
        assert self.keyring.stdin is not None
        self.keyring.stdin.write(password)
        self.keyring.stdin.close()
        self._wait_for_owner()

    def _wait_for_owner(self) -> None:
        """Wait until the service has its name on the bus, as a client would see it."""
        program = """
import sys
from contextlib import closing
import secretstorage
from jeepney.bus_messages import MatchRule, message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection
with closing(open_dbus_connection("SESSION")) as connection:
    bus = Proxy(message_bus, connection)
    rule = MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
    rule.add_arg_condition(0, "org.freedesktop.secrets")
    bus.AddMatch(rule)
    with connection.filter(rule) as changes:
        if not bus.NameHasOwner("org.freedesktop.secrets")[0]:
            connection.recv_until_filtered(changes, timeout=20)
"""
        subprocess.run([sys.executable, "-c", program], env=self.environment, check=True, timeout=60)

    def lock(self) -> None:
        program = """
from contextlib import closing
import secretstorage
with closing(secretstorage.dbus_init()) as connection:
    collection = secretstorage.get_default_collection(connection)
    collection.lock()
    assert collection.is_locked()
"""
        subprocess.run([sys.executable, "-c", program], env=self.environment, check=True, timeout=60)

    def freeze(self) -> None:
        assert self.keyring is not None
        self.keyring.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.keyring is not None
        self.keyring.send_signal(signal.SIGCONT)

    def asker(self, **environment: str) -> "Asker":
        process = self._start(sys.executable, "-c", ASKER, **environment)
        return Asker(process)

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.environment | environment,
            cwd=ROOT,
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()  # also ends a stopped one
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


class Asker:
    """A program that uses ``SystemCredentials``, one call after another."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.installation = str(uuid4())

    def ask(self, verb: str, user: str = "ayse", **more: object) -> dict[str, Any]:
        call = {"verb": verb, "user": user, "installation": self.installation} | more
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def answer(self, verb: str, user: str = "ayse", **more: object) -> object:
        answer = self.ask(verb, user, **more)
        assert "error" not in answer, answer
        return answer["answer"]


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretService]:
    service = SecretService(tmp_path_factory.mktemp("bus"))
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture
def service(bus: SecretService) -> SecretService:
    bus.start_keyring()
    return bus


def test_what_is_remembered_is_recalled_in_the_next_program(service: SecretService) -> None:
    first = service.asker()
    assert first.answer("state") == "available"
    assert first.answer("recall") is None
    first.answer("remember", secret=SECRET.hex())
    assert first.answer("recall") == SECRET.hex()
    first.answer("remember", secret=SECRET[::-1].hex())
    second = service.asker()
    second.installation = first.installation
    assert second.answer("recall") == SECRET[::-1].hex()


def test_one_persons_secret_is_not_anothers(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", "ayse", secret=SECRET.hex())
    assert asker.answer("recall", "mehmet") is None
    asker.installation = str(uuid4())
    assert asker.answer("recall", "ayse") is None


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", secret=SECRET.hex())
    asker.answer("remember", "mehmet", secret=SECRET.hex())
    asker.answer("forget")
    asker.answer("forget")
    assert asker.answer("recall") is None
    assert asker.answer("recall", "mehmet") == SECRET.hex()


def test_the_secret_lies_nowhere_in_clear(service: SecretService) -> None:
    service.asker().answer("remember", secret=SECRET.hex())
    files = [path for path in service.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".keyring" for path in files)
    for path in files:
        content = path.read_bytes()
        assert SECRET not in content
        assert base64.b64encode(SECRET) not in content


def test_a_locked_store_says_so_in_time(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", secret=SECRET.hex())
    service.lock()
    for verb in ("recall", "remember", "forget"):
        answer = asker.ask(verb, limit=5.0)
        assert answer.get("error") == "CredentialsLockedError", (verb, answer)


def test_no_service_means_none(bus: SecretService) -> None:
    asker = bus.asker()
    assert asker.answer("state") == "none"
    for verb in ("remember", "recall", "forget"):
        assert asker.ask(verb)["error"] == "CredentialsUnavailableError"


def test_a_silent_service_costs_the_limit_and_not_more(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", secret=SECRET.hex())
    service.freeze()
    for verb in ("recall", "remember", "forget"):
        answer = asker.ask(verb, limit=0.5)
        assert answer["error"] == "CredentialsSilentError", (verb, answer)
        assert "does not answer" in answer["sentence"]
        assert 0.4 < answer["seconds"] < 3.0


def test_a_service_that_answers_late_is_used_again(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", secret=SECRET.hex())
    service.freeze()
    assert asker.ask("recall", limit=0.3)["error"] == "CredentialsSilentError"
    service.thaw()
    assert asker.answer("recall", limit=20.0) == SECRET.hex()


def test_a_program_ends_although_the_service_never_answers(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("state")
    service.freeze()
    asker.ask("recall", limit=0.3)
    assert asker.process.stdin is not None
    asker.process.stdin.close()
    assert asker.process.wait(timeout=20) == 0


def test_a_service_that_is_silent_from_the_start(service: SecretService) -> None:
    """The bus itself stands still: even looking for a service would wait for ever."""
    asker = service.asker()
    service.processes[0].send_signal(signal.SIGSTOP)
    answer = asker.ask("state", limit=0.5)
    assert answer["error"] == "CredentialsSilentError"
    assert answer["seconds"] < 3.0


def test_a_service_that_died_is_unavailable(service: SecretService) -> None:
    asker = service.asker()
    asker.answer("remember", secret=SECRET.hex())
    service.processes[0].kill()
    service.processes[0].wait()
    answer = asker.ask("recall", limit=10.0)
    assert answer["error"] == "CredentialsUnavailableError"
    assert SECRET.hex() not in answer["sentence"]
