"""A list into a spreadsheet's file: where to, and which columns."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.errors import InvalidInputError
from desktop_app.message import Message
from desktop_app.paths import expanded
from desktop_app.services.sheets.sheet_file import SUFFIXES
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.field import ChoiceBox, Field
from desktop_app.ui.widgets.file_choice import choose_target

_THERE = Message("There is a file of this name already. Choose it to replace it.")


@dataclass(frozen=True)
class ExportRequest:
    """What the person wants to have written."""

    target: Path
    as_shown: bool
    overwrite: bool


@dataclass(frozen=True)
class ExportWords:
    """What is said of a kind of list."""

    title: str
    intro: str
    file_name: str
    """The name that is offered."""


class ExportSheetDialog(FormDialog):
    """A file and, where they can be chosen, the columns; ``saved`` brings an ExportRequest."""

    def __init__(
        self, jobs: Jobs, words: ExportWords, parent: QWidget | None = None, *, with_columns: bool = False
    ) -> None:
        text = FormText(words.title, _tr("Export"), words.intro, width=560)
        super().__init__(jobs, text, parent)
        self._discarding = True  # nothing is lost with a file that was not written
        self._replaced: Path | None = None
        self._file = Field("file", _tr("&File"), QLineEdit(), _tr("Its ending says the kind: .xlsx or .csv."))
        self.choose = Button(_tr("&Choose…"), "folder-open")
        self._file.put_beside(self.choose)
        self._columns = Field(
            "columns",
            _tr("C&olumns"),
            ChoiceBox([(_tr("As the list shows them"), True), (_tr("All that can be imported again"), False)]),
        )
        rows = [[self._file], [self._columns]] if with_columns else [[self._file]]
        self.set_form(rows, self.problems, self._collect_work)
        forms = {"xlsx": _tr("Workbook"), "csv": _tr("Table (CSV)")}
        self.choose.clicked.connect(lambda: choose_target(self, words.title, words.file_name, self.take_target, forms))

    def take_target(self, target: Path) -> None:
        """A file that was chosen in the system's dialog, which asks before one is replaced."""
        self._replaced = target
        self._file.set_value(str(target))
        self._file.show_problem("")

    def problems(self) -> dict[str, str]:
        """A file of one of the two kinds is needed."""
        name = str(self._file.value).strip()
        if not name:
            return {"file": _tr("Choose the file to write.")}
        if Path(name).suffix.lower() not in SUFFIXES:
            return {"file": _tr("The name must end with .xlsx or .csv.")}
        return {}

    def _collect_work(self) -> Work:
        path, as_shown, replaced = Path(str(self._file.value).strip()), bool(self._columns.value), self._replaced

        def request() -> ExportRequest:
            target = expanded(path).absolute()
            overwrite = replaced is not None and target == replaced
            if not overwrite and target.exists():
                raise InvalidInputError({"file": _THERE})
            return ExportRequest(target, as_shown, overwrite)

        return request


def _tr(text: str) -> str:
    return QCoreApplication.translate("export_sheet", text)
