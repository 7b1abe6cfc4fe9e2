"""The action that writes an evidence file of the record that is shown: for who may read the whole record."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication

from desktop_app.domain.progress import Report
from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.services.session.center_services import CenterServices
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed
from desktop_app.ui.widgets.file_choice import choose_target

Subject = TypeVar("Subject", Sample, Document)


def evidence_action(page: RecordTab[Any], name_of: Callable[[Subject], str]) -> Action[Subject]:
    """What a tab of samples or documents adds to its actions."""
    tip = QCoreApplication.translate("Evidence", "A PDF that proves history, versions and signatures without Labkeep")
    face = ActionAppearance(QCoreApplication.translate("Evidence", "E&vidence…"), "shield-check", tip=tip)

    def ask(subject: Subject) -> None:
        name = QCoreApplication.translate("Evidence", "Evidence {name}").format(name=name_of(subject)) + ".pdf"
        title = QCoreApplication.translate("Evidence", "Save the evidence")
        choose_target(page, title, name, lambda target: write_evidence(page, subject, target))

    def allowed(_subject: Subject) -> Allowed:
        may_read = page.may(Verb.READ_AUDIT)
        return page.may_export() if may_read[0] else may_read

    return Action("evidence", face, ask, allowed)


def write_evidence(page: RecordTab[Any], subject: Sample | Document, target: Path) -> None:
    """Write it to a file that the person chose, and say what became of it."""
    work = page.work
    if work is None:
        return
    page.context.tasks.run(
        page,
        QCoreApplication.translate("Evidence", "Proving {name}").format(name=target.name),
        lambda job: _made(work, subject, target, job.report),
        page.context.messages.say,
    )


def _made(work: CenterServices, subject: Sample | Document, target: Path, report: Report) -> str:
    if isinstance(subject, Sample):
        made = work.evidence.of_sample(subject, target, report, said, overwrite=True)
    else:
        made = work.evidence.of_document(subject, target, report, said, overwrite=True)
    if made.unread:
        unread = QCoreApplication.translate("Evidence", "{path} is written, but not all files could be read: {problem}")
        return unread.format(path=made.path, problem=said(made.unread[0]))
    whole = QCoreApplication.translate("Evidence", "{path} is written. Anybody can check it with docs/reader.py.")
    return whole.format(path=made.path)
