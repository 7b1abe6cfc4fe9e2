"""The list of scan mode: each sample once, in the order of the scans, with what is unknown and what came twice."""

from dataclasses import replace

from desktop_app.domain.scanned import ScanList
from tests.ui.made_records import sample

A, B, C = (sample(number, barcode=f"Tube-{letter}") for number, letter in enumerate("abc"))


def answer(scans: ScanList, *samples: object, most: int = 100) -> None:
    """The server knows these."""
    asked = scans.ask(most)
    known = {name: each for each in (A, B, C) if each in samples for name in (each.barcode, str(each.id))}
    known |= {name.swapcase(): each for name, each in known.items() if name.swapcase() not in known}
    scans.settle(asked, {name: known[name] for name in asked.values() if name in known})


def test_order_is_kept_and_what_comes_twice_is_counted_once() -> None:
    scans = ScanList()
    for code in ("Tube-b", "nobody's", "Tube-a", "Tube-b", "Tube-b"):
        scans.take(code)
    assert not scans.is_settled
    answer(scans, A, B)
    assert scans.is_settled
    assert scans.samples == (B, A)
    assert [(row.code, row.times, row.is_unknown) for row in scans.rows] == [
        ("Tube-b", 3, False),
        ("nobody's", 1, True),
        ("Tube-a", 1, False),
    ]
    assert (scans.unknown, scans.twice) == (1, 1)
    assert scans.take("Tube-a").times == 2
    assert scans.ask(100) == {}, "what is known is not asked again"


def test_one_sample_under_two_codes_is_one_row() -> None:
    scans = ScanList()
    scans.take("tUBE-A", caps_lock=True)
    scans.take("Tube-b")
    scans.take("Tube-a")
    answer(scans, A, B)
    assert [(row.code, row.times, row.is_turned_over) for row in scans.rows] == [
        ("tUBE-A", 2, True),
        ("Tube-b", 1, False),
    ]
    assert scans.take("Tube-a").times == 3
    assert scans.ask(100) == {}


def test_many_are_asked_for_part_by_part_while_more_come() -> None:
    scans = ScanList()
    for code in ("Tube-a", "Tube-b"):
        scans.take(code)
    asked = scans.ask(1)
    assert list(asked.values()) == ["Tube-a"]
    scans.take("Tube-c")
    scans.remove(["Tube-a"])
    scans.settle(asked, {"Tube-a": A})
    assert [row.code for row in scans.rows] == ["Tube-b", "Tube-c"], "what was taken out does not come back"
    answer(scans, B, C)
    assert scans.samples == (B, C)
    assert scans.take("Tube-a").times == 1


def test_what_changed_is_seen_again_and_what_was_made_is_known() -> None:
    scans = ScanList()
    scans.take("Tube-a")
    scans.take("Tube-b")
    answer(scans, A)
    changed = replace(A, barcode="Other", row_version=2)
    scans.look_again()
    assert scans.is_settled, "nothing is hidden meanwhile"
    asked = scans.ask(100)
    scans.settle(asked, {str(A.id): changed, "Tube-b": B})
    assert scans.samples == (changed, B)
    scans.look_again()
    scans.settle(scans.ask(100), {str(B.id): B})
    assert [row.is_unknown for row in scans.rows] == [True, False], "it was deleted for good"


def test_a_list_is_done_with_until_more_is_scanned() -> None:
    scans = ScanList()
    assert scans.is_handled, "nothing is lost with an empty list"
    scans.take("Tube-a")
    answer(scans, A)
    assert not scans.is_handled
    scans.note_done([B.id])
    assert not scans.is_handled
    scans.note_done([A.id])
    assert scans.is_handled
    scans.take("Tube-a")
    assert scans.is_handled, "it is the same sample"
    scans.take("Tube-b")
    assert not scans.is_handled
    scans.remove(["Tube-a", "Tube-b"])
    assert scans.is_handled
    assert scans.rows == ()


def test_what_could_not_be_looked_up_waits_in_its_place() -> None:
    scans = ScanList()
    for code in ("Tube-a", "Tube-b", "Tube-c"):
        scans.take(code)
    asked = scans.ask(2)
    scans.remove(["Tube-a"])
    scans.wait_again(asked)
    assert list(scans.ask(100)) == ["Tube-b", "Tube-c"]


def test_what_changes_while_it_is_looked_up_is_looked_up_once_more() -> None:
    scans = ScanList()
    scans.take("Tube-a")
    asked = scans.ask(100)
    scans.look_again()
    scans.settle(asked, {"Tube-a": A})
    assert list(scans.ask(100).values()) == [str(A.id)]
