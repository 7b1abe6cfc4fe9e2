"""Documents are added, opened and deleted in Windows' way while another program has files of the store open."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.domain.filters import DocumentFilter
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.storage.errors import StoreUnavailableError
from tests.services.conftest import World
from tests.services.mounts import Place
from tests.services.test_store_trouble import check, make, workstation_on
from tests.unit.open_elsewhere_system import ACCESS_DENIED, SHARING_VIOLATION, another_program


@contextmanager
def plain_disk(folder: Path) -> Iterator[Place]:
    yield Place(folder)


@pytest.mark.parametrize("winerror", [SHARING_VIOLATION, ACCESS_DENIED])
def test_files_are_saved_although_a_scanner_looks_into_each(world: World, tmp_path: Path, winerror: int) -> None:
    paths = make(tmp_path, world, 5_000_000, 17, 0)
    with workstation_on(plain_disk, world, tmp_path) as workstation:
        kinds = ("open", "rename", "unlink")
        with another_program(workstation.store.root, *kinds, times=3, winerror=winerror) as other:
            summary = workstation.work.documents.add(paths)
            assert summary.not_saved == ()
            check(workstation.work, paths, summary)
        renamed = [count for (kind, _), count in other.refused.items() if kind == "rename"]
        assert renamed == [3, 3, 3]
        assert workstation.stored() == 3


def test_a_scanner_that_never_lets_go_costs_no_document_and_is_named(world: World, tmp_path: Path) -> None:
    paths = make(tmp_path, world, 40_000, 17)
    with workstation_on(plain_disk, world, tmp_path) as workstation:
        with another_program(workstation.store.root, "rename", times=10_000):
            summary = workstation.work.documents.add(paths)
        assert [result.outcome for result in summary.results] == [AddOutcome.FAILED] * 2
        sentence = (
            f"Another program has a file in the store {workstation.store.root} open, perhaps a virus scanner or a "
            "backup. Nothing was changed. Try again when it is done."
        )
        assert [result.reason for result in summary.results] == [sentence] * 2
        assert workstation.stored() == 0
        check(workstation.work, paths, summary)
        again = workstation.work.documents.add([result.path for result in summary.not_saved])
        assert again.not_saved == ()
        check(workstation.work, paths, again)
        (row,) = workstation.work.documents.list(DocumentFilter(search=paths[0].name)).rows
        with (
            another_program(workstation.store.root, "open", times=10_000),
            pytest.raises(StoreUnavailableError, match="open"),
        ):
            workstation.work.documents.content(row)
        assert workstation.work.documents.content(row) == paths[0].read_bytes()
