"""The frozen program ``labkeep-admin``: the command line."""

import frozen_start

frozen_start.prepare()

from desktop_app.cli.main import main  # noqa: E402 - the watcher must not load what the commands need

if __name__ == "__main__":
    main()
