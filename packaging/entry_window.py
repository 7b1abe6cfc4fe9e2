"""The frozen program ``labkeep``: the window."""

import sys

import frozen_start

frozen_start.prepare()

from desktop_app.__main__ import main  # noqa: E402 - the watcher must not load Qt

if __name__ == "__main__":
    sys.exit(main())
