"""A database administrator changes rows of people, and honest administrators act: nothing is signed, nothing sealed.

On both servers, with the program's own services. He holds the database; the trust log he cannot sign.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg2
import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.bootstrap import App, build
from desktop_app.domain.drafts import CenterDraft, UserDetails
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Role, Standing
from desktop_app.errors import LabkeepError
from desktop_app.services.context.trusted_people import IdentityAlarmError
from desktop_app.services.installation.setup import InitRequest
from desktop_app.services.session.lab import Lab
from tests.db.installation import DATABASE, wipe
from tests.servers import TestServer
from tests.services.conftest import person

PASSWORD = "Quartz-Lagoon-77"
TOMORROW = datetime.now(UTC).date() + timedelta(2)
numbers = count(1)
EVERYBODY = UserFilter(include_inactive=True)


@dataclass(frozen=True)
class Site:
    """An installation on one of the servers; root and the administrator of alpha are signed in."""

    server: TestServer
    app: App
    profile: Profile
    root: Lab
    admin: Lab = field(repr=False)
    looking: Psycopg2Connection = field(repr=False)
    """The database's administrator again, who only looks: before and after every act."""

    @contextmanager
    def superuser(self) -> Iterator[Psycopg2Connection]:
        """The database's administrator, whom no trigger stands in the way."""
        with closing(psycopg2.connect(self.server.dsn(DATABASE))) as connection:
            connection.autocommit = True
            connection.cursor().execute("SET session_replication_role = replica")
            yield connection

    guests: list[str] = field(default_factory=list, repr=False)

    def victim(self) -> str:
        """A guest of alpha, whose row is changed; the one of the test before, who is what he was."""
        users, alpha = self.root.users, self.root.centers.get("alpha").id
        if self.guests:
            guest = users.get(self.guests[-1])
            places = [(each.center_id, each.role, each.until) for each in guest.memberships]
            if guest.is_active and places == [(alpha, Role.USER, TOMORROW)]:
                return guest.username
        self.guests.append(f"guest.{next(numbers)}")
        users.create(person(self.guests[-1], Role.USER, alpha), PASSWORD, keep_password=True)
        users.join(self.guests[-1], "alpha", Role.USER, TOMORROW)
        return self.guests[-1]


