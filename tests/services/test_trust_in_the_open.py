"""What disagrees with the trust log is an alarm by name, in status and on the record, and nothing is sealed to it."""

from collections.abc import Callable, Iterator

import pytest
from psycopg2.extensions import connection as Psycopg2Connection  # noqa: N812  # it is a class

from desktop_app.crypto.errors import TrustError
from desktop_app.crypto.identities import make_identity
from desktop_app.crypto.key_ring import make_tenant_key, seal_grant
from desktop_app.crypto.recovery_kit import fingerprint_words
from desktop_app.crypto.trust_log import place_and_sign, sign_entry
from desktop_app.crypto.trust_statements import JoinStatement, RootStatement
from desktop_app.domain.records import User
from desktop_app.domain.rights import Role
from desktop_app.errors import NotFoundError
from desktop_app.services.context.rollback_detection import RolledBackError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World
from tests.services.database_state import put_back, tampering

Forge = Callable[["Scene"], None]


class Scene:
    """The system administrator's lab, a user of alpha with keys of his own, and the superuser who forges."""

    def __init__(self, world: World, user: User, database: Psycopg2Connection) -> None:
        self.world, self.user, self.database = world, user, database
        self.lab: Lab = world.lab(ROOT)
        self.center = self.lab.centers.get("alpha")
        self.schema = self.center.schema_name
        self.before = set(self.lab.trust.disagreements())
        """What other tests of this world left, in other centers."""

    def run(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self.database.cursor() as cursor:
            cursor.execute(statement.replace("<S>", self.schema), values)
            return list(cursor.fetchall()) if cursor.description else []

    def codes(self) -> set[str]:
        return {finding.code for finding in set(self.lab.trust.disagreements()) - self.before}

    def on_record(self, code: str) -> bool:
        found = self.run(
            "SELECT count(*) FROM public.audit_log WHERE operation = 'alarm' AND new ->> 'code' = %s"
            " AND at > now() - interval '1 minute'",
            code,
        )
        return found != [(0,)]


@pytest.fixture(scope="module")
def somebody(world: World, tmp_path_factory: pytest.TempPathFactory) -> User:
    """A user of alpha with keys of his own; and alpha has documents."""
    made, folder = world.person(Role.USER, "alpha"), tmp_path_factory.mktemp("documents")
    world.enter(made).close()
    for name in ("one.txt", "two.txt"):
        (folder / name).write_text(world.unused(name))
    with world.lab(ROOT).center("alpha") as work:
        assert len(work.documents.add([folder]).saved) == 2
    return world.lab(ROOT).users.get(made.username)


@pytest.fixture
def scene(world: World, somebody: User) -> Iterator[Scene]:
    root = world.lab(ROOT)
    documents = f"{root.centers.get('alpha').schema_name}.document_keys"
    with tampering(world, "alpha") as database, put_back(world, [documents]):
        made = Scene(world, somebody, database)
        yield made
    assert set(root.trust.disagreements()) == made.before, "everything is as before"


def a_swapped_key(scene: Scene) -> None:
    scene.run(
        "UPDATE public.identities SET public_key = %s WHERE user_id = %s AND retired_at IS NULL",
        make_identity().public.to_bytes(),
        str(scene.user.id),
    )


def a_planted_tenant_key(scene: Scene) -> None:
    me = scene.lab._context.identity.public
    sealed = seal_grant(scene.world.profile.installation_id, scene.center.id, 1, make_tenant_key(), me)
    scene.run("UPDATE <S>.key_grants SET sealed = %s WHERE key_version = 1 AND identity_id = %s", sealed, str(me.id))


def a_swapped_grant(scene: Scene) -> None:
    me = str(scene.lab._context.identity.public.id)
    scene.run(
        "UPDATE <S>.key_grants g SET sealed = (SELECT o.sealed FROM <S>.key_grants o WHERE o.identity_id <> %s LIMIT 1)"
        " WHERE g.identity_id = %s",
        me,
        me,
    )


def a_swapped_document_key(scene: Scene) -> None:
    scene.run(
        "UPDATE <S>.document_keys SET token = (SELECT o.token FROM <S>.document_keys o ORDER BY o.version_id LIMIT 1)"
        " WHERE version_id = (SELECT max(v.version_id::text)::uuid FROM <S>.document_keys v)"
    )


def a_person_hidden(scene: Scene) -> None:
    scene.run("UPDATE public.users SET is_active = false WHERE id = %s", str(scene.user.id))


def an_old_role_brought_back(scene: Scene) -> None:
    scene.run("UPDATE public.memberships SET role = 'admin' WHERE user_id = %s", str(scene.user.id))


def a_shortened_log(scene: Scene) -> None:
    scene.run("DELETE FROM public.trust_log WHERE sequence = (SELECT max(sequence) FROM public.trust_log)")


def a_forked_log(scene: Scene) -> None:
    ((last, before),) = scene.run(
        "SELECT t.sequence, p.digest FROM public.trust_log t JOIN public.trust_log p ON p.sequence = t.sequence - 1"
        " ORDER BY 1 DESC LIMIT 1"
    )
    assert isinstance(last, int)
    assert isinstance(before, memoryview)
    context = scene.lab._context
    statement = JoinStatement(scene.user.id, "viewer", scene.center.id)
    entry = place_and_sign(statement, last, bytes(before), context.identity, context.installation_id)
    scene.run(
        "UPDATE public.trust_log SET payload = %s, signer = %s, signature = %s, digest = %s WHERE sequence = %s",
        *(entry.payload, str(entry.signer), entry.signature, entry.digest(), last),
    )


def another_root(scene: Scene) -> None:
    root = make_identity()
    entry = sign_entry(RootStatement(root.public), None, root, scene.world.profile.installation_id)
    scene.run("DELETE FROM public.trust_log WHERE sequence > 1")
    scene.run(
        "UPDATE public.trust_log SET payload = %s, signer = %s, signature = %s, digest = %s",
        *(entry.payload, str(entry.signer), entry.signature, entry.digest()),
    )


FORGERIES: dict[Forge, str] = {
    a_swapped_key: "swapped_key",
    a_planted_tenant_key: "planted_key",
    a_swapped_grant: "swapped_grant",
    a_swapped_document_key: "swapped_document_key",
    a_person_hidden: "person_hidden",
    an_old_role_brought_back: "place_differs",
    a_shortened_log: "truncated_log",
    a_forked_log: "fork",
    another_root: "wrong_root",
}
OF_THE_LOG = {"truncated_log", "fork", "wrong_root"}


@pytest.mark.parametrize(("forge", "code"), FORGERIES.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_it_is_an_alarm_by_name(scene: Scene, forge: Forge, code: str) -> None:
    before = set(scene.lab._context.trust.state.recipients(scene.center.id))
    forge(scene)
    assert code in scene.codes()
    if code != "wrong_root":  # with another root nobody can ask for anything more
        assert code in {finding.code for finding in scene.lab.status().findings}
        assert code in {finding.code for finding in scene.lab.examine(deep=False)}
    # Over an older state nothing is written at all, the record included.
    assert scene.on_record(code) is (code not in OF_THE_LOG)
    if code in OF_THE_LOG:
        with scene.lab.center("alpha") as work, pytest.raises((RolledBackError, TrustError)):
            work.keys.rotate()
    else:
        assert set(scene.lab._context.trust.state.recipients(scene.center.id)) == before


def test_a_person_who_was_removed_and_is_back_by_a_row(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    user = root.users.deactivate(somebody.username).user
    with tampering(world) as database:
        scene = Scene(world, user, database)
        scene.run("UPDATE public.users SET is_active = true WHERE id = %s", str(user.id))
        assert scene.codes() == {"person_brought_back"}
        assert scene.on_record("person_brought_back")


def test_one_alarm_is_one_entry_a_day(scene: Scene) -> None:
    a_swapped_key(scene)
    for _time in range(3):
        assert "swapped_key" in scene.codes()
    ((about,),) = scene.run(
        "SELECT id FROM public.identities WHERE user_id = %s AND retired_at IS NULL", str(scene.user.id)
    )
    count = "SELECT count(*) FROM public.audit_log WHERE operation = 'alarm' AND row_id = %s"
    assert scene.run(count, str(about)) == [(1,)]


def test_its_entries_are_said_in_plain_words(world: World) -> None:
    somebody = world.person(Role.USER, "alpha")
    root = world.lab(ROOT)
    root.users.change_role(somebody.username, Role.VIEWER)
    root.users.deactivate(somebody.username)
    lines = root.trust.list()
    assert [line.sequence for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0].text == "The installation was made; this is the recovery kit's root."
    about = [line for line in lines if somebody.username in line.text]
    assert [(line.by, str(line.text)) for line in about] == [
        (ROOT, f"{somebody.username} was enrolled in Alpha Hospital as user."),
        (ROOT, f"{somebody.username} has a place in Alpha Hospital as viewer."),
        (ROOT, f"{somebody.username} was removed."),
    ]
    assert all(line.counts for line in about)
    assert not any(somebody.username in line.text for line in world.lab("b.user").trust.list())


def test_fingerprints_are_the_trust_logs(world: World) -> None:
    root, other = world.lab(ROOT).trust, world.lab("a.user").trust
    assert root.fingerprint().words == other.fingerprint().words == world.made.kit.fingerprint
    me = world.lab("a.user")._context.identity.public.fingerprint()
    for found in (root.fingerprint("a.user"), other.fingerprint("a.user")):
        assert (found.words, found.digits) == (fingerprint_words(me), me.hex())
    with pytest.raises(NotFoundError):
        other.fingerprint("b.user")
