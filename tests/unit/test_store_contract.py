"""What every form of store keeps to, whatever it is made of (desktop_app/storage/store.py).

A new form of store is added to ``FORMS`` and passes all of this.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.bootstrap import App
from desktop_app.domain.profiles import StoreKind, StorePlace
from desktop_app.storage.errors import AlreadyStoredError, ForeignStoreError, MissingFileError, StoreMissingError
from desktop_app.storage.folder_batch import temporary_name
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.store import Deletion, Store, remove_traces
from desktop_app.system.folder_handles import CheckedFolder, Folder, HeldFolder
from tests.unit.object_store import Bucket, ObjectStore
from tests.unit.store_support import FILE, OTHER, SCHEMA, get, put


class Form(ABC):
    """One form of store at a place of the test's own, and what a bad day does to it."""

    @abstractmethod
    def open(self, installation: UUID) -> Store:
        """The store of an installation there."""

    @abstractmethod
    def interrupt(self, schema: str, file_id: UUID) -> None:
        """Leave what a writer leaves that died in the middle."""

    @abstractmethod
    def take_away(self) -> None:
        """Make the store unreachable, as a share that is not mounted."""


class SharedFolder(Form):
    """A folder of a share, reached by one of the two ways that systems have."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, root: Callable[[Path], Folder]) -> None:
        monkeypatch.setattr("desktop_app.storage.marker.open_root", root)
        self.folder = folder / "share"
        self.folder.mkdir()

    def open(self, installation: UUID) -> Store:
        return FolderStore(self.folder, installation)

    def interrupt(self, schema: str, file_id: UUID) -> None:
        folder = self.folder / schema / file_id.hex[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / temporary_name(file_id)).write_bytes(b"half")

    def take_away(self) -> None:
        self.folder.rename(self.folder.with_name("away"))
        self.folder.mkdir()


class Objects(Form):
    """Objects in a bucket; in memory, to hold the contract itself to what both kinds can keep."""

    def __init__(self) -> None:
        self.bucket = Bucket()

    def open(self, installation: UUID) -> Store:
        return ObjectStore(self.bucket, installation)

    def interrupt(self, schema: str, file_id: UUID) -> None:
        self.bucket.unfinished.add(f"{schema}/{file_id}")

    def take_away(self) -> None:
        self.bucket.is_reached = False


FORMS: dict[str, Callable[[Path, pytest.MonkeyPatch], Form]] = {
    "shared folder": lambda folder, patch: SharedFolder(folder, patch, HeldFolder.root),
    "shared folder on Windows": lambda folder, patch: SharedFolder(folder, patch, CheckedFolder.root),
    "objects": lambda _folder, _patch: Objects(),
}


@dataclass
class Scene:
    """A store that is ready to be used."""

    form: Form
    installation: UUID
    store: Store


@pytest.fixture(params=FORMS)
def scene(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    form, installation = FORMS[request.param](tmp_path, monkeypatch), uuid4()
    store = form.open(installation)
    store.create_marker()
    return Scene(form, installation, store)


@pytest.fixture
def store(scene: Scene) -> Store:
    return scene.store


def test_every_kind_of_place_has_a_form_that_is_tested() -> None:
    opened = {type(App.open_store(StorePlace("/srv/store", kind), uuid4())) for kind in StoreKind}
    assert opened == {FolderStore}


# Writing


@pytest.mark.parametrize("size", [0, 1, 40, 1 << 20, (5 << 20) + 17])
@pytest.mark.parametrize("hint", [True, False])
def test_what_is_committed_and_settled_comes_back_bit_for_bit(store: Store, size: int, hint: bool) -> None:
    content = os.urandom(size)
    with store.writing(SCHEMA) as batch:
        with batch.writer(FILE, size if hint else 0) as pending:
            pending.file.write(content)
            pending.commit()
            with pending.read_back() as file:
                assert file.read() == content
        batch.settle()
    assert get(store) == content
    assert store.size(SCHEMA, FILE) == size
    assert store.exists(SCHEMA, FILE)
    assert list(store.stored_files(SCHEMA)) == [FILE]
    assert list(store.leftovers(SCHEMA)) == []


def test_several_threads_write_in_one_batch(store: Store) -> None:
    """From the very first file of a center on, whose folders all of them find missing."""
    contents = {uuid4(): os.urandom(1000 + number) for number in range(200)}
    with store.writing(SCHEMA) as batch:

        def write(file_id: UUID) -> bytes:
            with batch.writer(file_id, 1000) as pending:
                pending.file.write(contents[file_id])
                pending.commit()
                with pending.read_back() as file:
                    return file.read()

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(write, contents)) == list(contents.values())
        batch.settle()
    assert {each: get(store, each) for each in store.stored_files(SCHEMA)} == contents


def test_many_files_of_one_batch_are_each_their_own(store: Store) -> None:
    contents = {uuid4(): os.urandom(100) for _ in range(20)}
    with store.writing(SCHEMA) as batch:
        for file_id, content in contents.items():
            with batch.writer(file_id) as pending:
                pending.file.write(content)
                pending.commit()
        batch.settle()
    assert {file_id: get(store, file_id) for file_id in store.stored_files(SCHEMA)} == contents


def test_readinto_fills_the_whole_buffer(store: Store) -> None:
    put(store, os.urandom(3_000_000))
    buffer = bytearray(1 << 20)
    with store.open(SCHEMA, FILE) as file:
        parts = []
        while count := file.readinto(buffer):
            parts.append(count)
    assert parts == [1 << 20, 1 << 20, 3_000_000 - (2 << 20)]


@pytest.mark.parametrize("stops", [True, False])
def test_without_commit_there_is_no_file(store: Store, stops: bool) -> None:
    def write() -> None:
        with store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
            pending.file.write(b"half")
            assert not store.exists(SCHEMA, FILE)
            if stops:
                raise ZeroDivisionError

    if stops:
        with pytest.raises(ZeroDivisionError):
            write()
    else:
        write()
    assert not store.exists(SCHEMA, FILE)
    assert list(store.stored_files(SCHEMA)) == []
    assert list(store.leftovers(SCHEMA)) == []


def test_an_error_after_the_commit_keeps_the_file(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
        pending.file.write(b"whole")
        pending.commit()
        raise ZeroDivisionError
    assert get(store) == b"whole"


def test_a_second_commit_is_a_mistake_of_the_caller(store: Store) -> None:
    with store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
        pending.commit()
        with pytest.raises(ValueError):
            pending.commit()


def test_an_existing_file_is_never_overwritten(store: Store) -> None:
    put(store, b"first")
    with pytest.raises(AlreadyStoredError):  # by the writer, or at the latest by its commit
        put(store, b"second")
    assert get(store) == b"first"


def test_centers_do_not_see_each_other(store: Store) -> None:
    put(store, b"mine", FILE, SCHEMA)
    assert store.has_center(SCHEMA)
    assert not store.has_center(OTHER)
    assert not store.exists(OTHER, FILE)
    assert list(store.stored_files(OTHER)) == []
    with pytest.raises(MissingFileError):
        store.open(OTHER, FILE)


# Deleting


def test_deleting_says_what_became_of_it(store: Store) -> None:
    put(store, b"1")
    assert store.delete(SCHEMA, FILE) is (Deletion.REMOVED if store.abilities.removes_for_good else Deletion.HIDDEN)
    assert store.delete(SCHEMA, FILE) is Deletion.ABSENT
    assert store.delete(OTHER, FILE) is Deletion.ABSENT
    assert not store.exists(SCHEMA, FILE)
    assert list(store.stored_files(SCHEMA)) == []
    with pytest.raises(MissingFileError):
        store.open(SCHEMA, FILE)
    with pytest.raises(MissingFileError):
        store.size(SCHEMA, FILE)


def test_what_an_interrupted_writer_left_is_listed_and_taken_away(scene: Scene) -> None:
    kept, half = FILE, uuid4()
    put(scene.store, b"whole", kept)
    scene.form.interrupt(SCHEMA, half)
    assert list(scene.store.leftovers(SCHEMA)) == [half]
    assert list(scene.store.stored_files(SCHEMA)) == [kept]
    scene.store.delete_leftover(SCHEMA, half)
    scene.store.delete_leftover(SCHEMA, half)
    assert list(scene.store.leftovers(SCHEMA)) == []
    assert get(scene.store, kept) == b"whole"


def test_traces_are_removed_whatever_there_is_of_them(scene: Scene) -> None:
    remove_traces(scene.store, SCHEMA, FILE)
    put(scene.store, b"whole")
    scene.form.interrupt(SCHEMA, FILE)
    remove_traces(scene.store, SCHEMA, FILE)
    assert list(scene.store.stored_files(SCHEMA)) == list(scene.store.leftovers(SCHEMA)) == []


# Whose store it is


def test_a_store_is_made_once_and_again_without_harm(store: Store) -> None:
    put(store, b"kept")
    store.create_marker()
    store.check_marker()
    assert get(store) == b"kept"


def test_another_installations_store_is_refused(scene: Scene) -> None:
    other = scene.form.open(uuid4())
    calls: list[Callable[[], object]] = [other.create_marker, other.check_marker, lambda: put(other, b"x")]
    for call in calls:
        with pytest.raises(ForeignStoreError):
            call()
    other.remove_marker()
    scene.store.check_marker()


def test_what_was_made_for_nothing_is_taken_back(scene: Scene) -> None:
    scene.store.remove_marker()
    scene.store.remove_marker()
    with pytest.raises(StoreMissingError):
        scene.store.check_marker()
    other = scene.form.open(uuid4())
    other.create_marker()
    other.check_marker()


def test_a_deleted_center_leaves_nothing_and_the_others_all(scene: Scene) -> None:
    store, other = scene.store, "center_" + "7" * 32
    files = {uuid4() for _ in range(5)}
    for file_id in files:
        put(store, b"x", file_id)
    with store.writing(other) as batch, batch.writer(FILE) as pending:
        pending.file.write(b"kept")
        pending.commit()
        batch.settle()
    assert list(store.centers()) == sorted([SCHEMA, other])
    assert set(store.delete_center(SCHEMA)) == files
    assert not store.has_center(SCHEMA)
    assert list(store.centers()) == [other]
    assert not list(store.stored_files(SCHEMA))
    assert list(store.stored_files(other)) == [FILE]
    assert list(store.delete_center(SCHEMA)) == []
    put(store, b"again", FILE)
    assert list(store.stored_files(SCHEMA)) == [FILE]


def test_of_a_store_that_is_away_nothing_is_called_missing(scene: Scene) -> None:
    put(scene.store, b"kept")
    scene.form.take_away()
    store = scene.store
    calls: list[Callable[[], object]] = [
        store.check_marker,
        store.check_writing,
        lambda: put(store, b"x", uuid4()),
        lambda: store.open(SCHEMA, FILE),
        lambda: store.size(SCHEMA, FILE),
        lambda: store.exists(SCHEMA, uuid4()),
        lambda: store.has_center(SCHEMA),
        lambda: list(store.centers()),
        lambda: store.delete(SCHEMA, FILE),
        lambda: store.delete_leftover(SCHEMA, FILE),
        lambda: list(store.stored_files(SCHEMA)),
        lambda: list(store.leftovers(SCHEMA)),
        lambda: list(store.delete_center(SCHEMA)),
    ]
    for call in calls:
        with pytest.raises(StoreMissingError):
            call()


def test_how_it_is(store: Store) -> None:
    store.check_writing()
    assert store.place
    assert not store.has_center(SCHEMA)
    if store.abilities.knows_free_space:
        assert store.free_space() > 0
