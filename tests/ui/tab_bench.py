"""A tab of the window on services in memory, shown with a center."""

from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.rights import Standing
from tests.ui.conftest import MakeContext
from tests.ui.fake_services import Work, as_services
from tests.ui.window_fixture import Shown


class Bench:
    """A tab that is shown, with its services."""

    def __init__(
        self, kind: type[Any], make_context: MakeContext, qtbot: QtBot, standing: Standing, fill: Any = None
    ) -> None:
        self.context, self.said, self.lab = make_context(standing, fill)
        self.work = Work(self.lab.istanbul, standing, self.lab)
        self.tab = kind(self.context)
        qtbot.addWidget(self.tab)
        self.tab.show()
        self.tab.set_center(as_services(self.work))
        self.tab.refresh_if_stale()

    def choose(self, name: str) -> None:
        rows = self.tab.records.model.rows
        self.tab.records.table.choose_row(
            next(at for at, row in enumerate(rows) if name in (getattr(row, "username", ""), getattr(row, "slug", "")))
        )

    def dialog(self, kind: type[Shown]) -> Shown:
        return next(each for each in self.tab.findChildren(QWidget) if isinstance(each, kind) and each.isVisible())
