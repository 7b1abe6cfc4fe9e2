"""Old programs keep out: none writes into a database that it does not know, or that asks for a newer one.

At sign-in all of it must fit, because signing in writes, and people and keys are everybody's. A center alone may be at
another revision (centers are migrated one by one): it can be read then, and not be written. What is asked for may
change while a window is open, so every writing looks again, at what its transaction found when it began.
"""

from desktop_app import __version__
from desktop_app.db import registry
from desktop_app.db.revisions import CENTER, SHARED, is_known, is_workable
from desktop_app.db.sessions import SchemaState, Session
from desktop_app.domain.profiles import Profile
from desktop_app.domain.versions import is_older
from desktop_app.errors import RefusedError
from desktop_app.message import Message


class ProgramTooOldError(RefusedError):
    """The installation was made or changed by a newer program, and needs it."""

    code = "program_too_old"


class SchemaTooOldError(RefusedError):
    """The database must be migrated before this program works with it."""

    code = "schema_too_old"


def require_fitting_program(found: SchemaState) -> None:
    """Refuse to work in an installation that this program is too old or too new for."""
    if is_older(__version__, found.oldest_client):
        raise ProgramTooOldError(_needs("This installation", found.oldest_client))
    if not is_known(SHARED, found.shared):
        raise ProgramTooOldError(_needs("This installation", found.migrated_by))
    if not is_workable(SHARED, found.shared):
        raise SchemaTooOldError(_behind("The database"))


def require_fitting_installation(session: Session, profile: Profile) -> None:
    """Refuse a database that holds another installation than the profile names, or one of another time."""
    installation = registry.installation(session)
    if installation.id != profile.installation_id:
        raise RefusedError("This server holds another installation than the profile names.")
    revision = registry.shared_revision(session)
    require_fitting_program(SchemaState(revision, revision, installation.oldest_client, installation.migrated_by))


def require_fitting_center(name: str, found: SchemaState) -> None:
    """Refuse to write into a center if this program is too old or too new for its schema, or for the installation."""
    require_fitting_program(found)
    if not is_known(CENTER, found.revision):
        raise ProgramTooOldError(_needs(name, found.migrated_by) + " Until then it can only be read.")
    if not is_workable(CENTER, found.revision):
        raise SchemaTooOldError(_behind(name))


def _needs(what: str, version: str) -> str:
    if not is_older(__version__, version):
        return Message(
            "{what} was changed by a newer Labkeep than this one ({version}); install the newest.",
            what=what,
            version=__version__,
        )
    return Message(
        "{what} needs Labkeep {version} or newer, and this is {version2}; install it.",
        what=what,
        version=version,
        version2=__version__,
    )


def _behind(what: str) -> str:
    return Message(
        "{what} is older than this Labkeep ({version}) works with; the database's administrator "
        "brings it up to date with labkeep-admin migrate.",
        what=what,
        version=__version__,
    )
