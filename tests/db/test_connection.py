"""Tests of reaching a server: what a DSN may say, what is sent to a false server, and what the sessions hold."""

import os
import secrets
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import QueuePool, literal, select, text
from sqlalchemy.engine.interfaces import CacheStats

from desktop_app.bootstrap import build
from desktop_app.db.connection import (
    ServerAddress,
    open_admin_engine,
    open_engine,
    read_dsn,
)
from desktop_app.db.errors import (
    DatabaseError,
    DatabaseUnavailableError,
    SignInRefusedError,
    UnsafeServerError,
    database_errors,
)
from desktop_app.db.libpq_environment import forget_libpq_environment
from desktop_app.db.models import SampleRow
from desktop_app.db.scram import verifier
from desktop_app.db.sessions import CenterSessions, SharedSessions
from desktop_app.domain.ids import schema_name
from desktop_app.errors import InvalidInputError
from tests.db.conftest import TwoCenters

SECRET = "very-secret-password"

# DSNs


@pytest.mark.parametrize(
    ("dsn", "address"),
    [
        ("host=db.example.org", ServerAddress("db.example.org")),
        ("postgresql://someone:x@db.example.org:6543/lab", ServerAddress("db.example.org", 6543, "lab")),
        ("host=/run/pg dbname='our lab'", ServerAddress("/run/pg", 5432, "our lab")),
        ("postgresql:///lab?host=/run/pg&port=1", ServerAddress("/run/pg", 1, "lab")),
        (
            "host=h sslmode=verify-ca sslrootcert=/etc/ca.pem connect_timeout=3 application_name=x",
            ServerAddress("h", 5432, "labkeep", "verify-ca", "/etc/ca.pem"),
        ),
        ("postgresql://[::1]/lab", ServerAddress("::1", 5432, "lab")),
    ],
)
def test_dsn_gives_an_address(dsn: str, address: ServerAddress) -> None:
    assert read_dsn(dsn).address == address


@pytest.mark.parametrize(
    ("dsn", "sentence"),
    [
        ("", "must name a host"),
        ("dbname=lab", "must name a host"),
        ("host=a,b", "one host"),
        ("host=h port=99999", "between 1 and 65535"),
        ("host=h port=x", "between 1 and 65535"),
        ("host=h options='-c row_security=off'", "options"),
        ("host=h service=lab", "service"),
        ("host=h hostaddr=10.0.0.1", "hostaddr"),
        ("host=h sslmode=maybe", "sslmode must be one of"),
        ("host=h sslcert=/x sslkey=/y", "sslcert, sslkey"),
        (f"host=h password={SECRET} nonsense=1", "cannot be read"),
        (f"postgresql://u:{SECRET}@h:port:more/", "between 1 and 65535"),
    ],
)
def test_dsn_is_refused_with_a_sentence_and_no_secret(dsn: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence) as refused:
        read_dsn(dsn)
    assert SECRET not in str(refused.value)


def test_dsn_taken_apart_does_not_show_its_password() -> None:
    assert SECRET not in repr(read_dsn(f"host=h password={SECRET}"))


@pytest.mark.parametrize(
    ("host", "sslmode", "effective"),
    [
        ("db.example.org", None, "verify-full"),
        ("10.1.2.3", None, "verify-full"),
        ("127.0.0.1.example.org", None, "verify-full"),
        ("localhost", None, "prefer"),
        ("/run/pg", None, "prefer"),
        ("db.example.org", "require", "require"),
    ],
)
def test_only_this_computer_goes_without_a_verified_server(host: str, sslmode: str | None, effective: str) -> None:
    assert ServerAddress(host, sslmode=sslmode).effective_sslmode == effective


# False servers


