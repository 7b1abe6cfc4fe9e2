"""Set-up on a lab's own PostgreSQL: an installation that works, or nothing at all."""

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest

from desktop_app.bootstrap import App, build
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.db.errors import DatabaseUnavailableError, SignInRefusedError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, InvalidInputError, LabkeepError, RefusedError
from desktop_app.services.installation.setup import InitRequest, InitResult
from desktop_app.services.session.sign_in import PasswordChangeNeededError
from desktop_app.storage.errors import ForeignStoreError
from desktop_app.storage.marker import MARKER_NAME, create_marker
from tests.db.installation import wipe
from tests.servers import TestServer
from tests.services.conftest import person

PASSWORD = "Quartz-Lagoon-77"
NOBODY = 65534


@dataclass(frozen=True)
class Site:
    """A lab's server, a share and a workstation, with nothing of Labkeep on them yet."""

    server: TestServer
    folder: Path
    app: App

    @property
    def store(self) -> Path:
        return self.folder / "share"

    @property
    def kit(self) -> Path:
        return self.folder / "kit.txt"

    @property
    def request(self) -> InitRequest:
        return InitRequest(
            display_name="Central lab",
            administrator=person("root.admin", Role.ADMIN, None),
            password=PASSWORD,
            store=self.store,
            dsn=self.server.dsn(),
            recovery_kit=self.kit,
        )

    def init(self, report: Callable[[int, int], None] = lambda _done, _total: None, **changes: Any) -> InitResult:
        return self.app.set_up.init(replace(self.request, **changes), report)

    def run(self, statement: str, database: str = "postgres") -> None:
        with closing(psycopg2.connect(self.server.dsn(database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)

    def state(self) -> dict[str, object]:
        """Databases, roles and memberships of the cluster, and every file of share and workstation."""
        queries = {
            "databases": "SELECT datname, datdba::regrole::text, datacl::text FROM pg_database ORDER BY 1",
            "roles": "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolpassword FROM pg_authid ORDER BY 1",
            "members": "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members ORDER BY 1, 2",
            "schemas": "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
        }
        found: dict[str, object] = {}
        with closing(psycopg2.connect(self.server.dsn())) as connection, connection.cursor() as cursor:
            for name, query in queries.items():
                cursor.execute(query)
                found[name] = cursor.fetchall()
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return found | {"files": [(str(path), path.read_bytes()) for path in files]}


@pytest.fixture
def site(system_server_15: TestServer, tmp_path: Path) -> Iterator[Site]:
    wipe(system_server_15)
    app = build({"LABKEEP_HOME": str(tmp_path / "home")})
    (tmp_path / "share").mkdir()
    site = Site(system_server_15, tmp_path, app)
    # As initdb leaves it; an installation takes this away, also from a cluster that is wiped afterwards.
    site.run("GRANT CONNECT, TEMPORARY ON DATABASE postgres TO PUBLIC")
    yield site
    app.close()
    wipe(system_server_15)


def nothing_left(site: Site, act: Callable[[], object], *kinds: type[BaseException]) -> BaseException:
    """What *act* raises, in one sentence; cluster, share and workstation are as they were."""
    before = site.state()
    with pytest.raises(kinds or LabkeepError) as caught:
        act()
    assert site.state() == before
    if not isinstance(caught.value, Cancelled):
        assert str(caught.value).endswith("."), str(caught.value)
        assert "\n" not in str(caught.value)
    assert site.server.superuser_password not in str(caught.value)
    return caught.value


def test_an_installation_that_works(site: Site) -> None:
    steps: list[int] = []
    made = site.init(lambda done, _total: steps.append(done))
    assert steps == [1, 2, 3, 4, 5]
    assert site.app.profiles.list() == [made.profile]
    assert site.kit.read_text() == made.kit.page
    assert PASSWORD not in made.kit.page
    assert (site.store / MARKER_NAME).is_file()
    with site.app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
        lab.centers.create(CenterDraft(name="First", slug="first"))
        path = site.folder / "first.txt"
        path.write_bytes(b"first")
        with lab.center("first") as work:
            saved = work.documents.add([path]).results[0]
            assert work.documents.content(work.documents.get(str(saved.id))) == b"first"
        assert lab.status().store_problem is None
        assert lab.alarms == ()


def test_the_words_rebuild_the_root(site: Site) -> None:
    made = site.init()
    assert len(made.kit.words) == 33
    rebuilt = RecoveryKit.from_words(" ".join(made.kit.words))
    assert rebuilt.fingerprint().hex() == made.profile.root_fingerprint
    assert made.kit.fingerprint
    assert all(word in made.kit.page for word in made.kit.words)
    with closing(psycopg2.connect(site.server.dsn("labkeep"))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, public_key FROM public.identities WHERE user_id IS NULL")
        ((_root_id, public),) = cursor.fetchall()
    with site.app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
        root = lab._context.trust.state.root
        assert bytes(public) == root.to_bytes()
        assert rebuilt.identity(root.id).public == root


def test_a_made_password_is_changed_at_the_first_sign_in(site: Site) -> None:
    made = site.init(password=None)
    with pytest.raises(PasswordChangeNeededError):
        site.app.sign_in.sign_in(made.profile, "root.admin", made.password)
    site.app.sign_in.sign_in(made.profile, "root.admin", made.password, new_password=PASSWORD).close()


@pytest.mark.parametrize("failing", [1, *(pytest.param(n, marks=pytest.mark.full) for n in (2, 3)), 4])
def test_stopped_after_any_step(site: Site, failing: int) -> None:
    def report(done: int, _total: int) -> None:
        if done == failing:
            raise Cancelled

    nothing_left(site, lambda: site.init(report), Cancelled)
    assert site.init().profile.display_name == "Central lab", "and a second try works"


def test_too_late_to_stop(site: Site) -> None:
    """Everything is made: whoever cancels at the last word still gets the recovery words."""

    def report(done: int, total: int) -> None:
        if done == total:
            raise Cancelled

    assert site.init(report).kit.words


@pytest.mark.parametrize("failing", [pytest.param(3, marks=pytest.mark.full), 4])
def test_the_connection_lost_while_it_is_made(site: Site, failing: int) -> None:
    def report(done: int, _total: int) -> None:
        if done == failing:
            site.run("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'labkeep'")

    nothing_left(site, lambda: site.init(report), DatabaseUnavailableError)
    site.init()


@contextmanager
def ordinary_person() -> Iterator[None]:
    """Whom the file system refuses something; root would be refused nothing."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that an ordinary person reaches."""
    folder = Path(tempfile.mkdtemp(prefix="labkeep-share-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_store_that_nobody_may_write_to(site: Site, open_folder: Path) -> None:
    (open_folder / "share").mkdir(mode=0o555)
    (open_folder / "closed").mkdir(mode=0o700)
    for name in ("share", "closed/share"):

        def act(store: Path = open_folder / name) -> None:
            with ordinary_person():
                site.init(store=store)

        error = nothing_left(site, act, InvalidInputError)
        assert isinstance(error, InvalidInputError)
        assert set(error.problems) == {"store"}


def test_a_store_that_is_no_folder(site: Site) -> None:
    (site.folder / "file").write_text("mine")
    for store in (site.folder / "missing", site.folder / "file", site.folder / "file" / "below"):
        error = nothing_left(site, partial(site.init, store=store), InvalidInputError)
        assert isinstance(error, InvalidInputError)
        assert set(error.problems) == {"store"}


def test_a_store_of_another_installation(site: Site) -> None:
    create_marker(site.store, uuid4())
    nothing_left(site, site.init, ForeignStoreError)


def test_a_marker_that_cannot_be_made(site: Site) -> None:
    """Something else has its name."""
    (site.store / MARKER_NAME).mkdir()
    nothing_left(site, site.init)


def test_the_kit_counts_as_kept_only_when_a_file_was_written_or_somebody_said_so(site: Site) -> None:
    made = site.init()
    with site.app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
        assert lab.recovery.is_kept()


def test_a_kit_that_was_only_shown_is_not_kept_until_its_words_were_typed(site: Site) -> None:
    request = replace(site.request, recovery_kit=None)
    made = site.app.set_up.init(request)
    with site.app.sign_in.sign_in(made.profile, "root.admin", PASSWORD) as lab:
        assert not lab.recovery.is_kept()
        site.app.set_up.confirm_kit(request, made)
        assert lab.recovery.is_kept()


def test_a_kit_file_that_cannot_be_made(site: Site) -> None:
    site.kit.write_text("another kit")
    error = nothing_left(site, site.init, InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {"recovery_kit"}
    for path in (site.folder / "missing" / "kit.txt", site.kit / "kit.txt", site.store):
        nothing_left(site, partial(site.init, recovery_kit=path))


def test_a_profile_that_cannot_be_kept(site: Site) -> None:
    """The last file, written while the database waits: nothing of the others stays."""
    profiles = site.app.paths.profiles_dir
    profiles.parent.mkdir(parents=True)
    profiles.write_text("not a folder")
    nothing_left(site, site.init)


@pytest.mark.parametrize("name", ["", "   ", "x" * 200, "two\nlines"])
def test_a_bad_name_of_the_installation(site: Site, name: str) -> None:
    error = nothing_left(site, lambda: site.init(display_name=name), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {"display_name"}


def test_a_name_that_another_installation_has(site: Site) -> None:
    first = site.init()
    wipe(site.server)
    share = site.folder / "second"
    share.mkdir()
    nothing_left(site, lambda: site.init(store=share, recovery_kit=None), InvalidInputError)
    assert site.app.profiles.list() == [first.profile]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("username", {"username": "Not A Name"}),
        ("email", {"email": "nowhere"}),
        ("first_name", {"first_name": "x" * 100}),
    ],
)
def test_a_bad_administrator(site: Site, field: str, changes: dict[str, Any]) -> None:
    bad = replace(site.request.administrator, **changes)
    error = nothing_left(site, lambda: site.init(administrator=bad), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {field}


def test_an_administrator_of_a_center_or_of_a_lower_role(site: Site) -> None:
    for changes in ({"role": Role.USER}, {"role": Role.VIEWER}, {"center_id": uuid4()}):
        bad = replace(site.request.administrator, **changes)
        nothing_left(site, partial(site.init, administrator=bad), InvalidInputError)


@pytest.mark.parametrize("password", ["", "short", "root.admin", "password1234"])
def test_a_bad_password(site: Site, password: str) -> None:
    error = nothing_left(site, lambda: site.init(password=password), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {"password"}


@pytest.mark.parametrize(
    "dsn", ["", "nonsense", "postgresql://", "host=a,b", "host=x port=none", "host=x options=-csomething"]
)
def test_a_dsn_that_cannot_be_used(site: Site, dsn: str) -> None:
    error = nothing_left(site, lambda: site.init(dsn=dsn), InvalidInputError)
    assert isinstance(error, InvalidInputError)
    assert set(error.problems) == {"dsn"}


def test_a_server_that_is_not_there_or_does_not_let_in(site: Site) -> None:
    nothing_left(site, lambda: site.init(dsn=f"host={site.folder} user=postgres"), DatabaseUnavailableError)
    wrong = site.server.dsn("postgres", site.server.superuser, "wrong")
    nothing_left(site, lambda: site.init(dsn=wrong), SignInRefusedError)


def test_a_login_with_too_few_rights(site: Site) -> None:
    site.run("CREATE ROLE little LOGIN CREATEDB CREATEROLE PASSWORD 'little'")
    try:
        dsn = site.server.dsn("postgres", "little", "little")
        assert "superuser" in str(nothing_left(site, lambda: site.init(dsn=dsn), RefusedError))
    finally:
        site.run("DROP ROLE little")


def test_a_database_in_use(site: Site) -> None:
    site.run("CREATE DATABASE labkeep")
    site.run("CREATE TABLE mine (id int)", "labkeep")
    assert "holds something" in str(nothing_left(site, site.init, RefusedError))
    site.run("DROP TABLE mine", "labkeep")
    site.init()


def test_a_cluster_that_serves_others(site: Site) -> None:
    site.run('CREATE DATABASE "wards and beds"')
    try:
        assert "wards and beds" in str(nothing_left(site, site.init, RefusedError))
    finally:
        site.run('DROP DATABASE "wards and beds"')


def test_the_same_server_twice(site: Site) -> None:
    first = site.init()
    share = site.folder / "second"
    share.mkdir()
    nothing_left(site, lambda: site.init(store=share, recovery_kit=None, display_name="Second"), RefusedError)
    site.app.sign_in.sign_in(first.profile, "root.admin", PASSWORD).close()


def test_two_at_once(site: Site) -> None:
    """One of them is whole and works; the other is refused and leaves nothing."""
    made: list[InitResult] = []
    refused: list[LabkeepError] = []
    start = threading.Barrier(2)

    def work(name: str) -> None:
        share = site.folder / name
        share.mkdir()
        start.wait()
        try:
            made.append(site.init(store=share, display_name=name, recovery_kit=site.folder / f"{name}.kit"))
        except LabkeepError as error:
            refused.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(200)
    assert (len(made), len(refused)) == (1, 1)
    (winner,) = made
    assert site.app.profiles.list() == [winner.profile]
    loser = "two" if winner.profile.display_name == "one" else "one"
    assert list((site.folder / loser).iterdir()) == []
    assert not (site.folder / f"{loser}.kit").exists()
    site.app.sign_in.sign_in(winner.profile, "root.admin", PASSWORD).close()
