"""The record of changes, of the center or the installation: newest first, read-only, whole or of one record."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.audit import RecordExported, RecordForm, matches
from desktop_app.domain.filters import AuditFilter
from desktop_app.domain.openings import Opening
from desktop_app.domain.records import AuditEntry, Document, Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.tabs.activity.columns import entry_columns
from desktop_app.ui.tabs.activity.entry import Changes
from desktop_app.ui.tabs.activity.narrowing import FIELDS, FIELDS_SHARED, Narrowing, NarrowingDialog
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import audit, formatting
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.file_choice import choose_target
from desktop_app.ui.widgets.list_filters import ChipFilter, ChoiceFilter, Owner, OwnerFilter

if TYPE_CHECKING:
    from desktop_app.services.records.audit import Audit, InstallationAudit

LONGEST_SHOWN = 2_000
"""Characters of a value in the detail; a file that is written has all of them."""


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
        self._add_filters()
        self._add_actions()
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
        return Detail(parent)

    def center_changed(self) -> None:
        """Another center has other people, and perhaps no such field."""
        super().center_changed()
        self._narrowing.take_off()

    def source(self) -> Source[AuditEntry] | EmptyWords:
        """The whole record, for who may read it, or the history of one record."""
        record = self._source_record
        may_read = self._may_read()[0]
        self._table.setEnabled(may_read and self._is_whole)
        self._action.setEnabled(may_read or not self._is_whole)
        if record is None:
            return self.no_center()
        wanted, owner = self.wanted, self._record.owner
        if owner is not None and not self.is_shared:
            return Source(
                (self._whose_id, wanted),
                lambda _part: [entry for entry in record.timeline(owner.id) if matches(entry, wanted)],
            )
        if not may_read:
            assert self.work is not None
            reason = formatting.why_not(self.work.standing, Verb.READ_AUDIT)
            text = self.tr("The history of one sample or document is open to you: press History there.")
            return EmptyWords("shield", self.tr("The whole record is for administrators"), f"{reason} {text}")
        return Source(
            (self._whose_id, wanted), lambda part: record.part(wanted, part), lambda cap: record.count(wanted, cap)
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
        self.changes.show_changes(audit.changes(record, LONGEST_SHOWN))

    def go_to(self, target: Target) -> None:
        """A history that another tab leads to is in the center's record."""
        if target.only is not None:
            self._show_record_of(shared=False)
        super().go_to(target)

    def nothing_yet(self) -> EmptyWords:
        """What the record is."""
        text = self.tr("Every change in this center appears here.")
        return EmptyWords("history", self.tr("No entries"), text)

    def nothing_fits(self) -> EmptyWords:
        """A history without entries, or a kind that nobody has changed."""
        if self._is_whole and not self._narrowing.is_set:
            return self.nothing_yet()
        text, step = self.tr("Nothing is on record for this."), self.tr("Show the whole record")
        return EmptyWords("history", self.tr("No entries"), text, step)

    @property
    def is_shared(self) -> bool:
        """Whether the installation's own record is shown, and not the center's."""
        return bool(self._whose.value)

    @property
    def wanted(self) -> AuditFilter:
        """What is asked of the record."""
        chosen, owner = self._narrowing.value or Narrowing(), self._record.owner
        return AuditFilter(
            row_id=None if owner is None else owner.id,
            table_name="" if owner is not None else self._table.value,
            operations=self._action.value,
            login=chosen.login,
            field=chosen.field,
            since=chosen.since,
            until=chosen.until,
        )

    def write_record(self, target: Path) -> None:
        """Write what the list shows to a file, in the background, and say what became of it."""
        record, wanted = self._source_record, self.wanted
        if record is None:
            return
        form = RecordForm.PDF if target.suffix.lower() == ".pdf" else RecordForm.CSV
        self.context.tasks.run(
            self,
            self.tr("Writing {name}").format(name=target.name),
            lambda job: record.export(wanted, target, form, job.report, said, overwrite=True),
            self._on_written,
            counted=lambda done, total: self.tr("{done} of {total} entries").format(
                done=formatting.number(done), total=formatting.number(total)
            ),
        )

    def _add_filters(self) -> None:
        self._whose = ChoiceFilter(self.tr("Whose record"), [(self.tr("This center"), False)], narrows=False)
        if self.context.lab.user.is_system_administrator:
            self._whose.offer([(self.tr("The installation"), True)])
        else:
            self._whose.hide()
        self._whose.changed.connect(lambda: self._show_record_of(shared=self.is_shared))
        self._table = ChoiceFilter(self.tr("Kind of record"), self._kinds(), self.records)
        actions = [
            (self.tr("Whatever was done"), ()),
            (self.tr("Changes"), ("insert", "update", "delete", "rotate", "erase", "alarm")),
            (self.tr("Openings"), (Opening.PREVIEW.value, Opening.OPEN.value, Opening.EXPORT.value)),
            (self.tr("Exports"), (Opening.OPEN.value, Opening.EXPORT.value)),
            (self.tr("Sign-ins"), ("sign_in",)),
        ]
        self._action = ChoiceFilter(self.tr("What was done"), actions, self.records)
        self._narrowing = ChipFilter(self.tr("Show it of everybody, all fields and all times"))
        self._record = OwnerFilter(self.tr("History of {name}"), self.tr("Show the whole record"))
        self._take_filter(self._whose)
        self.records.add_foot(self._whose)
        for each in (self._table, self._action, self._narrowing, self._record):
            self.add_filter(each)

    def _kinds(self) -> list[tuple[str, str]]:
        if self.is_shared:
            return [
                (self.tr("Everything"), ""),
                (self.tr("Users"), "users"),
                (self.tr("Places in centers"), "memberships"),
                (self.tr("Centers"), "centers"),
                (self.tr("Identities"), "identities"),
            ]
        return [
            (self.tr("Everything"), ""),
            (self.tr("Samples"), "samples"),
            (self.tr("Documents"), "documents"),
            (self.tr("Versions"), "document_versions"),
            (self.tr("People"), "people"),
            (self.tr("Keys"), "tenant_keys"),
        ]

    def _add_actions(self) -> None:
        narrow = ActionAppearance(
            self.tr("&Narrow…"), "search", tip=self.tr("Only what one person did, one field, or a time")
        )
        self.narrow = self.add_own_action(
            Action("narrow", narrow, lambda _none: self._on_narrow(), lambda _none: self._may_narrow())
        )
        export = ActionAppearance(
            self.tr("E&xport…"), "download", tip=self.tr("A table, or a PDF with the head of the chain")
        )
        self.export = self.add_own_action(
            Action("export_record", export, lambda _none: self._on_export(), lambda _none: self._may_write())
        )
        history = ActionAppearance(self.tr("&History of this"), "history")
        self.history = self.add_action(Action("history", history, self._on_history, shown=self._has_history))

    @property
    def _source_record(self) -> "Audit | InstallationAudit | None":
        if self.is_shared:
            return self.context.lab.audit
        return None if self.work is None else self.work.audit

    @property
    def _whose_id(self) -> object:
        return "installation" if self.is_shared or self.work is None else self.work.center.id

    @property
    def _is_whole(self) -> bool:
        """Whether the record is not narrowed to one record's history."""
        return self._record.owner is None

    def _may_read(self) -> Allowed:
        return (True, "") if self.is_shared else self.may(Verb.READ_AUDIT)

    def _may_narrow(self) -> Allowed:
        return self._may_read() if self._is_whole else (True, "")

    def _may_write(self) -> Allowed:
        may_read = self._may_read()
        return self.may_export() if may_read[0] else may_read

    def _show_record_of(self, *, shared: bool) -> None:
        if shared != self.is_shared:
            self._whose.choose(shared)  # comes back here
            return
        self._table.take_off()
        self._narrowing.take_off()
        self._record.take_off()
        self._table.replace_all(self._kinds())
        self.refresh_own_actions()

    def _has_history(self, entry: AuditEntry) -> bool:
        return entry.row_id is not None and self._is_whole

    def _on_history(self, entry: AuditEntry) -> None:
        if entry.row_id is not None:
            self._record.put_on(Owner(entry.row_id, audit.thing(entry)))
            self.reload()

    def _on_narrow(self) -> None:
        record, work = self._source_record, self.work
        if record is None:
            return
        fields = FIELDS_SHARED if self.is_shared else FIELDS
        dialog = NarrowingDialog(self.context.jobs, self._narrowing.value or Narrowing(), record.login_of, fields, self)
        if not self.is_shared and work is not None:
            people = work.people
            self.context.jobs.read(
                dialog,
                "people",
                lambda: [person.username for person in people.list(include_former=True)],
                dialog.offer,
            )
        dialog.saved.connect(self._on_narrowed)
        dialog.open()

    def _on_narrowed(self, chosen: Narrowing) -> None:
        if chosen == Narrowing():
            self._narrowing.take_off()
        else:
            self._narrowing.put_value(chosen, chosen.words)
        self.reload()

    def _on_export(self) -> None:
        name = self.tr("The installation") if self.is_shared or self.work is None else self.work.center.name
        forms = {"csv": self.tr("Table"), "pdf": self.tr("Pages with the head of the chain")}
        title = self.tr("Export the record as it is shown")
        choose_target(self, title, self.tr("Record {name}").format(name=name), self.write_record, forms)

    def _on_written(self, made: RecordExported) -> None:
        text = self.tr("{path} has {count} entries. The chain's head was link {number}.")
        self.context.messages.say(
            text.format(path=made.path, count=formatting.number(made.entries), number=formatting.number(made.head.seq))
        )
