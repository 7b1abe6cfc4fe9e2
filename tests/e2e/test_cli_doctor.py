"""labkeep-admin doctor: findings as people and as scripts read them, and the exit status."""

from pathlib import Path

from tests.e2e.conftest import DemoPeople


def test_what_is_found_and_what_is_left(demo: DemoPeople) -> None:
    whole = demo.ayse("doctor", "--json")
    assert (whole.status, whole.json) == (0, [])
    assert demo.ayse("doctor", "--quick").out == "Everything is in order.\n"
    center = demo.ayse.json("center", "show", "istanbul")
    (file, *_) = sorted(path for path in _folder(demo, center["id"]).rglob("*") if path.is_file())
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    try:
        found = demo.ayse("doctor", "--center", "istanbul", "--repair", "--json")
        assert found.status == 1
        (finding,) = found.json
        assert set(finding) == {"code", "center", "id", "text", "mend"}
        assert (finding["code"], finding["center"]) == ("cut_file", center["name"])
        said = demo.sysadmin("doctor", "--quick")
        assert said.status == 1
        assert f"{center['name']}: {finding['text']} {finding['mend']}" in said.err.splitlines()
    finally:
        file.write_bytes(content)
    demo.elif_.refused("doctor")
    assert demo.ayse("doctor", "--json").json == []


def _folder(demo: DemoPeople, center_id: str) -> Path:
    (store,) = (path.parent for path in demo.home.rglob("labkeep-store.toml"))
    folder: Path = store / f"center_{center_id.replace('-', '')}"
    return folder
