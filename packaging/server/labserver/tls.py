"""TLS: a certificate authority of this server and its certificate, or the files that the hospital made."""

import ipaddress
import re
import tempfile
from pathlib import Path

from labserver.machine import Machine, Refused
from labserver.settings import FOLDER, Settings

TLS = FOLDER / "tls"
ROOT = TLS / "labkeep-root.crt"
"""The file for workstations: it holds no secret."""
CERTIFICATE, KEY = TLS / "server.crt", TLS / "server.key"
_CA_KEY = TLS / "ca.key"
_CA_DAYS, _DAYS = 3650, 730
_RENEWED_BEFORE = 60 * 86400
"""Seconds."""


def set_up(machine: Machine, settings: Settings) -> tuple[str, str]:
    """Make or take the files; those that PostgreSQL is told, certificate and key. Raises Refused."""
    machine.folder(FOLDER, 0o755)
    machine.folder(TLS, 0o755)
    if settings.certificate:
        _take(machine, settings)
    else:
        _make(machine, settings)
    return str(CERTIFICATE), str(KEY)


def names(settings: Settings) -> str:
    """The subjectAltName of the certificate."""
    entries = []
    for each in dict.fromkeys((settings.name, *settings.addresses)):
        try:
            entries.append(f"IP:{ipaddress.ip_address(each)}")
        except ValueError:
            entries.append(f"DNS:{each}")
    return ",".join(entries)


def ends(machine: Machine) -> str | None:
    """Until when the certificate holds, as openssl says it; None where there is none."""
    said = machine.ask("openssl", "x509", "-in", CERTIFICATE, "-noout", "-enddate")
    return None if said is None else said.strip().partition("=")[2]


def ends_soon(machine: Machine) -> bool:
    """Whether it ends within sixty days, or there is none."""
    return machine.ask("openssl", "x509", "-in", CERTIFICATE, "-noout", "-checkend", str(_RENEWED_BEFORE)) is None


def _make(machine: Machine, settings: Settings) -> None:
    if not (ROOT.exists() and _CA_KEY.exists()):
        if ROOT.exists():
            raise Refused(
                f"{ROOT} is there and its key {_CA_KEY} is not: bring the key back from a backup, or move {ROOT} away, "
                "and give every workstation the new one."
            )
        if machine.change(f"make a certificate authority of this server, {ROOT}"):
            _request(machine, f"/CN=Labkeep {settings.name}", _CA_KEY, ROOT, ("-days", str(_CA_DAYS), *_AUTHORITY))
            _CA_KEY.chmod(0o600)
            ROOT.chmod(0o644)
    if _is_good(machine, settings):
        return
    if machine.change(f"make the server's certificate for {names(settings)}"):
        _issue(machine, settings)


_AUTHORITY = (
    *("-addext", "basicConstraints=critical,CA:TRUE,pathlen:0"),
    *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
)


def _request(machine: Machine, subject: str, key: Path, out: Path, more: tuple[str, ...]) -> None:
    new = ("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    machine.run(*new, "-subj", subject, "-keyout", key, "-out", out, *(("-x509", *more) if more else ()))


def _issue(machine: Machine, settings: Settings) -> None:
    """In a private folder beside, then renamed: PostgreSQL never sees a key that is not the certificate's for long."""
    with tempfile.TemporaryDirectory(prefix=".new-", dir=TLS) as folder:
        place = Path(folder)
        key, request, certificate = place / "key", place / "request", place / "certificate"
        _request(machine, f"/CN={settings.name[:64]}", key, request, ())
        extensions = place / "extensions"
        extensions.write_text(
            f"subjectAltName={names(settings)}\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n"
            "basicConstraints=critical,CA:FALSE\n"
        )
        sign = ("openssl", "x509", "-req", "-in", request, "-CA", ROOT, "-CAkey", _CA_KEY, "-days", str(_DAYS))
        serial = machine.run("openssl", "rand", "-hex", "16").strip()
        machine.run(*sign, "-set_serial", f"0x{serial}", "-sha256", "-extfile", extensions, "-out", certificate)
        _put(machine, key.read_text(), certificate.read_text())


def _put(machine: Machine, key: str, certificate: str) -> None:
    machine.file(KEY, key, 0o640, "root", "postgres")
    machine.file(CERTIFICATE, certificate)


def _is_good(machine: Machine, settings: Settings) -> bool:
    """Whether the certificate is for these names, from this authority, fits its key and holds for a while."""
    said = machine.ask("openssl", "x509", "-in", CERTIFICATE, "-noout", "-ext", "subjectAltName")
    if said is None or ends_soon(machine) or not KEY.exists():
        return False
    has = {each.strip().replace("IP Address:", "IP:") for each in said.splitlines()[-1].split(",")}
    return (
        has == set(names(settings).split(","))
        and machine.ask("openssl", "verify", "-CAfile", ROOT, CERTIFICATE) is not None
        and _fits(machine, CERTIFICATE, KEY)
    )


def _fits(machine: Machine, certificate: Path, key: Path) -> bool:
    public = machine.ask("openssl", "pkey", "-in", key, "-pubout")
    return public is not None and public == machine.ask("openssl", "x509", "-in", certificate, "-noout", "-pubkey")


def _take(machine: Machine, settings: Settings) -> None:
    certificate, key, root = Path(settings.certificate), Path(settings.key), Path(settings.root)
    for path in (certificate, key, root):
        if not path.is_file():
            raise Refused(f"There is no file {path}.")
    if not _fits(machine, certificate, key):
        raise Refused(f"{key} is not the key of {certificate}, or is sealed under a password.")
    # The whole file is what the server shows: whoever issued it may stand in it, too.
    check = ("openssl", "verify", "-purpose", "sslserver", "-verify_hostname", settings.name, "-CAfile", root)
    if machine.ask(*check, "-untrusted", certificate, certificate) is None:
        raise Refused(f"{certificate} is not for {settings.name}, has ended, or does not come from {root}.")
    shown = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", root.read_text(), re.DOTALL)
    machine.file(ROOT, "".join(shown))
    _put(machine, key.read_text(), certificate.read_text())
