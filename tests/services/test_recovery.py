"""The recovery kit: who keeps it is a fact of the installation, and a new one takes the former's place whole."""

import stat
from contextlib import closing
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest
import zxingcpp

from desktop_app.crypto.errors import CryptoError
from desktop_app.crypto.key_ring import check_tenant_key, open_grant
from desktop_app.crypto.recovery_kit import RecoveryKit
from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.ids import new_id
from desktop_app.domain.rights import Role
from desktop_app.errors import Cancelled, LabkeepError, RefusedError
from desktop_app.services.maintenance.recovery import KitText, asked_places, read_kit, write_kit
from tests.services.conftest import PASSWORDS, ROOT, World


def centers(world: World) -> dict[UUID, str]:
    """Every center's id and schema."""
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, schema_name FROM public.centers")
        return {UUID(center): schema for center, schema in cursor.fetchall()}


def grants(world: World) -> list[tuple[UUID, int, UUID, bytes]]:
    """What is sealed to roots in every center: center, key version, identity, sealed."""
    found = []
    with closing(world.superuser()) as connection, connection.cursor() as cursor:
        for center, schema in centers(world).items():
            cursor.execute(
                f"SELECT key_version, identity_id, sealed FROM {schema}.key_grants g"
                " JOIN public.identities i ON i.id = identity_id WHERE i.user_id IS NULL"
            )
            found += [(center, row[0], UUID(row[1]), bytes(row[2])) for row in cursor.fetchall()]
    return found


def opens_every_center(world: World, kit: RecoveryKit) -> bool:
    """Whether whoever has the words opens every key of every center, and every one is the right one."""
    root, state = world.lab(ROOT), world.lab(ROOT)._context.trust.state
    with root._context.shared.begin() as session:
        state = root._context.trust.refresh(session)
    sealed, identity = grants(world), kit.identity(state.root.id)
    try:
        for center, number, _root, token in sealed:
            key = open_grant(world.profile.installation_id, center, number, token, identity)
            check_tenant_key(state, center, number, key)
    except CryptoError:
        return False
    return {each[0] for each in sealed} == set(centers(world)) and len(sealed) > 1


@pytest.mark.parametrize("where", ["world", "world_on_15"])
def test_a_new_kit_opens_every_center_and_the_former_one_opens_none(where: str, request: pytest.FixtureRequest) -> None:
    world: World = request.getfixturevalue(where)
    root = world.lab(ROOT)
    former, _ = root.recovery.make()
    root.recovery.replace(former)
    assert opens_every_center(world, former)
    kit, shown = root.recovery.make()
    told: list[tuple[int, int]] = []
    root.recovery.replace(kit, lambda done, total: told.append((done, total)))
    assert told[0] == (0, len(told))
    again = RecoveryKit.from_words(shown.page)
    assert opens_every_center(world, again)
    assert not opens_every_center(world, former)
    assert {each[2] for each in grants(world)} == {root._context.trust.state.root.id}, "nothing is left for the former"
    assert root.recovery.is_kept()


def test_what_comes_after_a_new_kit_is_sealed_to_it(world: World) -> None:
    root = world.lab(ROOT)
    kit, _ = root.recovery.make()
    root.recovery.replace(kit)
    root.centers.create(CenterDraft(name=world.unused("After"), slug=world.unused("after").replace(".", "-")))
    assert opens_every_center(world, kit)
    with world.sign_in("a.user") as colleague:
        assert not colleague.alarms, "everybody takes the new root for what it is"


def test_a_kit_that_was_stopped_half_way_is_finished_with_the_same_words(world: World) -> None:
    root = world.lab(ROOT)
    kit, _ = root.recovery.make()

    def stop(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        root.recovery.replace(kit, stop)
    assert not root.recovery.is_kept(), "it is not said to be kept while it does not open everything"
    assert not opens_every_center(world, kit)
    root.recovery.replace(kit)
    assert root.recovery.is_kept()
    assert opens_every_center(world, kit)


def test_only_system_administrators_replace_the_kit(world: World) -> None:
    somebody = world.person(Role.ADMIN, "alpha")
    with world.app.sign_in.sign_in(world.profile, somebody.username, somebody.password) as lab:
        with pytest.raises(RefusedError):
            lab.recovery.make()
        with pytest.raises(RefusedError):
            lab.recovery.replace(RecoveryKit.make())
        lab.recovery.is_kept()


def test_a_kit_replaced_by_somebody_else_meanwhile_is_not_called_kept(world: World) -> None:
    first, second = world.lab(ROOT), world.app.sign_in.sign_in(world.profile, ROOT, PASSWORDS[ROOT])
    kit, _ = first.recovery.make()
    other, _ = second.recovery.make()

    def overtake(done: int, _total: int) -> None:
        if done == 1:
            second.recovery.replace(other)

    with pytest.raises(LabkeepError):
        first.recovery.replace(kit, overtake)
    assert opens_every_center(world, other)
    assert second.recovery.is_kept()
    second.close()


def test_three_different_places_are_asked_in_their_order() -> None:
    seen = {asked_places(33) for _ in range(50)}
    assert len(seen) > 10
    assert all(len(set(places)) == 3 and list(places) == sorted(places) for places in seen)
    assert all(1 <= place <= 33 for places in seen for place in places)


def test_a_kit_file_is_private_and_replaces_nothing(tmp_path: Path) -> None:
    kit, target = KitText.of(RecoveryKit.make(), "Lab", new_id()), tmp_path / "kit.txt"
    assert write_kit(kit, target) == target
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(LabkeepError, match="was not replaced"):
        write_kit(KitText.of(RecoveryKit.make(), "Lab", new_id()), target)
    assert target.read_text() == kit.page


def test_the_page_to_print_is_read_as_the_text_is(tmp_path: Path) -> None:
    kit = RecoveryKit.make()
    shown = KitText.of(kit, "Üniversite <Çankaya> & Söhne", new_id())
    written = write_kit(shown, tmp_path / "kit.svg")
    page = read_kit(written)
    assert "Üniversite &lt;Çankaya&gt; &amp; Söhne" in page
    ElementTree.fromstring(page)
    assert RecoveryKit.from_words(page).fingerprint() == kit.fingerprint()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_a_scanner_reads_the_words_from_the_code(tmp_path: Path) -> None:
    kit = RecoveryKit.make()
    rows = KitText.of(kit, "Lab", new_id()).qr_rows()
    quiet, scale = 4, 4
    side = (len(rows) + 2 * quiet) * scale
    image = bytearray(b"\xff" * side * side)
    for line, row in enumerate(rows):
        for column, dark in enumerate(row):
            for y in range((line + quiet) * scale, (line + quiet + 1) * scale) if dark else ():
                start = y * side + (column + quiet) * scale
                image[start : start + scale] = bytes(scale)
    (code,) = zxingcpp.read_barcodes(memoryview(image).cast("B", (side, side)))
    assert RecoveryKit.from_words(code.text).fingerprint() == kit.fingerprint()
