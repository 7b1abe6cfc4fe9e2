"""The record of changes: newest first, read-only, whole or of one record."""

from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.records import AuditEntry, Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.tabs.activity.columns import entry_columns
from desktop_app.ui.tabs.activity.entry import Changes
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import Owner, TabContext, Target
from desktop_app.ui.text import audit, formatting
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.detail import Detail, Section
from desktop_app.ui.widgets.field import ChoiceBox
from desktop_app.ui.widgets.record_list import RecordList


class ActivityTab(RecordTab):
    """Shows the whole record to administrators, and to everybody the history of one record."""

    record_class = AuditEntry
    also_shows = frozenset({Sample, Document})

    def __init__(self, context: TabContext) -> None:
        model: PagedTable[AuditEntry] = PagedTable(context.jobs, entry_columns(), lambda row: row.seq)
        counted = (self.tr("1 entry"), self.tr("{count} entries"))
        records: RecordList[AuditEntry] = RecordList(context.jobs, model, self.tr("Activity"), "", counted)
        model.setParent(records)
        detail = Detail("history", self.tr("Choose an entry to see every value before and after."))
        super().__init__(context, "activity", ("history", self.tr("Activity")), records, detail)
        self._model = model
        self._record: Owner | None = None
        records.search.hide()
        self._build()

    def center_changed(self) -> None:
        """Forget what belongs to the other center."""
        self._record = None
        self._chip.hide()
        self._model.show(None)
        self._show(None)

    def reload(self) -> None:
        """Read the record."""
        work = self.work
        if work is None:
            self._say_no_center()
            return
        whole = work.may(Verb.READ_AUDIT)
        self._table.setEnabled(whole and self._record is None)
        if self._record is not None:
            row_id = self._record.id
            self.records.empty.set("history", self.tr("No entries"), self.tr("Nothing is on record for this."))
            self._model.show(Source((work.center.id, row_id), lambda _part: work.audit.timeline(row_id)))
            return
        if not whole:
            reason = formatting.why_not(work.standing, Verb.READ_AUDIT)
            text = self.tr("The history of one sample or document is open to you: press History there.")
            self.records.empty.set("shield", self.tr("The whole record is for administrators"), f"{reason} {text}")
            self.records.show_empty()
            return
        wanted = AuditFilter(table_name=self._table.value)
        self.records.empty.set("history", self.tr("No entries"), self.tr("Every change in this center appears here."))
        audit = work.audit
        self._model.show(
            Source(
                (work.center.id, wanted), lambda part: audit.part(wanted, part), lambda cap: audit.count(wanted, cap)
            )
        )

    def go_to(self, target: Target) -> None:
        """The history of one record."""
        if target.only is not None:
            self.show_record(target.only)

    def show_record(self, record: Owner) -> None:
        """Narrow to the history of one record."""
        self._record = record
        self._chip.setText(self.tr("History of {name}").format(name=record.name))
        self._chip.show()
        self.mark_stale()

    def _build(self) -> None:
        self._chip = Button("", "x")
        self._chip.set_tip(self.tr("Show the whole record"))
        self._chip.hide()
        self._chip.clicked.connect(self._on_chip)
        self._table = ChoiceBox(
            [
                (self.tr("Everything"), ""),
                (self.tr("Samples"), "samples"),
                (self.tr("Documents"), "documents"),
                (self.tr("Versions"), "document_versions"),
                (self.tr("People"), "people"),
                (self.tr("Keys"), "tenant_keys"),
            ]
        )
        self._table.setAccessibleName(self.tr("Kind of record"))
        self._table.currentIndexChanged.connect(lambda _at: self.reload())
        self.records.add_filter(self._table)
        self.records.add_filter(self._chip)
        self.records.chosen.connect(self._show)
        self.history = Button(self.tr("&History of this"), "history")
        self.history.clicked.connect(self._on_history)
        self.detail.add_button(self.history)
        section = Section(self.tr("Values"))
        self.changes = Changes()
        section.body.addWidget(self.changes)
        self.detail.add_section(section)
        self.detail.sections.addStretch(1)

    def _show(self, entry: AuditEntry | None) -> None:
        if entry is None:
            self.detail.show_nothing()
            return
        thing = audit.thing(entry)
        self.detail.show_record(
            thing[:1].upper() + thing[1:],
            "",
            [audit.action_badge(entry)],
            [
                (self.tr("When"), formatting.exact_date(entry.at)),
                (self.tr("Who"), formatting.who(entry.who), entry.login),
                (self.tr("Reason"), entry.reason),
                (self.tr("Entry"), formatting.number(entry.seq)),
            ],
        )
        self.history.setVisible(entry.row_id is not None and self._record is None)
        self.changes.show_changes(audit.changes(entry))

    def _on_history(self) -> None:
        entry = self.records.current
        if entry is not None and entry.row_id is not None:
            self.show_record(Owner(entry.row_id, audit.thing(entry)))

    def _on_chip(self) -> None:
        self._record = None
        self._chip.hide()
        self.reload()
