"""What was scanned is looked up many at once, also where Caps Lock turned its letters over."""

from collections.abc import Callable

from desktop_app.domain.drafts import SampleDraft
from desktop_app.domain.records import Sample
from desktop_app.domain.work_lists import Tick
from desktop_app.services.session.center_services import CenterServices

At = Callable[[str, str], CenterServices]


def made(work: CenterServices, *barcodes: str) -> list[Sample]:
    return [work.samples.create(SampleDraft(name="t", sample_type="blood", barcode=each)) for each in barcodes]


def test_each_code_has_its_sample_whatever_became_of_it(at: At) -> None:
    admin = at("a.admin", "alpha")
    plain, other, binned = made(admin, "Scan-a1", "sCAN-A1", "SCAN-b2")
    admin.samples.deactivate(binned, "broken")
    codes = ["Scan-a1", "sCAN-A1", "scan-B2", str(plain.id), "scan-c3", "\0", "", "x" * 65, "' OR 1=1 --"]
    found = at("a.viewer", "alpha").samples.scanned(codes)
    assert {code: each.id for code, each in found.items()} == {
        "Scan-a1": plain.id,
        "sCAN-A1": other.id,
        "scan-B2": binned.id,
        str(plain.id): plain.id,
    }
    assert not found["scan-B2"].is_active
    assert at("b.user", "beta").samples.scanned(codes) == {}
    assert admin.samples.scanned([]) == {}


def test_a_work_list_is_ticked_with_caps_lock_on(at: At) -> None:
    work = at("a.user", "alpha")
    [sample] = made(work, "Caps-d4")
    listed = work.work_lists.create("Caps", [sample.id])
    assert work.work_lists.tick(listed.id, "cAPS-D4") == (Tick.DONE, sample)
    work.work_lists.delete(listed.id)
