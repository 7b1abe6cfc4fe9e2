"""The command line's entry point: the tree of commands, and the one place where errors become sentences."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from desktop_app import __version__, log
from desktop_app.cli.command_tree import SETTINGS, CommandTree
from desktop_app.cli.context import Invocation
from desktop_app.cli.interrupts import INTERRUPTED
from desktop_app.cli.output import OutputError, finish_output, give_output_up, print_line, print_problem
from desktop_app.core_dumps import forbid_core_dumps
from desktop_app.errors import Cancelled, LabkeepError
from desktop_app.paths import HomePaths

# Not __name__: run with -m it is another one, and the log would go to standard error.
LOGGER = logging.getLogger("desktop_app.cli.main")
PROGRAM = "labkeep-admin"
FAILED = 1
WRONG_USAGE = 2
NOBODY_READS = 141
"""What a shell says of a program that SIGPIPE ended, such as ``labkeep-admin … | head``."""

app = typer.Typer(
    name=PROGRAM,
    cls=CommandTree,
    help="Runs a Labkeep installation from scripts and servers.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    **SETTINGS,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print_line(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    profile: Annotated[
        str | None, typer.Option("--profile", envvar="LABKEEP_PROFILE", help="The installation: name or id.")
    ] = None,
    user: Annotated[str | None, typer.Option("--user", envvar="LABKEEP_USER", help="Who signs in.")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(help="File with the password (-: standard input); or LABKEEP_PASSWORD, LABKEEP_PASSWORD_FILE."),
    ] = None,
    new_password_file: Annotated[
        Path | None, typer.Option(help="File with one's own new password, where the first one must be changed.")
    ] = None,
    _version: Annotated[
        # Eager: it is answered before Typer asks for the command that does not follow.
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Print the version and leave.")
    ] = False,
) -> None:
    run = context.ensure_object(Invocation)
    run.profile_name, run.username = profile, user
    run.password_file, run.new_password_file = password_file, new_password_file


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the arguments say and return the exit status: 0 done, 1 refused or failed, 2 wrong usage.

    Whatever goes wrong is one sentence on standard error; what nobody expected has its details in the log.
    """
    invocation = Invocation(environment)
    log_file = None
    try:
        log_file = log.set_up(HomePaths.from_environment(environment).log_dir)
        status = app(args=list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=invocation)
        finish_output()
        if status == INTERRUPTED:  # what Typer makes of Ctrl+C
            print_problem("Stopped.")
        return status if isinstance(status, int) else 0
    except TyperException as error:
        return _usage(error)
    except (Cancelled, typer.Abort):
        print_problem("Stopped.")
        return INTERRUPTED
    except OutputError as error:
        give_output_up()
        if error.nobody_reads:
            return NOBODY_READS
        print_problem(str(error))
        return FAILED
    except LabkeepError as error:
        print_problem(str(error))
        return FAILED
    except OSError as error:
        # Typer writes its help itself; everything of ours catches its own errors.
        give_output_up()
        LOGGER.exception("The system refused something.")
        print_problem(f"The system refused: {error.strerror or type(error).__name__}.")
        return FAILED
    except Exception as error:
        LOGGER.exception("A command failed in a way that nobody expected.")
        where = f" The details are in {log_file}." if log_file else ""
        print_problem(f"Something unexpected happened ({type(error).__name__}).{where}")
        return FAILED
    finally:
        invocation.close()
        log.shut_down()


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if context is not None and message == context.get_help():
        # A group of commands without a command: its help, as wrong usage.
        sys.stderr.write(message + "\n")
    else:
        hint = f" See {context.command_path} --help." if context is not None else ""
        # Typer lets the words of its validator through, and lists choices over several lines.
        sentence = " ".join(message.replace("Value error, ", "").split())
        print_problem(f"{sentence.rstrip('.')}.{hint}")
    return WRONG_USAGE if error.exit_code == WRONG_USAGE else FAILED


def main() -> None:
    """Run the command line of this process."""
    forbid_core_dumps()
    # Typer reads options by pydantic, which would look through all that is installed for plugins, and run them.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    if _open_missing_streams():
        print_problem("Standard output is closed, so nothing was done; send it to a file or to /dev/null.")
        sys.exit(FAILED)
    for stream in (sys.stdout, sys.stderr):
        # A name must not end a command because a terminal cannot write its letters.
        getattr(stream, "reconfigure")(errors="backslashreplace")  # noqa: B009
    status = run(sys.argv[1:], os.environ)
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    # All is done, written and closed; Python would take apart what it loaded for another tenth of a second.
    os._exit(status)


def _open_missing_streams() -> bool:
    """Put the null device where a stream was closed by whoever started this; whether it was standard output.

    Otherwise the next file that is opened gets the stream's number, and a child would write into it.
    """
    output_is_missing = sys.stdout is None
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    return output_is_missing


if __name__ == "__main__":
    main()
