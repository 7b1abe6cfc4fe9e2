"""Each kind of work: what it is given, and what must be true of it whatever happened and whatever was reported."""

from abc import ABC, abstractmethod
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any, ClassVar
from uuid import UUID, uuid4

from desktop_app.crypto.backup_seal import copy_digested
from desktop_app.db.errors import UnconfirmedError
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.ids import schema_name
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Role
from desktop_app.errors import LabkeepError, NotFoundError
from desktop_app.services.installation.backup import list_backups
from desktop_app.services.installation.backup_files import read_list
from desktop_app.services.installation.backup_manifest import read_manifest
from desktop_app.services.installation.opened_backup import Opener, open_backup
from desktop_app.storage.backup_folder import FILES, MANIFEST, BackupFolder
from tests.services.database_state import database_state
from tests.services.faults.scene import LASTING, NEEDLE, Scene
from tests.services.faults.work import WORK

Told = list[dict[str, Any]]


class Operation(ABC):
    """One kind of work in a scene."""

    name: ClassVar[str]

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @abstractmethod
    def prepare(self) -> dict[str, Any]:
        """Make what it needs; what the work is called with."""

    @abstractmethod
    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        """Compare what is there with what was *told*; the oracle knows it afterwards, and the work is done."""

    def again(self, call: dict[str, Any]) -> Told:
        """The same without anything going wrong, on the same workstation."""
        told: Told = []
        WORK[self.name](self.scene.station, call, told.append)
        return told


class Adding(Operation):
    """A new document, and a version of one that is there."""

    name = "add"

    def prepare(self) -> dict[str, Any]:
        paths = [self.scene.new_file(name) for name in (self.scene.unused("added"), LASTING)]
        return {"paths": [str(path) for path in paths]}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        fates = {fate["name"]: fate for fate in told}
        missing = []
        there, expected = self.scene.there(), self.scene.expected
        for path in map(Path, call["paths"]):
            row, before = there.get(path.name), expected.versions.get(path.name, 0)
            is_saved = row is not None and row.latest_number == before + 1
            assert is_saved or (row.latest_number if row is not None else 0) == before
            fate = fates.get(path.name)
            if fate is not None and not fate["unknown"]:
                assert is_saved is fate["saved"], f"{path.name} was reported as {fate}, {error}"
                assert not is_saved or fate["version"] == before + 1
            else:
                assert killed or error is not None or fate is not None, "nothing was reported at all"
            if is_saved:
                expected.put(path.name, path.read_bytes())
            else:
                missing.append(str(path))
        if missing:
            for fate in self.again({"paths": missing}):
                assert fate["saved"], fate
            for path in map(Path, missing):
                expected.put(path.name, path.read_bytes())


class Rotating(Operation):
    """A new key for the center."""

    name = "rotate"

    def prepare(self) -> dict[str, Any]:
        return {"before": self.scene.key}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        number, before = self.scene.key, call["before"]
        if told:
            assert number == told[0]["number"] == before + 1
        elif killed or isinstance(error, UnconfirmedError):
            assert number in (before, before + 1)
        else:
            assert error is not None
            assert number == before, f"a key was put in force, and called refused: {error}"
        if number == before:
            assert self.again({})[0]["number"] == before + 1


class Leaving(Operation):
    """A person is put out, and the center gets a new key."""

    name = "leave"

    def prepare(self) -> dict[str, Any]:
        root, username = self.scene.root, self.scene.leaver.username
        if not root.users.get(username).is_active:
            root.users.activate(username)
        return {"username": username, "before": self.scene.key}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        root, username = self.scene.root, call["username"]
        user = root.users.get(username)
        if told:
            assert not user.is_active
            assert all(self.scene.key == number for number in told[0]["keys"])
        else:
            assert killed or error is not None
        if user.is_active:
            assert self.scene.key == call["before"], "the key was renewed before the person was out"
            assert self.again(call)[0]["out"]
        assert not root.users.get(username).is_active
        self._is_out(username)
        due = {center.id for center in root.due_keys.centers()}
        # Either the center has another key since the person left, or somebody is told that it is due.
        assert (self.scene.key > call["before"]) is (self.scene.center.id not in due)
        made = [key for key in root.due_keys.rotate({self.scene.center.id}) if key.problem]
        assert made == []
        assert self.scene.key > call["before"]

    def _is_out(self, username: str) -> None:
        query = """
            SELECT r.rolcanlogin,
                (SELECT count(*) FROM pg_auth_members m
                 WHERE m.member = r.oid AND m.roleid::regrole::text ~ '^center_'),
                (SELECT count(*) FROM {s}.key_grants g JOIN public.identities i ON i.id = g.identity_id
                 WHERE i.user_id = u.id)
            FROM public.users u JOIN pg_roles r ON r.rolname = u.login WHERE u.username = %s
        """
        assert self.scene.rows(query, username) == [(False, 0, 0)]


