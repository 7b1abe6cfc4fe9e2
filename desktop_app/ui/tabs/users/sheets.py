"""Spreadsheets in the tab of users: people come in from a file, and the list goes out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject

from desktop_app.deferred import deferred
from desktop_app.domain.filters import UserFilter
from desktop_app.domain.records import User
from desktop_app.domain.rights import Verb
from desktop_app.domain.sheets import SheetProblem
from desktop_app.ui.dialogs.column_memory import ColumnMemory
from desktop_app.ui.foundation.jobs import Lane
from desktop_app.ui.foundation.theme import Tone
from desktop_app.ui.tabs.record_tab import RecordTab
from desktop_app.ui.tabs.sheet_export import ExportedList, SheetExport, Write
from desktop_app.ui.text import formatting
from desktop_app.ui.text.message_bus import Notice
from desktop_app.ui.text.messages import said
from desktop_app.ui.widgets.actions import Action, ActionAppearance

if TYPE_CHECKING:
    from desktop_app.services.sheets import password_list
    from desktop_app.services.sheets.user_import import UsersMade
    from desktop_app.ui.dialogs import export_sheet, import_sheet, import_users
    from desktop_app.ui.widgets import printing
else:  # whoever looks at users reads no workbook
    password_list = deferred("desktop_app.services.sheets.password_list")
    export_sheet = deferred("desktop_app.ui.dialogs.export_sheet")
    import_sheet = deferred("desktop_app.ui.dialogs.import_sheet")
    import_users = deferred("desktop_app.ui.dialogs.import_users")
    printing = deferred("desktop_app.ui.widgets.printing")

NAMED = 5
"""Of so many people it is said why they were not made."""


class UserSheets(QObject):
    """Adds its actions to the tab; *wanted* is what its list finds."""

    def __init__(self, tab: RecordTab[User], wanted: Callable[[], UserFilter]) -> None:
        super().__init__(tab)
        self._tab, self._wanted = tab, wanted
        face = ActionAppearance(_tr("&Import users…"), "upload", tip=_tr("People from a CSV file or a workbook"))
        self.import_action = tab.add_own_action(
            Action(
                "import_sheet",
                face,
                lambda _none: self.ask_for_file(),
                lambda _none: tab.may(Verb.MANAGE_USERS),
                keys=["Ctrl+Shift+I"],
            )
        )
        exported = ExportedList(
            _tr("E&xport…"),
            lambda: export_sheet.ExportWords(
                _tr("Export users"),
                _tr("All users that the list finds by its search and filters, in its order: a row for each place."),
                _tr("Users"),
            ),
            self._writing,
            lambda: tab.may(Verb.MANAGE_USERS),
            _rows,
        )
        self.export_action = SheetExport(tab, exported).action

    def ask_for_file(self) -> None:
        """Which file comes in."""
        import_sheet.choose_sheet(self._tab, _tr("Import users"), self.show_file)

    def show_file(self, path: Path) -> None:
        """Who would be made."""
        context = self._tab.context
        memory = ColumnMemory(context.window_state, f"users_{context.lab.user.id.hex}")
        kind = import_users.UsersFromSheet(context.lab)
        dialog = import_sheet.ImportSheetDialog(context.jobs, kind, path, memory, self._tab, context.tasks)
        dialog.imported.connect(self._on_imported)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _writing(self, request: "export_sheet.ExportRequest") -> Write:
        exports, wanted, sort = self._tab.context.lab.user_exports, self._wanted(), self._tab.records.sort
        target, overwrite = request.target, request.overwrite
        return lambda report: exports.write(target, wanted, sort, report, overwrite=overwrite)

    def _on_imported(self, made: "UsersMade") -> None:
        self._tab.mark_stale()
        self._tab.context.events.changed.emit(User, None)
        text = _tr("Created: {what}. The first passwords are in {file}: print it, hand them over, delete it.")
        parts = [text.format(what=formatting.people(len(made.created)), file=made.passwords)]
        first: dict[int, SheetProblem] = {}
        for each in made.problems:
            first.setdefault(each.row, each)
        left = list(first.values())
        parts += [
            _tr("Row {row}: {problem}").format(row=formatting.number(each.row), problem=said(each.problem))
            for each in left[:NAMED]
        ]
        if len(left) > NAMED:
            parts.append(_tr("{what} more were not created.").format(what=formatting.people(len(left) - NAMED)))
        tone = Tone.WARNING if left else Tone.GOOD
        path = made.passwords
        act = None if path is None else lambda: self._print(path)
        self._tab.context.messages.notice(Notice(" ".join(parts), tone, _tr("Print…") if act else "", act))

    def _print(self, path: Path) -> None:
        jobs = self._tab.context.jobs
        jobs.read(self, "passwords", lambda: password_list.read_list(path), self._on_read, lane=Lane.LOCAL)

    def _on_read(self, text: str) -> None:
        printing.print_text(self._tab.window(), _tr("First passwords"), text, (), self._on_printed)

    def _on_printed(self, taken: bool) -> None:
        text = (
            _tr("The printer took it. Look at the sheets before you delete the file.")
            if taken
            else _tr("The printer did not take it. The file is still there.")
        )
        self._tab.context.messages.notice(Notice(text, Tone.INFO if taken else Tone.WARNING))


def _rows(number: int) -> str:
    return _tr("1 row") if number == 1 else _tr("{count} rows").format(count=formatting.number(number))


def _tr(text: str) -> str:
    return QCoreApplication.translate("user_sheets", text)
