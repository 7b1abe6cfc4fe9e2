"""Loads modules, and forks for each command that tests/forking/client.py stands for.

``python -m tests.forking.server SOCKET services|window CLUSTERS``, the last tests.prepared_cluster.place(); ends, with
all that it runs, when its standard input does.
"""

import atexit
import gc
import importlib
import importlib.util
import marshal
import os
import pkgutil
import selectors
import signal
import socket
import sys
import threading
import types
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.machinery import SourceFileLoader
from pathlib import Path

import desktop_app
from tests.prepared_cluster import take_from

_STDIN, _STDOUT, _STDERR = 0, 1, 2
_FORBIDDEN = ("PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "PYTHONHASHSEED", "PYTHONSTARTUP")
"""What Python reads at its start, and a fork does not."""


_for_ever: list[object] = []


@dataclass
class _Command:
    arguments: list[str]
    environment: dict[bytes, bytes]
    folder: bytes
    umask: int
    files: list[int]


@dataclass
class _Server:
    listener: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    running: dict[socket.socket, int] = field(default_factory=dict)
    """Process ids by their clients."""

    def until_forked(self) -> _Command:
        """Serve; returns in each fork, with what it is to run."""
        self.selector.register(_STDIN, selectors.EVENT_READ, self._end)
        self.selector.register(self.listener, selectors.EVENT_READ, self._accept)
        while True:
            for key, _ in self.selector.select():
                command: _Command | None = key.data()
                if command is not None:
                    return command

    def _accept(self) -> _Command | None:
        client, _ = self.listener.accept()
        command = _asked(client)
        if command is None:
            client.close()
            return None
        pid = os.fork()
        if pid == 0:
            return command
        for each in command.files:
            os.close(each)
        ended = os.pidfd_open(pid)
        self.running[client] = pid
        with suppress(OSError):
            client.sendall(pid.to_bytes(8, "big"))
        self.selector.register(ended, selectors.EVENT_READ, lambda: self._tell(pid, ended, client))
        # The client speaks no more: it is gone when there is something to read.
        self.selector.register(client, selectors.EVENT_READ, lambda: self._kill(client))
        return None

    def _kill(self, client: socket.socket) -> None:
        if client in self.running:  # or it has just ended by itself
            os.kill(self.running[client], signal.SIGKILL)
            self.selector.unregister(client)

    def _tell(self, pid: int, ended: int, client: socket.socket) -> None:
        _, status = os.waitpid(pid, 0)
        del self.running[client]
        self.selector.unregister(ended)
        os.close(ended)
        with suppress(KeyError):
            self.selector.unregister(client)
        with suppress(OSError):
            client.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
        client.close()

    def _end(self) -> None:
        for pid in self.running.values():
            os.kill(pid, signal.SIGKILL)
        os._exit(0)


def _asked(client: socket.socket) -> _Command | None:
    """What it wants to be run; None of one that was killed before it had said so."""
    head, files, _, _ = socket.recv_fds(client, 8, 3)
    body = b""
    while len(body) < int.from_bytes(head, "big") and (more := client.recv(1 << 20)):
        body += more
    if len(head) < 8 or len(body) < int.from_bytes(head, "big"):
        for each in files:
            os.close(each)
        return None
    arguments, environment, folder, umask = marshal.loads(body)
    return _Command([os.fsdecode(each) for each in arguments], environment, folder, umask, list(files))


def load(what: str) -> None:
    """All modules of the program, those of the window only for programs that have one."""
    parts = [] if what == "services" else ["tools.steps", "tests.ui.window_fixture", "tests.ui.made_pictures"]
    found = pkgutil.walk_packages(desktop_app.__path__, "desktop_app.", onerror=lambda _: None)
    parts += [each.name for each in found if what == "window" or not each.name.startswith("desktop_app.ui")]
    for name in [*parts, "tests.services.killed_child"]:
        if not name.endswith("__main__") and ".migrations." not in name:  # programs, and what only Alembic runs
            with suppress(ImportError):  # of another system
                importlib.import_module(name)


def become(command: _Command) -> types.CodeType:
    """Be the process that the command describes; the code that it is to run as ``__main__``."""
    for number, received in enumerate(command.files):
        os.dup2(received, number)
    os.closerange(_STDERR + 1, 4096)
    os.chdir(command.folder)
    os.umask(command.umask)
    os.environ.clear()
    os.environb.update(command.environment)
    wrong = [name for name in _FORBIDDEN if os.environ.get(name)]
    assert not wrong, f"a fork knows nothing of {wrong}: let the test start Python anew"
    sys.stdin = os.fdopen(_STDIN, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(_STDOUT, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(_STDERR, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    return _main_code(command.arguments)


def _main_code(arguments: list[str]) -> types.CodeType:
    here = sys.path.pop(0)
    if arguments[0] == "-I":
        arguments = arguments[1:]
    else:
        sys.path.insert(0, "" if arguments[0] == "-c" else str(Path.cwd()))
    kind, what, *rest = arguments
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    if kind == "-c":
        sys.argv = ["-c", *rest]
        return compile(what, "<string>", "exec")
    assert kind == "-m", f"Python is not run so: {arguments}, in {here}"
    spec = importlib.util.find_spec(what)
    assert spec is not None
    assert spec.origin is not None
    main.__spec__, main.__file__, main.__package__ = spec, spec.origin, what.rpartition(".")[0]
    sys.argv = [spec.origin, *rest]
    assert isinstance(spec.loader, SourceFileLoader)
    code = spec.loader.get_code(what)
    assert isinstance(code, types.CodeType)
    return code


def serve(path: str, what: str, clusters: str) -> types.CodeType:
    """Serve at a socket; returns in each fork, with its code."""
    load(what)
    take_from(Path(clusters))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    os.write(_STDOUT, b"+")
    gc.collect()
    gc.freeze()
    server = _Server(listener)
    command = server.until_forked()
    # In the fork its files are closed by number: taken apart later, it would close whatever has these numbers by then.
    _for_ever.append(server)
    return become(command)


def run(code: types.CodeType) -> int:
    """Run it as Python does; its exit status, below zero for a signal that it ends by."""
    try:
        exec(code, sys.modules["__main__"].__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def end(status: int) -> None:
    """As Python ends, but for taking each loaded module apart, which would take as long as to load them."""
    threading._shutdown()  # type: ignore[attr-defined]  # what Python calls at its end
    atexit._run_exitfuncs()
    for file in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            file.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    end(run(serve(*sys.argv[1:])))