class Deleting(Operation):
    """Two documents for good."""

    name = "delete"

    def prepare(self) -> dict[str, Any]:
        documents = self.scene.save(self.scene.unused("doomed"), self.scene.unused("doomed"))
        return {"documents": [str(each.id) for each in documents], "titles": [each.title for each in documents]}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        left = set(call["titles"]) & set(self.scene.there())
        assert left in (set(), set(call["titles"])), "one of two was deleted"
        if told:
            assert left == set()
        elif not killed and not isinstance(error, UnconfirmedError):
            assert error is not None
            assert left == set(call["titles"]), f"they were deleted, and called refused: {error}"
        if left:
            assert self.again(call)[0]["deleted"]
        for title in call["titles"]:
            self.scene.expected.drop(title)


class DeletingCenter(Operation):
    """A center with a document in it, for good."""

    name = "delete center"

    def prepare(self) -> dict[str, Any]:
        scene, name = self.scene, self.scene.world.unused("doomed")
        made = scene.root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        done = scene.root.center(made).documents.add([scene.new_file("only one.txt")])
        assert done.not_saved == ()
        scene.root.centers.deactivate(made.id)
        return {"center": str(made.id), "schema": made.schema_name, "id": str(done.results[0].id)}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        scene = self.scene
        is_there = self._is_there(call)
        if told:
            assert not is_there
        elif not killed and not isinstance(error, UnconfirmedError):
            assert error is not None
            assert is_there, f"it was deleted, and called refused: {error}"
        if is_there:
            scene.root.centers.restore(UUID(call["center"]))
            documents = scene.root.center(UUID(call["center"])).documents
            assert NEEDLE in documents.content(documents.get(UUID(call["id"]))), "half of it is gone"
            scene.root.centers.deactivate(UUID(call["center"]))
            assert self.again(call)[0]["deleted"]
        # Whoever signs in next goes on with the files; so does whoever asks for it.
        assert scene.root.centers.deleted.clear() == 0
        assert not (scene.world.store / call["schema"]).exists()
        roles = "SELECT 1 FROM pg_roles WHERE rolname LIKE %s"
        assert scene.rows(roles, call["schema"] + "%") == []

    def _is_there(self, call: dict[str, Any]) -> bool:
        try:
            self.scene.root.centers.get(UUID(call["center"]))
        except NotFoundError:
            return False
        return True


class BackingUp(Operation):
    """A backup of the whole installation."""

    name = "back up"
    KEEP = 3

    def prepare(self) -> dict[str, Any]:
        self.scene.save(self.scene.unused("to back up"))
        return {"folder": str(self.scene.backups), "dsn": self.scene.dsn, "keep": self.KEEP, "had": self.names()}

    def names(self) -> list[str]:
        """The backups that are complete."""
        return [each.name for each in list_backups(self.scene.backups)]

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        names = self.names()
        new = [name for name in names if name not in call["had"]]
        if told:
            assert [(fate["name"], fate["problems"]) for fate in told] == [(name, 0) for name in new]
        else:
            assert killed or error is not None
        if not new:
            new = [fate["name"] for fate in self.again(call)]
        for name in new:
            self.is_whole(name)
        for name in self.names():
            self.has_its_files(name)
        half = [path.name for path in (self.scene.backups / "backups").iterdir() if path.name.startswith(".")]
        assert killed or half == [], "something half was left"

    def is_whole(self, name: str) -> None:
        opened = open_backup(BackupFolder(self.scene.backups), name, Opener(kit=self.scene.world.made.kit.page), None)
        assert opened.signer is not None

    def has_its_files(self, name: str) -> None:
        """Every file that a listed backup names is in the folder, as it was signed, or was deleted while it ran."""
        folder = BackupFolder(self.scene.backups)
        with folder.open(name, FILES) as listed:
            rows = list(read_list(listed, read_manifest(folder.read(name, MANIFEST))))
        own = [row for row in rows if row.center_id == self.scene.center.id]
        assert own, "nothing of this center is in it"
        store = self.scene.world.app.open_store(folder.store_place, self.scene.profile.installation_id)
        named = "SELECT 1 FROM {s}.document_versions WHERE file_id = %s"
        for row in own:
            if not store.exists(schema_name(row.center_id), row.file_id):
                assert self.scene.rows(named, str(row.file_id)) == [], "a file that is named is missing"
                continue
            with store.open(schema_name(row.center_id), row.file_id) as file:
                assert copy_digested(file, None) == (row.size, row.digest)


