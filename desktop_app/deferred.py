"""Modules that are loaded when they are first used: the one way in which the program puts an import off.

A window is to be seen, and a list of commands to be read, long before a database driver is needed. A file that puts
an import off names the module twice, for the type checker and for the run::

    if TYPE_CHECKING:
        from desktop_app.ui.shell import workspace
    else:
        workspace = deferred("desktop_app.ui.shell.workspace")

and says ``workspace.Workspace``. The names are constants, so that the import law sees them; a test keeps it so.
"""

import gc
import importlib
import sys
import threading
from types import ModuleType
from typing import Any

_loading = threading.RLock()
_under_way: list[str] = []
_put_off: "list[DeferredModule]" = []


class DeferredModule(ModuleType):
    """Stands for a module, and loads it when something of it is asked for; several threads may ask at once."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.load(), name)

    @property
    def is_loaded(self) -> bool:
        """Whether the whole of it is there."""
        found = sys.modules.get(self.__name__)
        return found is not None and not getattr(found.__spec__, "_initializing", False)

    def load(self) -> ModuleType:
        """The module itself."""
        if self.is_loaded:
            return sys.modules[self.__name__]
        # One at a time: libraries import in circles, and two threads that enter such a circle at different places
        # would see halves of modules.
        with _loading:
            # What a module makes while it is loaded stays: looking for garbage in it is a fifth of the time, and later
            # each look at the whole heap would be a silence of the window.
            collects = gc.isenabled()
            gc.disable()
            _under_way.append(self.__name__)
            try:
                return importlib.import_module(self.__name__)
            finally:
                _under_way.pop()
                if not _under_way:  # the whole of it, with what it loaded itself
                    gc.freeze()
                if collects:
                    gc.enable()


def deferred(name: str) -> DeferredModule:
    """The module of this full name, not loaded yet."""
    module = DeferredModule(name)
    _put_off.append(module)
    return module


def load(module: ModuleType) -> None:
    """Load what was put off: for a job, while a person still reads."""
    if isinstance(module, DeferredModule):
        module.load()


def left(*packages: str) -> list[DeferredModule]:
    """What of these packages was put off, and is not loaded yet."""
    below = tuple(f"{package}." for package in packages)
    return [each for each in _put_off if each.__name__.startswith(below) and not each.is_loaded]


def load_left(*packages: str) -> None:
    """Load all that of these was put off, also by what is loaded here: for a job, while a person still reads."""
    while modules := left(*packages):
        modules[0].load()
