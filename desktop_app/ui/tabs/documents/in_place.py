"""Title and tags of a document are edited in the inspector: each is saved at once, and can be taken back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.records import Document
from desktop_app.domain.rights import Verb
from desktop_app.domain.text_rules import clean
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.document import tags_of
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.undoing import tell_of_lost_editors
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.detail import Fact
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.value_label import EditableFact, Editing

Saved = Callable[[Document, Callable[[], Document]], None]
"""Gets the document as it is now, and the way back."""


class DocumentEditing(QObject):
    """Hangs on the tab, which says by *saved* what became of a document."""

    def __init__(self, tab: RecordTab[Document], saved: Saved) -> None:
        super().__init__(tab)
        self._tab, self._saved = tab, saved
        tell_of_lost_editors(tab)

    def title(self, document: Document) -> str | EditableFact:
        """Of a document, to be edited by who may."""
        return self._fact(document, "title", _tr("Title"), document.title, clean) or document.title

    def tags(self, document: Document) -> Fact | EditableFact:
        """Of a document, to be edited by who may."""
        label, words = _tr("Tags"), ", ".join(document.tags)
        return self._fact(document, "tags", label, words, tags_of, _tr("Separated by commas.")) or (label, words)

    def _fact(
        self,
        document: Document,
        name: str,
        label: str,
        words: str,
        read: Callable[[str], Any],
        help_text: str = "",
    ) -> EditableFact | None:
        """*read* makes of what was typed what the draft has under this *name*."""
        if not self._tab.may(Verb.EDIT_DOCUMENTS)[0]:
            return None

        def begin() -> Editing:
            field = Field(name, label, QLineEdit(), help_text)
            field.set_value(words)
            return self._editing(document, field, lambda: read(field.value))

        return EditableFact(label, words, words, (document.id, name), begin)

    def _editing(self, document: Document, field: Field, value: Callable[[], Any]) -> Editing:
        tab, work, before = self._tab, self._tab.work, DocumentDraft.of(document)
        assert work is not None, "of no center is no document shown"

        def draft() -> DocumentDraft:
            return replace(before, **{field.name: value()})

        def save(done: Callable[[], None], failed: Callable[[LabkeepError], None]) -> None:
            wanted = draft()

            def saved(now: Document) -> None:
                done()
                former: dict[str, Any] = {field.name: getattr(before, field.name)}
                back = replace(DocumentDraft.of(now), **former)
                if tab.work is work:
                    self._saved(now, lambda: work.documents.edit(now, back))

            tab.context.jobs.write(tab, lambda: work.documents.edit(document, wanted), saved, failed)

        return Editing(field, lambda: draft() != before, lambda: said(draft().problems().get(field.name, "")), save)


def _tr(text: str) -> str:
    return QCoreApplication.translate("document_in_place", text)
