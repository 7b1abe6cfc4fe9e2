"""Windows' sharing violations: waited out where they pass, one clear sentence where they do not, and nothing lost."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from desktop_app.storage.errors import MissingFileError, StorageError, StoreReadOnlyError, StoreUnavailableError
from desktop_app.storage.folder_store import FolderStore
from desktop_app.storage.remembered_file import read_remembered, write_remembered
from desktop_app.storage.store_errors import reading_problem, writing_problem
from tests.unit.open_elsewhere_system import ACCESS_DENIED, SHARING_VIOLATION, another_program
from tests.unit.store_support import FILE, SCHEMA, everything, get, installation, put, store

__all__ = ["installation", "store"]
SENTENCE = "Another program has a file in the store .+ open, perhaps a virus scanner or a backup. Nothing was changed."


@pytest.mark.parametrize("winerror", [SHARING_VIOLATION, ACCESS_DENIED])
def test_a_file_is_saved_and_removed_although_a_scanner_looks_into_it(store: FolderStore, winerror: int) -> None:
    with another_program(store.root, "open", "rename", "unlink", times=5, winerror=winerror) as other:
        put(store, b"content")
        assert get(store) == b"content"
        store.delete(SCHEMA, FILE)
    assert everything(store) == {SCHEMA, f"{SCHEMA}/ab"}
    assert other.refused == {
        **{("open", name): 5 for name in ("labkeep-store.toml", str(FILE)) if ("open", name) in other.refused},
        ("rename", f".{FILE}.part"): 5,
        ("unlink", str(FILE)): 5,
    }
    assert ("open", str(FILE)) in other.refused


@pytest.mark.parametrize("kind", ["rename", "unlink", "open"])
def test_who_does_not_let_go_is_named_and_nothing_is_lost(store: FolderStore, kind: str) -> None:
    put(store, b"before")
    other_id = FILE.__class__(int=FILE.int + 1)
    before = everything(store)
    acts: dict[str, Callable[[], object]] = {
        "rename": lambda: put(store, b"content", other_id),
        "unlink": lambda: store.delete(SCHEMA, FILE),
        "open": lambda: get(store),
    }
    with another_program(store.root / SCHEMA, kind, times=6), pytest.raises(StoreUnavailableError, match=SENTENCE):
        acts[kind]()
    assert everything(store) == before
    assert get(store) == b"before"


def test_a_lack_of_rights_is_still_called_so(store: FolderStore) -> None:
    with (
        another_program(store.root / SCHEMA, "rename", times=99, winerror=ACCESS_DENIED),
        pytest.raises(StoreReadOnlyError, match="Ask your administrator for permission"),
    ):
        put(store, b"content")


def test_what_this_workstation_remembers_is_replaced_and_read_while_another_window_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "heads.json"
    write_remembered(path, b"1")
    with another_program(tmp_path, "replace", times=5) as other:
        write_remembered(path, b"2")
    assert sum(other.refused.values()) == 5
    assert read_remembered(path) == b"2"
    with another_program(tmp_path, "replace", times=6), pytest.raises(StorageError, match="could not be written"):
        write_remembered(path, b"3")
    assert path.read_bytes() == b"2"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("winerror", [53, 59, 64, 67, 121, 1231, 1232])
@pytest.mark.parametrize("problem", [reading_problem, writing_problem])
def test_a_share_that_went_away_is_not_a_missing_file(
    problem: Callable[[OSError, Path], StorageError], winerror: int
) -> None:
    error = FileNotFoundError(errno.ENOENT, "The network path was not found")
    assert isinstance(problem(error, Path("//server/share")), MissingFileError)
    cast(Any, error).winerror = winerror
    found = problem(error, Path("//server/share"))
    assert isinstance(found, StoreUnavailableError)
    assert "does not answer properly (The network path was not found)" in str(found)
