"""Which sample documents are to belong to; nothing changes before it was seen what would."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from desktop_app.domain.change_plan import ChangePlan
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.text_rules import clean
from desktop_app.errors import InvalidInputError, NotFoundError
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.field import Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class AttachDialog(FormDialog):
    """Changes nothing: ``saved`` brings the ChangePlan, and the Sample or None."""

    def __init__(
        self,
        jobs: Jobs,
        work: "CenterServices",
        documents: Sequence[Document],
        what: str,
        parent: QWidget | None = None,
    ) -> None:
        text = FormText(
            _tr("Attach {what}").format(what=what),
            _tr("Show what changes…"),
            _tr("Nothing changes before you have seen what would. What the documents hold stays as it is."),
        )
        super().__init__(jobs, text, parent)
        self._work, self._documents = work, tuple(documents)
        self._sample = Field("sample_id", _tr("&Sample"), QLineEdit(), _tr("Scan or type its barcode."))
        self._none = Field("none", _tr("To &no sample: take them from the samples that they belong to"), QCheckBox())
        self._none.edited.connect(lambda: self._sample.setEnabled(not self._none.value))
        self.set_form([[self._sample], [self._none]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """One of the two is needed."""
        if self._none.value or clean(self._sample.value):
            return {}
        return {"sample_id": _tr("Whose documents are they? Scan or type the sample's barcode.")}

    def _collect_work(self) -> Work:
        work, documents = self._work, self._documents
        barcode = "" if self._none.value else clean(self._sample.value)

        def look() -> tuple[ChangePlan, Sample | None]:
            try:
                sample = work.samples.get(barcode) if barcode else None
            except NotFoundError as error:
                raise InvalidInputError({"sample_id": _tr("No sample of this center has this barcode.")}) from error
            return work.plans.plan_attach(documents, sample), sample

        return look


def _tr(text: str) -> str:
    return QCoreApplication.translate("AttachDialog", text)
