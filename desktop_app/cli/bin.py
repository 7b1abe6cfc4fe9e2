"""Out of the lists and back: the two verbs of everything that is deactivated before it is deleted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import typer

from desktop_app.cli.batch import BatchTargets
from desktop_app.cli.options import CenterOption, JsonFlag, ReasonOption
from desktop_app.services.session.center_services import CenterServices

Row = TypeVar("Row")


@dataclass(frozen=True)
class BinCommands(Generic[Row]):
    """What they do to one kind of record."""

    things: str
    """For the help, such as ``samples``."""
    argument: Any
    """The typer argument that names one or several."""
    deactivate: Callable[[CenterServices, str, str], Row]
    """Center, what was named, reason."""
    restore: Callable[[CenterServices, str, str], Row]
    name: Callable[[Row], str]

    def add_to(self, app: typer.Typer) -> None:
        """Add both commands."""
        self._add(app, "deactivate", f"Take {self.things} out of the lists; nothing is deleted.", "out of the lists")
        self._add(app, "restore", f"Bring deactivated {self.things} back.", "in the lists again")

    def _add(self, app: typer.Typer, verb: str, what: str, where: str) -> None:
        act = self.deactivate if verb == "deactivate" else self.restore

        @app.command(verb, help=what)
        def command(
            context: typer.Context,
            refs: Annotated[list[str], self.argument],
            reason: ReasonOption = "",
            center: CenterOption = None,
            as_json: JsonFlag = False,
        ) -> None:
            BatchTargets(context, center, refs, as_json).each(
                lambda work, ref: act(work, ref, reason), lambda row: f"{self.name(row)} is {where}."
            )
