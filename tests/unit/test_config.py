"""Settings survive everything that can be done to their file."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.config import Language, Settings, SettingsError, Theme, load_settings, save_settings
from desktop_app.errors import InvalidInputError

CHOSEN = Settings(
    theme=Theme.DARK, language=Language.TURKISH, idle_lock_minutes=0, last_profile="Ağrı", show_inactive=True
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.toml"


def test_first_start_has_defaults_and_makes_nothing(path: Path) -> None:
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert not path.parent.exists()


def test_what_was_chosen_comes_back(path: Path) -> None:
    save_settings(path, CHOSEN)
    assert load_settings(path).settings == CHOSEN
    assert load_settings(path).problems == ()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe\x00", b"\x00" * 4096])
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    (problem,) = loaded.problems
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == content
    assert str(aside) in problem
    assert load_settings(path).problems == (), "said once"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('theme = "pink"', "theme"),
        ("theme = 3", "theme"),
        ('idle_lock_minutes = "10"', "idle_lock_minutes"),
        ("idle_lock_minutes = true", "idle_lock_minutes"),
        ("idle_lock_minutes = -1", "idle_lock_minutes"),
        ("idle_lock_minutes = 1e9", "idle_lock_minutes"),
        ("last_profile = 3", "last_profile"),
        ("language = []", "language"),
        (f'last_profile = "{"x" * 300}"', "last_profile"),
    ],
)
def test_a_bad_value_is_the_default_and_the_others_stay(path: Path, line: str, field: str) -> None:
    path.parent.mkdir()
    path.write_text(f"show_inactive = true\n{line}\nof_a_later_version = 1\n")
    loaded = load_settings(path)
    assert loaded.settings == Settings(show_inactive=True)
    assert len(loaded.problems) == 1
    assert f"“{field}”" in loaded.problems[0]


def test_bad_values_are_not_written(path: Path) -> None:
    for settings in (replace(CHOSEN, idle_lock_minutes=-1), replace(CHOSEN, last_profile="x" * 300)):
        with pytest.raises(InvalidInputError):
            save_settings(path, settings)
    assert not path.exists()


def test_a_folder_in_the_way_is_a_sentence(path: Path) -> None:
    path.mkdir(parents=True)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert "could not be read" in loaded.problems[0]
    with pytest.raises(SettingsError, match="could not be written"):
        save_settings(path, CHOSEN)
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]
