"""A choice among centers, however many there are: it is searched for on the server."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSignalBlocker

from desktop_app.domain.records import Center
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.center_switcher import CenterPopup
from desktop_app.ui.widgets.field import ChoiceBox

if TYPE_CHECKING:
    from uuid import UUID

    from desktop_app.services.records.centers import Centers


class CenterChoice(ChoiceBox):
    """Looks like every choice; opened, it is a search. Its values are ids, None is no center."""

    def __init__(self, jobs: Jobs, centers: "Centers") -> None:
        super().__init__()
        self._jobs = jobs
        self._centers = centers
        self._fixed: list[tuple[str, UUID | None]] = []

    def offer_always(self, text: str, center_id: "UUID | None") -> None:
        """An entry that stands above the search, such as that there is no center."""
        self._fixed.append((text, center_id))
        self.offer([(text, center_id)])

    def take(self, center: Center) -> None:
        """Choose a center that was found."""
        at = self.currentIndex()
        self.offer([(center.name, center.id)])
        with QSignalBlocker(self):
            # Qt has chosen the very first entry by itself, and would not tell that it changed.
            self.setCurrentIndex(at)
        self.choose(center.id)

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """Open the search under the field, or above it where there is no room below."""
        popup = CenterPopup(self._jobs, self._centers, self, self._fixed)
        popup.chosen.connect(self.take)
        popup.fixed_chosen.connect(self.choose)
        place = self.mapToGlobal(QPoint(0, self.height() + 4))
        room = self.screen().availableGeometry()
        if place.y() + popup.height() > room.bottom():
            place.setY(max(room.top(), place.y() - self.height() - 8 - popup.height()))
        place.setX(max(room.left(), min(place.x(), room.right() - popup.width())))
        popup.move(place)
        popup.show()
        popup.search.setFocus()
