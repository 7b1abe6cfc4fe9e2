"""The keys of a center, in memory."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from desktop_app.domain.key_records import CenterKey, HolderKind, KeyHolder, KeyState
from desktop_app.domain.progress import Report, silent
from desktop_app.services.records import keys
from desktop_app.services.records.key_rotation import Rotation
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import START

HOLDERS = (
    ("selin", "Selin Aydın", HolderKind.ADMIN),
    ("deniz", "Deniz Şahin", HolderKind.USER),
    ("root.admin", "Root Admin", HolderKind.SYSTEM),
    ("", "The recovery kit", HolderKind.KIT),
)


@stands_for(keys.Keys, handles="due exported reasons")
class Keys:
    """One version to begin with."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._numbers = 1
        self.due = False
        self.reasons: list[str] = []
        self.exported: list[Path] = []

    def list(self) -> tuple[CenterKey, ...]:
        self._trouble.meet("keys.list")
        return tuple(
            CenterKey(
                number=number,
                state=KeyState.ACTIVE if number == self._numbers else KeyState.RETIRED,
                created_at=START + timedelta(days=number),
                created_by="Selin Aydın",
            )
            for number in range(self._numbers, 0, -1)
        )

    def holders(self) -> tuple[KeyHolder, ...]:
        return tuple(
            KeyHolder(
                identity_id=UUID(int=place),
                user_id=UUID(int=place) if username else None,
                username=username,
                display_name=name,
                kind=kind,
                until=None,
                since=START,
                signed_by="The recovery kit",
                last_sign_in=START if place == 0 else None,
                keys=tuple(range(1, self._numbers + 1)),
            )
            for place, (username, name, kind) in enumerate(HOLDERS)
        )

    def is_due(self) -> bool:
        return self.due

    def rotate(self, reason: str = "", report: Report = silent) -> Rotation:
        self._trouble.meet("keys.rotate")
        report(0, 12)
        self.reasons.append(reason)
        self._numbers += 1
        self.due = False
        return Rotation(self._numbers, 12)

    def export_holders(self, holders: Iterable[KeyHolder], path: Path) -> Path:
        assert tuple(holders) == self.holders()
        self.exported.append(path)
        return path
