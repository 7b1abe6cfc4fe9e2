"""Files opened with other programs: private, apart from each other, and wiped when their program is gone."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.storage.errors import TargetError
from desktop_app.storage.open_folder import OpenFolder

ROOT = Path(__file__).parents[2]


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put(folder: OpenFolder, name: str = "a.pdf", content: bytes = b"clear") -> Path:
    path = folder.new_folder() / name
    path.write_bytes(content)
    path.chmod(0o400)
    return path


def test_two_documents_of_one_name_and_then_none(tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path / "open")
    assert folder.start() == []
    assert not (tmp_path / "open").exists(), "who opens nothing gets no folder"
    first, second = put(folder), put(folder, content=b"other")
    assert first.name == second.name == "a.pdf"
    assert (first.read_bytes(), second.read_bytes()) == (b"clear", b"other")
    for path in (first, *first.parents):
        if path == tmp_path:
            break
        assert mode(path) == (0o400 if path == first else 0o700)
    assert folder.wipe() == []
    assert not first.exists()
    assert not second.exists()
    third = put(folder)
    assert third.exists(), "after a lock the folder goes on"
    assert folder.close() == []
    assert listing(tmp_path / "open") == ["folders.lock"]


HOLDER = """
import sys
from pathlib import Path
from desktop_app.storage.open_folder import OpenFolder
folder = OpenFolder(Path(sys.argv[1]))
folder.start()
path = folder.new_folder() / "patient.pdf"
path.write_bytes(b"clear")
print(path, flush=True)
sys.stdin.read()
"""


def test_a_start_wipes_what_the_dead_left_and_nothing_of_the_living(tmp_path: Path) -> None:
    open_dir = tmp_path / "open"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, open_dir], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        document = Path(holder.stdout.readline().strip())
        assert document.read_bytes() == b"clear"
        (open_dir / "stray.pdf").write_bytes(b"clear")
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "mine").touch()
        (open_dir / "link").symlink_to(outside)
        assert OpenFolder(open_dir).start() == []
        assert document.read_bytes() == b"clear"
        assert not (open_dir / "stray.pdf").exists()
        holder.kill()
    assert document.exists()
    assert OpenFolder(open_dir).start() == []
    assert listing(open_dir) == ["folders.lock"]
    assert listing(outside) == ["mine"], "links are removed, not followed"


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(TargetError, match="Other people"):
        OpenFolder(tmp_path / "open").new_folder()
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "private")
    with pytest.raises(TargetError, match="not a link"):
        OpenFolder(tmp_path / "link").start()
    assert mode(tmp_path / "open") == 0o755


def test_a_folder_that_was_opened_to_others_meanwhile_is_refused(tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path / "open")
    first = put(folder)
    for each in (first.parent.parent, tmp_path / "open"):
        each.chmod(0o750)
        with pytest.raises(TargetError, match="Other people"):
            folder.new_folder()
        each.chmod(0o700)
    assert put(folder).exists()
    folder.close()


def test_a_folder_that_somebody_took_away_is_said(tmp_path: Path) -> None:
    folder = OpenFolder(tmp_path / "open")
    mine = put(folder).parent.parent
    mine.rename(tmp_path / "elsewhere")
    assert folder.wipe() == []
    with pytest.raises(TargetError, match="No document can be opened"):
        folder.new_folder()
    folder.close()
