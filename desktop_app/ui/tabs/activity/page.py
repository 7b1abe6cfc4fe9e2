"""The record of changes: newest first, read-only, whole or of one record."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.openings import Opening
from desktop_app.domain.records import AuditEntry, Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.models.paged import Source
from desktop_app.ui.tabs.activity.columns import entry_columns
from desktop_app.ui.tabs.activity.entry import Changes
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import audit, formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.list_filters import ChoiceFilter, Owner, OwnerFilter


class ActivityTab(RecordTab[AuditEntry]):
    """Shows the whole record to administrators, and to everybody the history of one record."""

    record_class = AuditEntry
    icon = "history"
    also_shows = frozenset({Sample, Document})

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        listing = Listing(
            "activity",
            entry_columns(),
            (self.tr("1 entry"), self.tr("{count} entries")),
            key="seq",
            has_inactive=False,
        )
        super().__init__(context, listing, parent)
        kinds = [
            (self.tr("Everything"), ""),
            (self.tr("Samples"), "samples"),
            (self.tr("Documents"), "documents"),
            (self.tr("Versions"), "document_versions"),
            (self.tr("People"), "people"),
            (self.tr("Keys"), "tenant_keys"),
        ]
        self._table = ChoiceFilter(self.tr("Kind of record"), kinds, self.records)
        self._record = OwnerFilter(self.tr("History of {name}"), self.tr("Show the whole record"))
        actions = [
            (self.tr("Whatever was done"), ()),
            (self.tr("Changes"), ("insert", "update", "delete", "rotate", "erase", "alarm")),
            (self.tr("Openings"), (Opening.PREVIEW.value, Opening.OPEN.value, Opening.EXPORT.value)),
            (self.tr("Exports"), (Opening.OPEN.value, Opening.EXPORT.value)),
            (self.tr("Sign-ins"), ("sign_in",)),
        ]
        self._action = ChoiceFilter(self.tr("What was done"), actions, self.records)
        self.add_filter(self._table)
        self.add_filter(self._action)
        self.add_filter(self._record)
        history = ActionAppearance(self.tr("&History of this"), "history")
        self.history = self.add_action(Action("history", history, self._on_history, shown=self._has_history))
        section = self.detail.add_section(self.tr("Values"))
        self.changes = Changes(section)
        section.body.addWidget(self.changes)
        self.detail.sections.addStretch(1)

    @classmethod
    def title(cls) -> str:
        """Its name in the bar."""
        return QCoreApplication.translate("ActivityTab", "Activity")

    def make_detail(self, parent: QWidget) -> Detail:
        """Its right side."""
        return Detail("history", self.tr("Choose an entry to see every value before and after."), parent)

    def source(self) -> Source[AuditEntry] | EmptyWords:
        """The whole record, for who may read it, or the history of one record."""
        work, owner = self.work, self._record.owner
        if work is None:
            return self.no_center()
        record, may_read = work.audit, work.may(Verb.READ_AUDIT)
        self._table.setEnabled(may_read and self._is_whole)
        self._action.setEnabled(may_read or not self._is_whole)
        operations = self._action.value
        if owner is not None:
            return Source(
                (work.center.id, owner.id, operations),
                lambda _part: [
                    entry for entry in record.timeline(owner.id) if not operations or entry.operation in operations
                ],
            )
        if not may_read:
            reason = formatting.why_not(work.standing, Verb.READ_AUDIT)
            text = self.tr("The history of one sample or document is open to you: press History there.")
            return EmptyWords("shield", self.tr("The whole record is for administrators"), f"{reason} {text}")
        wanted = AuditFilter(table_name=self._table.value, operations=operations)
        return Source(
            (work.center.id, wanted), lambda part: record.part(wanted, part), lambda cap: record.count(wanted, cap)
        )

    def show_record(self, record: AuditEntry, before: AuditEntry | None) -> None:
        """Show an entry with every value."""
        del before
        thing = audit.thing(record)
        self.detail.show_record(
            thing[:1].upper() + thing[1:],
            "",
            [audit.action_badge(record)],
            [
                (self.tr("When"), formatting.exact_date(record.at)),
                (self.tr("Who"), formatting.who(record.who), record.login),
                (self.tr("Reason"), record.reason),
                (self.tr("Entry"), formatting.number(record.seq)),
            ],
        )
        self.changes.show_changes(audit.changes(record))

    def nothing_yet(self) -> EmptyWords:
        """What the record is."""
        text = self.tr("Every change in this center appears here.")
        return EmptyWords("history", self.tr("No entries"), text)

    def nothing_fits(self) -> EmptyWords:
        """A history without entries, or a kind that nobody has changed."""
        if self._is_whole:
            return self.nothing_yet()
        return EmptyWords("history", self.tr("No entries"), self.tr("Nothing is on record for this."))

    @property
    def _is_whole(self) -> bool:
        """Whether the record is not narrowed to one record's history."""
        return self._record.owner is None

    def _has_history(self, entry: AuditEntry) -> bool:
        return entry.row_id is not None and self._is_whole

    def _on_history(self, entry: AuditEntry) -> None:
        if entry.row_id is not None:
            self.go_to(Target(only=Owner(entry.row_id, audit.thing(entry))))
