"""Documents, keys and memberships in whatever order: a machine that does them, and an oracle that knows better.

After every step each member opens every document, bit for bit, under the key in force; whoever is out opens nothing,
and what he kept (the ring of the day he left) unwraps nothing that was saved or rotated since.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.key_ring import KeyRing
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.records import Document
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World

CONTENT = st.binary(min_size=0, max_size=200)


@dataclass
class Member:
    """A person of the center, and what the oracle knows of him."""

    person: Person
    role: Role
    lab: Lab
    work: CenterServices
    is_in: bool = True
    kept: KeyRing | None = None
    """What somebody who is out could have copied before."""


@dataclass
class Expected:
    """What must be there."""

    contents: dict[UUID, list[bytes]] = field(default_factory=dict)
    binned: set[UUID] = field(default_factory=set)
    key: int = 1


class Vault(RuleBasedStateMachine):
    """One center of a real installation."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="labkeep-vault-")
        self.members: list[Member] = []
        self.numbers = count()
        self.expected = Expected()

    @initialize()
    def make(self) -> None:
        root, name = self.world.lab(ROOT), self.world.unused("vault")
        self.root, self.center = root, root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        self.work = root.center(self.center)
        for role in (Role.ADMIN, Role.USER):
            self.join(role)

    def teardown(self) -> None:
        for member in self.members:
            member.lab.close()
        self.folder.cleanup()

    @precondition(lambda self: len(self.members) < 5)
    @rule(role=st.sampled_from([Role.ADMIN, Role.USER, Role.VIEWER]))
    def join(self, role: Role) -> None:
        person = self.world.person(role, self.center.name)
        lab = self.world.enter(person)
        self.members.append(Member(person, role, lab, lab.center(self.center.name)))

    @rule(content=CONTENT, who=st.integers(0, 4))
    def add(self, content: bytes, who: int) -> None:
        member = self._writer(who)
        document_id = self._saved(member, f"file {next(self.numbers)}.bin", content, OnConflict.FAIL)
        self.expected.contents[document_id] = [content]

    @precondition(lambda self: self._visible())
    @rule(content=CONTENT, who=st.integers(0, 4), which=st.integers(0, 20))
    def add_version(self, content: bytes, who: int, which: int) -> None:
        member, document = self._writer(who), self._document(which)
        assert self._saved(member, document.title, content, OnConflict.VERSION) == document.id
        self.expected.contents[document.id].append(content)

    @precondition(lambda self: self._visible())
    @rule(which=st.integers(0, 20))
    def deactivate_document(self, which: int) -> None:
        document = self._document(which)
        self.work.documents.deactivate(document)
        self.expected.binned.add(document.id)

    @precondition(lambda self: self.expected.binned)
    @rule(which=st.integers(0, 20), for_good=st.booleans())
    def empty_or_restore(self, which: int, for_good: bool) -> None:
        binned = sorted(self.expected.binned)
        document = self.work.documents.get(binned[which % len(binned)])
        self.expected.binned.remove(document.id)
        if not for_good:
            self.work.documents.restore(document)
            return
        self.work.deletion.delete(self.work.deletion.look(documents_alone=[document]))
        del self.expected.contents[document.id]

    @rule(by_root=st.booleans())
    def rotate(self, by_root: bool) -> None:
        work = self.work if by_root else self._first(Role.ADMIN).work
        self.expected.key += 1
        done = work.keys.rotate()
        versions = sum(len(each) for each in self.expected.contents.values())
        assert (done.number, done.documents) == (self.expected.key, versions)

    @precondition(lambda self: any(each.is_in and each.role is not Role.ADMIN for each in self.members))
    @rule(which=st.integers(0, 4), new_keys=st.booleans())
    def put_out(self, which: int, new_keys: bool) -> None:
        inside = [each for each in self.members if each.is_in and each.role is not Role.ADMIN]
        member = inside[which % len(inside)]
        member.kept = member.work._context.keys().ring()
        self.root.users.deactivate(member.person.username, new_keys=new_keys)
        member.is_in = False
        self.expected.key += new_keys

    @precondition(lambda self: any(not each.is_in for each in self.members))
    @rule(which=st.integers(0, 4))
    def bring_back(self, which: int) -> None:
        outside = [each for each in self.members if not each.is_in]
        member = outside[which % len(outside)]
        self.root.users.activate(member.person.username)
        member.lab.close()
        member.lab = self.world.enter(member.person)
        member.work = member.lab.center(self.center.name)
        member.is_in, member.kept = True, None

    @invariant()
    def members_open_everything_and_nobody_else_anything(self) -> None:
        if not self.members:
            return
        assert self.work.keys.list()[0].number == self.expected.key
        for member in self.members:
            if member.is_in:
                self._opens(member.work)
            else:
                with pytest.raises(LabkeepError):
                    member.work.documents.list()
        self._kept_rings_open_nothing_newer()

    def _opens(self, work: CenterServices) -> None:
        for document_id, contents in self.expected.contents.items():
            document = work.documents.get(document_id)
            assert document.is_active is (document_id not in self.expected.binned)
            for number, content in enumerate(contents, start=1):
                assert work.documents.content(document, number) == content

    def _kept_rings_open_nothing_newer(self) -> None:
        for member in self.members:
            if member.kept is None:
                continue
            for document_id in self.expected.contents:
                for version in self.work.documents.versions(self.work.documents.get(document_id)):
                    try:
                        member.kept.unwrap(version.id, version.key_version, version.token)
                    except CryptoError:
                        continue
                    assert version.key_version == self.expected.key, "no rotation came since he left"

    def _visible(self) -> list[UUID]:
        return sorted(set(self.expected.contents) - self.expected.binned)

    def _document(self, which: int) -> Document:
        visible = self._visible()
        return self.work.documents.get(visible[which % len(visible)])

    def _first(self, role: Role) -> Member:
        return next(each for each in self.members if each.is_in and each.role is role)

    def _writer(self, which: int) -> Member:
        writers = [each for each in self.members if each.is_in and each.role is not Role.VIEWER]
        return writers[which % len(writers)]

    def _saved(self, member: Member, title: str, content: bytes, on_conflict: OnConflict) -> UUID:
        path = Path(self.folder.name) / title
        path.write_bytes(content)
        [result] = member.work.documents.add([path], on_conflict=on_conflict).results
        assert result.id is not None, result.reason
        return result.id


@contextmanager
def vault_in(world: World) -> Iterator[type[Vault]]:
    """The machine on this installation."""

    class InWorld(Vault):
        pass

    InWorld.world = world
    yield InWorld


def run(world: World, examples: int, steps: int) -> None:
    with vault_in(world) as machine:
        chosen = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=chosen)


def test_a_few_days(world: World) -> None:
    run(world, 3, 12)


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(8))
def test_many_days(world: World, part: int) -> None:
    del part  # the same again, with other days
    run(world, 5, 30)
