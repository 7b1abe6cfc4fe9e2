"""A reader who has the share seals other bytes under a document's own key: nobody gets to see them.

Authenticated encryption proves nothing among those who hold the key; what the uploader signed does.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.crypto.errors import TamperedError
from desktop_app.domain.records import Document
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.open_folder import OpenFolder
from tests.e2e.labkeep_admin import Admin
from tests.services.conftest import PASSWORDS, World
from tests.services.forging import resealed

MIB = 1024 * 1024
SENTENCE = "The stored file is not the one that was signed."


@contextmanager
def forged(world: World, folder: Path, true: bytes, false: bytes) -> Iterator[Document]:
    """A document of a user of alpha, of which a viewer of alpha has exchanged the content."""
    name = world.unused("finding") + ".txt"
    (folder / name).write_bytes(true)
    with world.lab("a.user").center("alpha") as work:
        result = work.documents.add([folder / name]).results[0]
    (folder / name).unlink()
    assert result.id is not None
    with world.lab("a.viewer").center("alpha") as viewer:
        document = viewer.documents.get(result.id)
        with resealed(world.store, viewer, document, false):
            yield document
        assert viewer.documents.content(document) == true, "put back, it opens"


Act = Callable[[CenterServices, Document, Path], object]
ACTS: dict[str, Act] = {
    "preview": lambda work, document, _folder: work.documents.content(document),
    "get": lambda work, document, folder: work.documents.save_as(document, folder / "out.txt"),
    "get a version": lambda work, document, folder: work.documents.save_as(document, folder / "out.txt", 1),
    "open with": lambda work, document, folder: ExternalCopies(OpenFolder(folder / "open")).open(
        work.documents, document
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_reader_cannot_exchange_a_finding(each_world: World, tmp_path: Path, act: str) -> None:
    with (
        forged(each_world, tmp_path, b"HIV: NEGATIVE", b"HIV: POSITIVE") as document,
        each_world.lab("a.admin").center("alpha") as work,
    ):
        with pytest.raises(TamperedError, match=SENTENCE):
            ACTS[act](work, document, tmp_path)
        left = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
        assert left == [], "no byte of it came to the disk"


@pytest.mark.parametrize("size", [0, 1, MIB - 56, 3 * MIB + 5])
def test_of_every_size_and_also_in_its_last_segment(each_world: World, tmp_path: Path, size: int) -> None:
    true = os.urandom(size)
    false = true[:-1] + bytes([true[-1] ^ 1]) if true else true
    with forged(each_world, tmp_path, true, false) as document, each_world.lab("a.admin").center("alpha") as work:
        target = tmp_path / "kept.bin"
        target.write_bytes(b"what was there before")
        with pytest.raises(TamperedError, match=SENTENCE):
            work.documents.save_as(document, target, overwrite=True)
        assert target.read_bytes() == b"what was there before"
        with pytest.raises(TamperedError, match=SENTENCE):
            work.documents.content(document)


def test_verify_finds_it_and_says_which_digest(each_world: World, tmp_path: Path) -> None:
    with (
        forged(each_world, tmp_path, b"HIV: NEGATIVE", b"HIV: POSITIVE") as document,
        each_world.lab("a.viewer").center("alpha") as work,
    ):
        (verdict,) = work.documents.verify([document])
        assert verdict.problem == SENTENCE
        assert verdict.digest == "blake3"
    (verdict,) = work.documents.verify([document])
    assert (verdict.problem, verdict.digest) == (None, "blake3")


def test_the_command_line_writes_nothing_and_says_it(each_world: World, tmp_path: Path) -> None:
    viewer = Admin(each_world.home).as_user("a.viewer", PASSWORDS["a.viewer"], "alpha")
    with forged(each_world, tmp_path, b"HIV: NEGATIVE", b"HIV: POSITIVE") as document:
        assert viewer.refused("document", "get", str(document.id), "--to", tmp_path / "out.txt") == SENTENCE
        assert list(tmp_path.iterdir()) == []
        answer = viewer("document", "verify", str(document.id))
        assert answer.status == 1
        assert SENTENCE in answer.err
    (verdict,) = viewer.json("document", "verify", str(document.id))
    assert (verdict["ok"], verdict["digest"]) == (True, "blake3")
    assert "BLAKE3" in viewer("document", "verify", str(document.id)).out
