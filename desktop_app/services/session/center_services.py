"""Work in one center: ``with lab.center("istanbul") as center: center.samples.list()``."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from desktop_app.deferred import deferred
from desktop_app.domain.records import Center
from desktop_app.domain.rights import Standing, Verb
from desktop_app.services.context.center_context import CenterContext
from desktop_app.services.documents.abandoned_uploads import sweep
from desktop_app.services.documents.deletion import Deletion
from desktop_app.services.documents.document_facts import DocumentFacts
from desktop_app.services.documents.erasure import Erasure
from desktop_app.services.records.audit import Audit
from desktop_app.services.records.change_plans import ChangePlans
from desktop_app.services.records.fields import Fields
from desktop_app.services.records.keys import Keys
from desktop_app.services.records.people import People
from desktop_app.services.records.reassigning import Reassigning
from desktop_app.services.records.samples import Samples
from desktop_app.services.records.views import SavedViews, WorkLists
from desktop_app.services.records.vocabulary import Vocabulary

if TYPE_CHECKING:
    from desktop_app.services.documents import documents as document_services
    from desktop_app.services.documents import evidence as evidence_services
    from desktop_app.services.maintenance import health as health_services
    from desktop_app.services.maintenance import today as today_services
    from desktop_app.services.sheets import field_import, list_exports, sample_export, sample_import
else:  # whoever reads one sample by a command saves no file
    field_import = deferred("desktop_app.services.sheets.field_import")
    list_exports = deferred("desktop_app.services.sheets.list_exports")
    sample_export = deferred("desktop_app.services.sheets.sample_export")
    sample_import = deferred("desktop_app.services.sheets.sample_import")
    document_services = deferred("desktop_app.services.documents.documents")
    evidence_services = deferred("desktop_app.services.documents.evidence")
    health_services = deferred("desktop_app.services.maintenance.health")
    today_services = deferred("desktop_app.services.maintenance.today")


class CenterServices:
    """A center and everything one can do there; bound to it for life."""

    def __init__(self, context: CenterContext) -> None:
        self._context = context
        self.samples = Samples(context)
        self.deletion = Deletion(context)
        self.erasure = Erasure(context)
        self.people = People(context)
        self.audit = Audit(context)
        self.keys = Keys(context)
        self.vocabulary = Vocabulary(context)
        self.fields = Fields(context)
        self.plans = ChangePlans(context, DocumentFacts(context))
        self.reassigning = Reassigning(context, self.plans)
        self.views = SavedViews(context)
        self.work_lists = WorkLists(context)

    @cached_property
    def documents(self) -> "document_services.Documents":
        """Its documents and their files."""
        return document_services.Documents(self._context)

    @cached_property
    def imports(self) -> "sample_import.SampleImports":
        """Sheets of samples that come in."""
        return sample_import.SampleImports(self._context)

    @cached_property
    def exports(self) -> "sample_export.SampleExports":
        """Sheets of samples that go out."""
        return sample_export.SampleExports(self._context)

    @cached_property
    def field_imports(self) -> "field_import.FieldImports":
        """Sheets of fields that come in."""
        return field_import.FieldImports(self._context)

    @cached_property
    def field_exports(self) -> "list_exports.FieldExports":
        """Sheets of its fields that go out."""
        return list_exports.FieldExports(self._context)

    @cached_property
    def document_exports(self) -> "list_exports.DocumentExports":
        """Sheets of the list of documents that go out."""
        return list_exports.DocumentExports(self._context)

    @cached_property
    def health(self) -> "health_services.Health":
        """What is known of its health on this workstation, and what finds out more."""
        return health_services.Health(self._context)

    @cached_property
    def today(self) -> "today_services.TodayReader":
        """What wants to be looked at today."""
        return today_services.TodayReader(self._context)

    @cached_property
    def evidence(self) -> "evidence_services.Evidence":
        """What is proved of a document or a sample, to be taken away."""
        return evidence_services.Evidence(self._context)

    @property
    def center(self) -> Center:
        """The center as it was when the work began."""
        return self._context.center

    @property
    def standing(self) -> Standing:
        """What the signed-in person is here."""
        return self._context.standing

    @property
    def rollback(self) -> str | None:
        """The sentence of the alarm, if the center is in an older state than this workstation saw; known once
        something was read."""
        return self._context.rollback

    @property
    def misfit(self) -> str | None:
        """Why this program may read the center and not write into it, as far as the newest transaction found out."""
        return self._context.misfit

    def may(self, verb: Verb) -> bool:
        """Whether the person may do *verb* here; the database decides again."""
        return self._context.may(verb)

    def sweep(self) -> int:
        """Clear away what interrupted programs left of files that were never saved; takes seconds at most."""
        return sweep(self._context)

    def close(self) -> None:
        """Forget the opened keys."""
        self._context.forget()

    def __enter__(self) -> "CenterServices":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
