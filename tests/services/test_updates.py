"""Newer versions are announced by a system administrator's signature; whatever else lies there is named and ignored."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from desktop_app import __version__
from desktop_app.crypto.update_statements import UpdateStatement, sign_update
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, RefusedError
from desktop_app.policy import Policy
from desktop_app.services.context.compatibility import ProgramTooOldError
from desktop_app.services.maintenance.updates import Updates, UpdateState
from desktop_app.services.session.lab import Lab
from desktop_app.storage import update_places
from desktop_app.storage.update_places import MANIFEST, UpdatePlaceError, read_place
from tests.services.conftest import ROOT, Person, World
from tests.services.test_old_programs import changed

NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)
LATER = "99.1"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / MANIFEST


@pytest.fixture
def admin(world: World) -> Iterator[Lab]:
    """A system administrator of his own, so that nobody else's workstation is told anything."""
    with closing(world.enter(world.person(Role.ADMIN, None))) as lab:
        yield lab


@pytest.fixture
def reader(world: World, tmp_path: Path) -> Iterator[Lab]:
    """A viewer on another workstation, which has seen nothing yet."""
    somebody = world.person(Role.VIEWER, "alpha")
    with (
        closing(world.elsewhere(tmp_path / "elsewhere")) as app,
        closing(app.sign_in.sign_in(world.profile, somebody.username, somebody.password)) as lab,
    ):
        yield lab


def looking(lab: Lab, place: Path | str, now: datetime = NOW) -> Updates:
    lab._context.policy = Policy(updates=str(place))
    return Updates(lab._context, lambda: now)


def state(lab: Lab, place: Path, now: datetime = NOW) -> UpdateState:
    found = looking(lab, place, now).check()
    assert (found.reason is None) == (found.state in (UpdateState.NONE, UpdateState.CURRENT, UpdateState.NEWER))
    assert bool(found.version) == (found.state in (UpdateState.CURRENT, UpdateState.NEWER))
    return found.state


def test_a_published_version_is_announced_to_everybody(admin: Lab, reader: Lab, place: Path) -> None:
    assert looking(reader, place).check().state is UpdateState.NONE
    path = looking(admin, place).publish(LATER, note="With labels.", place=r"\\lab\share\labkeep")
    assert path == place
    found = looking(reader, place).check()
    assert found.is_newer
    assert (found.version, found.note, found.place) == (LATER, "With labels.", r"\\lab\share\labkeep")
    assert found.findings == ()
    looking(admin, place, NOW + timedelta(seconds=5)).publish(__version__)
    assert state(reader, place) is UpdateState.CURRENT


