"""The store: whole files only, by ids only, and sentences for an absent share."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.storage.errors import (
    AlreadyStoredError,
    ForeignStoreError,
    MissingFileError,
    StoreMissingError,
    UnsafeStoreError,
)
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.marker import MARKER_NAME
from tests.unit.store_support import FILE, OTHER, SCHEMA, everything, get, installation, put, store, ways

__all__ = ["installation", "store", "ways"]
pytestmark = pytest.mark.usefixtures("ways")


# What it is for


@pytest.mark.parametrize("size", [0, 1, 40, 1 << 20, (3 << 20) + 17])
def test_what_is_committed_comes_back_bit_for_bit(store: FolderStore, size: int) -> None:
    content = os.urandom(size)
    put(store, content)
    assert get(store) == content
    assert store.size(SCHEMA, FILE) == size
    assert store.exists(SCHEMA, FILE)
    assert store.path_of(SCHEMA, FILE).read_bytes() == content
    assert everything(store) == {SCHEMA, f"{SCHEMA}/ab", f"{SCHEMA}/ab/{FILE}"}


def test_a_committed_file_is_read_back_through_the_folder_it_was_written_in(store: FolderStore) -> None:
    with store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
        pending.file.write(b"whole")
        pending.commit()
        with pending.read_back() as file:
            assert file.read() == b"whole"
        store.path_of(SCHEMA, FILE).unlink()
        with pytest.raises(MissingFileError):
            pending.read_back()


def test_a_file_that_appears_while_writing_is_not_overwritten(store: FolderStore) -> None:
    with store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
        pending.file.write(b"late")
        store.path_of(SCHEMA, FILE).write_bytes(b"planted")
        with pytest.raises(AlreadyStoredError):
            pending.commit()
    assert get(store) == b"planted"
    assert list(store.leftovers(SCHEMA)) == []


def test_of_two_writers_of_one_id_the_second_is_refused_and_harms_nothing(
    store: FolderStore, installation: UUID
) -> None:
    other = FolderStore(store.root, installation)
    with store.writing(SCHEMA) as batch, batch.writer(FILE) as first:
        first.file.write(b"first")
        with pytest.raises(AlreadyStoredError), other.writing(SCHEMA) as late, late.writer(FILE):
            pytest.fail("the writer must not begin")
        first.commit()
    assert get(store) == b"first"


def test_listing_takes_only_what_is_in_its_place(store: FolderStore) -> None:
    ids = {uuid4() for _ in range(20)}
    for file_id in ids:
        put(store, b"x", file_id)
    put(store, b"x", uuid4(), OTHER)
    folder = store.path_of(SCHEMA, FILE).parent
    folder.mkdir(exist_ok=True)
    (folder / str(FILE).upper()).write_bytes(b"")
    (folder / "cd000000-0000-4000-8000-000000000001").write_bytes(b"wrong folder")
    (folder / "Thumbs.db").write_bytes(b"")
    (folder / str(FILE)).mkdir()
    (folder.parent / "zz").mkdir()
    assert set(store.stored_files(SCHEMA)) == ids
    assert list(store.stored_files("center_" + "1" * 32)) == []


@pytest.mark.parametrize(
    "schema", ["", "public", "center_", "../center_" + "0" * 32, "center_" + "A" * 32, SCHEMA + "/..", SCHEMA + "\n"]
)
def test_only_a_centers_schema_name_reaches_the_disk(store: FolderStore, schema: str) -> None:
    calls: list[Callable[[], object]] = [
        lambda: put(store, b"", FILE, schema),
        lambda: store.open(schema, FILE),
        lambda: store.size(schema, FILE),
        lambda: store.delete(schema, FILE),
        lambda: store.path_of(schema, FILE),
        lambda: list(store.stored_files(schema)),
    ]
    for call in calls:
        with pytest.raises(UnsafeStoreError):
            call()
    assert everything(store) == set()


# The marker


def test_a_store_is_made_once_and_again_without_harm(store: FolderStore, installation: UUID) -> None:
    before = (store.root / MARKER_NAME).read_bytes()
    FolderStore(store.root, installation).create_marker()
    assert (store.root / MARKER_NAME).read_bytes() == before
    assert [path.name for path in store.root.iterdir()] == [MARKER_NAME]


def test_another_installations_folder_is_refused(store: FolderStore) -> None:
    with pytest.raises(ForeignStoreError, match="another installation"):
        FolderStore(store.root, uuid4()).create_marker()
    with pytest.raises(ForeignStoreError, match="Nothing was written"):
        put(FolderStore(store.root, uuid4()), b"x")
    assert everything(store) == set()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"format = 1", b'format = 2\ninstallation_id = "x"', b"[["])
def test_a_marker_that_cannot_be_understood_is_foreign(store: FolderStore, content: bytes) -> None:
    (store.root / MARKER_NAME).write_bytes(content)
    with pytest.raises(ForeignStoreError):
        store.check_marker()


def test_a_marker_of_a_later_format_is_foreign(store: FolderStore) -> None:
    marker = store.root / MARKER_NAME
    marker.write_text(marker.read_text().replace("format = 1", "format = 2"))
    with pytest.raises(ForeignStoreError):
        store.check_marker()


def test_a_missing_folder_is_an_unmounted_share(tmp_path: Path) -> None:
    with pytest.raises(StoreMissingError, match="network share"):
        FolderStore(tmp_path / "none", uuid4()).create_marker()
    with pytest.raises(StoreMissingError):
        FolderStore(tmp_path / "none", uuid4()).check_marker()
    (tmp_path / "file").touch()
    with pytest.raises(StoreMissingError):
        FolderStore(tmp_path / "file", uuid4()).check_marker()
    assert not (tmp_path / "none").exists()


def test_when_the_share_is_gone_nothing_is_written_and_nothing_called_missing(store: FolderStore) -> None:
    put(store, b"kept")
    (store.root / MARKER_NAME).unlink()
    calls: list[Callable[[], object]] = [
        lambda: put(store, b"x", uuid4()),
        lambda: store.delete(SCHEMA, FILE),
        lambda: store.exists(SCHEMA, uuid4()),
        lambda: store.open(SCHEMA, uuid4()),
        lambda: list(store.stored_files(SCHEMA)),
    ]
    for call in calls:
        with pytest.raises(StoreMissingError, match="not connected"):
            call()
    assert everything(store) == {SCHEMA, f"{SCHEMA}/ab", f"{SCHEMA}/ab/{FILE}"}


def test_the_marker_may_not_be_a_link(store: FolderStore, tmp_path: Path) -> None:
    (store.root / MARKER_NAME).rename(tmp_path / "marker")
    (store.root / MARKER_NAME).symlink_to(tmp_path / "marker")
    with pytest.raises(UnsafeStoreError):
        store.check_marker()


# Permissions: a shared folder stays shared


@pytest.mark.parametrize("mode", [0o700, 0o2770, 0o775])
def test_what_is_made_takes_the_permissions_of_the_root(store: FolderStore, mode: int, ways: str) -> None:
    store.root.chmod(mode)
    old = os.umask(0o077)
    try:
        put(store, b"x")
    finally:
        os.umask(old)
    center = store.root / SCHEMA
    assert [stat.S_IMODE(path.stat().st_mode) for path in (center, center / "ab")] == [mode, mode]
    if ways == "held":
        assert stat.S_IMODE((center / "ab" / str(FILE)).stat().st_mode) == mode & 0o666
    assert stat.S_IMODE(store.root.stat().st_mode) == mode
