"""Root's built-in servers on this machine: which there are, and taking away those that nobody can reach any more."""

from dataclasses import dataclass, replace

from desktop_app.errors import NotFoundError, RefusedError
from desktop_app.server.homes import ServerHome, remove_lost_home, server_homes


@dataclass(frozen=True)
class FoundServer:
    """One server: where its data lies, and what was done about it."""

    home: str
    data_folder: str
    state: str
    """running, stopped, or lost: stopped, and its data folder is gone."""
    removed: bool = False


def list_servers() -> tuple[FoundServer, ...]:
    """Every server; none for an ordinary user, whose data lies in the data folder itself."""
    return tuple(map(_found, server_homes()))


def remove_lost_server(home: str) -> FoundServer:
    """Delete the data of the lost server whose data lies in *home*; NotFoundError, RefusedError for one that is not."""
    found = next((each for each in server_homes() if str(each.home) == home), None)
    if found is None:
        raise NotFoundError("There is no built-in server with its data in {home}.", home=home)
    if _found(found).state != "lost" or not remove_lost_home(found):
        raise RefusedError("The server in {home} is not lost; nothing was deleted.", home=home)
    return replace(_found(found), removed=True)


def _found(home: ServerHome) -> FoundServer:
    state = "running" if home.is_running else "lost" if home.is_lost else "stopped"
    return FoundServer(str(home.home), str(home.data_dir), state)
