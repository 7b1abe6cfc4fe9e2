"""Names as people and other systems make them: kept readable in the list, harmless where they are written."""

import unicodedata
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from desktop_app.domain.drafts import DocumentDraft
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.services.documents.titles import numbered, title_of
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.dropped_files import SourceFile
from tests.services.conftest import World

At = Callable[[str, str], CenterServices]


@pytest.mark.parametrize(
    ("name", "title", "copy"),
    [
        ("..\\..\\evil{}.txt", "..\\..\\evil{}.txt", "_._.._evil{}.txt"),
        ("C:\\temp\\{}.txt", "C:\\temp\\{}.txt", "C:_temp_{}.txt"),
        ("CON{}.txt", "CON{}.txt", "CON{}.txt"),
        ("nul.{}", "nul.{}", "nul.{}"),
        ("bell\a{}.txt", "bell {}.txt", "bell_{}.txt"),
        ("line\nbreak{}.txt", "line break{}.txt", "line_break{}.txt"),
        ("photo\u202egpj{}.exe", "photo gpj{}.exe", "photo_gpj{}.exe"),
        (".hidden{}", ".hidden{}", "_hidden{}"),
        ("-rf{}", "-rf{}", "-rf{}"),
        ("  spaces {} .txt  ", "spaces {} .txt", "spaces {} .txt"),
        ("x" * 240 + "{}.txt", "x" * 240 + "{}.txt", None),
        (unicodedata.normalize("NFD", "öçş{}.txt"), "öçş{}.txt", "öçş{}.txt"),
    ],
)
def test_a_name_is_kept_and_its_copy_stays_in_its_folder(
    world: World, at: At, tmp_path: Path, name: str, title: str, copy: str | None
) -> None:
    work, mark = at("a.user", "alpha"), world.unused("odd").rpartition(".")[2]
    source = tmp_path / "from" / name.format(mark)
    source.parent.mkdir()
    source.write_bytes(b"content")
    (result,) = work.documents.add([source.parent]).results
    assert (result.outcome, result.name) == (AddOutcome.SAVED, f"from/{title.format(mark)}")
    assert result.id is not None
    document = work.documents.get(result.id)
    assert document.title.isprintable()
    folder = tmp_path / "to"
    folder.mkdir()
    saved = work.documents.save_as(document, folder)
    assert list(folder.iterdir()) == [saved]
    assert saved.read_bytes() == b"content"
    assert len(saved.name.encode()) <= 200
    if copy is not None:
        assert saved.name == copy.format(mark)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("é" * 301, "é" * 300),
        ("e\u0301" * 300, "é" * 300),
        ("x" * 299 + "  y", "x" * 299),
        ("\u202e\t", "Untitled"),
        ("", "Untitled"),
    ],
)
def test_a_title_is_what_is_left_of_a_name(name: str, title: str) -> None:
    """Names of more than 255 bytes come from other systems than this one."""
    made = title_of(SourceFile(Path(name), name, 0))
    assert made == title
    assert not DocumentDraft(title=made).problems()


def test_a_long_title_keeps_the_name_and_the_folders_next_to_it() -> None:
    folders = PurePosixPath(*[f"folder {number:03}" for number in range(60)])
    made = title_of(SourceFile(Path("x"), "report.pdf", 0, folders))
    assert len(made) == 300
    assert made.startswith("…")
    assert made.endswith("folder 058/folder 059/report.pdf")
    long = title_of(SourceFile(Path("x"), "n" * 400, 0, folders))
    assert long == "n" * 300


@pytest.mark.parametrize(
    ("title", "second"),
    [
        ("report.pdf", "report (2).pdf"),
        ("run 1/report.tar.gz", "run 1/report.tar (2).gz"),
        ("no suffix", "no suffix (2)"),
        (".hidden", ".hidden (2)"),
        ("x" * 300, "x" * 296 + " (2)"),
        ("v1.2 of the great report", "v1.2 of the great report (2)"),
    ],
)
def test_a_title_of_its_own_has_a_number(title: str, second: str) -> None:
    assert numbered(title, 2) == second
    assert not DocumentDraft(title=second).problems()
