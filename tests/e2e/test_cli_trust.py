"""labkeep-admin trust: the log in plain words, nothing that disagrees, and fingerprints that two people compare."""

from tests.e2e.conftest import DemoPeople


def test_the_log_is_listed_and_nothing_disagrees(demo: DemoPeople) -> None:
    entries = demo.ayse.json("trust", "list")
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0]["by"] == "a recovery kit"
    assert any("mehmet.user was enrolled in" in entry["text"] and entry["counts"] for entry in entries)
    assert demo.ayse.json("trust", "verify") == []
    said = demo.ayse("trust", "verify")
    assert (said.status, "nothing disagrees" in said.out) == (0, True)


def test_two_people_see_the_same_fingerprints(demo: DemoPeople) -> None:
    for words in (("trust", "fingerprint"), ("trust", "fingerprint", "mehmet.user")):
        first, second = demo.ayse(*words), demo.mehmet(*words)
        assert (first.status, first.out) == (0, second.out)
        assert len(first.out.split("\n")[0].split()) == 8
    profile = demo.ayse.json("profile", "list")[0]
    assert demo.mehmet.json("trust", "fingerprint")["digits"] == profile["root_fingerprint"]
    unknown = demo.mehmet("trust", "fingerprint", "nobody.here")
    assert unknown.status == 1
