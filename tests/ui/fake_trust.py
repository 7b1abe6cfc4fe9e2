"""What is trusted, in memory."""

from uuid import UUID

from desktop_app.domain.findings import Finding
from desktop_app.message import Message
from desktop_app.services.maintenance.trust_review import Fingerprint, TrustLine, TrustReview
from tests.ui.in_memory import Trouble, stands_for
from tests.ui.made_records import START


@stands_for(TrustReview, handles="found trouble")
class Trust:
    """One entry that counts and one that does not; nothing that disagrees, unless a test says so."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.found: tuple[Finding, ...] = ()

    def list(self) -> tuple[TrustLine, ...]:
        self.trouble.meet("trust.list")
        root = Message("The installation was made; this is the recovery kit's root.")
        other = Message("mehmet.user was removed.")
        kit = Message("a recovery kit")
        return (TrustLine(1, START, kit, root, "", "00"), TrustLine(2, START, "elif.viewer", other, "no right", "01"))

    def fingerprint(self, ref: str | UUID | None = None) -> Fingerprint:
        if ref is None:
            return Fingerprint(None, "", "academic acid acne", "00" * 32)
        return Fingerprint(None if isinstance(ref, str) else ref, "somebody", "zero yoga yield", "ff" * 32)

    def disagreements(self, most_keys: int | None = None, seconds: float | None = None) -> tuple[Finding, ...]:
        self.trouble.meet("trust.disagreements")
        return self.found
