"""The center's fields in the tab of samples: beside the list, and of several samples changed at once."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal

from desktop_app.domain.fields import DefinedField
from desktop_app.domain.records import Sample
from desktop_app.domain.rights import Verb
from desktop_app.ui.dialogs.edit_fields import EditFieldsDialog
from desktop_app.ui.dialogs.plan import PlanWords
from desktop_app.ui.tabs.bulk_changes import BulkChanges
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.samples.columns import field_columns
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import Action, ActionAppearance, Allowed


class SampleFields(QObject):
    """Hangs on the tab, which says when they are to be read."""

    found = Signal(object)
    """A tuple of :class:`DefinedField`."""
    moved = Signal()
    """They, or the types, were changed in this window."""

    def __init__(self, tab: RecordTab[Sample], bulk: BulkChanges) -> None:
        super().__init__(tab)
        self._tab, self._bulk = tab, bulk
        self.defined: tuple[DefinedField, ...] = ()
        self._columns = tab.records.table.columns
        tab.context.events.changed.connect(self._on_changed)

    def forget(self) -> None:
        """Another center has others: nothing is sorted by those of the former one."""
        self._on_fields(())

    def read(self) -> None:
        """They may be others now."""
        if (work := self._tab.work) is not None:
            self._tab.context.jobs.read(self, "fields", lambda: work.fields.list(), self._on_fields)

    def _on_changed(self, kind: type, _record: object) -> None:
        if kind is DefinedField:
            self.moved.emit()

    def _on_fields(self, fields: tuple[DefinedField, ...]) -> None:
        self.defined = fields
        self._tab.records.table.change_columns((*self._columns, *field_columns(fields)))
        self.found.emit(fields)

    def action(self) -> Action[Sample]:
        """For several samples only: of one, the form has its fields."""
        return Action(
            "edit_fields",
            ActionAppearance(_tr("Edit &fields…"), "pencil"),
            lambda sample: self._ask((sample,)),
            lambda _sample: self._may(),
            do_for_many=self._ask,
            only_for_many=True,
        )

    def _may(self) -> Allowed:
        if not self.defined:
            return False, _tr("The center has no fields; its administrators define them in Centers.")
        return self._tab.may(Verb.EDIT_SAMPLES)

    def _ask(self, samples: Sequence[Sample]) -> None:
        what, types = formatting.samples(len(samples)), tuple({sample.sample_type for sample in samples})
        dialog = EditFieldsDialog(self._tab.context.jobs, what, self.defined, types, self._tab)
        dialog.saved.connect(lambda values: self._change(samples, values))
        dialog.open()

    def _change(self, samples: Sequence[Sample], values: Mapping[str, object]) -> None:
        work, fields = self._tab.work, self.defined
        if work is not None and values:
            names = {field.key: field.name for field in fields}
            words = PlanWords(_tr("Change {what}?"), _tr("Change {what}"), formatting.samples, names=names)
            changes = {"metadata": dict(values)}
            self._bulk.change(words, lambda reason: work.plans.plan_edit(samples, changes, reason, fields))


def _tr(text: str) -> str:
    return QCoreApplication.translate("sample_fields", text)
