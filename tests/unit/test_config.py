"""Settings survive everything that can be done to their file."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.config import Appearance, Settings, SettingsError, load_settings, save_settings
from desktop_app.errors import InvalidInputError

CHOSEN = Settings(appearance=Appearance.DARK, idle_lock_minutes=0)


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


@pytest.mark.parametrize("content", [b"appearance = ", b"\xff\xfe\x00", b"\x00" * 4096])
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
    ("line", "other", "field"),
    [
        ('appearance = "pink"', "idle_lock_minutes = 3", "appearance"),
        ("appearance = 3", "idle_lock_minutes = 3", "appearance"),
        ("appearance = []", "idle_lock_minutes = 3", "appearance"),
        ('idle_lock_minutes = "10"', 'appearance = "dark"', "idle_lock_minutes"),
        ("idle_lock_minutes = true", 'appearance = "dark"', "idle_lock_minutes"),
        ("idle_lock_minutes = -1", 'appearance = "dark"', "idle_lock_minutes"),
        ("idle_lock_minutes = 1e9", 'appearance = "dark"', "idle_lock_minutes"),
    ],
)
def test_a_bad_value_is_the_default_and_the_others_stay(path: Path, line: str, other: str, field: str) -> None:
    path.parent.mkdir()
    path.write_text(f"{other}\nof_a_later_version = 1\n")
    good = load_settings(path).settings
    assert good != Settings()
    path.write_text(f"{other}\n{line}\nof_a_later_version = 1\n")
    loaded = load_settings(path)
    assert loaded.settings == good
    assert len(loaded.problems) == 1
    assert f"“{field}”" in loaded.problems[0]


def test_bad_values_are_not_written(path: Path) -> None:
    for minutes in (-1, 24 * 60 + 1):
        with pytest.raises(InvalidInputError):
            save_settings(path, replace(CHOSEN, idle_lock_minutes=minutes))
    assert not path.exists()


def test_a_folder_in_the_way_is_a_sentence(path: Path) -> None:
    path.mkdir(parents=True)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert "could not be read" in loaded.problems[0]
    with pytest.raises(SettingsError, match="could not be written"):
        save_settings(path, CHOSEN)
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]
