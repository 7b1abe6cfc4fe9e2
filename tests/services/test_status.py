"""Whether the installation is in order: what is found is said with a next step, and a quiet day has no findings."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from desktop_app.domain.drafts import CenterDraft
from desktop_app.errors import LabkeepError
from desktop_app.services.maintenance import checks
from desktop_app.services.maintenance.status import KIT_NOT_KEPT, Status
from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.lab import Lab
from desktop_app.storage.folder_store import FolderStore
from tests.services.conftest import ROOT, World
from tests.services.test_abandoned_uploads import cleaned, expire, last_touched_a_while_ago, reserve
from tests.services.test_interruptions import Files, killed_at

At = Callable[[str, str], CenterServices]


def problems(status: Status) -> list[str]:
    return [finding.text for finding in status.findings]


@pytest.fixture
def work(world: World, at: At) -> CenterServices:
    return cleaned(world, at("a.admin", "alpha"))


@pytest.fixture
def lab(world: World, work: CenterServices) -> Lab:
    return world.lab("a.admin")


def test_a_quiet_day(world: World, lab: Lab) -> None:
    for each in (lab, world.lab("a.viewer")):
        status = each.status()
        assert status.findings == ()
        assert (status.left.to_sweep, status.left.unnamed, status.left.is_complete) == (0, 0, True)


def test_a_kit_that_nobody_keeps_is_for_system_administrators(world: World, lab: Lab) -> None:
    root = world.lab(ROOT)
    kept = root.recovery.is_kept()
    assert (KIT_NOT_KEPT in root.status().findings) is not kept
    root.recovery.replace(root.recovery.make()[0])
    assert KIT_NOT_KEPT not in root.status().findings
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.kept_kits")
    try:
        assert KIT_NOT_KEPT in root.status().findings
        assert KIT_NOT_KEPT not in lab.status().findings
    finally:
        root.recovery.replace(root.recovery.make()[0])


def test_what_a_killed_program_left_is_counted(world: World, work: CenterServices, lab: Lab, tmp_path: Path) -> None:
    world.lab("a.user")
    killed_at(world, Files.make(tmp_path, world.unused("counted")), tmp_path / "home", "file renamed", 2)
    last_touched_a_while_ago(world, work)
    status = lab.status()
    assert status.left.to_sweep == 3
    assert problems(status) == ["Alpha Hospital: 3 files interrupted before being saved; what is left takes room."]
    work.sweep()
    assert lab.status().findings == ()


def test_a_file_at_work_is_counted_and_no_finding(world: World, work: CenterServices, lab: Lab) -> None:
    reserve(work, (uuid4(), uuid4(), uuid4()))
    last_touched_a_while_ago(world, work)
    status = lab.status()
    assert status.left.under_way == 1
    assert status.findings == ()
    expire(world, work)
    work.sweep()


@pytest.fixture
def stray(world: World, work: CenterServices, tmp_path: Path) -> Iterator[list[Path]]:
    """A sealed file and a half one that no row names."""
    work.documents.add(Files.make(tmp_path, world.unused("stray")).paths[:1])
    made = []
    for form in ("{}", ".{}.part"):
        file_id = uuid4()
        folder = world.store / work.center.schema_name / file_id.hex[:2]
        folder.mkdir(exist_ok=True)
        made.append(folder / form.format(file_id))
        made[-1].write_bytes(b"sealed by somebody")
    yield made
    for path in made:
        path.unlink()


def test_what_no_row_names_is_reported_and_never_deleted(work: CenterServices, lab: Lab, stray: list[Path]) -> None:
    assert lab.status().left.unnamed == 2
    assert problems(lab.status()) == ["Alpha Hospital: 2 files in the store belonging to no document."]
    work.sweep()
    assert all(path.exists() for path in stray)


def test_a_store_that_is_away(world: World, lab: Lab) -> None:
    away = world.store.with_name("away")
    world.store.rename(away)
    try:
        status = lab.status()
        store = world.app.open_store(world.profile.store, world.profile.installation_id)
        found = list(checks.check_store(store, writes=False))
    finally:
        away.rename(world.store)
    assert status.store_problem is not None
    assert problems(status) == [status.store_problem] == [finding.text for finding in found]
    assert not status.left.is_complete, "nobody looked"


def test_a_store_without_room(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LITTLE_SPACE", 2**80)
    (problem,) = problems(lab.status())
    assert problem.startswith("The store has only ")


def test_looking_whether_the_store_takes_files_leaves_nothing(world: World, lab: Lab) -> None:
    before = sorted(path.name for path in world.store.iterdir())
    lab.status()
    assert sorted(path.name for path in world.store.iterdir()) == before


def test_a_center_whose_folder_is_missing(world: World, tmp_path: Path) -> None:
    with world.sign_in(ROOT) as lab:
        name = world.unused("folder")
        center = lab.center(lab.centers.create(CenterDraft(name=name, slug=name.replace(".", "-"))))

        def of_this_center() -> list[str]:
            # A system administrator is told of every center, also of what other tests left in theirs.
            return [problem for problem in problems(lab.status()) if name in problem]

        assert of_this_center() == [], "a new center has no folder yet"
        center.documents.add(Files.make(tmp_path, name).paths[:1])
        folder = world.store / center.center.schema_name
        folder.rename(folder.with_name("elsewhere"))
        try:
            assert of_this_center() == [f"The folder {folder.name} of {name} is missing in the store."]
        finally:
            folder.with_name("elsewhere").rename(folder)
        assert of_this_center() == []


def test_a_clock_that_is_wrong() -> None:
    now = datetime.now(UTC)
    assert list(checks.check_clock(now + timedelta(seconds=60))) == []
    (finding,) = checks.check_clock(now - timedelta(hours=2))
    assert finding.text == "This computer's clock and the server's are 120 minutes apart."


def test_a_large_store_is_looked_through_as_far_as_the_time_goes(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LOOKED_THROUGH_SECONDS", -1.0)
    assert not lab.status().left.is_complete


def test_a_store_that_takes_no_files(world: World, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an ordinary user would find a share that is read-only; for root every folder is writable."""

    def refuse(_store: FolderStore) -> None:
        raise LabkeepError("The store is read-only.")

    monkeypatch.setattr(FolderStore, "check_writing", refuse)
    assert problems(lab.status()) == ["The store is read-only."]
    assert world.lab("a.viewer").status().findings == (), "who only reads does not try to write"
