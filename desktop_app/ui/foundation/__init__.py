"""What every part of the window leans on: work in the background, messages, looks, what is kept between starts.

PySide puts a function of its own in the place of Python's import, which reads the text of every module that is loaded
afterwards and looks for its own name there, so that a module may say ``from __feature__ import …``. Nobody here does,
and it was a tenth of the start: the import is what it was before that.
"""

import builtins

import PySide6.QtCore  # noqa: F401 - only then is there anything to take back

builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
