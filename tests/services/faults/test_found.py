"""What was found by letting everything go wrong, each at its own step."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.crypto.errors import TamperedError
from desktop_app.errors import LabkeepError
from desktop_app.services.installation.backup import prune
from desktop_app.storage.backup_folder import DATABASE, FILES, BackupFolder, BackupFolderError
from tests.services.conftest import World
from tests.services.faults.cases import Steps, dry_run, going_wrong, suffer
from tests.services.faults.counting_proxy import Cut, WireFault
from tests.services.faults.operations import BackingUp, DeletingCenter, Repairing, RestoringCenter
from tests.services.faults.scene import Scene, opened_scene
from tests.services.faults.system_calls import CallFault, Harm


@pytest.fixture
def scene(world: World, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(world, tmp_path / "scene") as made:
        yield made


@pytest.fixture(scope="module")
def restoring(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestoringCenter]:
    """With a backup, made once for all that restore a center."""
    with opened_scene(world, tmp_path_factory.mktemp("restoring") / "scene") as made:
        yield RestoringCenter(made)


@pytest.fixture(scope="module")
def steps(restoring: RestoringCenter) -> Steps:
    return dry_run(restoring)


@pytest.mark.parametrize("lasts", [False, True], ids=["for a moment", "for good"])
def test_the_doctor_calls_nothing_whole_that_it_could_not_look_at(scene: Scene, lasts: bool) -> None:
    repairing = Repairing(scene)
    suffer(repairing, CallFault(0, Harm.EIO, lasts, call="open", within="/labkeep-store.toml"))


def test_a_backup_says_in_a_sentence_what_it_cannot_use(scene: Scene) -> None:
    backing_up = BackingUp(scene)
    dry_run(backing_up)
    for call, within in (("open", ".key.json"), ("make", "/.lock"), ("listdir", "/backups/backups")):
        assert suffer(backing_up, CallFault(0, Harm.EIO, call=call, within=within)).endswith("Error")


def test_a_folder_that_could_not_be_removed_with_its_center_is_removed_later(scene: Scene) -> None:
    deleting = DeletingCenter(scene)
    for at in range(2):
        suffer(deleting, CallFault(at, Harm.EIO, call="rmdir"))


def test_half_a_file_in_the_folder_of_backups_is_in_nobodys_way(scene: Scene) -> None:
    """What a program leaves that was killed, or could not clear away any more, while it copied a file."""
    backing_up = BackingUp(scene)
    dry_run(backing_up)
    fault = CallFault(0, Harm.EIO, lasts=True, call="write", within=f"/store/{scene.center.schema_name}/")
    assert suffer(backing_up, fault) == "StoreUnavailableError"


def test_nothing_is_deleted_by_a_list_of_a_backups_files_that_is_read_wrong(scene: Scene) -> None:
    """A name that was read wrong is in no other list: its file would have gone, which a backup that stays needs."""
    backing_up = BackingUp(scene)
    for _ in range(2):
        backing_up.again(backing_up.prepare())
    names, folder = backing_up.names(), BackupFolder(scene.backups)
    store = scene.world.app.open_store(folder.store_place, scene.profile.installation_id)
    for name in names:
        fault = CallFault(0, Harm.OTHER_BYTES, call="read", within=f"/{name}/{FILES}")
        with pytest.raises(TamperedError), going_wrong(scene, fault):
            prune(folder, store, 1)
    assert backing_up.names() == names
    for name in names:
        backing_up.has_its_files(name)


def test_a_complete_backup_that_could_not_be_noted_is_called_complete(scene: Scene) -> None:
    backing_up = BackingUp(scene)
    call = backing_up.prepare()
    with going_wrong(scene, CallFault(0, Harm.ENOSPC, call="replace", within="/state/backups/")):
        sign = scene.station.lab.backup_signer.sign
        done = scene.station.app.backup.run(scene.profile, scene.backups, call["dsn"], sign=sign, keep=call["keep"])
    assert [str(each).partition(":")[0] for each in done.undone] == ["This computer could not note that it was made"]
    assert done.name in backing_up.names()


def test_the_files_of_a_center_stay_where_it_may_be_back_and_go_where_it_is_not(
    restoring: RestoringCenter, steps: Steps
) -> None:
    scene, questions = restoring.scene, steps.questions
    begun = next(at for at, said in enumerate(questions) if "begin_restored_center" in said)
    commit = next(at for at, said in enumerate(questions) if at > begun and said == "COMMIT")
    assert suffer(restoring, WireFault(commit, Cut.AFTER, stays=True)) == "UnconfirmedError"
    before, call = set(scene.world.store.iterdir()), restoring.prepare()
    for fault in (CallFault(0, Harm.ENOSPC, call="fsync", within="/center_"), WireFault(begun, Cut.BEFORE)):
        with pytest.raises(LabkeepError), going_wrong(scene, fault):
            restoring.again(call)
        assert set(scene.world.store.iterdir()) == before


def test_a_backup_that_breaks_off_while_a_center_is_read_out_of_it_ends_the_restore(restoring: RestoringCenter) -> None:
    """It waited for ever: for a program that waited for the rest of what nobody could read."""
    call = restoring.prepare()
    for at in (1, 2):
        fault = CallFault(at, Harm.EIO, call="open", within=f"/{DATABASE}")
        with pytest.raises(BackupFolderError) as broken, going_wrong(restoring.scene, fault):
            restoring.again(call)
    restoring.judge(call, [], broken.value)


def first_reads(steps: Steps) -> list[int]:
    """Which reads of a backup's list of files are the first after it was opened; others go on, or find its end."""
    calls = [step.call for step in steps.calls if step.path.endswith(f"/{FILES}")]
    places = [place for place, call in enumerate(calls) if call == "read"]
    return [number for number, place in enumerate(places) if calls[place - 1] != "read"]


def test_a_list_of_a_backups_files_counts_as_it_was_made_each_time_it_is_read(
    restoring: RestoringCenter, steps: Steps
) -> None:
    call = restoring.prepare()
    again = first_reads(steps)
    assert len(again) == 3
    for at in again:
        fault = CallFault(at, Harm.OTHER_BYTES, call="read", within=f"/{FILES}")
        with pytest.raises(TamperedError) as broken, going_wrong(restoring.scene, fault):
            restoring.again(call)
    restoring.judge(call, [], broken.value)


def test_a_center_is_called_back_where_this_computer_cannot_keep_what_it_saw(
    restoring: RestoringCenter, steps: Steps
) -> None:
    calls, home = steps.calls, str(restoring.scene.home)
    after = 1 + max(at for at, step in enumerate(calls) if step.root != home)
    assert after < len(calls), "nothing is kept after the commit"
    # By their number in this folder: how many calls read the backup differs from one time to the next.
    own = sum(home in step.path for step in calls[:after])
    assert suffer(restoring, CallFault(own, Harm.EIO, lasts=True, within=home)) == "done"
