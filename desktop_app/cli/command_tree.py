"""The commands of the program by name: what each is for is said here, its module is loaded when it is called."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from desktop_app.deferred import deferred

if TYPE_CHECKING:
    from desktop_app.cli import (
        audit,
        backups,
        centers,
        doctor,
        documents,
        erasing,
        fields,
        installation,
        keys,
        plans,
        policy,
        profiles,
        recovery,
        samples,
        today,
        trust,
        updates,
        users,
        views,
        vocabulary,
    )
else:
    installation = deferred("desktop_app.cli.installation")
    backups = deferred("desktop_app.cli.backups")
    doctor = deferred("desktop_app.cli.doctor")
    policy = deferred("desktop_app.cli.policy")
    profiles = deferred("desktop_app.cli.profiles")
    centers = deferred("desktop_app.cli.centers")
    users = deferred("desktop_app.cli.users")
    samples = deferred("desktop_app.cli.samples")
    documents = deferred("desktop_app.cli.documents")
    fields = deferred("desktop_app.cli.fields")
    keys = deferred("desktop_app.cli.keys")
    plans = deferred("desktop_app.cli.plans")
    erasing = deferred("desktop_app.cli.erasing")
    audit = deferred("desktop_app.cli.audit")
    recovery = deferred("desktop_app.cli.recovery")
    today = deferred("desktop_app.cli.today")
    trust = deferred("desktop_app.cli.trust")
    updates = deferred("desktop_app.cli.updates")
    views = deferred("desktop_app.cli.views")
    vocabulary = deferred("desktop_app.cli.vocabulary")

SETTINGS: dict[str, Any] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,
}
"""Of the program, and of each part of it that is loaded by itself."""


class ListedCommand(TyperCommand):
    """A command or a group of commands as the program's help lists it; *register* puts the true one into a Typer."""

    def __init__(self, name: str, summary: str, register: Callable[[typer.Typer], None]) -> None:
        super().__init__(name, help=summary, rich_markup_mode=None)
        self._register = register

    def load(self) -> Any:
        """The command itself."""
        parent = typer.Typer(**SETTINGS)
        self._register(parent)
        return typer.main.get_group(parent).commands[self.name or ""]


def _of_installation(name: str, summary: str) -> ListedCommand:
    return ListedCommand(name, summary, lambda parent: installation.register(parent))


def _of_backups(name: str, summary: str) -> ListedCommand:
    return ListedCommand(name, summary, lambda parent: backups.register(parent))


def _group(name: str, summary: str, commands: Callable[[], typer.Typer]) -> ListedCommand:
    return ListedCommand(name, summary, lambda parent: parent.add_typer(commands(), name=name, help=summary))


def listed_commands() -> Sequence[ListedCommand]:
    """What stands at the root of the tree."""
    return (
        _of_installation(
            "init", "Make an installation, on the built-in server or on the one that a DSN names; all of it or nothing."
        ),
        _of_installation("demo", "Make the demo installation, once, and print its people and their passwords."),
        _of_installation(
            "migrate",
            "Bring the database's schemas to the revisions of this program; a second run does what is left.",
        ),
        _of_installation(
            "status",
            "Say how the installation is: server, schemas, store, trust log, leftovers;"
            " exit status 1 if anything is found.",
        ),
        ListedCommand(
            "doctor",
            "Check files, keys, people, schemas and records against each other; exit status 1 if anything is found"
            " or left.",
            lambda parent: doctor.register(parent),
        ),
        _of_installation("psql", "Run PostgreSQL's psql with your own rights; the exit status is psql's."),
        _of_backups(
            "backup",
            "Back up the installation while people work, signed by who signs in; exit status 1 if files are missing.",
        ),
        _of_backups(
            "restore",
            "Bring an installation back, all of it or nothing; needs an administrator's password of then, or the kit.",
        ),
        _group("profile", "How this workstation reaches installations.", lambda: profiles.app),
        _group("policy", "What the laboratory fixed on this computer.", lambda: policy.app),
        _group("center", "The tenants of the installation.", lambda: centers.app),
        _group("user", "People with a login.", lambda: users.app),
        _group("sample", "The samples of a center.", lambda: samples.app),
        ListedCommand(
            "today",
            "Say what wants to be looked at: rejected today, pending or in work too long, the last documents.",
            lambda parent: today.register(parent),
        ),
        _group("sample-type", "What the samples of a center may be of.", lambda: vocabulary.types),
        _group("field", "What a center keeps of its samples in fields of its own.", lambda: fields.app),
        _group("rejection-reason", "Why a center rejects samples.", lambda: vocabulary.reasons),
        _group("document", "The sealed documents of a center.", lambda: documents.app),
        _group("plan", "Changes of many records that were made as one, and are undone as one.", lambda: plans.app),
        _group("view", "Views of the list of samples that are kept, private or for the center.", lambda: views.views),
        _group("worklist", "Samples in an order that is worked off by scanning.", lambda: views.worklists),
        _group("key", "The keys of a center, and who can open its documents.", lambda: keys.app),
        _group("recovery", "The recovery kit: tried, drilled, used and replaced.", lambda: recovery.app),
        _group("erase", "Everything that carries one person's mark, erased for good.", lambda: erasing.app),
        _group("trust", "Who is who and which keys count: the signed log, in the open.", lambda: trust.app),
        _group("update", "Which version of Labkeep is to be used.", lambda: updates.app),
        _group("audit", "The record of changes of a center.", lambda: audit.app),
    )


class CommandTree(TyperGroup):
    """The root: it knows every command's name, and loads the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for command in listed_commands():
            self.add_command(command)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The called command, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, ListedCommand) else command, rest
