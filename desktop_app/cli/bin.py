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

        @app.command("deactivate", help=f"Take {self.things} out of the lists; nothing is deleted.")
        def deactivate(
            context: typer.Context,
            refs: Annotated[list[str], self.argument],
            reason: ReasonOption = "",
            center: CenterOption = None,
            as_json: JsonFlag = False,
        ) -> None:
            BatchTargets(context, center, refs, as_json).each(
                lambda work, ref: self.deactivate(work, ref, reason),
                lambda row: f"{self.name(row)} is out of the lists.",
            )

        @app.command("restore", help=f"Bring deactivated {self.things} back.")
        def restore(
            context: typer.Context,
            refs: Annotated[list[str], self.argument],
            reason: ReasonOption = "",
            center: CenterOption = None,
            as_json: JsonFlag = False,
        ) -> None:
            BatchTargets(context, center, refs, as_json).each(
                lambda work, ref: self.restore(work, ref, reason),
                lambda row: f"{self.name(row)} is in the lists again.",
            )