def test_only_system_administrators_publish(world: World, place: Path) -> None:
    with closing(world.enter(world.person(Role.ADMIN, "alpha"))) as lab, pytest.raises(RefusedError):
        looking(lab, place).publish(LATER)
    assert not place.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"version": "new"}, "version"),
        ({"version": ""}, "version"),
        ({"version": LATER, "note": "a\nb"}, "note"),
        ({"version": LATER, "place": "x" * 301}, "place"),
        ({"version": LATER, "days": 0}, "days"),
        ({"version": LATER, "days": 5000}, "days"),
    ],
)
def test_bad_values_are_not_signed(admin: Lab, place: Path, values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        looking(admin, place).publish(**values)  # type: ignore[arg-type]  # wrong ones are what is tried
    assert list(refused.value.problems) == [field]
    assert not place.exists()


def statement(lab: Lab, **other: object) -> UpdateStatement:
    values = {
        "installation_id": lab.profile.installation_id,
        "version": LATER,
        "note": "",
        "place": "",
        "issued": NOW,
        "expires": NOW + timedelta(days=30),
    }
    return UpdateStatement(**(values | other))  # type: ignore[arg-type]  # as the fields are


def test_what_is_not_signed_as_it_must_be_is_ignored(world: World, admin: Lab, reader: Lab, place: Path) -> None:
    good = sign_update(statement(admin), admin._context.identity)
    values = json.loads(good)
    forged = values | {"payload": values["payload"].replace(LATER, "99.2")}
    place.write_text(json.dumps(forged))
    assert state(reader, place) is UpdateState.FORGED
    for unsigned in ({"payload": values["payload"]}, values | {"signature": "no"}, values | {"signer": "x"}):
        place.write_text(json.dumps(unsigned))
        assert state(reader, place) is UpdateState.UNSIGNED
    with closing(world.enter(world.person(Role.ADMIN, "alpha"))) as other:
        place.write_bytes(sign_update(statement(admin), other._context.identity))
        assert state(reader, place) is UpdateState.STRANGER
        claimed = json.loads(place.read_text()) | {"signer": values["signer"]}
        place.write_text(json.dumps(claimed))
        assert state(reader, place) is UpdateState.FORGED
    for nonsense in (b"", b"\xff", b"[]", b'{"payload": 3}', b'{"payload": "\\u00e9"}', b"[" * 20_000):
        place.write_bytes(nonsense)
        assert state(reader, place) is UpdateState.UNREADABLE
    place.write_bytes(sign_update(statement(admin, version="newest"), admin._context.identity))
    assert state(reader, place) is UpdateState.UNREADABLE
    place.write_bytes(sign_update(statement(admin, installation_id=uuid4()), admin._context.identity))
    assert state(reader, place) is UpdateState.FOREIGN
    assert looking(reader, place).check().findings[0].code == "update_foreign"
    place.write_bytes(good)
    assert state(reader, place) is UpdateState.NEWER, "otherwise none of this proves anything"


def test_times_count(admin: Lab, reader: Lab, place: Path) -> None:
    def put(issued: datetime, version: str = LATER) -> None:
        signed = statement(admin, issued=issued, expires=issued + timedelta(days=30), version=version)
        place.write_bytes(sign_update(signed, admin._context.identity))

    put(NOW + timedelta(days=2))
    assert state(reader, place) is UpdateState.FUTURE
    assert state(reader, place, NOW + timedelta(days=40)) is UpdateState.EXPIRED
    put(NOW)
    assert state(reader, place) is UpdateState.NEWER
    put(NOW - timedelta(days=1), "98.0")
    assert state(reader, place) is UpdateState.ROLLED_BACK, "a later one was seen on this workstation"
    put(NOW + timedelta(hours=1))
    assert state(reader, place) is UpdateState.NEWER


def test_who_is_no_administrator_any_more_announces_nothing(world: World, reader: Lab, place: Path) -> None:
    who: Person = world.person(Role.ADMIN, None)
    with closing(world.enter(who)) as leaver:
        looking(leaver, place).publish(LATER)
        assert state(reader, place) is UpdateState.NEWER
        leaver.account.change_password(who.password, "Copper-Lantern-66")
        assert state(reader, place) is UpdateState.STRANGER, "former keys are anybody's who knows the old password"
        looking(leaver, place, NOW + timedelta(seconds=9)).publish(LATER)
        assert state(reader, place) is UpdateState.NEWER
    world.lab(ROOT).users.deactivate(who.username)
    assert state(reader, place) is UpdateState.STRANGER


def test_a_policy_that_says_never_is_obeyed(reader: Lab) -> None:
    assert looking(reader, "never").check().state is UpdateState.NEVER


def test_without_a_policy_the_folder_for_documents_is_looked_into(reader: Lab) -> None:
    assert reader.updates.place == str(Path(reader.profile.store.path) / MANIFEST)


def test_a_place_that_is_away_or_too_large_is_said(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_place(str(place)) is None
    place.mkdir()
    assert read_place(str(place)) is None, "a folder is no manifest"
    place.rmdir()
    place.write_bytes(b"x" * (update_places.LARGEST + 1))
    with pytest.raises(UpdatePlaceError, match="too large"):
        read_place(str(place))
    monkeypatch.setattr(update_places, "SECONDS", 0.05)
    held = threading.Event()
    monkeypatch.setattr(update_places, "_read_file", lambda _path: held.wait(30))
    with pytest.raises(UpdatePlaceError, match="does not answer"):
        read_place(str(place))
    held.set()


def test_a_program_that_is_too_old_says_where_the_newer_one_is(world: World, admin: Lab, place: Path) -> None:
    looking(admin, place).publish("7.3", place="//lab/share/labkeep")
    with changed(world, "public.installation", "oldest_client", "7.3"), pytest.raises(ProgramTooOldError) as refused:
        world.sign_in("a.user")
    assert "needs Labkeep 7.3 or newer" in str(refused.value)
    assert "where to get it: //lab/share/labkeep" in str(refused.value)


class Web(BaseHTTPRequestHandler):
    """A web server of the laboratory."""

    def do_GET(self) -> None:
        match self.path:
            case "/elsewhere":
                self.send_response(302)
                self.send_header("Location", "/good")
                self.end_headers()
            case "/good":
                self._say(b"manifest")
            case "/large":
                self._say(b"x" * 200_000)
            case "/broken":
                self.send_error(500)
            case _:
                self.send_error(404)

    def _say(self, content: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def certificate(folder: Path) -> Path:
    """A certificate for this computer and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "web.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Its addresses by path."""
    file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = HTTPServer(("127.0.0.1", 0), Web)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up is no news
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    yield lambda path: f"https://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_web_server_is_asked_by_https_and_nobody_else(
    web: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_place(web("/good")) == b"manifest"
    assert read_place(web("/none")) is None
    for path, words in (("/elsewhere", "answered 302"), ("/broken", "answered 500"), ("/large", "too large")):
        with pytest.raises(UpdatePlaceError, match=words):
            read_place(web(path))
    with pytest.raises(UpdatePlaceError, match="no https address"):
        read_place(web("/good").replace("https", "http"))
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UpdatePlaceError, match="certificate verify failed"):
        read_place(web("/good"))
