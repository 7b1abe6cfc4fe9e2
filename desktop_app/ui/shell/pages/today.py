"""Today: what wants to be looked at in the open center; each line leads to its record."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.domain.records import Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.today import MOST, TOO_LONG, Today
from desktop_app.errors import LabkeepError
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.drop_text import drop_text
from desktop_app.ui.text.message_bus import sentence, tone_of
from desktop_app.ui.widgets.banner import Banner
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.card import Card
from desktop_app.ui.widgets.detail import Facts
from desktop_app.ui.widgets.drop_overlay import DropTarget
from desktop_app.ui.widgets.styling import clear, column, heading, muted, row, scrolling

if TYPE_CHECKING:
    from desktop_app.services.installation.installation_backups import KnownBackups
    from desktop_app.services.session.center_services import CenterServices


class TodayPage(QWidget):
    """Read whenever it comes to the front, and when something changed while it is there."""

    def __init__(self, context: TabContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._work: CenterServices | None = None
        self.banner = Banner(self, closable=False)
        page = QWidget(self)
        self._cards = column(page, gap=16)
        self._facts = Facts(self)
        self._title = heading("", 1)
        inside = column(self, gap=12)
        inside.setContentsMargins(24, 16, 24, 16)
        inside.addWidget(self._title)
        inside.addWidget(self.banner)
        inside.addWidget(scrolling(page, self), 1)
        inside.addWidget(self._facts)
        self.drop = DropTarget(self, self._drop_words)
        self.drop.dropped.connect(self._take_files)

    def set_center(self, work: "CenterServices | None") -> None:
        """It tells of this center from now on."""
        self._work = work
        clear(self._cards)
        self._facts.set(())
        of_center = self.tr("Today in {name}").format(name=work.center.name) if work is not None else self.tr("Today")
        self._title.setText(of_center)
        if self.isVisible():
            self.read()

    def read(self) -> None:
        """Ask for everything; two questions in the background."""
        work, context = self._work, self._context
        self.banner.clear()
        if work is None:
            self.banner.say(self.tr("No center is open."), Tone.NEUTRAL)
            return
        context.jobs.read(self, "today", work.today.read, self._show, self._fail)

    def retry(self) -> None:
        """Server or store is there again: what could not be read, such as the space left, can be by now."""
        if self.isVisible():
            self.read()

    def _drop_words(self, paths: list[Path]) -> tuple[str, bool]:
        if self._work is None:
            return self.tr("No center is open."), False
        if not self._work.may(Verb.EDIT_DOCUMENTS):
            return formatting.why_not(self._work.standing, Verb.EDIT_DOCUMENTS), False
        return drop_text(paths, self._work.center.name), True

    def _take_files(self, paths: list[Path]) -> None:
        # For the center, and for no sample: whatever the list of documents behind this page is narrowed to.
        if self._work is not None:
            self._context.transfers.add(paths, Destination(self._work))

    def _fail(self, error: LabkeepError) -> None:
        self.banner.say(sentence(error), tone_of(error))

    def _show(self, found: Today) -> None:
        clear(self._cards)
        days = formatting.number(TOO_LONG.days)
        longer = self.tr("Pending for more than {days} days").format(days=days)
        due = self.tr("Due: in work for more than {days} days").format(days=days)
        self._add(self.tr("Rejected today"), found.rejected, "ban")
        self._add(longer, found.pending, "clock")
        self._add(due, found.due, "loader")
        self._add(self.tr("Last documents"), found.documents, "file-text")
        self._cards.addStretch(1)
        self._say_facts(found, "")
        if self._context.lab.user.is_system_administrator:
            profile, backups = self._context.lab.profile, self._context.backups
            self._context.jobs.read(
                self,
                "today backups",
                lambda: backups().known(profile),
                lambda known: self._on_backups(found, known),
                lambda _error: None,
            )

    def _on_backups(self, found: Today, known: "KnownBackups") -> None:
        none = self.tr("none that this computer knows of")
        self._say_facts(found, none if known.last is None else formatting.short_date(known.last.at))

    def _say_facts(self, found: Today, backup: str) -> None:
        space = "" if found.space_left is None else formatting.size(found.space_left)
        self._facts.set([(self.tr("Space left"), space), (self.tr("Last backup"), backup)])

    def _add(self, title: str, records: Sequence[Sample] | Sequence[Document], icon: str) -> None:
        card = Card(self, margin=16, gap=8)
        card.body.addWidget(heading(title, 3))
        if not records:
            card.body.addWidget(muted(self.tr("None.")))
        for each in records:
            card.body.addLayout(self._line(each, icon))
        if len(records) == MOST:
            card.body.addWidget(muted(self.tr("Perhaps more; the list has all of them."), caption=True))
        self._cards.addWidget(card)

    def _line(self, record: Sample | Document, icon: str) -> QHBoxLayout:
        name = record.name if isinstance(record, Sample) else record.title
        more = record.barcode if isinstance(record, Sample) else record.sample_barcode
        link = Button(name.replace("&", "&&"), icon, Kind.LINK, self)
        link.clicked.connect(lambda: self._context.go(Target(type(record), record.id)))
        line = row(gap=12)
        line.addWidget(link)
        line.addStretch(1)
        line.addWidget(muted(more or "", caption=True), 0, Qt.AlignmentFlag.AlignRight)
        line.addWidget(muted(formatting.short_date(record.updated_at), caption=True))
        return line
