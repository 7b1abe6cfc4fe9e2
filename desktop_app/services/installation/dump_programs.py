"""Which pg_dump and pg_restore are used for a server: those of its own version, ours or the system's."""

import os
from contextlib import suppress

from desktop_app.db.dump import DumpPrograms, find_dump_programs
from desktop_app.server.errors import ProgramsMissingError
from desktop_app.server.programs import find_programs


def programs_for(major: int) -> DumpPrograms:
    """The programs of this major version; NotFoundError names the package where there are none."""
    bundled = None
    with suppress(ProgramsMissingError):
        found = find_programs()
        bundled = DumpPrograms(found.folder, found.major)
    return find_dump_programs(major, bundled, os.environ)
