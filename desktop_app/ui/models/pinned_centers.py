"""The centers that a person wants to find first, on this computer."""

from uuid import UUID

from desktop_app.ui.foundation.window_state import WindowState


class PinnedCenters:
    """Of one person in one installation."""

    def __init__(self, state: WindowState, installation: UUID, user: UUID) -> None:
        self._state = state
        self._whose = installation, user

    @property
    def ids(self) -> tuple[UUID, ...]:
        """Them all."""
        return self._state.pinned_centers(*self._whose)

    def turn(self, center: UUID) -> bool:
        """Pin it, or unpin it if it is pinned; whether it is pinned now."""
        before = self.ids
        others = tuple(each for each in before if each != center)
        is_pinned = len(others) == len(before)
        self._state.keep_pinned(*self._whose, (*others, center) if is_pinned else others)
        return is_pinned
