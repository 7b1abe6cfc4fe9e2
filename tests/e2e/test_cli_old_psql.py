"""A psql of PostgreSQL 15, whose libpq takes no require_auth: used where nobody else can ask for the password."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from secrets import randbelow

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from desktop_app.server.account import ensure_account, running_as_root
from tests.e2e.conftest import DemoPeople
from tests.e2e.labkeep_admin import Admin
from tests.servers import SYSTEM_MAJOR, TestServer, short_folder, system_programs, system_server_with

GOOD = "Walnut-Ferry-53"
QUERY = ("--", "-AtX", "-c", "select current_setting('server_version_num')::int > 0, count(*) from public.users")


@dataclass(frozen=True)
class Verified:
    """An installation on a server that shows a certificate, and its administrator."""

    server: TestServer
    root: Admin
    profile: Path


@pytest.fixture(scope="module")
def old_psql(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which the first psql is the operating system's of version 15."""
    folder = tmp_path_factory.mktemp("old psql")
    (folder / "psql").symlink_to(system_programs(SYSTEM_MAJOR) / "psql")
    return f"{folder}:{os.environ['PATH']}"


def _write_certificate(folder: Path, address: str) -> tuple[Path, Path]:
    """A certificate for this address and its key, both for the account that a server runs under."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Labkeep test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    public, private = folder / "server.crt", folder / "server.key"
    public.write_bytes(certificate.public_bytes(pem))
    private.touch(0o600)
    private.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )
    if running_as_root():
        account = ensure_account()
        for place in (folder, public, private):
            os.chown(place, account.uid, account.gid)
    return public, private


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verified]:
    # An address of its own, so that the port is nobody else's.
    address = f"127.{randbelow(254) + 1}.{randbelow(254) + 1}.{randbelow(253) + 2}"
    home = tmp_path_factory.mktemp("verified")
    (home / "store").mkdir()
    with short_folder() as folder:
        public, private = _write_certificate(folder, address)
        settings = (f"listen_addresses={address}", "ssl=on", f"ssl_cert_file={public}", f"ssl_key_file={private}")
        with system_server_with(*settings) as server:
            dsn = home / "dsn"
            dsn.write_text(
                f"host={address} port={server.port} dbname=postgres user={server.superuser} "
                f"password={server.superuser_password} sslmode=verify-full sslrootcert={public}\n"
            )
            root = Admin(home / "home").as_user("root.admin", GOOD)
            root.json("init", "--admin", "root.admin", "--store", home / "store", "--dsn-file", dsn)
            yield Verified(server, root, next((home / "home" / "config" / "profiles").glob("*.toml")))


def test_it_goes_to_a_server_that_proves_who_it_is(verified: Verified, old_psql: str) -> None:
    assert 'sslmode = "verify-full"' in verified.profile.read_text()
    answer = verified.root.using(PATH=old_psql).run("psql", *QUERY)
    assert (answer.status, answer.out) == (0, "t|1\n"), answer


@pytest.mark.parametrize("weaker", ["require", "verify-ca"])
def test_it_goes_nowhere_with_less(verified: Verified, old_psql: str, tmp_path: Path, weaker: str) -> None:
    other = tmp_path / "config" / "profiles" / verified.profile.name
    other.parent.mkdir(parents=True)
    other.write_text(verified.profile.read_text().replace("verify-full", weaker))
    root = Admin(tmp_path).as_user("root.admin", GOOD)
    assert root.json("center", "list") == []
    sentence = root.using(PATH=old_psql).refused("psql", *QUERY)
    assert "16 or newer" in sentence
    assert "verify-full" in sentence


def test_it_goes_over_the_private_socket_of_the_built_in_server(demo: DemoPeople, old_psql: str) -> None:
    query = ("--", "-AtX", "-c", "select count(*) from samples")
    answer = demo.deniz.using(PATH=old_psql).run("psql", "--center", "ankara", *query)
    assert (answer.status, answer.err) == (0, ""), answer
    assert int(answer.out) > 0
