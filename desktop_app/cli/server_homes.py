"""labkeep-admin status --clusters: root's built-in servers on this machine, and those that are lost."""

from desktop_app.cli.output import print_line, print_record, print_records
from desktop_app.services.installation.server_homes import list_servers, remove_lost_server

COLUMNS = ("state", "data_folder", "home")


def show_clusters(remove: str | None, *, as_json: bool) -> None:
    """List them; or delete the data of the one in the folder *remove*, which must be lost."""
    if remove is not None:
        print_record(remove_lost_server(remove), as_json=as_json)
        return
    found = list_servers()
    print_records(found, COLUMNS, as_json=as_json)
    if any(each.state == "lost" for each in found) and not as_json:
        print_line("The data folder of a lost one is gone. Where it will not come back: --remove HOME.")
