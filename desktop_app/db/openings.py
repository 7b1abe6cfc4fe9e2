"""Putting on a center's record what somebody opened."""

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from desktop_app.domain.openings import OpenedVersion

AT_MOST = 200
"""So many are taken at once."""
_NOTE = text("SELECT note_openings(CAST(:openings AS jsonb))")


def note_openings(session: Session, workstation: str, opened: Sequence[OpenedVersion]) -> int:
    """How many went on the record: not what the center's settings leave out, nor what was there minutes ago."""
    said = [
        {"version": str(each.version_id), "operation": each.opening.value, "seconds_late": each.seconds_late}
        for each in opened
    ]
    noted: int = session.execute(
        _NOTE, {"openings": json.dumps({"workstation": workstation, "openings": said})}
    ).scalar_one()
    return noted