@pytest.fixture(scope="module")
def site(database_server: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    wipe(database_server)
    home = tmp_path_factory.mktemp("home")
    app = build({"LABKEEP_HOME": str(home)})
    (store := home / "store").mkdir()
    try:
        request = InitRequest(
            display_name="Lab",
            administrator=person("root.admin", Role.ADMIN, None),
            password=PASSWORD,
            store=store,
            dsn=database_server.dsn(),
        )
        profile = app.set_up.init(request).profile
        with app.sign_in.sign_in(profile, "root.admin", PASSWORD) as root:
            for slug in ("alpha", "beta"):
                center = root.centers.create(CenterDraft(name=slug.title(), slug=slug))
                for role in (Role.ADMIN, Role.USER):
                    draft = person(f"{slug[0]}.{role.value}", role, center.id)
                    root.users.create(draft, PASSWORD, keep_password=True)
            with (
                app.sign_in.sign_in(profile, "a.admin", PASSWORD) as admin,
                closing(psycopg2.connect(database_server.dsn(DATABASE))) as looking,
            ):
                looking.autocommit = True
                yield Site(database_server, app, profile, root, admin, looking)
    finally:
        app.close()
        wipe(database_server)


ROW = "WHERE user_id = (SELECT id FROM public.users WHERE username = %(victim)s)"
CHANGES = {
    "another center": f"UPDATE public.memberships SET center_id = %(beta)s {ROW}",
    "a further center": (
        "INSERT INTO public.memberships (user_id, center_id, role, created_by, updated_by)"
        " SELECT id, %(beta)s, 'user', 'x', 'x' FROM public.users WHERE username = %(victim)s"
    ),
    "a higher role": f"UPDATE public.memberships SET role = 'admin' {ROW}",
    "no last day": f"UPDATE public.memberships SET until = NULL {ROW}",
    "a longer stay": f"UPDATE public.memberships SET until = until + 1 {ROW}",
    "no place": f"DELETE FROM public.memberships {ROW}",
    "system administrator": "UPDATE public.users SET is_system = true WHERE username = %(victim)s",
    "another login": (
        "UPDATE public.users SET login = 'u_' || translate(left(md5(random()::text), 32), '0189', 'abcd')"
        " WHERE username = %(victim)s"
    ),
    # The row that is called so is another person's: whoever means the one gives keys to the other.
    "another's name": (
        "UPDATE public.users SET username = 'for.a.moment' WHERE username = 'b.user';"
        " UPDATE public.users SET username = 'b.user' WHERE username = %(victim)s;"
        " UPDATE public.users SET username = %(victim)s WHERE username = 'for.a.moment'"
    ),
    "another's name and login": (
        "CREATE TEMP TABLE two AS SELECT id, username, login, row_number() OVER (ORDER BY id) AS n FROM public.users"
        " WHERE username IN ('b.user', %(victim)s);"
        " UPDATE public.users u SET username = 'for.a.moment.' || n, login = 'u_' || repeat(chr(96 + n::int), 32)"
        " FROM two WHERE two.id = u.id;"
        " UPDATE public.users u SET username = o.username, login = o.login"
        " FROM two, two o WHERE two.id = u.id AND o.id <> u.id"
    ),
    "the other state": "UPDATE public.users SET is_active = NOT is_active WHERE username = %(victim)s",
}
ACTS: dict[str, Callable[[Lab, str], object]] = {
    "reset the password": lambda lab, victim: lab.users.reset_password(victim, PASSWORD, keep_password=True),
    "change the role": lambda lab, victim: lab.users.change_role(victim, Role.VIEWER, "alpha"),
    "let him join": lambda lab, victim: lab.users.join(victim, "beta", Role.USER),
    "let him stay": lambda lab, victim: lab.users.join(victim, "alpha", Role.USER),
    "let him leave": lambda lab, victim: lab.users.leave(victim, "alpha"),
    "move": lambda lab, victim: lab.users.change_center(victim, "beta"),
    "make a system administrator": lambda lab, victim: lab.users.change_center(victim, None),
    "rename": lambda lab, victim: lab.users.update(
        user := lab.users.get(victim), UserDetails(username=victim, email=user.email, phone="1")
    ),
    "deactivate": lambda lab, victim: lab.users.deactivate(victim),
    "activate": lambda lab, victim: lab.users.activate(victim),
}

# What the administrator of alpha may do in alpha, whatever the database says of other centers, which he does not see.
OWN_CENTER = {("a further center", "change the role"), ("a further center", "let him stay")}


def sealed(site: Site) -> object:
    """The trust log's end, and every grant of every center."""
    with site.looking.cursor() as cursor:
        cursor.execute("SELECT max(sequence) FROM public.trust_log")
        found: list[object] = cursor.fetchall()
        cursor.execute("SELECT schema_name FROM public.centers ORDER BY 1")
        for (schema,) in cursor.fetchall():
            cursor.execute(f"SELECT key_version, identity_id::text, sealed FROM {schema}.key_grants ORDER BY 1, 2")
            found += [(number, identity, bytes(grant)) for number, identity, grant in cursor.fetchall()]
        return found


@contextmanager
def changed(site: Site, change: str, victim: str) -> Iterator[None]:
    """The row changed by the database's administrator, and put back at the end."""
    tables = ("public.users", "public.memberships")
    with site.superuser() as connection, connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TEMP TABLE kept_{table[7:]} AS SELECT * FROM {table}")
        values = {"victim": victim, "beta": str(site.root.centers.get("beta").id)}
        cursor.execute(CHANGES[change], values)
        assert cursor.rowcount >= 1
        try:
            yield
        finally:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table[7:]}")


@pytest.mark.parametrize("deactivated", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_row_is_an_alarm_and_nothing_is_signed_or_sealed(site: Site, change: str, deactivated: bool) -> None:
    victim = site.victim()
    if deactivated:
        site.root.users.deactivate(victim)
    before = sealed(site)
    with changed(site, change, victim):
        for what, act in ACTS.items():
            with pytest.raises(IdentityAlarmError, match="trust log"):
                act(site.root, victim)
            assert sealed(site) == before, what
            if (change, what) not in OWN_CENTER:
                with pytest.raises(LabkeepError):
                    act(site.admin, victim)
                assert sealed(site) == before, what
        seen = site.root.users.list(EVERYBODY).rows
        expected = {user.id for user in seen if user.username in (victim, "b.user")}
        alarming = site.root.users.suspicious(seen)
        # Whose name it is takes a derivation for each; the list goes without, and every act looks.
        assert bool(alarming) == (change != "another's name")
        assert alarming <= expected
    if deactivated:
        site.root.users.activate(victim)
    assert site.root.users.suspicious(site.root.users.list(EVERYBODY).rows) == frozenset()
    assert site.root.users.reset_password(victim).user.username == victim


def test_ones_own_standing_is_the_trust_logs(site: Site) -> None:
    """Who is made more in the database is what he was, and his own window says so."""
    alpha, beta = (site.root.centers.get(slug).id for slug in ("alpha", "beta"))
    for change in ("system administrator", "a further center", "another center"):
        with changed(site, change, "a.admin"):
            with pytest.raises(IdentityAlarmError):
                site.admin.users.refresh_own()
            with pytest.raises(IdentityAlarmError):
                site.app.sign_in.sign_in(site.profile, "a.admin", PASSWORD)
        context = site.admin._context
        assert [context.standing_in(one) for one in (alpha, beta, None)] == [Standing.ADMIN, None, None]
    assert site.admin.users.refresh_own().username == "a.admin"
