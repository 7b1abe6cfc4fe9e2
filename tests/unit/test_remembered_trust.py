"""The remembered head of the trust log: compared and replaced in one step, and never lost silently."""

import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.storage.errors import RememberedBrokenError
from desktop_app.storage.remembered_trust import RememberedTrust, RememberedTrustHead
from desktop_app.storage.seen_heads import SeenHeads
from tests.unit.store_support import KILL_BEFORE, KILLED_WHILE_REMEMBERING, python

ROOT = Path(__file__).parents[2]
LAB = UUID("01234567-89ab-4def-8123-456789abcdef")


def head(sequence: int, digest: int | None = None) -> RememberedTrustHead:
    named = bytes([(sequence if digest is None else digest) % 256]) * 32
    return RememberedTrustHead(sequence, named, bytes(32), frozenset({b"a" * 32, b"b" * 32}))


@pytest.fixture
def remembered(tmp_path: Path) -> SeenHeads:
    return SeenHeads(tmp_path / "state")


@pytest.fixture
def trust(remembered: SeenHeads) -> RememberedTrust:
    return remembered.trust


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "state" / "remembered" / f"{LAB}.trust.json"


def test_first_sight_then_one_after_the_other(trust: RememberedTrust, tmp_path: Path) -> None:
    assert trust.head(LAB) is None
    assert trust.keep(LAB, head(1), None)
    assert trust.keep(LAB, head(7), head(1))
    assert SeenHeads(tmp_path / "state").trust.head(LAB) == head(7)
    assert trust.head(uuid4()) is None
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600


def test_nothing_is_replaced_that_was_not_compared(trust: RememberedTrust) -> None:
    assert trust.keep(LAB, head(9), None)
    assert not trust.keep(LAB, head(4), None)
    assert not trust.keep(LAB, head(12), head(4))
    assert not trust.keep(LAB, head(9, 1), None)
    assert not trust.keep(LAB, replace(head(9), restorers=frozenset()), None)
    assert trust.head(LAB) == head(9)
    assert trust.keep(LAB, head(9), None), "two programs that saw the same agree"
    # Backwards, after a "restored" that counted: the log of the new head was compared with the old one.
    assert trust.keep(LAB, head(4), head(9))
    assert trust.head(LAB) == head(4)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("format", 2),
        ("installation_id", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
        ("sequence", 0),
        ("sequence", "1"),
        ("digest", "zz"),
        ("digest", "00"),
        ("lineage", None),
        ("restorers", {}),
        ("restorers", [3]),
        ("lineages", "none"),
        ("lineages", ["00"]),
    ],
)
def test_a_damaged_memory_is_not_first_sight(remembered: SeenHeads, tmp_path: Path, name: str, value: object) -> None:
    remembered.trust.keep(LAB, head(9), None)
    content = json.dumps(json.loads(file_of(tmp_path).read_text()) | {name: value})
    file_of(tmp_path).write_text(content)
    with pytest.raises(RememberedBrokenError, match="delete it if you know"):
        remembered.trust.head(LAB)
    with pytest.raises(RememberedBrokenError):
        remembered.trust.keep(LAB, head(10), None)
    assert file_of(tmp_path).read_text() == content, "nothing is overwritten"
    remembered.forget(LAB)
    assert remembered.trust.head(LAB) is None
    remembered.forget(LAB)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_rubbish_is_not_first_sight(trust: RememberedTrust, tmp_path: Path, content: bytes) -> None:
    trust.keep(LAB, head(9), None)
    file_of(tmp_path).write_bytes(content)
    with pytest.raises(RememberedBrokenError):
        trust.head(LAB)


WRITER = """
import sys
from pathlib import Path
from uuid import UUID
from desktop_app.storage.remembered_trust import RememberedTrust, RememberedTrustHead
trust, lab = RememberedTrust(Path(sys.argv[1]), wait=60.0), UUID(sys.argv[2])
for _ in range(60):
    while True:
        seen = trust.head(lab)
        sequence = 1 if seen is None else seen.sequence + 1
        if trust.keep(lab, RememberedTrustHead(sequence, bytes([sequence]) * 32, bytes(32), frozenset()), seen):
            break
"""


def test_several_programs_count_on(trust: RememberedTrust, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "remembered"
    programs = [subprocess.Popen([sys.executable, "-c", WRITER, folder, str(LAB)], cwd=ROOT) for _ in range(3)]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    found = trust.head(LAB)
    assert found is not None
    # Two that write the same number at once agree, so some numbers are counted twice.
    assert 60 <= found.sequence <= 180
    assert sorted(path.name for path in folder.iterdir()) == [f"{LAB}.lock", f"{LAB}.trust.json"]


REMEMBERING = """
from pathlib import Path
from uuid import UUID
from desktop_app.storage.remembered_trust import RememberedTrust, RememberedTrustHead
trust, lab = RememberedTrust(Path(sys.argv[1])), UUID(sys.argv[2])
def head(sequence):
    return RememberedTrustHead(sequence, bytes(32), bytes(32), frozenset()) if sequence else None
def write(sequence):
    trust.keep(lab, head(sequence), head(sequence - 1))
def read():
    return trust.head(lab).sequence
"""


def test_killed_before_any_call_the_memory_is_the_old_or_the_new(tmp_path: Path) -> None:
    run = python(KILL_BEFORE + REMEMBERING + KILLED_WHILE_REMEMBERING, tmp_path, LAB)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) > 20
