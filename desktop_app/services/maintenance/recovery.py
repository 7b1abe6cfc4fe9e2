"""The recovery kit of an installation: whether somebody keeps it, and another one in its place."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.crypto.trust_statements import KitReplacedStatement
from desktop_app.db import kit as rows
from desktop_app.db import registry
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Verb
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.storage.private_files import PrivateTemp

ASKED = 3
"""So many words are asked back of whoever says that he keeps them."""


@dataclass(frozen=True, repr=False)
class KitText:
    """A kit as it is shown to the person who is to keep it: once."""

    installation: str
    words: tuple[str, ...]
    page: str
    """The kit as a page to print or a file to keep."""
    fingerprint: str
    """The root's fingerprint as words, to be compared by voice."""

    def is_word(self, place: int, typed: str) -> bool:
        """Whether this was typed for the word at a place, the first being 1."""
        return typed.strip().lower() == self.words[place - 1]


def asked_places(count: int) -> tuple[int, ...]:
    """Which of so many words are asked back, in their order; others each time."""
    return tuple(sorted(1 + place for place in secrets.SystemRandom().sample(range(count), ASKED)))


def write_kit(page: str, path: Path) -> Path:
    """Write a kit's page into a new file that only this person can read; TargetExistsError, TargetError."""
    with PrivateTemp(path) as pending:
        pending.file.write(page.encode())
        return pending.commit()


@dataclass(frozen=True)
class Recovery:
    """What a system administrator does about the kit. Opening documents with one is not here."""

    context: PersonContext

    def is_kept(self) -> bool:
        """Whether somebody showed that he keeps the kit that counts now."""
        with self.context.shared.begin() as session:
            return rows.is_kept(session, self.context.trust.refresh(session).root.id)

    def make(self) -> tuple[RecoveryKit, KitText]:
        """A new kit, which opens nothing yet."""
        self._require()
        kit = RecoveryKit.make()
        name, installation_id = self.context.profile.display_name, self.context.installation_id
        page = kit.to_file_text(name, installation_id, datetime.now(UTC).date().isoformat())
        return kit, KitText(name, tuple(kit.words()), page, fingerprint_words(kit.fingerprint()))

    def replace(self, kit: RecoveryKit, report: Report = silent) -> None:
        """Put a kit whose words are kept in the place of the former one, which opens nothing that comes later.

        First the signed entry, then every key of every center sealed to the new root, center by center, and at last
        that it is kept. Whatever stops it: called again with the same kit it does what is left.
        """
        self._require()
        if self.context.trust.state.root.fingerprint() != kit.fingerprint():
            self.context.trust.change(self.context.shared, self.context.identity, lambda change: _replace(change, kit))
        with self.context.shared.begin() as session:
            root = self.context.trust.refresh(session).root
            centers = registry.all_center_ids(session)
        for done, center_id in enumerate(centers):
            report(done, len(centers))
            with self.context.change_shared() as session:
                rows.seal(session, center_id, center_keys(self.context, session, center_id).grants_to([root]))
        with self.context.change_shared() as session:
            rows.confirm(session, root.id)

    def _require(self) -> None:
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)


def _replace(change: TrustChange, kit: RecoveryKit) -> None:
    root = kit.identity(new_id()).public
    entry = change.sign(KitReplacedStatement(root))
    rows.replace(change.session, root.id, root.to_bytes(), entry)
