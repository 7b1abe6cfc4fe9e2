"""People from a spreadsheet's file, one after the other, with their first passwords on a list to print."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.progress import Report
from desktop_app.domain.sheets import Sheet, SheetFields, SheetProblem
from desktop_app.paths import expanded
from desktop_app.services.sheets.user_import import UserImport, UsersMade
from desktop_app.ui.text import formatting
from desktop_app.ui.text.plain import PlainLabel
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import Field
from desktop_app.ui.widgets.file_choice import choose_target

if TYPE_CHECKING:
    from desktop_app.services.session.lab import Lab


class UsersFromSheet:
    """What the dialog of a sheet is told of people; ``imported`` brings a UsersMade then."""

    boxes: Sequence[Field] = ()

    def __init__(self, lab: "Lab") -> None:
        self.title = _tr("Import users")
        self._imports = lab.user_imports
        self.file = QLineEdit()
        self.file.setAccessibleName(_tr("File for the first passwords"))
        self.file.setPlaceholderText(_tr("A new file that only you can read, to be printed and cut apart"))
        label = PlainLabel(_tr("First &passwords"))
        label.setBuddy(self.file)
        self._choose = Button(_tr("C&hoose…"), "folder-open")
        self._choose.clicked.connect(self._ask)
        self.line: Sequence[QWidget] = (label, self.file, self._choose)

    def fields_for(self, headings: Sequence[str]) -> SheetFields:
        """The same in every installation."""
        return self._imports.fields_for(headings)

    def planning(self) -> Callable[[Sheet, Mapping[str, str], Report], UserImport]:
        """Who can be made."""
        imports = self._imports
        return lambda sheet, mapping, report: imports.plan(sheet, mapping, report)

    def bringing_in(self, planned: UserImport, *, skip_bad: bool) -> Callable[[Report], UsersMade]:
        """One after the other; who is made stays, also where it is stopped."""
        imports, named = self._imports, Path(self.file.text().strip())

        def make(report: Report) -> UsersMade:
            return imports.apply(planned, expanded(named).absolute(), skip_bad=skip_bad, report=report)

        return make

    def what_came(self, result: UsersMade) -> tuple[bool, Sequence[SheetProblem], str]:
        """Whoever could be made."""
        return bool(result.created), result.problems, _tr("Nobody was created.")

    def counts_of(self, planned: UserImport) -> str:
        """What becomes of the rows."""
        return _tr("{new} new, {bad} with problems").format(
            new=formatting.number(len(planned.new)),
            bad=formatting.number(len({each.row for each in planned.problems})),
        )

    def number_of(self, planned: UserImport) -> int:
        """All of them are new."""
        return len(planned.new)

    def counted(self, number: int) -> str:
        """So many people."""
        return formatting.people(number)

    def missing(self) -> str:
        """A place for the passwords: they are shown nowhere else."""
        return "" if self.file.text().strip() else _tr("Choose a file for the first passwords.")

    def _ask(self) -> None:
        title, forms = _tr("File for the first passwords"), {"txt": _tr("Text")}
        choose_target(
            self.file.window(), title, _tr("First passwords"), lambda path: self.file.setText(str(path)), forms
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("import_users", text)
