"""The laboratory's policy: what it fixes, and that only an administrator's file is believed."""

import os
from pathlib import Path

import pytest

from desktop_app.paths import policy_file
from desktop_app.policy import STRICTEST, Policy, PolicyError, Remembering, load_policy

ME = os.getuid()
WHOLE = """
profile = "/etc/labkeep/lab.labkeep-profile"
remember_sign_in = "never"
idle_lock_minutes = 15
export = false
updates = "https://lab.example/labkeep/updates.toml"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def written(path: Path, text: str | bytes) -> Policy:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o644)
    return load_policy(path, ME)


def is_strictest(policy: Policy) -> bool:
    return all(getattr(policy, key) == value for key, value in STRICTEST.items()) and policy.problem is not None


def test_without_a_file_nothing_is_fixed(path: Path) -> None:
    assert load_policy(path, ME) == Policy()
    assert load_policy(path / "below a file that is none", ME) == Policy()
    assert Policy().fixed == frozenset()


def test_every_key_is_read(path: Path) -> None:
    policy = written(path, WHOLE)
    assert policy == Policy(
        profile="/etc/labkeep/lab.labkeep-profile",
        remember_sign_in=Remembering.NEVER,
        idle_lock_minutes=15,
        export=False,
        updates="https://lab.example/labkeep/updates.toml",
        source=path,
    )
    assert policy.fixed == {"profile", "remember_sign_in", "idle_lock_minutes", "export", "updates"}
    assert written(path, "").fixed == frozenset()
    assert written(path, "idle_lock_minutes = 3").fixed == {"idle_lock_minutes"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exprot = false", "“exprot” is no key of a policy; there are profile, remember_sign_in"),
        ("export = 'no'", "“export” must be true or false."),
        ("export = 0", "“export” must be true or false."),
        ("idle_lock_minutes = true", "“idle_lock_minutes” must be a whole number"),
        ("idle_lock_minutes = 0", "“idle_lock_minutes” must be a whole number"),
        ("idle_lock_minutes = 15.0", "“idle_lock_minutes” must be a whole number"),
        ("remember_sign_in = 'maybe'", "“remember_sign_in” must be one of allowed, never."),
        ("remember_sign_in = []", "“remember_sign_in” must be one of allowed, never."),
        ("profile = 'lab.labkeep-profile'", "“profile” must be the whole path"),
        ("profile = 3", "“profile” must be the whole path"),
        ("updates = 'http://lab.example/updates.toml'", "“updates” must be the whole path"),
        ("updates = 'https://'", "“updates” must be the whole path"),
        ("updates = 'https://anna:secret@lab.example/updates.toml'", "“updates” must be the whole path"),
        ("updates = 'https://lab.example:99999/updates.toml'", "“updates” must be the whole path"),
        ("export = ", "It is no TOML"),
        (b"\xff\xfe", "It is no TOML"),
        ("# " + "x" * 70_000, "It is larger than 65,536 bytes."),
    ],
)
def test_what_is_not_understood_is_said_and_the_strictest_holds(path: Path, text: str | bytes, sentence: str) -> None:
    policy = written(path, text)
    assert is_strictest(policy)
    assert sentence in str(policy.problem)
    assert str(path) in str(policy.problem)


@pytest.mark.parametrize("text", [r"updates = '\\server\lab\updates.toml'", "updates = 'never'", "updates = '/srv/u'"])
def test_shares_of_both_systems_are_places(path: Path, text: str) -> None:
    assert written(path, text).problem is None


def test_a_file_that_others_may_write_is_not_believed(path: Path) -> None:
    assert written(path, "export = true").problem is None
    for mode in (0o664, 0o646):
        path.chmod(mode)
        policy = load_policy(path, ME)
        assert is_strictest(policy)
        assert "Others than root may write it" in str(policy.problem)


def test_a_folder_that_others_may_write_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "labkeep"
    folder.mkdir()
    path = folder / "policy.toml"
    assert written(path, WHOLE).problem is None
    folder.chmod(0o777)
    assert "may replace it" in str(load_policy(path, ME).problem)
    folder.chmod(0o1777)
    assert load_policy(path, ME).problem is None, "nobody replaces another's file in a sticky folder"
    folder.chmod(0o755)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    assert load_policy(link, ME).problem is None
    folder.chmod(0o777)
    assert "may replace it" in str(load_policy(link, ME).problem), "also the folder that a link leads to"


def test_another_persons_file_is_not_believed(path: Path) -> None:
    nobody = 4_000_000_000
    if ME == 0:
        path.write_text(WHOLE)
        os.chown(path, nobody, nobody)
        policy = load_policy(path)
    else:
        path.write_text(WHOLE)
        policy = load_policy(path)  # root alone: this file is the tests' own account's
    assert is_strictest(policy)
    assert "not to root" in str(policy.problem)


def test_what_is_no_file_holds_nobody_up(path: Path) -> None:
    os.mkfifo(path)
    assert "no ordinary file" in str(load_policy(path, ME).problem)
    path.unlink()
    path.mkdir()
    assert is_strictest(load_policy(path, ME))


def test_no_variable_leads_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = policy_file()
    for name in ("HOME", "LABKEEP_HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "ProgramData", "LABKEEP_POLICY"):
        monkeypatch.setenv(name, str(tmp_path))
    assert policy_file() == before


@pytest.mark.parametrize(("chosen", "left"), [(0, 15), (10, 10), (15, 15), (16, 15), (1440, 15)])
def test_the_person_may_lock_sooner_and_not_later(chosen: int, left: int) -> None:
    assert Policy(idle_lock_minutes=15).idle_minutes(chosen) == left
    assert Policy().idle_minutes(chosen) == chosen


def test_what_is_not_allowed_is_refused_with_a_sentence() -> None:
    Policy().require_export()
    Policy().require_remembering()
    with pytest.raises(PolicyError, match="nothing was written in clear"):
        Policy(export=False).require_export()
    with pytest.raises(PolicyError, match="Type your password"):
        Policy(remember_sign_in=Remembering.NEVER).require_remembering()


def test_a_spoiled_policy_says_so_where_it_refuses(path: Path) -> None:
    for ask in (Policy.require_export, Policy.require_remembering):
        with pytest.raises(PolicyError, match="cannot be believed"):
            ask(written(path, "export = maybe"))
