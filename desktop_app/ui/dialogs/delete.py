"""Asking before something is deleted for good: what goes is named and counted, its name typed, a reason given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.reasons import ReasonVerb, reason_problem, required_reasons
from desktop_app.domain.text_rules import clean
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.buttons import naming
from desktop_app.ui.widgets.field import ChoiceBox, Field, LongText

if TYPE_CHECKING:
    from desktop_app.domain.records import Center, CenterContents
    from desktop_app.services.documents.deletion import Deleted, Doomed
    from desktop_app.services.records.deleted_centers import DeletedCenters
    from desktop_app.services.session.center_services import CenterServices

NAMED = 8
"""So many documents are named one by one."""


@dataclass(frozen=True)
class DoomedWords:
    """How the thing is called: a title with a place for its name, the name, and what kind of name it is."""

    title: str
    name: str
    kind: str


class DeleteDialog(FormDialog):
    """The name once more, why, and whether the record forgets it, too; *act* gets reason and that."""

    def __init__(
        self,
        jobs: Jobs,
        words: DoomedWords,
        intro: str,
        act: Callable[[str, bool], Any],
        parent: QWidget | None = None,
        *,
        needs_reason: bool = False,
    ) -> None:
        verb = naming(self.tr("Delete {name} for good"), words.name)
        text = FormText(words.title.format(name=words.name), verb, intro, danger=True)
        super().__init__(jobs, text, parent)
        self._act, self._name, self._needs_reason = act, words.name, needs_reason
        self._typed = Field("name", self.tr("{kind} once more").format(kind=words.kind), QLineEdit(), words.name)
        self._reason = Field("reason", self.tr("&Reason"), LongText(3), self.tr("It stays on the record."))
        keep = self.tr("The record of changes keeps what it was")
        erase = self.tr("Erase what the record of changes says of it, too")
        self._record = Field("erase_record", self.tr("Re&cord"), ChoiceBox([(keep, False), (erase, True)]))
        self.set_form([[self._typed], [self._reason], [self._record]], self.problems, self._collect_work)

    def problems(self) -> dict[str, str]:
        """The name must be the thing's, and what is forgotten needs a reason that stays."""
        found = {}
        if clean(self._typed.value) != self._name:
            found["name"] = self.tr("This is not its name.")
        required = self._needs_reason or self._record.value
        if (problem := reason_problem(clean(self._reason.value), required=required)) is not None:
            found["reason"] = said(problem)
        return found

    def _collect_work(self) -> Work:
        reason, erase_record, act = clean(self._reason.value), bool(self._record.value), self._act
        return lambda: act(reason, erase_record)


def delete_dialog(
    jobs: Jobs, work: "CenterServices", doomed: "Doomed", words: DoomedWords, parent: QWidget
) -> DeleteDialog:
    """For samples and documents of the open center."""

    def act(reason: str, erase_record: bool) -> "Deleted":
        return work.deletion.delete(doomed, reason, erase_record=erase_record)

    needs_reason = ReasonVerb.DELETE in required_reasons(work.center.settings)
    return DeleteDialog(jobs, words, _doomed_words(doomed), act, parent, needs_reason=needs_reason)


def delete_center_dialog(
    jobs: Jobs, centers: "DeletedCenters", center: "Center", contents: "CenterContents", parent: QWidget
) -> DeleteDialog:
    """For a deactivated center; it always needs a reason."""
    words = DoomedWords(_tr("Delete {name} for good?"), center.name, _tr("Name"))
    intro = _tr(
        "Its keys, {samples}, {documents} ({size}), its record of changes and the places of {people} there are deleted"
        " for good. Nothing brings them back."
    ).format(
        samples=formatting.samples(contents.samples),
        documents=formatting.documents(contents.documents),
        size=formatting.size(contents.stored_bytes),
        people=formatting.people(contents.people),
    )

    def act(reason: str, erase_record: bool) -> Any:
        # Its files, which may be many, are removed with the dialog closed.
        return centers.delete(center, reason, erase_record=erase_record, leave_files=True)

    return DeleteDialog(jobs, words, intro, act, parent, needs_reason=True)


def deleted_words(name: str, done: "Deleted") -> str:
    """What to say when it is gone."""
    text = _tr("“{name}” is deleted for good.").format(name=name)
    if not done.files_left:
        return text
    left = _tr("The store cannot be written now: its files, which nothing opens any more, are removed later.")
    return f"{text} {left}"


def _doomed_words(doomed: "Doomed") -> str:
    counted = [formatting.samples(len(doomed.samples))] if doomed.samples else []
    if doomed.documents:
        text = _tr("{documents} with {versions} ({size})").format(
            documents=formatting.documents(len(doomed.documents)),
            versions=formatting.stored_versions(doomed.versions),
            size=formatting.size(doomed.stored_bytes),
        )
        counted.append(text)
    words = _tr("Deleted for good: {what}. Nothing brings them back.").format(what=", ".join(counted))
    if not doomed.samples and len(doomed.documents) == 1:  # its title is in the dialog's
        return words
    titles = [f"“{document.title}”" for document in doomed.documents[:NAMED]]
    if len(doomed.documents) > NAMED:
        titles.append("…")
    return f"{words} {', '.join(titles)}".rstrip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("delete", text)
