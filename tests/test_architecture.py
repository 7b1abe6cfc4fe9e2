"""The architecture is what tests/architecture.py says: of the project, and of small files made to break it."""

import pytest

from tests.architecture import breaches
from tests.source_tree import APPLICATION, ROOT, project_files


def test_project_keeps_the_law() -> None:
    files = project_files()
    assert "desktop_app/errors.py" in files
    assert "tests/test_architecture.py" in files
    found = breaches(files)
    assert not found, "\n".join(["the architecture is broken:", *found])


def test_every_package_of_the_application_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / APPLICATION).rglob("*.py")}
    # Alembic reads its steps by path; their file names begin with a number and are never imported.
    folders -= {folder for folder in folders if folder.name == "versions" and "migrations" in folder.parts}
    bare = [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").is_file()]
    assert not bare, f"without __init__.py the wheel and the type checker miss them: {bare}"


LAWFUL = [
    ("desktop_app/domain/ids.py", "import uuid\nfrom desktop_app.errors import LabkeepError"),
    ("desktop_app/system/locks.py", "import sys\nif sys.platform == 'win32':\n    import msvcrt"),
    ("desktop_app/bootstrap.py", "from desktop_app.storage.folder_store import FolderStore"),
    ("desktop_app/services/context/b.py", "from desktop_app.storage.store import Store"),
    ("desktop_app/db/engine.py", "import sqlalchemy.orm\nfrom . import models\nfrom desktop_app import domain"),
    ("desktop_app/services/records/samples.py", "from desktop_app.db import queries\nfrom ..context import keys"),
    ("desktop_app/ui/tabs/samples.py", "from PySide6.QtCore import Qt\nfrom ..widgets import table"),
    ("desktop_app/ui/tabs/documents/page.py", "from . import drop\nfrom desktop_app.ui.tabs.documents import x"),
    ("desktop_app/ui/foundation/jobs.py", "import threading\nfrom PySide6.QtCore import QThreadPool"),
    ("desktop_app/cli/main.py", "import typer\nfrom desktop_app import __version__, bootstrap"),
    ("desktop_app/cli/main.py", "from desktop_app.deferred import deferred\nx = deferred('desktop_app.cli.samples')"),
    ("desktop_app/deferred.py", "import importlib\ndef f(name):\n    importlib.import_module(name)"),
    ("desktop_app/db/account.py", "def f():\n    import pwd"),
    ("desktop_app/__main__.py", "from desktop_app import bootstrap\nfrom desktop_app.ui import main_window"),
    ("desktop_app/log.py", "import logging\nclass QuietHandler(logging.Handler): pass"),
    ("desktop_app/ui/text/formatting.py", "x = QLocale().toString(5) + day.isoformat()"),
    ("desktop_app/db/audit.py", "x = day.isoformat()"),
    ("tests/db/test_x.py", "import psycopg2\ndef test_a():\n    import desktop_app.db"),
]

UNLAWFUL = [
    ("desktop_app/domain/ids.py", "import sqlalchemy", "domain must not import sqlalchemy"),
    ("desktop_app/domain/ids.py", "import tomli_w", "domain must not import tomli_w"),
    ("desktop_app/domain/ids.py", "from desktop_app import db", "domain must not import db"),
    ("desktop_app/domain/ids.py", "from ..services import x", "domain must not import services"),
    ("desktop_app/errors.py", "from . import domain", "errors must not import domain"),
    ("desktop_app/db/a.py", "from ..crypto import x", "db must not import crypto"),
    ("desktop_app/crypto/a.py", "import desktop_app.storage.b", "crypto must not import storage"),
    ("desktop_app/storage/a.py", "from desktop_app.db import b", "storage must not import db"),
    ("desktop_app/storage/a.py", "from cryptography import x", "storage must not import cryptography"),
    ("desktop_app/services/a.py", "from psycopg2 import sql", "services must not import psycopg2"),
    ("desktop_app/services/a.py", "from PySide6 import QtCore", "services must not import PySide6"),
    ("desktop_app/services/a.py", "import keyring", "services must not import keyring"),
    ("desktop_app/services/a.py", "from desktop_app import bootstrap", "services must not import bootstrap"),
    ("desktop_app/ui/a.py", "from desktop_app.db import b", "ui must not import db"),
    ("desktop_app/ui/a.py", "from desktop_app import bootstrap", "ui must not import bootstrap"),
    ("desktop_app/cli/a.py", "import desktop_app.ui", "cli must not import ui"),
    ("desktop_app/cli/a.py", "import PySide6", "cli must not import PySide6"),
    ("desktop_app/bootstrap.py", "from desktop_app.ui import b", "bootstrap must not import ui"),
    ("desktop_app/__init__.py", "from . import db", "__init__ must not import db"),
    ("desktop_app/extra/a.py", "import os", "does not know: extra"),
    ("desktop_app/storage/a.py", "import fcntl", "only system may import fcntl"),
    ("desktop_app/server/a.py", "def f():\n    import msvcrt", "only system may import msvcrt"),
    (
        "desktop_app/services/context/a.py",
        "from desktop_app.storage.folder_store import F",
        "only bootstrap may import",
    ),
    ("desktop_app/cli/a.py", "import desktop_app.storage.folder_store", "cli must not import storage"),
    ("desktop_app/system/a.py", "from ..storage import b", "system must not import storage"),
    ("desktop_app/ui/a.py", "from desktop_app.system import b", "ui must not import system"),
    ("desktop_app/db/a.py", "import requests", "requests, which no part owns"),
    ("desktop_app/ui/a.py", "from PySide6 import QtCharts", "licence is the GPL"),
    ("desktop_app/ui/tabs/a.py", "from desktop_app.ui.tabs import b", "a must not import the tab b"),
    ("desktop_app/ui/tabs/a/x.py", "from ..b import page", "a must not import the tab b"),
    ("desktop_app/services/a.py", "import os", "lies in no room of services"),
    ("desktop_app/services/context/a.py", "from ..session import lab", "context must not import session"),
    ("desktop_app/services/records/a.py", "from ..documents import b", "records must not import documents"),
    ("desktop_app/services/session/a.py", "import desktop_app.services.installation.b", "must not import installation"),
    ("desktop_app/ui/models/a.py", "from ..widgets import b", "models must not import widgets"),
    ("desktop_app/ui/tabs/a/x.py", "from desktop_app.ui.shell import b", "tabs must not import shell"),
    ("desktop_app/ui/a.py", "import threading", "only desktop_app/ui/foundation/jobs.py"),
    ("desktop_app/ui/a.py", "from PySide6.QtCore import QThread", "only desktop_app/ui/foundation/jobs.py"),
    ("desktop_app/db/a.py", "def f():\n    import json", "hides the import of json"),
    ("desktop_app/db/a.py", "f = lambda: __import__('json')", "hides the import of json"),
    ("desktop_app/db/a.py", "import importlib\nimportlib.import_module('PySide6')", "db must not import PySide6"),
    ("desktop_app/db/a.py", "x = deferred('desktop_app.services.b')", "db must not import services"),
    ("desktop_app/ui/models/a.py", "x = deferred('desktop_app.ui.tabs.b')", "models must not import tabs"),
    ("desktop_app/db/a.py", "x = deferred(name)", "imports a name made at run time"),
    ("desktop_app/db/a.py", "def f():\n    deferred('json')", "hides the import of json"),
    ("desktop_app/db/a.py", "if TYPE:\n    from ..services import x", "db must not import services"),
    ("desktop_app/db/a.py", "x = 1\n" * 401, "has 402 lines"),
    ("desktop_app/db/a.py", "def f():\n" + "    x = 1\n" * 60, "f has 61 lines"),
    ("desktop_app/db/utils.py", "", "a name that says nothing: utils"),
    ("desktop_app/db/text_helpers/a.py", "", "a name that says nothing: text_helpers"),
    ("desktop_app/db/a.py", "x = 1  # TODO: later", "puts work off"),
    ("desktop_app/ui/dialogs/a.py", "x = day.isoformat()", "formats a date"),
    ("desktop_app/ui/widgets/a.py", "x = datetime.strptime(text, '%Y')", "formats a date"),
    ("desktop_app/ui/widgets/a.py", "x = QLocale().toString(5)", "formats by locale"),
    ("desktop_app/domain/a.py", "x = f'{count:,} rows'", "formats a number"),
    ("desktop_app/db/a.py", "def f():\n    raise NotImplementedError", "is not written yet"),
    ("desktop_app/ui/a.py", "label = QLabel(name)", "may show HTML"),
    ("desktop_app/db/a.py", "raise DatabaseError(f'There is no {name} here.')", "made on the spot"),
    ("desktop_app/storage/a.py", "REASON = 'The store is full.'", "outside of a template"),
    ("tests/db/test_a.py", "@pytest.mark.skipif(True, reason='x')\ndef test_a(): pass", "leaves a test out"),
    ("tests/db/test_a.py", "def test_a():\n    pytest.skip('x')", "leaves a test out"),
    ("desktop_app/db/a.py", "class KeyManager: pass", "KeyManager has a name that says nothing"),
]


@pytest.mark.parametrize(("path", "source"), LAWFUL)
def test_checker_lets_lawful_files_pass(path: str, source: str) -> None:
    assert breaches({path: f'"""Doc."""\n{source}'}) == []


@pytest.mark.parametrize(("path", "source", "said"), UNLAWFUL)
def test_checker_names_each_breach(path: str, source: str, said: str) -> None:
    found = breaches({path: f'"""Doc."""\n{source}'})
    assert any(said in breach and breach.startswith(path) for breach in found), found


def test_checker_wants_docstrings() -> None:
    assert breaches({"tools/a.py": "x = 1"}) == ["tools/a.py has no docstring"]
    assert breaches({"desktop_app/db/__init__.py": ""}) == ["desktop_app/db/__init__.py has no docstring"]
    assert breaches({"tests/db/__init__.py": ""}) == []


def test_checker_finds_circles_of_files_and_of_types() -> None:
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from desktop_app.db.a import A"
    files = {
        "desktop_app/db/a.py": '"""Doc."""\nfrom desktop_app.db import b',
        "desktop_app/db/b.py": '"""Doc."""\nfrom desktop_app.db.c import C',
        "desktop_app/db/c.py": f'"""Doc."""\n{typed}',
    }
    around = "desktop_app/db/a.py -> desktop_app/db/b.py -> desktop_app/db/c.py -> desktop_app/db/a.py"
    assert breaches(files) == [f"desktop_app/db/a.py stands in a circle: {around}"]
    assert breaches({**files, "desktop_app/db/c.py": '"""Doc."""\nfrom desktop_app.db import d'}) == []


def test_checker_finds_every_circle() -> None:
    files = {
        f"desktop_app/db/{name}.py": f'"""Doc."""\nfrom desktop_app.db import {other}'
        for name, other in (("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"))
    }
    assert [breach.split()[0] for breach in breaches(files)] == ["desktop_app/db/a.py", "desktop_app/db/c.py"]
