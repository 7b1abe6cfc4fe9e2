"""The share stops answering while files are under way: the window says so, goes on, and believes nothing unsaid."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.storage.folder_store import FolderStore
from desktop_app.ui.models.transfer_rows import Stage
from desktop_app.ui.shell.application import Look
from desktop_app.ui.widgets.connection_indicator import Reach
from tests.services.mounts import Place
from tests.services.test_store_trouble import SILENT, Disk
from tests.ui.journey_fixture import ADMIN, CLINIC, Day
from tools import steps
from tools.driver import Drag, Program, click, until


@pytest.fixture
def program(day: Day, look: Look) -> Iterator[Program]:
    with Program(day.home, look) as opened:
        steps.sign_in(opened, ADMIN)
        steps.open_center(opened, CLINIC)
        opened.workspace.watchdog.timeout = 0.3
        yield opened


def drop_on_silent(program: Program, place: Place, kind: type[FolderStore], file: Path) -> list[str]:
    """Drop a file while the share does not answer; returns where the sums will stand."""
    workspace = program.workspace
    context = workspace.context.lab._context
    FolderStore(place.folder, context.installation_id).create_marker()
    context.store = kind(place.folder, context.installation_id)
    sums: list[str] = []
    workspace.transfers.summed_up.connect(lambda text, _tone: sums.append(text))
    place.begin()
    file.write_bytes(b"x" * 100_000)
    assert Drag(workspace.tabs.documents.drop, [file]).drop()
    until(lambda: workspace.banner.text, "the banner says it")
    return sums


@pytest.mark.parametrize(("disk", "kind"), SILENT)
def test_it_is_said_and_everything_else_goes_on(
    program: Program, tmp_path: Path, disk: Disk, kind: type[FolderStore]
) -> None:
    workspace, share = program.workspace, tmp_path / "share"
    share.mkdir()
    with disk(share) as place:
        sums = drop_on_silent(program, place, kind, tmp_path / f"silent {kind.__name__}.bin")
        store = workspace.context.lab.profile.store.path
        assert workspace.banner.text.startswith(f"The share {store} has not answered since ")
        assert workspace.header.indicator.reach is Reach.CONNECTED
        # Lists, forms and samples are the server's: they go on.
        workspace.show_tab(workspace.tabs.samples)
        workspace.tabs.samples.records.searched.emit()
        until(
            lambda: "GOK-0001" in [row.barcode for row in workspace.tabs.samples.records.model.rows], "the list is read"
        )
        assert workspace.transfers.is_active
        assert not sums
        place.end()
        until(lambda: sums, "the transfer ends")
        program.settle()
        assert sums == [f"1 file added to {CLINIC}."]
        assert not workspace.banner.text


@pytest.mark.parametrize(("disk", "kind"), SILENT)
def test_cancelling_is_answered_at_once(program: Program, tmp_path: Path, disk: Disk, kind: type[FolderStore]) -> None:
    workspace, share = program.workspace, tmp_path / "share"
    share.mkdir()
    with disk(share) as place:
        sums = drop_on_silent(program, place, kind, tmp_path / f"given up {kind.__name__}.bin")
        click(workspace.banner._step)
        assert workspace.banner.text.startswith("Stopping as soon as the share ")
        place.end()
        until(lambda: sums, "the transfer ends")
        program.settle()
        assert [row.stage for row in workspace.transfers.table.rows] == [Stage.CANCELLED]
        assert not workspace.banner.text
        assert f"given up {kind.__name__}.bin" not in steps.titles(workspace.tabs.documents)
