"""What somebody with the share's rights may plant in the store: links, pipes, folders, files in folders' places."""

import os
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.storage.errors import AlreadyStoredError, UnsafeStoreError
from desktop_app.storage.folder_store import FolderStore
from desktop_app.system.folder_handles import is_link
from tests.unit.store_support import FILE, SCHEMA, get, installation, put, store, ways

__all__ = ["installation", "store", "ways"]
pytestmark = pytest.mark.usefixtures("ways")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    (folder / "ab").mkdir(parents=True)
    (folder / str(FILE)).write_bytes(b"secret")
    (folder / "ab" / str(FILE)).write_bytes(b"secret")
    return folder


def plant(store: FolderStore, component: str, elsewhere: Path) -> None:
    center = store.root / SCHEMA
    if component == "center":
        center.symlink_to(elsewhere)
        return
    center.mkdir()
    if component == "prefix":
        (center / "ab").symlink_to(elsewhere)
        return
    (center / "ab").mkdir()
    name = f".{FILE}.part" if component == "temporary" else str(FILE)
    (center / "ab" / name).symlink_to(elsewhere / str(FILE))


@pytest.mark.parametrize("component", ["center", "prefix", "file"])
def test_reading_goes_through_no_link(store: FolderStore, elsewhere: Path, component: str) -> None:
    plant(store, component, elsewhere)
    with pytest.raises(UnsafeStoreError):
        store.open(SCHEMA, FILE)
    with pytest.raises(UnsafeStoreError):
        store.size(SCHEMA, FILE)


@pytest.mark.parametrize("component", ["center", "prefix", "file", "temporary"])
def test_writing_goes_through_no_link(store: FolderStore, elsewhere: Path, component: str) -> None:
    plant(store, component, elsewhere)
    with pytest.raises((UnsafeStoreError, AlreadyStoredError)):
        put(store, b"x")
    assert sorted(str(path.relative_to(elsewhere)) for path in elsewhere.rglob("*")) == sorted(
        ["ab", str(FILE), f"ab/{FILE}"]
    )
    assert (elsewhere / str(FILE)).read_bytes() == b"secret"


@pytest.mark.parametrize("component", ["center", "prefix"])
def test_deleting_goes_through_no_link(store: FolderStore, elsewhere: Path, component: str) -> None:
    plant(store, component, elsewhere)
    with pytest.raises(UnsafeStoreError):
        store.delete(SCHEMA, FILE)
    assert (elsewhere / str(FILE)).exists()
    assert (elsewhere / "ab" / str(FILE)).exists()


def test_deleting_a_planted_link_leaves_its_target(store: FolderStore, elsewhere: Path) -> None:
    plant(store, "file", elsewhere)
    store.delete(SCHEMA, FILE)
    assert (elsewhere / str(FILE)).read_bytes() == b"secret"
    assert not store.exists(SCHEMA, FILE)


def test_a_broken_link_is_neither_followed_nor_made_true(store: FolderStore, tmp_path: Path) -> None:
    (store.root / SCHEMA / "ab").mkdir(parents=True)
    (store.root / SCHEMA / "ab" / str(FILE)).symlink_to(tmp_path / "new")
    with pytest.raises(AlreadyStoredError):
        put(store, b"x")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("thing", ["folder", "pipe"])
def test_only_plain_files_are_opened_and_nothing_waits(store: FolderStore, thing: str) -> None:
    path = store.path_of(SCHEMA, FILE)
    path.parent.mkdir(parents=True)
    path.mkdir() if thing == "folder" else os.mkfifo(path)
    with pytest.raises(UnsafeStoreError):
        store.open(SCHEMA, FILE)
    with pytest.raises(UnsafeStoreError):
        store.size(SCHEMA, FILE)
    assert list(store.stored_files(SCHEMA)) == []


def test_a_file_where_a_folder_should_be(store: FolderStore) -> None:
    (store.root / SCHEMA).write_bytes(b"")
    with pytest.raises(UnsafeStoreError):
        put(store, b"x")
    with pytest.raises(UnsafeStoreError):
        store.open(SCHEMA, FILE)


def test_a_folder_exchanged_for_a_link_while_writing(store: FolderStore, elsewhere: Path, ways: str) -> None:
    """With folder handles the file stays in the folder that was checked, wherever that was moved to."""
    with store.writing(SCHEMA) as batch, batch.writer(FILE) as pending:
        pending.file.write(b"x")
        (store.root / SCHEMA).rename(store.root / "moved")
        (store.root / SCHEMA).symlink_to(elsewhere)
        if ways == "held":
            pending.commit()
    assert (elsewhere / "ab" / str(FILE)).read_bytes() == b"secret"
    if ways == "held":
        assert (store.root / "moved" / "ab" / str(FILE)).read_bytes() == b"x"


def test_the_root_itself_may_be_a_link(store: FolderStore, tmp_path: Path, installation: UUID) -> None:
    (tmp_path / "mounted").symlink_to(store.root)
    put(FolderStore(tmp_path / "mounted", installation), b"x")
    assert get(store) == b"x"


@pytest.mark.parametrize(
    ("tag", "link"),
    [
        (0, False),
        (0xA000000C, True),  # IO_REPARSE_TAG_SYMLINK
        (0xA0000003, True),  # IO_REPARSE_TAG_MOUNT_POINT: a junction
        (0x80000013, False),  # IO_REPARSE_TAG_DEDUP: a plain file on a deduplicated volume
        (0x9000001A, False),  # IO_REPARSE_TAG_CLOUD
    ],
)
def test_windows_junctions_are_links_and_deduplicated_files_are_not(tag: int, link: bool, tmp_path: Path) -> None:
    class Found:
        st_mode = tmp_path.lstat().st_mode
        st_reparse_tag = tag

    assert is_link(Found()) is link  # type: ignore[arg-type]  # only Windows makes a stat_result with this field
