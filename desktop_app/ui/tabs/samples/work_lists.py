"""Work lists in the tab of samples: chosen samples are put on one, and all of them are worked off in a dialog."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QLineEdit

from desktop_app.domain.records import Person, Sample
from desktop_app.domain.rights import Verb
from desktop_app.domain.saved_views import LONGEST_NAME
from desktop_app.domain.text_rules import line_problem
from desktop_app.domain.work_lists import WorkList
from desktop_app.errors import LabkeepError
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.dialogs.work_list import WorkListDialog
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.actions import YES, Action, ActionAppearance, Allowed
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.ui.tabs.record_tab import RecordTab


class WorkListActions(QObject):
    """Adds its actions to the tab."""

    done = Signal(object)
    """The ids of the samples that were put on a list."""

    def __init__(self, tab: "RecordTab[Any]") -> None:
        super().__init__(tab)
        self._tab = tab
        face = ActionAppearance(_tr("Put on a &work list…"), "plus")
        tab.add_action(
            Action(
                "worklist",
                face,
                lambda sample: self.put([sample]),
                lambda _sample: tab.may(Verb.EDIT_SAMPLES),
                do_for_many=self.put,
            )
        )
        face = ActionAppearance(_tr("&Work lists…"), "scan-barcode", tip=_tr("Samples that are worked off by scanning"))
        self.open_action = tab.add_own_action(
            Action("worklists", face, lambda _none: self.open(), lambda _none: self._in_center())
        )

    def open(self) -> None:
        """Work one off."""
        if self._tab.work is not None:
            dialog = WorkListDialog(self._tab.context.jobs, self._tab.work, self._tab)
            dialog.open()

    def put(self, samples: Sequence[Sample]) -> None:
        """Ask on which list, or for the name of a new one."""
        work = self._tab.work
        if work is not None:
            dialog = PutDialog(self._tab, work, samples)
            dialog.saved.connect(self._on_put)
            dialog.saved.connect(lambda _put: self.done.emit(tuple(each.id for each in samples)))
            self._tab.open_form(dialog)

    def _in_center(self) -> Allowed:
        return YES if self._tab.work is not None else (False, _tr("No center is open."))

    def _on_put(self, put: tuple[WorkList, int]) -> None:
        text = _tr("New on {name}: {what}.")
        self._tab.context.messages.say(text.format(what=formatting.samples(put[1]), name=put[0].name))


class PutDialog(FormDialog):
    """On which list; ``saved`` brings it, and how many samples are new there."""

    def __init__(self, tab: "RecordTab[Any]", work: "CenterServices", samples: Sequence[Sample]) -> None:
        title = _tr("Put {what} on a work list").format(what=formatting.samples(len(samples)))
        super().__init__(tab.context.jobs, FormText(title, _tr("Put on the list"), width=460), tab)
        self._work, self._samples = work, tuple(each.id for each in samples)
        self._list = Field("list", _tr("&List"), ChoiceBox([(_tr("A new one"), None)]))
        self._name = Field("name", _tr("&Name of the new one"), QLineEdit())
        self._person = Field("person", _tr("&For"), ChoiceBox([(_tr("Anybody in the center"), None)]))
        self.set_form([[self._list], [self._name, self._person]], self.problems, self._collect_work)
        tab.context.jobs.read(self, "lists", lambda: work.work_lists.list(), self._on_lists, self._on_unread)
        tab.context.jobs.read(self, "people", lambda: work.people.list(), self._on_people, self._on_unread)

    def problems(self) -> dict[str, str]:
        """A new list has a name."""
        if self._list.value is not None:
            return {}
        problem = line_problem(str(self._name.value).strip(), longest=LONGEST_NAME, required=True)
        return {"name": problem} if problem else {}

    def _on_lists(self, found: tuple[WorkList, ...]) -> None:
        self._offer(self._list, [(each.name, each.id) for each in found])

    def _on_people(self, people: tuple[Person, ...]) -> None:
        self._offer(self._person, [(each.display_name, each.id) for each in people])

    @staticmethod
    def _offer(field: Field, entries: Sequence[tuple[str, Any]]) -> None:
        if isinstance(field.editor, ChoiceBox):
            field.editor.offer(entries)

    def _on_unread(self, error: LabkeepError) -> None:
        self._on_failed(error)

    def _collect_work(self) -> Work:
        lists, samples, chosen = self._work.work_lists, self._samples, self._list.value
        name, person = str(self._name.value), self._person.value

        def put() -> tuple[WorkList, int]:
            if chosen is None:
                made = lists.create(name, samples, person)
                return made, made.samples
            added = lists.add(chosen, samples)
            return lists.get(chosen), added

        return put


def _tr(text: str) -> str:
    return QCoreApplication.translate("work_lists", text)
