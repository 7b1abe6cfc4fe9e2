"""What somebody was writing when the program ended: kept on this workstation, sealed for himself, until it is saved.

A form that is open writes its changed fields; saved or discarded, they are removed. What a crash left is there at the
person's next sign-in. Nothing of it is ever sent anywhere, and nothing of it is believed: it is text in a form, which
its person saves or does not.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from desktop_app.crypto.draft_seal import PURPOSE, open_draft, seal_draft
from desktop_app.crypto.errors import CryptoError
from desktop_app.domain.ids import parse_id
from desktop_app.services.context.person_context import PersonContext
from desktop_app.system.locks import FileLock

LOGGER = logging.getLogger(__name__)
MOST = 20
"""So many are offered at once; older ones wait until these are gone."""


@dataclass(frozen=True)
class FormContent:
    """What stands in a form, and whose form it is."""

    kind: str
    """The class of the record, such as "Sample"."""
    center_id: UUID | None
    record_id: UUID | None
    """None for a new one."""
    title: str
    """What its person recognises it by."""
    fields: Mapping[str, tuple[Any, Any]]
    """Of each changed field, what stood there at first and what stands there now; text, truth or nothing."""


@dataclass(frozen=True)
class Draft:
    """A form that was neither saved nor discarded, and is not open anywhere."""

    id: UUID
    at: datetime
    content: FormContent


class KeptForm:
    """One open form's place; safe to use from several threads. Keeps nothing once it was removed."""

    def __init__(self, context: PersonContext, draft_id: UUID | None = None) -> None:
        self._context = context
        self._id = draft_id or uuid4()
        self._files = context.remembered.drafts
        self._whose = (context.installation_id, context.user.id)
        self._mutex = threading.Lock()
        self._hold: FileLock | None = None
        self._over = False

    def take(self) -> bool:
        """Have it for this form alone; False where another window has it, or had it and is through with it."""
        with self._mutex:
            return self._take() and self._files.read(*self._whose, self._id) is not None

    def write(self, content: FormContent | None) -> None:
        """Keep this, or nothing, instead of what was kept; StorageError, and SignedOutError in a locked window."""
        if content is None:
            with self._mutex:
                if self._hold is not None:
                    self._files.remove(*self._whose, self._id)
            return
        identity = self._context.identity
        packed = _packed(content, datetime.now(UTC))
        sealed = seal_draft(packed, identity.secret_for(PURPOSE), identity.public.id, self._id)
        with self._mutex:
            if not self._over and self._take():
                self._files.write(*self._whose, self._id, sealed)

    def remove(self) -> None:
        """It was saved or discarded; raises StorageError."""
        with self._mutex:
            self._over = True
            if self._hold is not None:
                hold, self._hold = self._hold, None
                self._files.remove(*self._whose, self._id)
                self._files.end(hold)

    def let_go(self) -> None:
        """The form went away without an answer: what is kept is offered at the next sign-in."""
        with self._mutex:
            self._over = True
            if self._hold is not None:
                self._hold.close()
                self._hold = None

    def _take(self) -> bool:
        if self._hold is None:
            self._hold = self._files.hold(*self._whose, self._id)
        return self._hold is not None


class Drafts:
    """Of the signed-in person on this workstation."""

    def __init__(self, context: PersonContext) -> None:
        self._context = context

    def keep(self, draft_id: UUID | None = None) -> KeptForm:
        """A place for a form that is open now; nothing is written before there is something to keep."""
        return KeptForm(self._context, draft_id)

    def left(self) -> tuple[Draft, ...]:
        """What was left, the latest first; what other keys sealed or somebody changed is removed, and that is noted."""
        files, whose = self._context.remembered.drafts, (self._context.installation_id, self._context.user.id)
        found: list[Draft] = []
        for draft_id in files.ids(*whose):
            if len(found) == MOST:
                break
            hold = files.hold(*whose, draft_id)
            if hold is None:
                continue
            with hold:
                draft = self._read(draft_id)
                if draft is not None:
                    found.append(draft)
                    continue
                files.remove(*whose, draft_id)
                files.end(hold)
        return tuple(found)

    def _read(self, draft_id: UUID) -> Draft | None:
        context, identity = self._context, self._context.identity
        try:
            sealed = context.remembered.drafts.read(context.installation_id, context.user.id, draft_id)
            key = identity.secret_for(PURPOSE)
            packed = None if sealed is None else open_draft(sealed, key, identity.public.id, draft_id)
            return None if packed is None else _unpacked(draft_id, packed)
        except (CryptoError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            LOGGER.warning("An unsaved form that was kept here was changed by somebody; it is removed.")
            return None


def _packed(content: FormContent, at: datetime) -> bytes:
    said = {
        "at": at.isoformat(),
        "kind": content.kind,
        "center": None if content.center_id is None else str(content.center_id),
        "record": None if content.record_id is None else str(content.record_id),
        "title": content.title,
        "fields": {name: list(both) for name, both in content.fields.items()},
    }
    return json.dumps(said).encode("utf-8")


def _unpacked(draft_id: UUID, packed: bytes) -> Draft:
    said = json.loads(packed.decode("utf-8"))
    fields = {str(name): (before, now) for name, (before, now) in said["fields"].items()}
    center, record = (None if said[each] is None else parse_id(said[each]) for each in ("center", "record"))
    content = FormContent(str(said["kind"]), center, record, str(said["title"]), fields)
    return Draft(draft_id, datetime.fromisoformat(said["at"]), content)
