"""Chosen documents given to a sample, as one change that is seen before and can be undone."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.change_plan import ChangePlan
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.attach import AttachDialog
from desktop_app.ui.dialogs.plan import PlanWords
from desktop_app.ui.tabs.bulk_changes import BulkChanges
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance


def attach_action(tab: RecordTab[Document], bulk: BulkChanges) -> Action[Document]:
    """Of one document or of several."""
    tip = _tr("Let the chosen documents belong to another sample, or to none")
    return Action(
        "attach",
        ActionAppearance(_tr("A&ttach to sample…"), "link", tip=tip),
        lambda document: _ask(tab, bulk, (document,)),
        lambda _document: tab.may(Verb.EDIT_DOCUMENTS),
        do_for_many=lambda documents: _ask(tab, bulk, documents),
    )


def _ask(tab: RecordTab[Document], bulk: BulkChanges, documents: Sequence[Document]) -> None:
    work = tab.work
    if work is not None:
        dialog = AttachDialog(tab.context.jobs, work, documents, formatting.documents(len(documents)), tab)
        dialog.saved.connect(lambda found: _show(bulk, documents, *found))
        tab.open_form(dialog)


def _show(bulk: BulkChanges, documents: Sequence[Document], plan: ChangePlan, sample: Sample | None) -> None:
    barcodes = {str(each.sample_id): each.sample_barcode for each in documents}
    if sample is None:
        title, verb = _tr("Let {what} belong to no sample?"), _tr("Detach {what}")
    else:
        barcodes[str(sample.id)] = sample.barcode
        # A barcode is any text, also one that has braces.
        shown = sample.barcode.replace("{", "{{").replace("}", "}}")
        title, verb = _tr("Attach {what} to {sample}?").replace("{sample}", shown), _tr("Attach {what}")
    words = PlanWords(title, verb, formatting.documents, values=barcodes)
    bulk.change(words, lambda reason: replace(plan, reason=reason.strip()))


def _tr(text: str) -> str:
    return QCoreApplication.translate("attaching", text)
