"""The list of centers, what each one holds, and what a system administrator does with it."""

from PySide6.QtWidgets import QCheckBox

from desktop_app.domain.filters import CenterFilter
from desktop_app.domain.lifecycle import SampleStatus
from desktop_app.domain.reasons import ReasonVerb
from desktop_app.domain.records import Center, CenterStats, Document, Sample
from desktop_app.domain.rights import Standing, Verb, may
from desktop_app.domain.sorting import NEWEST_CENTERS
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.center import CenterDialog
from desktop_app.ui.dialogs.confirm import Question, ask
from desktop_app.ui.dialogs.form_dialog import FormText
from desktop_app.ui.dialogs.reason import ReasonedAct, do_with_reason
from desktop_app.ui.models.paged import PagedTable, Source
from desktop_app.ui.tabs.centers.columns import center_columns
from desktop_app.ui.tabs.centers.numbers import Numbers
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.tab_context import TabContext, Target
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import sentence
from desktop_app.ui.widgets.buttons import Button, Kind
from desktop_app.ui.widgets.detail import Detail, Section
from desktop_app.ui.widgets.record_list import RecordList


class CentersTab(RecordTab):
    """Everything one does with centers."""

    record_class = Center
    of_center = False
    # Of both it shows how many there are.
    also_shows = frozenset({Sample, Document})

    def __init__(self, context: TabContext) -> None:
        model: PagedTable[Center] = PagedTable(context.jobs, center_columns(), lambda row: row.id)
        placeholder = self.tr("Search name or description")
        records: RecordList[Center] = RecordList(
            context.jobs,
            model,
            self.tr("Centers"),
            placeholder,
            (self.tr("1 center"), self.tr("{count} centers")),
            sort=NEWEST_CENTERS,
        )
        model.setParent(records)
        detail = Detail("building-2", self.tr("Choose a center to see what it holds."))
        super().__init__(context, "centers", ("building-2", self.tr("Centers")), records, detail)
        self._model = model
        self._shown: Center | None = None
        self._is_system = context.lab.user.is_system_administrator
        self._build_list()
        self._build_detail()

    def center_changed(self) -> None:
        """Another center is open: its button says so."""
        if self._shown is not None:
            self._set_buttons(self._shown)
        self._stale = self._model.rowCount() == 0

    def reload(self) -> None:
        """Read the list."""
        centers = self.context.lab.centers
        wanted = CenterFilter(search=self.records.words, include_inactive=self._inactive.isChecked())
        self._set_empty(narrowed=bool(wanted.search))
        sort = self.records.sort
        self._model.show(
            Source(
                (wanted, sort),
                lambda part: centers.part(wanted, part, sort),
                lambda cap: centers.count(wanted, cap),
                centers.get,
            )
        )

    def _build_list(self) -> None:
        self._inactive = QCheckBox(self.tr("Show deact&ivated"))
        self._inactive.toggled.connect(lambda _on: self.reload())
        self.new = Button(self.tr("&New center…"), "plus", Kind.PRIMARY)
        self.new.set_tip(self.tr("Make a center (Ctrl+N)"))
        self.new.set_allowed(*self._may(Verb.MANAGE_CENTERS))
        self.new.clicked.connect(self._on_create)
        self.records.add_foot(self._inactive)
        self.records.add_action(self.new)
        self.records.searched.connect(self.reload)
        self.records.chosen.connect(self._show)
        self.records.opened.connect(self._on_open)
        self.records.entered.connect(self._on_open)
        self.records.empty.acted.connect(self._on_empty_action)
        self.make_new = self.new.click

    def _build_detail(self) -> None:
        self.open = Button(self.tr("&Work in this center"), "arrow-right")
        self.edit = Button(self.tr("&Edit…"), "pencil")
        self.active = Button("", "power")
        for button in (self.open, self.edit, self.active):
            self.detail.add_button(button)
        self.open.clicked.connect(self._on_open)
        self.edit.clicked.connect(self._on_edit)
        self.active.clicked.connect(self._on_active)
        self.numbers = Numbers()
        section = Section(self.tr("What it holds"))
        section.body.addWidget(self.numbers)
        self.detail.add_section(section)
        self.detail.sections.addStretch(1)

    def _may(self, verb: Verb, center: Center | None = None) -> tuple[bool, str]:
        me = self.context.lab.user
        standing: Standing = me.standing
        if center is not None and not me.is_system_administrator:
            place = me.membership(center.id)
            standing = Standing.VIEWER if place is None else Standing(place.role.value)
        return may(standing, verb), formatting.why_not(standing, verb)

    def _set_empty(self, *, narrowed: bool) -> None:
        if narrowed:
            text = self.tr("No center fits the search.")
            self.records.empty.set("search", self.tr("Nothing found"), text, self.tr("Show all centers"))
            return
        self.records.empty.set(
            "building-2",
            self.tr("No centers yet"),
            self.tr("A center is a laboratory with its own people, samples, documents and key."),
            self.tr("New center…") if self._is_system else "",
            primary=False,
        )

    def _show(self, center: Center | None) -> None:
        self._shown = center
        if center is None:
            self.detail.show_nothing()
            return
        badge = formatting.active_badge() if center.is_active else formatting.inactive_badge()
        created = formatting.when_and_who(center.created_at, center.created_by)
        self.detail.show_record(
            center.name,
            center.description,
            [badge],
            [
                (self.tr("Short name"), center.slug),
                (self.tr("Created"), created, formatting.exact_date(center.created_at)),
            ],
        )
        self._set_buttons(center)
        self.numbers.wait()
        centers = self.context.lab.centers
        self.context.jobs.read(self, "stats", lambda: centers.stats(center.id), self._on_stats, self._on_no_stats)

    def _set_buttons(self, center: Center) -> None:
        here = self.work is not None and self.work.center.id == center.id
        if here:
            self.open.set_allowed(False, self.tr("This center is open."))
        else:
            self.open.set_allowed(center.is_active, self.tr("An inactive center is closed for everybody."))
        self.edit.set_allowed(*self._may(Verb.EDIT_CENTER, center))
        self.active.setText(self.tr("Deacti&vate…") if center.is_active else self.tr("&Restore"))
        self.active.set_kind(Kind.DANGER if center.is_active else Kind.PLAIN)
        self.active.set_allowed(*self._may(Verb.MANAGE_CENTERS))

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

    def _on_open(self) -> None:
        if self._shown is not None and self.open.isEnabled():
            self.context.go(Target(center=self._shown.id))

    def _on_create(self) -> None:
        dialog = CenterDialog(self.context.jobs, self.context.lab.centers, None, self)
        dialog.saved.connect(self._on_created)
        dialog.open()

    def _on_created(self, center: Center) -> None:
        self.records.select(center.id)
        self._model.upsert(center)
        self.context.messages.say(self.tr("The center {name} is ready.").format(name=center.name))
        if self.work is None:
            self.context.go(Target(center=center.id))

    def _on_edit(self) -> None:
        if self._shown is None:
            return
        dialog = CenterDialog(
            self.context.jobs, self.context.lab.centers, self._shown, self, may_rename=self._is_system
        )
        dialog.saved.connect(self._on_saved)
        dialog.stale.connect(self.mark_stale)
        dialog.open()

    def _on_active(self) -> None:
        center = self._shown
        if center is None:
            return
        if not center.is_active:
            self._set_active(center)
            return
        question = Question(
            self.tr("Deactivate {name}?").format(name=center.name),
            self.tr("Nobody can open its samples and documents until it is restored. Nothing is deleted."),
            self.tr("Deactivate center"),
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
        act = ReasonedAct(center, verb, text, lambda reason: change(center.id, reason))
        do_with_reason(self, self.context.jobs, act, self._on_saved, self.active.set_busy)

    def _on_saved(self, center: Center) -> None:
        self.context.messages.say(self.tr("The center {name} is saved.").format(name=center.name))
        if center.is_active or self._inactive.isChecked():
            self._model.upsert(center)
        else:
            self._model.remove(center.id)
        self.context.events.changed.emit(Center, center)

    def _on_empty_action(self) -> None:
        if self.records.search.text():
            self.records.search.clear()
            self.reload()
        else:
            self._on_create()
