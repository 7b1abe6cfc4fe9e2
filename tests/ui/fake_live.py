"""The server's hints, given by hand, for tests of widgets."""

from collections.abc import Callable

from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.live import Heads, Hint, LiveUpdates
from tests.ui.in_memory import stands_for


@stands_for(LiveUpdates, handles="told", uncalled="stop")
class Live:
    """Hints that a test gives by hand."""

    def __init__(self) -> None:
        self.told: Callable[[Hint], None] = lambda _hint: None

    def listen(self, told: Callable[[Hint], None]) -> None:
        self.told = told

    def look(self, work: CenterServices | None, *, at_shared: bool = True) -> Heads:
        center = work.audit.head().seq if work is not None and work.center.is_active else None
        return Heads(center, 0 if at_shared else None)

    def concerns_all(self, hint: Hint) -> bool:
        return False

    def hurry(self) -> None:
        """There is nothing to wait for."""
