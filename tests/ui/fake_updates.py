"""Newer versions of the program, in memory."""

from desktop_app.services.maintenance import updates
from desktop_app.services.maintenance.updates import Update, UpdateState
from tests.ui.in_memory import Trouble, stands_for


@stands_for(updates.Updates, handles="found", uncalled="publish")
class Updates:
    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self.found = Update(UpdateState.NONE)

    @property
    def place(self) -> str:
        return "/srv/store/labkeep-update.json"

    def check(self) -> Update:
        self._trouble.meet("updates.check")
        return self.found
