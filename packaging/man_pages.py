"""The manual pages of both programs (man(7)), from what the programs themselves say."""

import io
from collections.abc import Iterable
from contextlib import redirect_stdout, suppress
from datetime import datetime

import description
from debian_texts import DATA_OF_PEOPLE

from desktop_app.__main__ import parse
from desktop_app.cli.command_tree import listed_commands

_FILES = (
    (f"/{description.POLICY_FILE}", "What the laboratory fixed for everybody on this computer; root writes it."),
    (", ".join(DATA_OF_PEOPLE), "Profiles, the built-in server, what this computer remembers, and opened documents."),
)
_ENVIRONMENT = (
    ("LABKEEP_PROFILE", "The installation to work in."),
    ("LABKEEP_USER, LABKEEP_PASSWORD, LABKEEP_PASSWORD_FILE", "Who signs in; a terminal asks for what is missing."),
    ("LABKEEP_CENTER", "The center to work in."),
    ("LABKEEP_HOME", "One folder for all that is kept for the person, in place of those below FILES."),
)


def window_page(moment: datetime) -> str:
    """The page of the window's program: its own help, and what is not said there."""
    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        parse(["--help"])
    return (
        _head(description.WINDOW, moment)
        + f".SH SYNOPSIS\n.B {_escaped(description.WINDOW.name)}\n[\\fIOPTION\\fR...]\n"
        + f".SH DESCRIPTION\n{_escaped(description.SUMMARY)}.\n.PP\n{_escaped(description.DESCRIPTION[0])}\n"
        + f".SH OPTIONS\n.nf\n{_escaped(said.getvalue().strip())}\n.fi\n"
        + _tail(description.ADMIN)
    )


_OF_SERVER = (
    ("setup", "Bring the machine to what the options, now and before, say; --dry-run says it only."),
    ("center", "The group and the folder of a center on the share: add, remove, list."),
    ("person", "Somebody's account on the share: add, remove."),
    ("backups", "Switch nightly backups on, once there is an installation."),
    ("snapshot", "Make one snapshot of the store, where it is on btrfs."),
    ("check", "Say what is not as it should be; exit status 1 if anything is found."),
)


def admin_page(moment: datetime) -> str:
    """The page of the command line: its commands in one line each, whose help has the rest."""
    commands = ((command.name or "", command.help or "") for command in listed_commands())
    return (
        _head(description.ADMIN, moment)
        + f".SH SYNOPSIS\n.B {_escaped(description.ADMIN.name)}\n"
        + "[\\fIOPTION\\fR...] \\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
        + ".SH DESCRIPTION\nThe same work as in the window, for scripts and servers. Each command tells its\n"
        + "arguments by \\fB\\-\\-help\\fR, and prints for programs with \\fB\\-\\-json\\fR.\n"
        + f".SH COMMANDS\n{_terms(commands)}"
        + f".SH ENVIRONMENT\n{_terms(_ENVIRONMENT)}"
        + ".SH EXIT STATUS\n0 where all was done, 1 where it was not or something was found, 2 for wrong usage.\n"
        + _tail(description.WINDOW)
    )


def server_page(moment: datetime) -> str:
    """The page of labkeep-server, which is the system administrator's."""
    return (
        f'.TH LABKEEP\\-SERVER 8 "{moment:%Y-%m-%d}" "{description.TITLE} {description.VERSION}" '
        '"System Administration"\n.SH NAME\nlabkeep\\-server \\- set up and keep the server of a lab\n'
        ".SH SYNOPSIS\n.B labkeep\\-server\n\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
        ".SH DESCRIPTION\nPostgreSQL, TLS, the share and the backups, on Debian and Ubuntu. It asks nothing, and\n"
        "changes only what differs. Each command tells its arguments by \\fB\\-\\-help\\fR.\n"
        f".SH COMMANDS\n{_terms(_OF_SERVER)}"
        f".SH SEE ALSO\n.BR {_escaped(description.ADMIN.name)} (1)\n"
    )


def _head(command: description.Command, moment: datetime) -> str:
    name = _escaped(command.name)
    return (
        f'.TH {name.upper()} 1 "{moment:%Y-%m-%d}" "{description.TITLE} {description.VERSION}" "User Commands"\n'
        f".SH NAME\n{name} \\- {_escaped(command.summary)}\n"
    )


def _tail(other: description.Command) -> str:
    return f".SH FILES\n{_terms(_FILES)}.SH SEE ALSO\n.BR {_escaped(other.name)} (1)\n"


def _terms(terms: Iterable[tuple[str, str]]) -> str:
    return "".join(f".TP\n.B {_escaped(name)}\n{_escaped(text)}\n" for name, text in terms)


def _escaped(text: str) -> str:
    """Text for troff: hyphens are meant, and no line begins a request."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)
