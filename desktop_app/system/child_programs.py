"""How programs of ours are started that nobody is to see."""

import subprocess

WITHOUT_CONSOLE: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""``creationflags`` of a program with a console: on Windows one of its own would open above the window otherwise.

Not DETACHED_PROCESS: a server without any console opens one for each process that it starts.
"""
