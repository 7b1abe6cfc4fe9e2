"""labkeep-admin profile: list, export, import how this workstation reaches installations."""

from pathlib import Path
from typing import Annotated, Any

import typer

from desktop_app.cli.context import invocation
from desktop_app.cli.options import JsonFlag
from desktop_app.cli.output import print_json, print_line, print_problem, print_records
from desktop_app.domain.profiles import Profile, profile_to_mapping
from desktop_app.services.installation.profile_sharing import Reached

app = typer.Typer(no_args_is_help=True)
COLUMNS = ("display_name", "server", "host", "database", "store", "id")


def profile_json(profile: Profile) -> dict[str, Any]:
    """A profile as its file has it, with ``id``."""
    return {"id": str(profile.installation_id), **profile_to_mapping(profile)}


@app.command("list")
def list_profiles(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List the installations that this workstation knows."""
    store = invocation(context).app.profiles
    rows = [profile_json(profile) for profile in store.list()]
    print_records(rows if as_json else [_row(row) for row in rows], COLUMNS, as_json=as_json)
    for broken in store.broken():
        print_problem(f"Warning: {broken.path} holds no profile: {broken.problem}")


def _row(values: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(COLUMNS), **values, "store": values["store"]["path"]}


@app.command("export")
def export_profile(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, usually NAME.labkeep-profile.")],
    host: Annotated[
        str | None, typer.Option("--host", metavar="NAME", help="What the others call the server; verified by TLS.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help="With --host: the server's port.")] = None,
    root: Annotated[
        str | None, typer.Option("--sslrootcert", metavar="PATH", help="Where they have the server's root certificate.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="The root certificate itself, to go along.")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", metavar="PATH", help="Where they have the shared folder.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the profile (--profile, or the only one) to a file for other workstations; it holds no secret."""
    run = invocation(context)
    if host is None and (port is not None or root is not None or certificate is not None):
        raise typer.BadParameter("--port, --sslrootcert and --certificate go with --host")
    if root is not None and certificate is not None:
        raise typer.BadParameter("--sslrootcert and --certificate contradict each other")
    sharing = run.app.profile_sharing
    reached = Reached(host, port, store, root, certificate)
    profile = sharing.export(run.profile(), path, reached)
    words = sharing.root_words(profile)
    if as_json:
        print_json(profile_json(profile) | {"path": str(path), "root_words": words})
        return
    print_line(f"The profile “{profile.display_name}” is in {path}.")
    print_line(f"Compare on the other computer: {words}")
    if profile.is_local:
        print_problem(f"Warning: other computers do not find the server at {profile.host}; give --host.")


@app.command("import")
def import_profile(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="What an administrator exported.")],
    as_json: JsonFlag = False,
) -> None:
    """Keep an exported profile, so that people of this workstation can sign in there."""
    sharing = invocation(context).app.profile_sharing
    profile = sharing.import_(path)
    words = sharing.root_words(profile)
    if as_json:
        print_json(profile_json(profile) | {"root_words": words})
    else:
        print_line(f"This workstation knows “{profile.display_name}” now.")
        print_line(f"Compare with the computer that it came from: {words}")
