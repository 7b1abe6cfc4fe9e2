"""Unsaved forms on the workstation: sealed, for their person alone, there after a crash and gone once saved."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from desktop_app.db.user_engine import SignedOutError
from desktop_app.services.session.drafts import FormContent
from desktop_app.services.session.lab import Lab
from tests.forking import program
from tests.services.conftest import PASSWORDS, World

SECRET = "Patient Ayşe Öztürk, \u202eHIV\x00 positive <b>=1+1</b> " + "x" * 10_000
CONTENT = FormContent("Sample", uuid4(), None, "New sample", {"name": ("", SECRET), "ticked": (False, True)})


@pytest.fixture
def lab(world: World) -> Lab:
    found = world.lab("a.user")
    for draft in found.drafts.left():
        forget(found, draft.id)
    return found


def forget(lab: Lab, draft_id: UUID) -> None:
    kept = lab.drafts.keep(draft_id)
    assert kept.take()
    kept.remove()


def files(world: World) -> list[Path]:
    return [path for path in (world.home / "state" / "drafts").rglob("*") if path.is_file()]


def test_it_is_kept_sealed_and_exactly(lab: Lab, world: World) -> None:
    kept = lab.drafts.keep()
    kept.write(CONTENT)
    assert lab.drafts.left() == (), "its form is open"
    for path in files(world):
        assert path.stat().st_mode & 0o777 == 0o600
        assert not any(
            word.encode() in path.read_bytes() for word in ("Patient", "Sample", "name", str(CONTENT.center_id))
        )
    kept.let_go()
    (draft,) = lab.drafts.left()
    assert draft.content == CONTENT
    again = lab.drafts.keep(draft.id)
    assert again.take()
    assert not lab.drafts.keep(draft.id).take(), "another window continues it"
    again.remove()
    again.write(CONTENT)  # a write that was under way
    assert files(world) == []
    assert lab.drafts.left() == ()


def test_the_length_of_what_was_typed_is_not_seen(lab: Lab, world: World) -> None:
    kept = lab.drafts.keep()
    sizes = set()
    for typed in ("", "a", "a much longer name than before"):
        kept.write(replace(CONTENT, fields={"name": ("", typed)}))
        sizes.add(max(path.stat().st_size for path in files(world)))
    kept.remove()
    assert len(sizes) == 1


def test_nobody_else_reads_it_and_a_changed_one_is_not_offered(lab: Lab, world: World) -> None:
    kept = lab.drafts.keep()
    kept.write(CONTENT)
    kept.let_go()
    (path,) = (each for each in files(world) if not each.suffix)
    other = world.lab("a.admin")
    theirs = path.parent.parent / str(other.user.id)
    theirs.mkdir(mode=0o700, exist_ok=True)
    planted = theirs / path.name
    planted.write_bytes(path.read_bytes())
    assert other.drafts.left() == ()
    assert not planted.exists()
    sealed = bytearray(path.read_bytes())
    sealed[-1] ^= 1
    path.write_bytes(bytes(sealed))
    assert lab.drafts.left() == ()
    assert not path.exists()


def test_while_the_window_is_locked_nothing_is_written(world: World) -> None:
    lab = world.sign_in("a.user")
    kept = lab.drafts.keep()
    lab.close()
    with pytest.raises(SignedOutError):
        kept.write(CONTENT)


CHILD = """
import os, signal, sys
from tests.light_passwords import lighten
lighten()
from desktop_app.bootstrap import build
from desktop_app.services.session.drafts import FormContent
app = build(os.environ)
(profile,) = app.profiles.list()
lab = app.sign_in.sign_in(profile, "a.user", os.environ["PASSWORD"])
lab.drafts.keep().write(FormContent("Sample", None, None, "Killed", {"name": ("", "Half typed")}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_program_leaves_it(lab: Lab, world: World) -> None:
    """A process of its own, ended by SIGKILL while its form was open."""
    environment = os.environ | {"LABKEEP_HOME": str(world.home), "PASSWORD": PASSWORDS["a.user"]}
    done = subprocess.run(
        program("services", "-c", CHILD),
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    (draft,) = lab.drafts.left()
    assert (draft.content.title, draft.content.fields) == ("Killed", {"name": ("", "Half typed")})
    forget(lab, draft.id)
