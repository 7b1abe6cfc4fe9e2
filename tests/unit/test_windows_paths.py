"""Long paths, shares and drives of Windows, by the path classes that every system has."""

import ntpath
import re
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.storage.safe_names import safe_file_name
from desktop_app.system.windows_paths import extended, reachable

DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
DEEP = "\\" + "\\".join(["Laboratory archive of the year"] * 9)
NAMES = st.text("abcÖş😀 .-", min_size=1, max_size=30).map(lambda name: safe_file_name(name, "win32"))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("C:" + DEEP, "\\\\?\\C:" + DEEP),
        ("\\\\server\\share" + DEEP, "\\\\?\\UNC\\server\\share" + DEEP),
        ("\\\\server.lab.example\\labkeep$" + DEEP, "\\\\?\\UNC\\server.lab.example\\labkeep$" + DEEP),
        ("C:/a/../b" + DEEP.replace("\\", "/"), "\\\\?\\C:\\b" + DEEP),
        ("\\\\?\\C:" + DEEP, "\\\\?\\C:" + DEEP),
        ("\\\\?\\UNC\\server\\share" + DEEP, "\\\\?\\UNC\\server\\share" + DEEP),
        ("C:\\short", "C:\\short"),
        ("\\\\server\\share\\short", "\\\\server\\share\\short"),
        (DEEP[1:], DEEP[1:]),
        ("C:" + DEEP[1:], "C:" + DEEP[1:]),
    ],
    ids=[
        *("drive", "share", "hidden share", "dots", "drive already", "share already", "short", "short share"),
        *("no full path", "no folder of the drive"),
    ],
)
def test_a_long_path_gets_the_form_that_windows_takes(path: str, found: str) -> None:
    assert str(extended(PureWindowsPath(path), 0)) == found


def test_room_for_what_is_made_below_is_asked_for() -> None:
    folder = PureWindowsPath("C:\\" + "x" * 200)
    assert extended(folder, 44) == folder
    assert extended(folder, 45) == PureWindowsPath("\\\\?\\" + str(folder))
    assert extended(PureWindowsPath("C:\\" + "😀" * 123), 0).drive == "\\\\?\\C:", "Windows counts halves of such signs"


@given(names=st.lists(NAMES, min_size=1, max_size=25), share=st.booleans())
def test_the_same_file_is_meant_whatever_the_length(names: list[str], share: bool) -> None:
    path = PureWindowsPath("\\\\server\\share\\" if share else "D:\\", *names)
    found = extended(path, 64)
    assert found.relative_to(found.anchor) == path.relative_to(path.anchor)
    assert found.name == path.name
    assert extended(found, 64) == found
    plain = str(found).replace("\\\\?\\UNC\\", "\\\\").removeprefix("\\\\?\\")
    assert ntpath.normcase(plain) == ntpath.normcase(str(path))
    assert len(str(found)) + 64 <= 247 or str(found).startswith("\\\\?\\")


def test_elsewhere_paths_stay_as_they_are(tmp_path: Path) -> None:
    assert reachable(tmp_path / ("x" * 250)) == tmp_path / ("x" * 250)


@pytest.mark.parametrize("name", ["CON", "nul", "AUX.txt", "COM1", "lpt9.pdf", "Prn", "COM¹.csv", "conout$"])
def test_no_document_is_saved_under_the_name_of_a_device(name: str) -> None:
    safe = safe_file_name(name, "win32")
    assert safe == f"_{name}"
    assert not DEVICE.fullmatch(safe)
    assert PureWindowsPath("D:\\out", safe).name == safe


@given(name=st.text(max_size=80))
def test_a_safe_name_is_one_name_in_windows_folders(name: str) -> None:
    safe = safe_file_name(name, "win32")
    inside = PureWindowsPath("\\\\server\\share\\folder", safe)
    assert inside.parent == PureWindowsPath("\\\\server\\share\\folder")
    assert (inside.name, inside.drive) == (safe, "\\\\server\\share")
    assert not DEVICE.fullmatch(safe)
    assert safe.rstrip(". ") == safe, "Windows drops dots and spaces at the end of a name"
    assert str(extended(PureWindowsPath("C:" + DEEP, safe), 0)).endswith("\\" + safe)