class Repairing(Operation):
    """What a bad day left is mended: a half file, a missing grant."""

    name = "repair"

    def prepare(self) -> dict[str, Any]:
        scene = self.scene
        if not scene.root.users.get(scene.leaver.username).is_active:
            scene.root.users.activate(scene.leaver.username)
        file_id = uuid4()
        folder = scene.world.store / scene.center.schema_name / file_id.hex[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f".{file_id}.part").write_bytes(b"half of a file")
        scene.rows(
            "DELETE FROM {s}.key_grants WHERE identity_id IN (SELECT i.id FROM public.identities i"
            " JOIN public.users u ON u.id = i.user_id WHERE u.username = %s)",
            scene.leaver.username,
        )
        assert {finding.code for finding in scene.root.examine(scene.center)} == {"half_written", "missing_grant"}
        return {"center": str(scene.center.id)}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        found = [finding.code for finding in self.scene.root.examine(UUID(call["center"]))]
        if told and not told[0]["left"]:
            assert found == [], "called whole, and is not"
        else:
            assert told or killed or error is not None
        assert self.again(call) == [{"left": []}]


class RestoringCenter(Operation):
    """A center from a backup: in turn one that is there, under another name, and a deleted one, under its own."""

    name = "restore a center"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._turns = count()
        made = [self._furnished(scene.world.unused(stem)) for stem in ("kept", "gone")]
        (self._kept, self._content), self._gone = made[0], made[1]
        backing_up = BackingUp(scene)
        assert backing_up.again(backing_up.prepare())[0]["problems"] == 0
        self._delete(self._gone[0])

    def _furnished(self, name: str) -> tuple[Center, bytes]:
        """A center with a document and somebody who may read it."""
        scene = self.scene
        made = scene.root.centers.create(CenterDraft(name=name, slug=name.replace(".", "-")))
        scene.world.person(Role.VIEWER, name)
        path = scene.new_file("only one.txt")
        assert scene.root.center(made).documents.add([path]).not_saved == ()
        return made, path.read_bytes()

    def _delete(self, center: Center) -> None:
        centers = self.scene.root.centers
        assert not centers.deleted.delete(centers.deactivate(center.id), "It was a mistake.").has_files_left

    def prepare(self) -> dict[str, Any]:
        if next(self._turns) % 2:
            call: dict[str, Any] = {"origin": self._gone[0].name, "as": None}
        else:
            call = {"origin": self._kept.name, "as": self.scene.world.unused("back")}
        scene, self._before = self.scene, self._state()
        return call | {"folder": str(scene.backups), "kit": scene.world.made.kit.page, "dsn": scene.dsn}

    def judge(self, call: dict[str, Any], told: Told, error: LabkeepError | None, *, killed: bool = False) -> None:
        is_there = self._found(call) is not None
        if told:
            assert is_there
        elif not killed and not isinstance(error, UnconfirmedError):
            assert error is not None
            assert not is_there, f"it came back, and was called refused: {error}"
        self._left_is_named()
        if is_there and any(said["problems"] for said in told):
            self._is_said_to_lack(call)
            is_there = False
        if not is_there:
            told = self.again(call)
        center = self._found(call)
        assert center is not None
        assert all(said == {"center": str(center.id), "people": 1, "problems": 0} for said in told)
        self._is_whole(center, self._gone[1] if call["as"] is None else self._content)
        assert self._state() == self._before, "another center was touched"
        self._delete(center)

    def _found(self, call: dict[str, Any]) -> Center | None:
        try:
            return self.scene.root.centers.get(call["as"] or call["origin"])
        except NotFoundError:
            return None

    def _is_said_to_lack(self, call: dict[str, Any]) -> None:
        """A file that could not be read came without its content, which was said: so does the doctor."""
        center = self._found(call)
        assert center is not None
        assert {each.code for each in self.scene.root.examine(center)} == {"missing_file"}
        self._delete(center)

    def _left_is_named(self) -> None:
        """Folders that are no center's are named by the doctor; whoever keeps the share removes them."""
        root, store = self.scene.root, self.scene.world.store
        known = {center.schema_name for center in root.centers.list(CenterFilter(include_inactive=True)).rows}
        left = {path.name for path in store.glob("center_*")} - known
        if left:
            found = [each for each in root.examine(deep=False) if each.code == "foreign_folder"]
            assert {str(each.text.values["folder"]) for each in found} == left
        for name in left:
            rmtree(store / name)

    def _is_whole(self, center: Center, content: bytes) -> None:
        work = self.scene.root.center(center)
        assert [work.documents.content(row) for row in work.documents.list().rows] == [content]
        found = self.scene.root.examine(center)
        assert found == (), [str(finding.text) for finding in found]

    def _state(self) -> tuple[object, ...]:
        """Every row and every file of the center that is there."""
        schema = self._kept.schema_name
        tables = {name: rows for name, rows in database_state(self.scene.world).items() if name.startswith(schema)}
        files = {path: path.stat().st_mtime_ns for path in (self.scene.world.store / schema).rglob("*")}
        assert tables
        assert files
        return tables, files


OPERATIONS: dict[str, type[Operation]] = {
    each.name: each
    for each in (Adding, Rotating, Leaving, Deleting, DeletingCenter, BackingUp, Repairing, RestoringCenter)
}
