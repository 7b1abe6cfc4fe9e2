"""Scan mode: while it is on, scans are listed instead of opening their samples, and one verb is done with all."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QObject

from desktop_app.domain.fields import DefinedField
from desktop_app.domain.records import Sample
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.confirm import Confirm, Question, ask
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.shell.scanner.page import ScannedPage
from desktop_app.ui.shell.scanner.scanned_lists import ScannedLists
from desktop_app.ui.shell.scanner.strip import ScanStrip
from desktop_app.ui.shell.workspace import Workspace
from desktop_app.ui.tabs.tab_context import Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice, sentence, tone_of
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, LiveAction, Menu

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class ScanMode(QObject):
    """Of one workspace: its switch (F8), its strip and its page."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._asked: Confirm | None = None
        self._trouble: Notice | None = None
        self._is_wired = False
        self.is_on = False
        self.lists = ScannedLists(workspace.context.jobs, self)
        self._page: ScannedPage | None = None
        self.strip = ScanStrip(workspace)
        workspace.strips.addWidget(self.strip)
        switch: Action[None] = Action(
            "scan_mode",
            lambda _none: ActionAppearance(
                self.tr("&Leave scan mode") if self.is_on else self.tr("S&can mode"), "scan-barcode"
            ),
            lambda _none: self.leave() if self.is_on else self.enter(),
            lambda _none: self._possible(),
            keys=["F8"],
            menu=Menu.SAMPLE,
        )
        self.action = LiveAction.at_once(switch, workspace)
        self._connect()
        self._on_switched(workspace.work)

    @property
    def page(self) -> ScannedPage:
        """Where the scans are listed; made when it is first wanted, which for most people is never."""
        if self._page is None:
            page = self._page = ScannedPage(self.lists, self._workspace)
            self._workspace.area.add_page(page)
            self._connect_page(page)
        return self._page

    def enter(self) -> None:
        """Scans are listed from now on."""
        self._wire()
        self.is_on = True
        self._workspace.area.cover(self.page)
        self.page.take_focus()
        self._refresh()

    def leave(self) -> None:
        """Scans open their samples again; asks where scans would be lost by it."""
        scans = self.lists.current
        if scans.is_handled:
            self._end()
            return
        text = self.tr("Nothing was done yet with {what} in the list. It is emptied; samples stay as they are.")
        question = Question(
            self.tr("Leave scan mode?"),
            text.format(what=formatting.codes(len(scans))),
            self.tr("Leave scan mode"),
            danger=True,
        )
        self._asked = ask(self._workspace, question, self._end)

    def take(self, code: str, *, caps_lock: bool) -> None:
        """This was scanned while it is on."""
        asked, self._asked = self._asked, None
        if asked is not None and shiboken6.isValid(asked):
            asked.reject()  # more is in the list than what was asked about
        self.page.take([code], caps_lock)

    def _connect(self) -> None:
        workspace, context = self._workspace, self._workspace.context
        self.lists.changed.connect(self._refresh)
        self.lists.failed.connect(self._on_failed)
        self.strip.leave_asked.connect(self.leave)
        self.strip.list_asked.connect(lambda: workspace.area.cover(self.page))
        workspace.area.covered.connect(self._refresh)
        workspace.center_switched.connect(self._on_switched)
        workspace.monitor.back.connect(self.lists.look_again)
        workspace.monitor.center_moved.connect(lambda _by_others: self.lists.look_again())
        context.events.changed.connect(self._on_changed)

    def _connect_page(self, page: ScannedPage) -> None:
        workspace = self._workspace
        page.leave_asked.connect(self.leave)
        page.sample_asked.connect(lambda sample: workspace.context.go(Target(Sample, sample.id, unfiltered=True)))
        page.creating_asked.connect(lambda row: workspace.tabs.samples.begin_sample(row.code, caps_lock=row.caps_lock))

    def _wire(self) -> None:
        """The tab of samples is made when it is first wanted."""
        if self._is_wired:
            return
        self._is_wired = True
        tab = self._workspace.tabs.samples
        self.page.serve(tab)
        self._workspace.foot.come_last()
        for done in (tab.bulk.done, tab.work_lists.done):
            done.connect(self._on_done)

    def _possible(self) -> Allowed:
        return self.is_on or self._workspace.work is not None, self.tr("No center is open.")

    def _end(self) -> None:
        self.is_on = False
        self.lists.empty()
        if self._workspace.area.page is self.page:
            self._workspace.area.cover(None)
            self._workspace.page.take_focus()

    def _refresh(self) -> None:
        self.strip.setVisible(self.is_on)
        if self.is_on:
            self.strip.say(self.lists.current)
            self.strip.show_list.setVisible(self._workspace.area.page is not self.page)
            self.page.refresh()
            if self._trouble is not None and self._trouble is self.page.banner.notice and self.lists.current.is_settled:
                self.page.banner.clear()
        self.action.show_for((None,))

    def _on_done(self, samples: Collection[Any]) -> None:
        self.lists.note_done(samples)

    def _on_changed(self, kind: type, _record: object) -> None:
        if kind in (Sample, DefinedField):
            self.lists.look_again()

    def _on_failed(self, error: LabkeepError) -> None:
        self._trouble = Notice(sentence(error), tone_of(error), self.tr("Try again"), self.lists.look_again)
        self.page.banner.show_notice(self._trouble)

    def _on_switched(self, work: "CenterServices | None") -> None:
        before = self.lists.work
        left = len(self.lists.current)
        self.lists.set_center(work)
        if before is None or work is None or work.center.id == before.center.id or not self.is_on or not left:
            return
        text = self.tr("The list of {before} ({what}) is kept, and shown again there. This one is of {center}.")
        what = formatting.codes(left)
        text = text.format(before=before.center.name, what=what, center=work.center.name)
        self._workspace.context.messages.notice(Notice(text, Tone.INFO))
