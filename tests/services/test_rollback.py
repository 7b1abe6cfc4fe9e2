"""Database and store are put back to an older state: whoever saw the later one is at alarm until that is signed for."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest

from desktop_app.bootstrap import App, build
from desktop_app.domain.audit import AuditFault
from desktop_app.domain.drafts import CenterDraft, SampleDraft
from desktop_app.domain.records import AuditHead, SampleType
from desktop_app.domain.rights import Role
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError
from desktop_app.services.context.rollback_detection import RolledBackError
from desktop_app.services.installation.setup import InitRequest, InitResult
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.storage.seen_heads import SeenHeads
from tests.servers import remove_server
from tests.services.conftest import person

PASSWORD = "Quartz-Lagoon-77"
DRAFT = SampleDraft(name="Blood", sample_type=SampleType.BLOOD)
PEOPLE = {"root.admin": None, "deputy": None, "a.admin": Role.ADMIN, "a.user": Role.USER, "a.viewer": Role.VIEWER}


@dataclass
class Site:
    """An installation of one center, the workstations around it, and backups of database and store."""

    home: Path
    app: App
    made: InitResult
    stations: dict[str, App] = field(default_factory=dict)

    def station(self, name: str) -> App:
        """A workstation of this name; what it saw it remembers."""
        if name not in self.stations:
            self.stations[name] = build({"LABKEEP_HOME": str(self.home / "stations" / name)})
        return self.stations[name]

    @contextmanager
    def at(self, who: str, station: str = "") -> Iterator[tuple[Lab, CenterServices]]:
        """Somebody at work in the center, at his own workstation or another."""
        service = self.station(station or who).sign_in
        with service.sign_in(self.made.profile, who, PASSWORD) as lab, lab.center("alpha") as work:
            yield lab, work

    def run(self, *statements: str) -> None:
        """What the server's administrator does beside the program."""
        assert self.made.profile.data_dir is not None
        running = self.app.servers.start_builtin(Path(self.made.profile.data_dir))
        with closing(psycopg2.connect(running.admin_dsn("postgres"))) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            for statement in statements:
                cursor.execute(statement)

    def backup(self) -> None:
        """Copy database and store."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'labkeep'",
            "DROP DATABASE IF EXISTS backup",
            "CREATE DATABASE backup TEMPLATE labkeep",
        )
        shutil.copytree(self.made.profile.store.path, self.home / "backup", dirs_exist_ok=True)

    def restore(self) -> None:
        """Put both back, with the rights on the database as they were."""
        self.run(
            "CREATE TABLE IF NOT EXISTS acl AS SELECT datacl, datdba FROM pg_database WHERE datname = 'labkeep'",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('labkeep', 'backup')",
            "DROP DATABASE labkeep",
            "CREATE DATABASE labkeep TEMPLATE backup",
            "UPDATE pg_database d SET datacl = a.datacl, datdba = a.datdba FROM acl a WHERE d.datname = 'labkeep'",
            "DROP TABLE acl",
        )
        store = Path(self.made.profile.store.path)
        shutil.rmtree(store)
        shutil.copytree(self.home / "backup", store)

    def look(self, who: str) -> None:
        """Somebody opens the center and reads, no more."""
        with self.at(who) as (_lab, work):
            work.samples.list()

    def write(self, who: str) -> None:
        with self.at(who) as (_lab, work):
            work.samples.create(DRAFT)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("site")
    app = build({"LABKEEP_HOME": str(home)})
    first = person("root.admin", Role.ADMIN, None)
    site = Site(home, app, app.set_up.init(InitRequest(display_name="Site", administrator=first, password=PASSWORD)))
    service = site.station("root.admin").sign_in
    with service.sign_in(site.made.profile, "root.admin", PASSWORD) as lab:
        alpha = lab.centers.create(CenterDraft(name="Alpha Hospital", slug="alpha"))
        for name, role in PEOPLE.items():
            if name != "root.admin":
                draft = person(name, role or Role.ADMIN, alpha.id if role else None)
                lab.users.create(draft, PASSWORD, keep_password=True)
    for name in PEOPLE:
        site.look(name)
    try:
        yield site
    finally:
        for station in (*site.stations.values(), app):
            station.close()
        remove_server(home)


def refused(act: Callable[[], object], kind: type[LabkeepError] = RolledBackError) -> str:
    with pytest.raises(kind) as caught:
        act()
    return str(caught.value)


def assert_alarm(site: Site, *people: str) -> None:
    """Each of them is told, may read, and writes nothing; also the second time."""
    for who in people * 2:
        with site.at(who) as (lab, work):
            work.samples.list()
            assert "this workstation saw" in (work.rollback or ""), who
            if who != "a.viewer":
                assert "restored from a backup" in refused(partial(work.samples.create, DRAFT))
            if lab.user.is_system_administrator:
                refused(partial(lab.centers.update, lab.centers.get("alpha"), CenterDraft(name="X", slug="x")))


def assert_quiet(site: Site, *people: str) -> None:
    for who in people:
        with site.at(who) as (lab, work):
            work.samples.list()
            assert (work.rollback, lab.rollback) == (None, None), who
            if who != "a.viewer":
                work.samples.create(DRAFT)


def test_a_rollback_alarms_everybody_who_saw_the_later_state_until_it_is_signed_for(site: Site) -> None:
    """The trust log stands still here: the record alone tells. A viewer who only looked is told, too."""
    site.write("a.user")
    site.backup()
    site.write("a.user")
    for who in ("a.viewer", "a.user"):
        site.look(who)
    site.restore()
    assert_alarm(site, "a.viewer", "a.user")
    # Others go on past the place where it was cut: that does not hide it.
    for _ in range(3):
        site.write("a.admin")
    assert_alarm(site, "a.viewer", "a.user")
    with site.at("a.user", "a new computer") as (_lab, work):
        work.samples.create(DRAFT)
        assert work.rollback is None, "a workstation that never saw it cannot know"

    with site.at("a.admin") as (lab, _work):
        refused(lambda: lab.restoring.sign("not my right"), RefusedError)
    with site.at("a.user") as (_lab, open_window), site.at("root.admin") as (lab, _work):
        refused(lambda: open_window.samples.create(DRAFT))
        assert "reason" in refused(lambda: lab.restoring.sign(" "), InvalidInputError)
        lab.restoring.sign("The disk broke.")
        open_window.samples.create(DRAFT)
        assert open_window.rollback is None, "an open window takes it at its next change"
    assert_quiet(site, *PEOPLE)
    with site.at("root.admin") as (lab, _work):
        assert lab.audit.verify().is_sound


def test_what_is_committed_here_is_kept_at_once(site: Site) -> None:
    """A program that is killed right after its own commit has forgotten nothing of it."""
    at_rest = SeenHeads(site.home / "stations" / "root.admin" / "state")

    def assert_kept(center_id: UUID | None, head: Callable[[], AuditHead]) -> None:
        kept = at_rest.audit_head(site.made.profile.installation_id, center_id)
        # Asked for afterwards: what is asked is seen, and might be kept for that.
        newest = head()
        assert kept is not None
        assert (kept.sequence, kept.digest) == (newest.seq, newest.digest)

    with site.at("root.admin") as (lab, work):
        for number in range(3):
            work.samples.create(DRAFT)
            assert_kept(work.center.id, work.audit.head)
            edition = CenterDraft(name="Alpha Hospital", slug="alpha", description=f"Edition {number}")
            lab.centers.edit(lab.centers.get("alpha"), edition)
            assert_kept(None, lab.audit.head)
            lab.centers.create(CenterDraft(name=f"Beta {number}", slug=f"beta-{number}"))
            assert_kept(None, lab.audit.head)


def test_an_old_signature_excuses_no_later_rollback(site: Site) -> None:
    site.backup()
    site.write("a.user")
    site.restore()
    assert_alarm(site, "a.user")
    with site.at("a.admin", "a.user") as (_lab, work):
        verdict = work.audit.verify()
        assert verdict.fault is AuditFault.FORGOTTEN
    with site.at("root.admin") as (lab, _work):
        lab.restoring.sign("Again.")
    assert_quiet(site, *PEOPLE)


def test_who_was_removed_meanwhile_does_not_bless_the_state_in_which_he_was_not(site: Site) -> None:
    """The trust log goes back, too. The recovery kit is believed, and so would be who was an administrator in both."""
    site.backup()
    with site.at("root.admin") as (lab, _work):
        lab.users.deactivate("deputy")
    for who in ("a.viewer", "a.user"):
        site.look(who)
    site.restore()
    # The roles are the cluster's and were not put back: the server's administrator lets him in again.
    site.run(*_let_in(site, "deputy"))
    assert_alarm(site, "a.viewer", "a.user", "root.admin")
    with site.at("deputy", "his own, which saw nothing") as (lab, _work):
        lab.restoring.sign("All is well.")
    assert_alarm(site, "a.viewer", "a.user", "root.admin")
    with site.at("deputy", "a.user") as (lab, _work):
        assert "no system administrator" in refused(lambda: lab.restoring.sign("All is well."), RefusedError)

    with site.at("root.admin") as (lab, _work):
        with pytest.raises(LabkeepError):
            lab.restoring.sign("With a kit that is none.", kit="not a kit")
        lab.restoring.sign("With the kit.", kit=site.made.kit.page)
    assert_quiet(site, "a.viewer", "a.user", "a.admin", "root.admin")


def test_the_trust_log_goes_back_and_an_administrator_of_both_signs(site: Site) -> None:
    site.backup()
    with site.at("root.admin") as (lab, work):
        lab.users.create(person("late.user", Role.USER, work.center.id), PASSWORD, keep_password=True)
    for who in ("a.viewer", "a.user"):
        site.look(who)
    site.restore()
    assert_alarm(site, "a.viewer", "a.user", "root.admin")
    with site.at("root.admin") as (lab, _work):
        lab.restoring.sign("The server was replaced.")
        assert lab.rollback is None
    assert_quiet(site, "a.viewer", "a.user", "a.admin", "root.admin")


def test_a_restore_that_is_lost_itself_is_signed_away_by_the_next_one(site: Site) -> None:
    """The same backup is brought back again and again: who saw an earlier one, or none, takes what is signed last."""
    saw_first, saw_second = ("a.user", "a.admin", "root.admin"), ("a.admin", "root.admin")
    site.backup()
    with site.at("root.admin") as (lab, work):
        lab.users.create(person("lost.user", Role.USER, work.center.id), PASSWORD, keep_password=True)
    for who in ("a.viewer", *saw_first):
        site.look(who)
    for saw in (saw_first, saw_second):
        site.restore()
        with site.at("root.admin") as (lab, _work):
            lab.restoring.sign("The disk broke again.")
        assert_quiet(site, *saw)
    site.restore()
    assert_alarm(site, "a.user")
    with site.at("root.admin") as (lab, _work):
        lab.restoring.sign("And once more.")
    assert_quiet(site, "a.viewer", *saw_first)
    # What was signed excuses nothing that comes after it.
    site.restore()
    assert_alarm(site, "a.user")


def _let_in(site: Site, username: str) -> list[str]:
    with site.at("root.admin") as (lab, _work):
        login = lab.users.get(username).login
    return [f"ALTER ROLE {login} LOGIN", f"GRANT labkeep_app, labkeep_platform TO {login}"]
