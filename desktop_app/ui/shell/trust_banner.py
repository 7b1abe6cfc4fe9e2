"""What everybody is told while something in the database disagrees with the trust log."""

from PySide6.QtWidgets import QWidget

from desktop_app.domain.findings import Finding
from desktop_app.domain.rights import Verb, may
from desktop_app.ui.dialogs.trust import TrustDialog
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.tab_context import TabContext
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.banner import Banner

SIGN_IN_KEYS, SIGN_IN_SECONDS = 500, 0.5
"""How much is looked at beside a sign-in: document keys of each center, and for how long; the dialog opens all."""
SHOWN_ELSEWHERE = frozenset({"fork", "truncated_log", "older_state", "refused_entry", "not_looked_at"})
"""The banner of an older state says the first three, with what is to be done; the others are said at once."""


class TrustBanner(Banner):
    """A banner of its own: nothing else that is said takes its place."""

    def __init__(self, context: TabContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context

    def look(self) -> None:
        """Compare, away from the GUI thread; where the server does not answer, others speak of that."""
        trust = self._context.lab.trust
        self._context.jobs.read(
            self,
            "trust",
            lambda: trust.disagreements(SIGN_IN_KEYS, SIGN_IN_SECONDS),
            self._on_known,
            lambda _error: None,
        )

    def show_dialog(self) -> None:
        """Open the page of what is trusted, for administrators."""
        TrustDialog(self._context.jobs, self._context.lab, self.window()).open()

    def _on_known(self, findings: tuple[Finding, ...]) -> None:
        found = [each for each in findings if each.code not in SHOWN_ELSEWHERE]
        if not found:
            return
        text = said(found[0].text)
        if len(found) > 1:
            text = self.tr("{alarm} And {count} more.").format(alarm=text, count=len(found) - 1)
        if may(self._context.lab.user.standing, Verb.MANAGE_USERS):
            self.show_notice(Notice(text, Tone.DANGER, self.tr("Who is trusted…"), self.show_dialog))
        else:
            self.show_notice(Notice(self.tr("{alarm} Tell an administrator.").format(alarm=text), Tone.DANGER))
