"""What a workstation remembers goes forward only, whoever writes, and is never lost silently."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.storage.errors import RememberedBrokenError, RememberedForkError
from desktop_app.storage.remembered_names import RememberedNames
from desktop_app.storage.seen_heads import RememberedHead, SeenHeads
from tests.unit.store_support import KILL_BEFORE, KILLED_WHILE_REMEMBERING, python

ROOT = Path(__file__).parents[2]
LAB = UUID("01234567-89ab-4def-8123-456789abcdef")


def head(sequence: int, digest: int | None = None) -> RememberedHead:
    return RememberedHead(sequence, bytes([(sequence if digest is None else digest) % 256]) * 32)


@pytest.fixture
def remembered(tmp_path: Path) -> SeenHeads:
    return SeenHeads(tmp_path / "state")


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "state" / "remembered" / f"{LAB}.json"


def test_first_sight_then_forward(remembered: SeenHeads, tmp_path: Path) -> None:
    assert remembered.audit_head(LAB, None) is None
    assert remembered.remember_audit_head(LAB, None, head(1)) == head(1)
    assert remembered.remember_audit_head(LAB, None, head(7)) == head(7)
    assert SeenHeads(tmp_path / "state").audit_head(LAB, None) == head(7)
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600


def test_each_log_has_its_own_head(remembered: SeenHeads) -> None:
    center, other, installation = uuid4(), uuid4(), uuid4()
    remembered.remember_audit_head(LAB, None, head(3))
    remembered.remember_audit_head(LAB, center, head(5))
    assert remembered.audit_head(LAB, None) == head(3)
    assert remembered.audit_head(LAB, center) == head(5)
    assert remembered.audit_head(LAB, other) is None
    assert remembered.audit_head(installation, None) is None


def test_it_never_goes_back_unless_told_to(remembered: SeenHeads) -> None:
    remembered.remember_audit_head(LAB, None, head(9))
    assert remembered.remember_audit_head(LAB, None, head(4)) == head(9)
    assert remembered.remember_audit_head(LAB, None, head(9)) == head(9)
    assert remembered.audit_head(LAB, None) == head(9)
    assert remembered.remember_audit_head(LAB, None, head(4), force=True) == head(4)
    assert remembered.audit_head(LAB, None) == head(4)


def test_another_past_is_an_alarm(remembered: SeenHeads) -> None:
    remembered.remember_audit_head(LAB, None, head(9))
    with pytest.raises(RememberedForkError, match="changed the past"):
        remembered.remember_audit_head(LAB, None, head(9, 1))
    assert remembered.audit_head(LAB, None) == head(9)


def with_heads(heads: str) -> bytes:
    return f'{{"format": 1, "installation_id": "{LAB}", "heads": {heads}}}'.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"format": 1}',
        with_heads("{}").replace(b"1", b"2", 1),
        with_heads("{}").replace(b"0123", b"1123", 1),
        with_heads("3"),
        with_heads('{"audit:public": {}}'),
        with_heads('{"audit:public": {"sequence": 0, "digest": ""}}'),
        with_heads('{"audit:public": {"sequence": 1, "digest": "zz"}}'),
    ],
)
def test_a_damaged_memory_is_not_first_sight(remembered: SeenHeads, tmp_path: Path, content: bytes) -> None:
    remembered.remember_audit_head(LAB, None, head(9))
    file_of(tmp_path).write_bytes(content)
    with pytest.raises(RememberedBrokenError, match="delete it if you know"):
        remembered.audit_head(LAB, None)
    with pytest.raises(RememberedBrokenError):
        remembered.remember_audit_head(LAB, None, head(10))
    assert file_of(tmp_path).read_bytes() == content, "nothing is overwritten"
    remembered.forget(LAB)
    assert remembered.audit_head(LAB, None) is None
    remembered.forget(LAB)


def test_the_files_form_is_fixed(remembered: SeenHeads, tmp_path: Path) -> None:
    remembered.remember_audit_head(LAB, None, head(2))
    assert json.loads(file_of(tmp_path).read_text()) == {
        "format": 1,
        "installation_id": str(LAB),
        "heads": {"audit:public": {"sequence": 2, "digest": "02" * 32, "lineage": "00" * 32}},
    }


WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.seen_heads import SeenHeads, RememberedHead
remembered = SeenHeads(Path(sys.argv[1]), wait=60.0)
lab, start, center = UUID(sys.argv[2]), int(sys.argv[3]), UUID(int=int(sys.argv[3]))
for sequence in range(start + 1, start + 60):
    head = RememberedHead(sequence, bytes([sequence % 256]) * 32)
    stands = remembered.remember_audit_head(lab, None, head)
    assert stands.sequence >= sequence
    remembered.remember_audit_head(lab, center, head)
"""


def test_several_programs_lose_nothing(remembered: SeenHeads, tmp_path: Path) -> None:
    starts = [100, 130, 10]
    programs = [
        subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "state", str(LAB), str(start)], cwd=ROOT)
        for start in starts
    ]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    assert remembered.audit_head(LAB, None) == head(189)
    assert [remembered.audit_head(LAB, UUID(int=start)) for start in starts] == [head(start + 59) for start in starts]
    names = sorted(path.name for path in (tmp_path / "state" / "remembered").iterdir())
    assert names == [f"{LAB}.json", f"{LAB}.lock"], "no temporary file is left"


REMEMBERING = """
from pathlib import Path
from uuid import UUID
from desktop_app.storage.seen_heads import SeenHeads, RememberedHead
remembered, lab = SeenHeads(Path(sys.argv[1])), UUID(sys.argv[2])
def write(sequence):
    remembered.remember_audit_head(lab, None, RememberedHead(sequence, bytes(32)))
def read():
    return remembered.audit_head(lab, None).sequence
"""


def test_killed_before_any_call_the_memory_is_the_old_or_the_new(tmp_path: Path) -> None:
    run = python(KILL_BEFORE + REMEMBERING + KILLED_WHILE_REMEMBERING, tmp_path, LAB)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 20


def test_names_for_whom_something_is_kept(tmp_path: Path) -> None:
    names = RememberedNames(tmp_path)
    assert names.names(LAB) == []
    names.add(LAB, "ayse")
    names.add(LAB, "mehmet")
    names.add(LAB, "ayse")
    assert names.names(LAB) == ["ayse", "mehmet"]
    assert names.names(uuid4()) == []
    names.remove(LAB, "ayse")
    names.remove(LAB, "nobody")
    assert RememberedNames(tmp_path).names(LAB) == ["mehmet"]
    for content in ("[", "3", '["a", 3]'):
        (tmp_path / "remembered" / f"{LAB}.names.json").write_text(content)
        assert names.names(LAB) in ([], ["a"])
    names.add(LAB, "zeynep")
    assert names.names(LAB)[0] == "zeynep"
