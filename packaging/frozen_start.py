"""What both frozen programs do first, before anything heavy is imported."""

import os
import sys
from pathlib import Path

from desktop_app.server import watcher
from desktop_app.ui.preview_decoder.process import DECODER_FLAG

_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def prepare() -> None:
    """Be the watcher of the built-in server or the window's decoder where the arguments say so, and never return then.

    Else tidy the process.
    """
    _replace_missing_streams()
    if sys.argv[1:2] == [watcher.WATCHER_FLAG]:
        sys.exit(watcher.main(sys.argv[2:]))
    if sys.argv[1:] == [DECODER_FLAG]:
        # Only here: the command line must not load Qt.
        from desktop_app.ui.preview_decoder import child

        sys.exit(child.main())
    _restore_library_paths()


def _replace_missing_streams() -> None:
    """A windowed program on Windows has no standard streams, and a sentence written to ``None`` ends it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end


def _restore_library_paths() -> None:
    """Give the programs that Labkeep opens (psql, viewers) the system's libraries, not those of this folder.

    PyInstaller's starter puts its folder first for this process, whose loader has read that already, and may keep
    the person's own value under another name: https://pyinstaller.org/en/stable/runtime-information.html
    """
    ours = getattr(sys, "_MEIPASS", "")
    for name in _LIBRARY_PATHS:
        before = os.environ.pop(f"{name}_ORIG", None)
        value = os.environ.pop(name, "") if before is None else before
        own = [part for part in value.split(os.pathsep) if part not in ("", ours)]
        if own:
            os.environ[name] = os.pathsep.join(own)
        else:
            os.environ.pop(name, None)
