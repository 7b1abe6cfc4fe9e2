"""The server's hints, given by hand, and what is kept of open forms, for tests of widgets."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

from desktop_app.services.session.center_services import CenterServices
from desktop_app.services.session.drafts import Draft, Drafts, FormContent, KeptForm
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


@stands_for(KeptForm, handles="id content open")
class KeptFormInMemory:
    """One form's place."""

    def __init__(self, draft_id: UUID) -> None:
        self.id = draft_id
        self.content: FormContent | None = None
        self.open = True

    def take(self) -> bool:
        return self.content is not None

    def write(self, content: FormContent | None) -> None:
        self.content = content

    def remove(self) -> None:
        self.content = None

    def let_go(self) -> None:
        self.open = False


@stands_for(Drafts, handles="kept leave")
class DraftsInMemory:
    """Forms that are open, and those that were left."""

    def __init__(self) -> None:
        self.kept: dict[UUID, KeptFormInMemory] = {}

    def keep(self, draft_id: UUID | None = None) -> KeptFormInMemory:
        draft_id = draft_id or uuid4()
        return self.kept.setdefault(draft_id, KeptFormInMemory(draft_id))

    def left(self) -> tuple[Draft, ...]:
        there = [each for each in self.kept.values() if not each.open]
        return tuple(Draft(each.id, datetime.now(UTC), each.content) for each in there if each.content is not None)

    def leave(self, content: FormContent) -> None:
        """As a crash would."""
        kept = self.keep()
        kept.content, kept.open = content, False
