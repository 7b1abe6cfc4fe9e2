"""Installations to back up and to bring back: a center, its people, documents and a sample, on any server."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class
from psycopg2.extensions import make_dsn, parse_dsn

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.profiles import Profile
from desktop_app.domain.records import SampleType
from desktop_app.domain.rights import Role
from desktop_app.services.installation.backup import BackupResult
from desktop_app.services.installation.opened_backup import Opener
from desktop_app.services.installation.restore import RestoreRequest, RestoreResult
from desktop_app.services.installation.setup import InitRequest
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.servers import remove_server
from tests.services.conftest import person

PASSWORD = "Quartz-Lagoon-77"
PEOPLE = {"root.admin": None, "deputy": None, "a.admin": Role.ADMIN, "a.user": Role.USER, "a.viewer": Role.VIEWER}
PATIENT = "Blood of Ayse Yilmaz"
SIZES = (0, 11, 70_000, 2_500_000)


@dataclass(frozen=True)
class Site:
    """An installation, a workstation that reaches it, and the text of its recovery kit."""

    home: Path
    app: App
    profile: Profile
    kit: str
    dsn: str | None = None

    @contextmanager
    def at(self, who: str, app: App | None = None) -> Iterator[tuple[Lab, CenterServices]]:
        """Somebody at work in the center, at this workstation or another."""
        with (app or self.app).sign_in.sign_in(self.profile, who, PASSWORD) as lab, lab.center("alpha") as work:
            yield lab, work

    @contextmanager
    def station(self, home: Path) -> Iterator[App]:
        """Another workstation, which remembers what it sees."""
        app = build({"LABKEEP_HOME": str(home)})
        try:
            yield app
        finally:
            app.close()

    def add(self, name: str, content: bytes) -> None:
        """A document by a user of the center."""
        path = self.home / name
        path.write_bytes(content)
        with self.at("a.user") as (_lab, work):
            assert work.documents.add([path]).results[0].id is not None

    def documents(self) -> dict[str, str]:
        """Title and SHA-256 of every document, as somebody opens it who may."""
        found = {}
        with self.at("a.viewer") as (_lab, work):
            for document in work.documents.list().rows:
                found[document.title] = hashlib.sha256(work.documents.content(document)).hexdigest()
        return found

    def superuser(self) -> Psycopg2Connection:
        """The database administrator's own connection, past every right; the caller closes it."""
        connection: Psycopg2Connection = psycopg2.connect(self.app.servers.administrator_dsn(self.profile, self.dsn))
        connection.autocommit = True
        return connection

    @contextmanager
    def backup_role(self) -> Iterator[str]:
        """The DSN of labkeep_backup, whom the server's administrator has given a password that lies in a passfile."""
        admin = parse_dsn(self.app.servers.administrator_dsn(self.profile, self.dsn))
        password, passfile = secrets.token_urlsafe(20), self.home / "passfile"
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:labkeep_backup:{password}\n")
        with closing(psycopg2.connect(**admin)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("ALTER ROLE labkeep_backup PASSWORD %s", (password,))
        place = {"host": admin["host"], "port": admin["port"], "dbname": admin["dbname"]}
        yield make_dsn(**place, user="labkeep_backup", passfile=str(passfile))
        passfile.unlink()

    def backup(
        self,
        folder: Path,
        who: str | None = "root.admin",
        *,
        dsn: str | None = None,
        keep: int | None = None,
        checks_all: bool = False,
        center: str | None = None,
    ) -> BackupResult:
        """A backup, signed by a system administrator or (None) by nobody."""
        with ExitStack() as stack:
            lab = None if who is None else stack.enter_context(self.at(who))[0]
            sign = None if lab is None else lab.backup_signer.sign
            return self.app.backup.run(
                self.profile, folder, dsn or self.dsn, center=center, sign=sign, keep=keep, checks_all=checks_all
            )


@contextmanager
def made_site(home: Path, dsn: str | None = None) -> Iterator[Site]:
    """A new installation, on the built-in server or the one of a DSN."""
    app = build({"LABKEEP_HOME": str(home / "labkeep")})
    (home / "share").mkdir(parents=True)
    first = person("root.admin", Role.ADMIN, None)
    request = InitRequest(display_name="Site", administrator=first, password=PASSWORD, dsn=dsn, store=home / "share")
    made = app.set_up.init(request)
    site = Site(home, app, made.profile, made.kit.page, dsn)
    with app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
        alpha = lab.centers.create(CenterDraft(name="Alpha Hospital", slug="alpha"))
        lab.centers.create(CenterDraft(name="Empty Institute", slug="empty"))
        for name, role in PEOPLE.items():
            if name != "root.admin":
                lab.users.create(
                    person(name, role or Role.ADMIN, alpha.id if role else None), PASSWORD, keep_password=True
                )
    for size in SIZES:
        site.add(f"report-{size}.txt", os.urandom(size))
    with site.at("a.user") as (_lab, work):
        work.samples.create(SampleDraft(name=PATIENT, sample_type=SampleType.BLOOD))
    try:
        yield site
    finally:
        app.close()
        remove_server(home / "labkeep")


@contextmanager
def restored(
    folder: Path,
    home: Path,
    site: Site,
    *,
    dsn: str | None = None,
    opener: Opener | None = None,
    takes_unsigned: bool = False,
) -> Iterator[tuple[Site, RestoreResult]]:
    """The installation brought back on a machine that knows nothing of it."""
    app = build({"LABKEEP_HOME": str(home / "labkeep")})
    (home / "share").mkdir(parents=True, exist_ok=True)
    opener = opener or Opener(username="root.admin", password=PASSWORD)
    try:
        result = app.restore.run(
            RestoreRequest(root=folder, opener=opener, store=home / "share", dsn=dsn, takes_unsigned=takes_unsigned)
        )
        yield Site(home, app, result.profile, site.kit, dsn), result
    finally:
        app.close()
        remove_server(home / "labkeep")
