"""A sample deleted for good: what goes with it is looked for first, and shown."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.records import Document, Sample
from desktop_app.ui.dialogs.delete import DoomedWords, delete_dialog, deleted_words
from desktop_app.ui.tabs.record_tab import RecordTab

if TYPE_CHECKING:
    from desktop_app.services.documents.deletion import Deleted, Doomed


def delete_sample(tab: RecordTab[Sample], sample: Sample) -> None:
    """Look, ask, and delete it."""
    work = tab.work
    if work is None:
        return

    def ask_whether(doomed: "Doomed") -> None:
        words = DoomedWords(_tr("Delete sample {name} for good?"), sample.barcode, _tr("Barcode"))
        dialog = delete_dialog(tab.context.jobs, work, doomed, words, tab)
        dialog.saved.connect(lambda done: _on_deleted(tab, sample, done))
        tab.open_form(dialog)

    tab.context.jobs.read(tab, "doomed", lambda: work.deletion.look([sample]), ask_whether)


def _on_deleted(tab: RecordTab[Sample], sample: Sample, done: "Deleted") -> None:
    tab.context.messages.say(deleted_words(sample.barcode, done))
    tab.put_away(sample.id)
    tab.context.events.changed.emit(Document, None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_deleting", text)
