"""The list of centers, what each one holds, and what a system administrator does with it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_app.domain.fields import DefinedField
from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.reasons import ReasonVerb, required_reasons
from desktop_app.domain.records import Center, CenterContents, CenterStats, Document, Sample, User
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.domain.sorting import NEWEST_CENTERS
from desktop_app.errors import LabkeepError
from desktop_app.services.records.user_results import NewCenter
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.center_lists import CenterListsDialog
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.delete import delete_center_dialog
from desktop_app.ui.dialogs.erase import EraseDialog
from desktop_app.ui.dialogs.field_sheets import SheetRules
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText
from desktop_app.ui.dialogs.health import HealthDialog
from desktop_app.ui.dialogs.health_backups import BackupChecks
from desktop_app.ui.dialogs.keys import KeysDialog
from desktop_app.ui.dialogs.one_time_password import OneTimePasswordDialog
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.tabs.centers.columns import center_columns
from desktop_app.ui.tabs.centers.statistics import Statistics
from desktop_app.ui.tabs.link_action import link_action
from desktop_app.ui.tabs.record_form import open_record_form
from desktop_app.ui.tabs.record_tab import Listing, RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed, Rank
from desktop_app.ui.widgets.buttons import Kind, naming
from desktop_app.ui.widgets.detail import Detail
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.styling import muted

if TYPE_CHECKING:
    from desktop_app.services.records.deleted_centers import DeletedCenter


class CentersTab(RecordTab[Center]):
    """Everything one does with centers."""

    record_class = Center
    icon = "building-2"
    of_center = False
    # Of both it shows how many there are.
    also_shows = frozenset({Sample, Document})

    def __init__(self, context: TabContext, parent: QWidget | None = None) -> None:
        listing = Listing(
            "centers",
            center_columns(),
            (self.tr("1 center"), self.tr("{count} centers")),
            self.tr("Search name or description"),
            NEWEST_CENTERS,
        )
        super().__init__(context, listing, parent)
        self._is_system = context.lab.user.is_system_administrator
        self.records.add_filter(muted(self.tr("All centers"), caption=True))
        self._add_actions()
        self.records.opened.connect(self.open.click)
        self.records.entered.connect(self.detail.take_focus)
        section = self.detail.add_section(self.tr("What it holds"))
        self.numbers = Statistics(section)
        section.body.addWidget(self.numbers)
        self.detail.sections.addStretch(1)

    @classmethod
    def title(cls) -> str:
        """Its name in the bar."""
        return QCoreApplication.translate("CentersTab", "Centers")

    def make_detail(self, parent: QWidget) -> Detail:
        """Its right side."""
        return Detail(parent)

    def center_changed(self) -> None:
        """The list is the same whatever center is open; what may be done is not."""
        self.refresh_own_actions()
        self.refresh_actions()
        self._stale = self.records.model.rowCount() == 0

    def may(self, verb: Verb) -> Allowed:
        """Whether the person may do this to centers, and if not, why."""
        standing = self.context.lab.user.standing
        return may(standing, verb), formatting.why_not(standing, verb)

    def source(self) -> Source[Center] | EmptyWords:
        """The centers that the person may know of."""
        centers, sort = self.context.lab.centers, self.records.sort
        wanted = CenterFilter(search=self.records.words, include_inactive=self._inactive.isChecked())
        return Source(
            (wanted, sort),
            lambda part: centers.part(wanted, part, sort),
            lambda cap: centers.count(wanted, cap),
            centers.get,
        )

    def show_record(self, record: Center, before: Center | None) -> None:
        """Show a center and read its numbers."""
        del before
        badge = formatting.active_badge() if record.is_active else formatting.inactive_badge()
        created = formatting.when_and_who(record.created_at, record.created_by)
        self.detail.show_record(
            record.name,
            record.description,
            [badge],
            [
                (self.tr("Short name"), record.slug),
                (self.tr("Created"), created, formatting.exact_date(record.created_at)),
            ],
        )
        self.numbers.wait()
        centers = self.context.lab.centers
        self.context.jobs.read(self, "stats", lambda: centers.stats(record.id), self._on_stats, self._on_no_stats)

    def nothing_yet(self) -> EmptyWords:
        """What a center is."""
        return EmptyWords(
            "building-2",
            self.tr("No centers yet"),
            self.tr("A center is a laboratory with its own people, samples, documents and key."),
            self.tr("New center…") if self._is_system else "",
        )

    def nothing_fits(self) -> EmptyWords:
        """The way back to all."""
        text = self.tr("No center fits the search.")
        return EmptyWords("search", self.tr("Nothing found"), text, self.tr("Show all centers"))

    def _add_actions(self) -> None:
        new = ActionAppearance(self.tr("&New center…"), "plus", Kind.PRIMARY, self.tr("Make a center (Ctrl+N)"))
        self.new = self.add_own_action(
            Action(
                "new",
                new,
                lambda _none: self._on_create(),
                lambda _none: self.may(Verb.MANAGE_CENTERS),
                keys=["Ctrl+N"],
            )
        )
        opened = ActionAppearance(self.tr("&Work in this center"), "arrow-right", Kind.PRIMARY)
        self.open = self.add_action(Action("open", opened, self._on_open, self._may_open, rank=Rank.OPEN))
        self.edit = self.add_action(
            Action("edit", ActionAppearance(self.tr("&Edit…"), "pencil"), self._on_edit, self._may_edit, rank=Rank.EDIT)
        )
        self.lists = self.add_action(
            Action(
                "lists",
                ActionAppearance(self.tr("&Fields and lists…"), "settings-2"),
                self._on_lists,
                self._may_see_lists,
            )
        )
        self.health = self.add_action(
            Action(
                "health", ActionAppearance(self.tr("&Health…"), "shield-check"), self._on_health, self._may_see_health
            )
        )
        self.erase_person = self.add_action(
            Action("erase", ActionAppearance(self.tr("Erase &a person…"), "x"), self._on_erase, self._may_erase)
        )
        self.keys = self.add_action(
            Action("keys", ActionAppearance(self.tr("&Keys…"), "key-round"), self._on_keys, self._may_see_keys)
        )
        self.link = self.add_action(link_action(self))
        self.active = self.add_action(
            Action(
                "active",
                self._active_appearance,
                self._on_active,
                lambda _center: self.may(Verb.MANAGE_CENTERS),
                words=self.tr("Deactivate or restore"),
            )
        )

        self.delete = self.add_action(
            Action(
                "delete",
                ActionAppearance(self.tr("&Delete for good…"), "x", Kind.DANGER),
                self._on_delete,
                lambda _center: self.may(Verb.MANAGE_CENTERS),
                lambda center: not center.is_active,
            )
        )

    def _active_appearance(self, center: Center) -> ActionAppearance:
        if center.is_active:
            return ActionAppearance(self.tr("Deacti&vate…"), "circle-slash", Kind.DANGER)
        return ActionAppearance(self.tr("&Restore"), "rotate-ccw")

    def _may_open(self, center: Center) -> Allowed:
        if self.work is not None and self.work.center.id == center.id:
            return False, self.tr("This center is open.")
        return center.is_active, self.tr("An inactive center is closed for everybody.")

    def _may_edit(self, center: Center) -> Allowed:
        return self._may_in(center, Verb.EDIT_CENTER)

    def _may_see_lists(self, center: Center) -> Allowed:
        if not center.is_active:
            return False, self.tr("An inactive center is closed for everybody.")
        return self._may_in(center, Verb.READ)

    def _may_see_health(self, center: Center) -> Allowed:
        if not center.is_active:
            return False, self.tr("An inactive center is closed for everybody.")
        return self._may_in(center, Verb.READ_AUDIT)

    def _may_see_keys(self, center: Center) -> Allowed:
        if not center.is_active:
            return False, self.tr("An inactive center is closed for everybody.")
        return self._may_in(center, Verb.MANAGE_KEYS)

    def _may_erase(self, center: Center) -> Allowed:
        if not center.is_active:
            return False, self.tr("An inactive center is closed for everybody.")
        return self._may_in(center, Verb.DELETE_RECORDS)

    def _may_in(self, center: Center, verb: Verb) -> Allowed:
        me = self.context.lab.user
        if me.is_system_administrator:
            return self.may(verb)
        place = me.membership(center.id)
        standing = Standing.VIEWER if place is None else Standing(place.role.value)
        return may(standing, verb), formatting.why_not(standing, verb)

    def _on_stats(self, stats: CenterStats) -> None:
        by_status = [
            (formatting.status_badge(each), stats.samples_by_status.get(each.value, 0)) for each in SampleStatus
        ]
        self.numbers.show_numbers(
            [
                (self.tr("Samples"), formatting.number(stats.samples), ""),
                (self.tr("Documents"), formatting.number(stats.documents), ""),
                (self.tr("People"), formatting.number(stats.users), ""),
                (self.tr("Stored"), formatting.size(stats.stored_bytes), formatting.exact_size(stats.stored_bytes)),
            ],
            by_status,
        )

    def _on_no_stats(self, error: LabkeepError) -> None:
        self.numbers.say(sentence(error))

    def _on_open(self, center: Center) -> None:
        self.context.go(Target(center=center.id))

    def make_form(self, record: Center | None) -> FormDialog | None:
        """Of a center, or of a new one."""
        may_rename = record is None or self._is_system
        dialog = CenterDialog(self.context.jobs, self.context.lab.centers, record, self, may_rename=may_rename)
        dialog.saved.connect(self._on_created if record is None else self._on_saved)
        return dialog

    def _on_create(self) -> None:
        open_record_form(self, None)

    def _on_created(self, made: Center | NewCenter) -> None:
        center = made.center if isinstance(made, NewCenter) else made
        self.add_made(center)
        if isinstance(made, NewCenter):
            first = made.administrator
            self.context.events.changed.emit(User, None)
            OneTimePasswordDialog(first.user.display_name, first.user.username, first.password, self.window()).open()
        self.context.messages.say(self.tr("The center {name} is ready.").format(name=center.name))
        if self.work is None:
            self.context.go(Target(center=center.id))

    def _on_erase(self, center: Center) -> None:
        EraseDialog(self.context.jobs, self.context.lab.center(center), self).open()

    def _on_lists(self, center: Center) -> None:
        def changed() -> None:
            self.context.events.changed.emit(DefinedField, None)

        may, why_not = self.may_export()
        rules = SheetRules(self.context.window_state, self.context.lab.user.id, "" if may else why_not)
        CenterListsDialog(self.context.jobs, self.context.lab.center(center), changed, rules, self).open()

    def _on_keys(self, center: Center) -> None:
        KeysDialog(self.context.jobs, self.context.lab.center(center), self).open()

    def _on_health(self, center: Center) -> None:
        jobs, lab = self.context.jobs, self.context.lab
        backups = BackupChecks(jobs, lab, self.context.backups) if self._is_system else None
        HealthDialog(jobs, lab.center(center), self, backups).open()

    def _on_edit(self, center: Center) -> None:
        open_record_form(self, center)

    def _on_active(self, center: Center) -> None:
        if not center.is_active:
            self._set_active(center)
            return
        question = Question(
            self.tr("Deactivate {name}?").format(name=center.name),
            self.tr("Nobody can open its samples and documents until it is restored. Nothing is deleted."),
            naming(self.tr("Deactivate center {name}"), center.name),
            danger=True,
            type_name=center.name,
        )
        ask(self, question, lambda: self._set_active(center))

    def _set_active(self, center: Center) -> None:
        centers = self.context.lab.centers
        change = centers.deactivate if center.is_active else centers.restore
        verb = ReasonVerb.DEACTIVATE if center.is_active else ReasonVerb.RESTORE
        title = self.tr("Deactivate {name}?") if center.is_active else self.tr("Restore {name}?")
        text = FormText(title.format(name=center.name), self.active.text())
        act = ReasonedAct(verb in required_reasons(center.settings), text, lambda reason: change(center.id, reason))
        do_with_reason(self, self.context.jobs, act, self._on_saved, self.action("active").set_busy)

    def _on_delete(self, center: Center) -> None:
        centers, jobs = self.context.lab.centers.deleted, self.context.jobs

        def ask_whether(contents: CenterContents) -> None:
            dialog = delete_center_dialog(jobs, centers, center, contents, self)
            dialog.saved.connect(lambda done: self._on_deleted(center, done))
            self.open_form(dialog)

        jobs.read(self, "doomed", lambda: centers.look(center), ask_whether)

    def _on_deleted(self, center: Center, done: "DeletedCenter") -> None:
        self.context.messages.say(self.tr("{name} is deleted for good.").format(name=center.name))
        self.put_away(center.id)
        centers = self.context.lab.centers.deleted
        self.context.tasks.run(
            self,
            self.tr("Removing the files of {name}").format(name=center.name),
            lambda job: centers.remove_files(done, job.report),
            self._on_files_removed,
            counted=formatting.files_of,
        )

    def _on_files_removed(self, done: "DeletedCenter") -> None:
        if done.has_files_left:
            text = self.tr("{name} is deleted for good; its files could not all be removed now, and are later.")
        else:
            text = self.tr("{name} is deleted for good, with its files.")
        self.context.messages.say(text.format(name=done.center.name))

    def _on_saved(self, center: Center) -> None:
        is_saved = self.tr("The center {name} is saved.")
        text = is_saved if center.is_active else self.tr("The center {name} is deactivated.")
        self.context.messages.say(text.format(name=center.name))
        self.put_saved(center)
