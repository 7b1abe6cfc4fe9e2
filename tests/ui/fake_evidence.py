"""Evidence files that are not written."""

from pathlib import Path

from desktop_app.domain.progress import Report, silent
from desktop_app.domain.records import Document, Sample
from desktop_app.services.documents.evidence import Evidence, EvidenceMade
from desktop_app.services.documents.evidence_facts import Say
from tests.ui.in_memory import Trouble, stands_for


@stands_for(Evidence, handles="trouble unread")
class EvidenceInMemory:
    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.unread: tuple[str, ...] = ()

    def of_document(
        self, document: Document, target: Path, report: Report = silent, say: Say = str, *, overwrite: bool = False
    ) -> EvidenceMade:
        self.trouble.meet("evidence.of_document")
        assert overwrite, "the dialog has asked"
        return EvidenceMade(target, 1, 1, 3, self.unread)

    def of_sample(
        self, sample: Sample, target: Path, report: Report = silent, say: Say = str, *, overwrite: bool = False
    ) -> EvidenceMade:
        self.trouble.meet("evidence.of_sample")
        assert overwrite
        return EvidenceMade(target, 0, 0, 1, self.unread)
