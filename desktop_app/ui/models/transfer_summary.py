"""The sentence at the end of a batch of files: how many were added, and what was not, with its reason."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from desktop_app.services.documents.add_results import AddOutcome, AddResult, AddSummary
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.transfer_rows import named_shortly
from desktop_app.ui.text import formatting
from desktop_app.ui.text.messages import said

NAMED_FAILURES = 2


def sum_up(summary: AddSummary, target: str) -> tuple[str, Tone]:
    """What became of all files that were to go to *target*, and how good that is."""
    saved, lost = len(summary.saved), summary.not_saved
    if not summary.results:
        return _tr("There was no file in what was dropped. Nothing was saved."), Tone.WARNING
    if not lost:
        text = _tr("{files} added to {target}.")
        return text.format(files=formatting.files(saved), target=target), Tone.GOOD
    text = _tr("{saved} of {files} added.").format(
        saved=formatting.number(saved), files=formatting.files(len(summary.results))
    )
    failed = [result for result in lost if result.outcome is AddOutcome.FAILED]
    if failed:
        text += " " + _tr("{count} not: {which}").format(count=formatting.number(len(failed)), which=_named(failed))
    if skipped := sum(result.outcome is AddOutcome.SKIPPED for result in lost):
        text += " " + _tr("{count} skipped.").format(count=formatting.number(skipped))
    if cancelled := sum(result.outcome is AddOutcome.CANCELLED for result in lost):
        text += " " + _tr("{count} cancelled, and not kept.").format(count=formatting.number(cancelled))
    return text, Tone.DANGER if failed else Tone.WARNING


def _named(failed: Sequence[AddResult]) -> str:
    named = "; ".join(_why(each) for each in failed[:NAMED_FAILURES])
    more = len(failed) - NAMED_FAILURES
    return named + (_tr("; and {count} more, listed below.").format(count=formatting.number(more)) if more > 0 else ".")


def _why(result: AddResult) -> str:
    """The name and the reason, without saying the name twice."""
    reason = said(result.reason).rstrip(".")
    path = str(result.path)
    reason = f"it{reason.removeprefix(path)}" if reason.startswith(path) else named_shortly(reason, result.path)
    return f"{result.name}: {reason}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Transfers", text)
