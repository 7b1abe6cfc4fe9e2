"""Files of an older system: which ones, the keys that open them, and the sample they belong to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop_app.domain.text_rules import clean
from desktop_app.errors import InvalidInputError, LabkeepError
from desktop_app.paths import expanded
from desktop_app.services.documents.sources import FernetFiles, opened_by
from desktop_app.ui.dialogs.document import find_sample
from desktop_app.ui.dialogs.form_dialog import FormDialog, FormText, Work
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.text.drop_text import chosen_text
from desktop_app.ui.widgets.buttons import Button
from desktop_app.ui.widgets.drop_overlay import DropTarget
from desktop_app.ui.widgets.field import Field, LongText
from desktop_app.ui.widgets.file_choice import choose_file, choose_files, choose_folder
from desktop_app.ui.widgets.styling import column

Value = TypeVar("Value")


@dataclass(frozen=True)
class ImportRequest:
    """What is to be taken in: for ``Transfers.add``."""

    paths: tuple[Path, ...]
    destination: Destination
    sources: FernetFiles


class ImportDialog(FormDialog):
    """Files, a file of keys, a sample; ``saved`` brings the ImportRequest once the keys are known to be keys."""

    def __init__(
        self, jobs: Jobs, destination: Destination, paths: Sequence[Path] = (), parent: QWidget | None = None
    ) -> None:
        """*paths* are offered, where an import is tried again."""
        text = FormText(
            self.tr("Import encrypted files"),
            self.tr("Import"),
            self.tr(
                "Files of an older system that hold Fernet tokens. They are opened in memory and sealed for {center}; "
                "the files themselves stay as they are. Each is taken whole or not at all."
            ).format(center=destination.work.center.name),
            width=640,
        )
        super().__init__(jobs, text, parent)
        self._destination = destination
        self._paths_text = LongText(4)
        self._paths_text.setAcceptDrops(False)  # the dialog takes what is dropped
        self._paths = Field(
            "paths",
            self.tr("&Files and folders"),
            self._paths_text,
            self.tr("One a line, or drop them here. At most 128 MiB each."),
        )
        self.choose_files = Button(self.tr("&Choose files…"), "file-plus")
        self.choose_folder = Button(self.tr("C&hoose a folder…"), "folder-open")
        self._paths.put_beside(_stacked(self.choose_files, self.choose_folder))
        self._keys_line = QLineEdit()
        self._key_file = Field(
            "key_file",
            self.tr("&Key file"),
            self._keys_line,
            self.tr("The older system's Fernet keys, one a line; each is tried, the first one first."),
        )
        self.choose_keys = Button(self.tr("Choose a f&ile…"), "key-round")
        self._key_file.put_beside(self.choose_keys)
        self._sample = Field(
            "sample_id", self.tr("&Sample"), QLineEdit(), self.tr("The sample's barcode; empty for none.")
        )
        self._sample.set_value(destination.sample_name)
        self.set_form([[self._paths], [self._key_file], [self._sample]], self.problems, self._collect_work)
        # Offered, and not typed by anybody: leaving asks nothing.
        self._paths.set_value("\n".join(map(str, paths)))
        self.fields.remember()
        self._connect()

    def problems(self) -> dict[str, str]:
        """Field name to sentence; whether the keys are keys is found out when they are read."""
        found: dict[str, str] = {}
        if not self._chosen():
            found["paths"] = self.tr("Choose the files, or a folder of them.")
        if not self._key_file.value.strip():
            found["key_file"] = self.tr("Choose the file that holds the keys.")
        return found

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Take these, too; used by the buttons and by the drop."""
        lines = [*map(str, self._chosen()), *map(str, paths)]
        self._paths_text.setPlainText("\n".join(dict.fromkeys(lines)))

    def _connect(self) -> None:
        self.choose_files.clicked.connect(lambda: choose_files(self, self.tr("Encrypted files"), self.add_paths))
        self.choose_folder.clicked.connect(
            lambda: choose_folder(self, self.tr("A folder of encrypted files"), lambda path: self.add_paths([path]))
        )
        self.choose_keys.clicked.connect(
            lambda: choose_file(self, self.tr("Key file"), lambda path: self._keys_line.setText(str(path)))
        )
        self.drop = DropTarget(self, lambda paths: (chosen_text(paths), True))
        self.drop.dropped.connect(self.add_paths)

    def _chosen(self) -> list[Path]:
        lines = (line.strip() for line in self._paths_text.toPlainText().splitlines())
        return [Path(line) for line in lines if line]

    def _collect_work(self) -> Work:
        destination, paths = self._destination, self._chosen()
        key_file, barcode = Path(self._key_file.value.strip()), clean(self._sample.value)

        def work() -> ImportRequest:
            sources = _of("key_file", lambda: opened_by(expanded(key_file)))
            chosen = _of("paths", lambda: tuple(expanded(path) for path in paths))
            return ImportRequest(chosen, _narrowed(destination, barcode), sources)

        return work


def _of(field: str, work: Callable[[], Value]) -> Value:
    """What the work gives; what is wrong with it stands under the field that it comes from."""
    try:
        return work()
    except LabkeepError as error:
        raise InvalidInputError({field: error.message}) from error


def _narrowed(destination: Destination, barcode: str) -> Destination:
    """Where the files go when this barcode stands in the form."""
    if barcode == destination.sample_name:
        return destination
    sample_id = find_sample(destination.work, barcode)
    return Destination(destination.work, sample_id, barcode if sample_id else "")


def _stacked(*buttons: Button) -> QWidget:
    holder = QWidget()
    layout = column(holder, gap=8)
    for button in buttons:
        layout.addWidget(button)
    layout.addStretch(1)
    return holder
