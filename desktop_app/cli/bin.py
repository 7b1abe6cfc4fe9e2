"""Out of the lists and back: the two verbs of everything that is deactivated before it is deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic
from uuid import UUID

import typer

from desktop_app.cli.batch import BatchTargets, Change, PlannedVerb
from desktop_app.cli.options import CenterOption, JsonFlag, ReasonOption
from desktop_app.services.session.center_services import CenterServices


@dataclass(frozen=True)
class BinCommands(Generic[Change]):
    """What they do to one kind of record."""

    things: str
    """For the help, such as ``samples``."""
    argument: Any
    """The typer argument that names one or several."""
    find: Callable[[CenterServices, str], Change]
    read: Callable[[CenterServices, UUID], Change]
    name: Callable[[Change], str]

    def add_to(self, app: typer.Typer) -> None:
        """Add both commands."""
        self._add(app, "deactivate", f"Take {self.things} out of the lists; nothing is deleted.", "out of the lists")
        self._add(app, "restore", f"Bring deactivated {self.things} back.", "in the lists again")

    def _add(self, app: typer.Typer, name: str, what: str, where: str) -> None:
        @app.command(name, help=what)
        def command(
            context: typer.Context,
            refs: Annotated[list[str], self.argument],
            reason: ReasonOption = "",
            center: CenterOption = None,
            as_json: JsonFlag = False,
        ) -> None:
            verb = PlannedVerb(
                self.find,
                lambda work, rows: work.plans.plan_active(rows, reason, active=name == "restore"),
                self.read,
                lambda row: f"{self.name(row)} is {where}.",
            )
            BatchTargets(context, center, refs, as_json).change(verb)
