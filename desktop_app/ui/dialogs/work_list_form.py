"""The name of a work list, and whose it is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.records import Person
from desktop_app.domain.saved_views import LONGEST_NAME
from desktop_app.domain.text_rules import line_problem
from desktop_app.domain.work_lists import WorkList
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.field import ChoiceBox, Field

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices


class WorkListForm(FormDialog):
    """``saved`` brings the WorkList as it is then."""

    def __init__(self, jobs: Jobs, work: "CenterServices", edited: WorkList, parent: QWidget | None = None) -> None:
        super().__init__(jobs, FormText(_tr("Edit work list"), _tr("Save"), width=460), parent)
        self._work, self._edited = work, edited
        self._name = Field("name", _tr("&Name"), QLineEdit())
        self._name.set_value(edited.name)
        people = ChoiceBox([(_tr("Anybody in the center"), None)])
        if edited.user_id is not None:
            people.offer([(edited.person, edited.user_id)])
        people.choose(edited.user_id)
        self._person = Field("person", _tr("&For"), people)
        self.set_form([[self._name, self._person]], self.problems, self._collect_work)
        jobs.read(self, "people", lambda: work.people.list(), self._on_people, self._on_failed)

    def problems(self) -> dict[str, str]:
        """A list has a name."""
        problem = line_problem(str(self._name.value).strip(), longest=LONGEST_NAME, required=True)
        return {"name": problem} if problem else {}

    def _on_people(self, people: tuple[Person, ...]) -> None:
        if isinstance(self._person.editor, ChoiceBox):
            self._person.editor.offer((each.display_name, each.id) for each in people)

    def _collect_work(self) -> Work:
        lists, list_id = self._work.work_lists, self._edited.id
        name, person = str(self._name.value), self._person.value
        return lambda: lists.change(list_id, name, person)


def _tr(text: str) -> str:
    return QCoreApplication.translate("work_list_form", text)