class FalseServer:
    """Speaks just enough of the protocol to ask for the password in its own way, and keeps what it is sent."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.received = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            connection.settimeout(20)
            while True:
                (length,) = struct.unpack("!I", connection.recv(4))
                (code,) = struct.unpack("!I", connection.recv(length - 4)[:4])
                if code == 196608:  # protocol 3.0: not a request for TLS or GSS
                    break
                connection.sendall(b"N")
            connection.sendall(self._request)
            while chunk := connection.recv(4096):
                self.received += chunk

    def close(self) -> None:
        self._socket.close()
        self._thread.join(20)


CLEAR_TEXT = b"R" + struct.pack("!II", 8, 3)
MD5 = b"R" + struct.pack("!II", 12, 5) + b"salt"
TRUST = b"R" + struct.pack("!II", 8, 0) + b"Z" + struct.pack("!I", 5) + b"I"


@pytest.mark.parametrize("request_", [CLEAR_TEXT, MD5, TRUST], ids=["clear text", "md5", "trust"])
def test_false_server_gets_nothing(request_: bytes) -> None:
    server = FalseServer(request_)
    engine = open_engine(ServerAddress("127.0.0.1", server.port, sslmode="disable"), "u_x", SECRET)
    with pytest.raises(UnsafeServerError) as refused, SharedSessions(engine).begin() as session:
        session.execute(text("SELECT 1"))
    engine.dispose()
    server.close()
    assert SECRET.encode() not in server.received
    assert b"md5" not in server.received
    assert SECRET not in str(refused.value)


def test_false_server_gets_nothing_of_the_administrators_dsn_either() -> None:
    server = FalseServer(CLEAR_TEXT)
    dsn = f"host=127.0.0.1 port={server.port} user=x password={SECRET} sslmode=disable"
    with pytest.raises(UnsafeServerError), database_errors(), open_admin_engine(dsn).connect():
        pass
    server.close()
    assert SECRET.encode() not in server.received


# Verifiers


def test_verifier_is_what_the_server_takes_for_a_password(two_centers: TwoCenters) -> None:
    made = verifier(SECRET, "u_x")
    assert made != verifier(SECRET, "u_x")
    assert SECRET not in made


@pytest.mark.parametrize(("password", "login"), [("", "u"), ("pässword", "u"), ("a\nb", "u"), ("x", "")])
def test_verifier_of_nonsense_is_refused(password: str, login: str) -> None:
    with pytest.raises(ValueError, match=r"login|ASCII"):
        verifier(password, login)


# What goes wrong on the way


def test_wrong_password_is_a_refused_sign_in(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    for login, password in ((two_centers.user_a.login, "wrong"), ("u_" + "a" * 32, "x"), ("labkeep_owner", "x")):
        engine = open_engine(scene.address, login, password)
        with pytest.raises(SignInRefusedError), SharedSessions(engine).begin() as session:
            session.execute(text("SELECT 1"))
        engine.dispose()


def test_server_that_is_not_there_is_unavailable(two_centers: TwoCenters) -> None:
    for address in (ServerAddress("/nonexistent"), ServerAddress("127.0.0.1", 9), ServerAddress("no.such.invalid")):
        engine = open_engine(address, "u_x", SECRET)
        with pytest.raises(DatabaseUnavailableError) as refused, SharedSessions(engine).begin() as session:
            session.execute(text("SELECT 1"))
        engine.dispose()
        assert SECRET not in str(refused.value)


def test_connection_lost_in_the_middle_is_unavailable_and_the_next_works(two_centers: TwoCenters) -> None:
    scene = two_centers.installation
    sessions = scene.shared(two_centers.user_a)
    with pytest.raises(DatabaseUnavailableError), sessions.begin() as session:
        pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        scene.value("SELECT pg_terminate_backend(%s, 5000)", pid)
        session.execute(text("SELECT 1"))
    with sessions.begin() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1


# Sessions


@pytest.fixture
def center_sessions(two_centers: TwoCenters) -> Iterator[CenterSessions]:
    scene = two_centers.installation
    engine = open_engine(scene.address, two_centers.user_a.login, two_centers.user_a.password)
    yield CenterSessions(engine, schema_name(two_centers.a))
    engine.dispose()


def test_center_session_is_in_its_center_and_leaves_nothing(center_sessions: CenterSessions) -> None:
    with center_sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM samples")).scalar_one() == 0
        path = session.execute(text("SHOW search_path")).scalar_one()
        assert path == f"{center_sessions.schema},pg_catalog,pg_temp"
    with center_sessions.engine.connect() as connection:
        assert center_sessions.schema not in str(connection.execute(text("SHOW search_path")).scalar_one())


def test_shared_session_knows_no_centers_table(two_centers: TwoCenters) -> None:
    for table in ("samples", "people", "users"):
        with pytest.raises(DatabaseError) as refused, two_centers.installation.shared(two_centers.user_a).begin() as s:
            s.execute(text(f"SELECT * FROM {table}"))
        assert table not in str(refused.value)


@pytest.mark.parametrize("schema", ["public", "center_1", "center_" + "0" * 32 + ", public", "CENTER_" + "0" * 32])
def test_center_session_takes_only_the_name_of_a_center(two_centers: TwoCenters, schema: str) -> None:
    with pytest.raises(ValueError, match="center"):
        CenterSessions(two_centers.installation.engine(two_centers.user_a), schema)


def test_exception_rolls_back(center_sessions: CenterSessions) -> None:
    insert = text("INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), 'x', 'blood')")
    with pytest.raises(KeyError), center_sessions.begin() as session:
        session.execute(insert)
        raise KeyError
    with center_sessions.begin() as session:
        assert session.execute(text("SELECT count(*) FROM samples")).scalar_one() == 0


def test_reason_lasts_for_its_own_transaction(center_sessions: CenterSessions) -> None:
    ask = text("SELECT current_setting('labkeep.reason', true)")
    with center_sessions.begin(reason='spilt; it\'s \\ "odd" %s :x') as session:
        assert session.execute(ask).scalar_one() == 'spilt; it\'s \\ "odd" %s :x'
    with center_sessions.begin() as session:
        assert session.execute(ask).scalar_one() in (None, "")


def test_values_never_come_through_the_wall(center_sessions: CenterSessions) -> None:
    with pytest.raises(InvalidInputError) as refused, center_sessions.begin() as session:
        session.execute(
            text("INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), 'Jane Doe', :kind)"),
            {"kind": SECRET},
        )
    assert list(refused.value.problems) == ["sample_type"]
    assert SECRET not in str(refused.value)
    assert "Jane" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_engine_never_has_more_than_three_connections(center_sessions: CenterSessions) -> None:
    engine = center_sessions.engine
    held = [engine.connect() for _ in range(3)]
    try:
        assert engine.pool.status().startswith("Pool size: 3")
        names = {c.execute(text("SHOW application_name")).scalar_one() for c in held}
        assert names == {"labkeep"}
        assert isinstance(engine.pool, QueuePool)
        assert engine.pool._max_overflow == 0
    finally:
        for connection in held:
            connection.close()


def test_a_connection_that_the_network_swallows_is_given_up(center_sessions: CenterSessions) -> None:
    with center_sessions.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        given = driver.get_dsn_parameters()
    idle, interval, count = (int(given[f"keepalives_{word}"]) for word in ("idle", "interval", "count"))
    assert idle + interval * count <= 60
    assert int(given["tcp_user_timeout"]) <= 60_000


def test_an_engine_asks_a_server_nothing_about_itself(two_centers: TwoCenters, center_sessions: CenterSessions) -> None:
    with center_sessions.engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        pid = driver.info.backend_pid
        assert two_centers.installation.value("SELECT query FROM pg_stat_activity WHERE pid = %s", pid) == ""


def test_what_one_engine_compiled_is_another_s_too(two_centers: TwoCenters) -> None:
    own_name, found = f"made_{secrets.token_hex(4)}", []
    for member, center in ((two_centers.user_a, two_centers.a), (two_centers.user_b, two_centers.b)):
        with two_centers.installation.center(member, center).begin() as session:
            wanted = select(SampleRow.name, literal(member.username).label(own_name))
            done: Any = session.connection().execute(wanted)
            found.append(done.context.cache_hit)
            assert schema_name(center) not in str(done.context.statement)
    assert found == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]


def test_secrets_do_not_show_in_an_engine(two_centers: TwoCenters) -> None:
    member = two_centers.user_a
    engine = open_engine(two_centers.installation.address, member.login, member.password)
    assert member.password not in repr(engine) + str(engine.url)
    engine.dispose()


def test_the_environment_of_libpq_is_taken_away() -> None:
    """PGHOSTADDR alone would send a password to another server than the profile names."""
    environment = {
        "PGHOSTADDR": "192.0.2.1",
        "PGSERVICE": "x",
        "PGOPTIONS": "-c role=x",
        "PGPASSWORD": "p",
        "HOME": "/",
    }
    forget_libpq_environment(environment)
    assert environment == {"PGPASSWORD": "p", "HOME": "/"}


def test_the_program_forgets_it_before_anything_connects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGSERVICE", "elsewhere")
    build({"LABKEEP_HOME": str(tmp_path)}).close()
    assert "PGSERVICE" not in os.environ
