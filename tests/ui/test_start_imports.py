"""What the window needs only behind its sign-in page is not loaded before that page is seen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.paths import HomePaths
from desktop_app.storage.profiles import ProfileStore
from tests.ui.made_records import profile

ROOT = Path(__file__).parents[2]
LATER = {"sqlalchemy", "psycopg2", "cryptography", "keyring"}
LATER |= {
    "desktop_app.db.models",
    "desktop_app.domain.records",
    "desktop_app.domain.links",
    "desktop_app.domain.rights",
}
LATER |= {f"desktop_app.ui.shell.{name}" for name in ("workspace", "deferred_parts", "one_window", "desktop_signals")}
LATER |= {"desktop_app.ui.shell.pages.lock", "desktop_app.ui.text.formatting", "desktop_app.ui.widgets.list_filters"}
LATER |= {"PySide6.QtNetwork", "PySide6.QtDBus", "hashlib", "html", "importlib.resources", "locale", "socket"}
LATER_CLASSES = {"PySide6.QtWidgets.QStyle", "PySide6.QtGui.QFontDatabase"}
"""Those have hundreds of names."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of somebody who signs in at one installation."""
    home = tmp_path_factory.mktemp("home")
    ProfileStore(HomePaths.from_environment({"LABKEEP_HOME": str(home)}).profiles_dir).save(profile())
    return home


@pytest.fixture(scope="module")
def first_page(home: Path) -> dict[str, list[str]]:
    """What is there when it is painted."""
    there: dict[str, list[str]] = told("tests.ui.first_page", home)
    return there


def told(module: str, home: Path) -> Any:
    """What a program says as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=os.environ | {"LABKEEP_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_first_page_loads_no_database_and_no_cryptography_nor_what_it_does_not_show(
    first_page: dict[str, list[str]],
) -> None:
    assert "desktop_app.ui.shell.pages.sign_in" in first_page["modules"]
    assert LATER & set(first_page["modules"]) == set()


def test_classes_of_qt_with_hundreds_of_names_are_not_made_for_it(first_page: dict[str, list[str]]) -> None:
    assert "PySide6.QtWidgets.QLineEdit" in first_page["classes"]
    assert LATER_CLASSES & set(first_page["classes"]) == set()


def test_pyside_reads_no_text_of_the_modules_of_the_window(first_page: dict[str, list[str]]) -> None:
    assert [path for path in first_page["read"] if "desktop_app/ui/shell" in path] == []


def test_what_hears_of_other_starts_is_loaded_beside_the_window(home: Path) -> None:
    found = told("tests.ui.first_listening", home)
    assert {"desktop_app.ui.shell.one_window", "PySide6.QtNetwork"} <= set(found)
    assert not any(found.values()), "40 ms in which nothing could be typed"
