"""The recovery kit of an installation: whether somebody keeps it, and another one in its place."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words
from desktop_app.crypto.trust_statements import KitReplacedStatement
from desktop_app.db import kit as rows
from desktop_app.db import registry
from desktop_app.db.sessions import Session
from desktop_app.deferred import deferred
from desktop_app.domain.ids import new_id
from desktop_app.domain.progress import Report, silent
from desktop_app.domain.rights import Verb
from desktop_app.errors import RefusedError
from desktop_app.services.context.center_keys import CenterKeys
from desktop_app.services.context.key_grants import center_keys
from desktop_app.services.context.person_context import PersonContext
from desktop_app.services.context.trust_log import TrustChange
from desktop_app.storage.private_files import PrivateTemp

if TYPE_CHECKING:
    from desktop_app.services.maintenance import kit_page
else:
    kit_page = deferred("desktop_app.services.maintenance.kit_page")

ASKED = 3
"""So many words are asked back of whoever says that he keeps them."""
PRINTED = ".svg"
"""The ending of a file that takes the page to print, with its QR code; any other takes the text."""
LARGEST_KIT = 64 * 1024
"""Characters of a kit's file: the printed page has some 15,000."""
KeysOf = Callable[[Session, UUID], CenterKeys]
"""The keys of a center, read in a shared session."""


@dataclass(frozen=True, repr=False)
class KitText:
    """A kit as it is shown to the person who is to keep it: once."""

    installation: str
    words: tuple[str, ...]
    page: str
    """The kit as a page to print or a file to keep."""
    fingerprint: str
    """The root's fingerprint as words, to be compared by voice."""

    @classmethod
    def of(cls, kit: RecoveryKit, installation: str, installation_id: UUID) -> "KitText":
        """What is shown of a kit that was just made."""
        page = kit.to_file_text(installation, installation_id, datetime.now(UTC).date().isoformat())
        return cls(installation, tuple(kit.words()), page, fingerprint_words(kit.fingerprint()))

    def qr_rows(self) -> tuple[tuple[bool, ...], ...]:
        """The words as a QR code, row by row, true where it is dark; without the quiet zone around it."""
        return kit_page.qr_rows(self.words)

    def written(self, path: Path) -> str:
        """What a file of this name is to hold: the text, or the page with its QR code."""
        return kit_page.kit_svg(self.page, self.words) if path.suffix.lower() == PRINTED else self.page

    def is_word(self, place: int, typed: str) -> bool:
        """Whether this was typed for the word at a place, the first being 1."""
        return typed.strip().lower() == self.words[place - 1]


def asked_places(count: int) -> tuple[int, ...]:
    """Which of so many words are asked back, in their order; others each time."""
    return tuple(sorted(1 + place for place in secrets.SystemRandom().sample(range(count), ASKED)))


def write_kit(kit: KitText, path: Path) -> Path:
    """Write a kit into a new file that only this person can read; TargetExistsError, TargetError."""
    with PrivateTemp(path) as pending:
        pending.file.write(kit.written(path).encode())
        return pending.commit()


def read_kit(path: Path) -> str:
    """The text of a kit's file, whatever is in it; RefusedError where it cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LARGEST_KIT)
    except OSError as error:
        raise RefusedError("The file {path} could not be read: {reason}.", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise RefusedError("The file {path} is no recovery kit: it is not text.", path=path) from error


def words_in_file(path: Path) -> str:
    """The words of a kit's file, its text or its printed page; MistypedKitError, RefusedError."""
    return " ".join(RecoveryKit.from_words(read_kit(path)).words())


def kit_in_file(path: Path, installation: str, installation_id: UUID) -> RecoveryKit:
    """The kit of a file; a new one is made and written there if there is no such file.

    So a kit is in the file before anything is sealed to it, and whoever was interrupted goes on with the same one.
    """
    if path.exists():
        return RecoveryKit.from_words(read_kit(path))
    kit = RecoveryKit.make()
    write_kit(KitText.of(kit, installation, installation_id), path)
    return kit


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
        return kit, KitText.of(kit, self.context.profile.display_name, self.context.installation_id)

    def replace_with_file(self, path: Path, report: Report = silent) -> str:
        """The same with the kit in a file, which is made if it is not there; its fingerprint as words."""
        self._require()
        kit = kit_in_file(path, self.context.profile.display_name, self.context.installation_id)
        self.replace(kit, report)
        return fingerprint_words(kit.fingerprint())

    def replace(self, kit: RecoveryKit, report: Report = silent) -> None:
        """Put a kit whose words are kept in the place of the former one, which opens nothing that comes later.

        First the signed entry, then every key of every center sealed to the new root, center by center, and at last
        that it is kept. Whatever stops it: called again with the same kit it does what is left.
        """
        self._require()
        if self.context.trust.state.root.fingerprint() != kit.fingerprint():
            sign = self.context.trust.change
            sign(self.context.shared, self.context.identity, lambda change: sign_replacement(change, kit))
        seal_to_root(self.context, lambda session, center: center_keys(self.context, session, center), report)

    def _require(self) -> None:
        self.context.require(Verb.MANAGE_SYSTEM_ADMINISTRATORS, None)


def sign_replacement(change: TrustChange, kit: RecoveryKit) -> None:
    """Make the kit the root: the signed entry, and the row of its identity."""
    root = kit.identity(new_id()).public
    entry = change.sign(KitReplacedStatement(root))
    rows.replace(change.session, root.id, root.to_bytes(), entry)


def seal_to_root(context: PersonContext, keys_of: KeysOf, report: Report) -> None:
    """Seal every key of every center to the root of now, center by center, and say at last that its kit is kept."""
    with context.shared.begin() as session:
        root = context.trust.refresh(session).root
        centers = registry.all_center_ids(session)
    for done, center_id in enumerate(centers):
        report(done, len(centers))
        with context.change_shared() as session:
            rows.seal(session, center_id, keys_of(session, center_id).grants_to([root]))
    with context.change_shared() as session:
        rows.confirm(session, root.id)
