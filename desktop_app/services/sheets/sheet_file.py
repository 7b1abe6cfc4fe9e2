"""A sheet from a file and into one, whichever of the two kinds it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from desktop_app.domain.progress import Report, silent
from desktop_app.domain.sheets import Sheet, SheetOptions
from desktop_app.errors import RefusedError
from desktop_app.services.sheets.csv_file import MOST_BYTES, CsvWriter, read_csv
from desktop_app.services.sheets.xlsx_file import read_xlsx
from desktop_app.services.sheets.xlsx_writer import XlsxWriter
from desktop_app.storage.private_files import PrivateTemp

SUFFIXES = (".csv", ".xlsx")
AS_IT_TELLS = SheetOptions()
_ZIP = b"PK"
_OLD = bytes.fromhex("D0CF11E0A1B11AE1")


def read_sheet(path: Path, options: SheetOptions = AS_IT_TELLS, report: Report = silent) -> Sheet:
    """The sheet in the file, by what it holds and not by what it is called; RefusedError where it is none."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_OLD))
            file.seek(0)
            if start.startswith(_ZIP):
                return read_xlsx(file, options, report)
            if start == _OLD:
                raise RefusedError(
                    "This is a workbook of the old form, or one with a password. Save it as .xlsx without one, or as "
                    "CSV."
                )
            return read_csv(file.read(MOST_BYTES + 1), options, report)
    except OSError as error:
        raise RefusedError("{file} cannot be read: {why}.", file=path.name, why=error.strerror or str(error)) from error


class SheetWriter(Protocol):
    """Takes the headings, and then row after row."""

    def write(self, cells: "list[str | float]") -> None:
        """One row."""

    def finish(self) -> None:
        """All rows are there."""


@contextmanager
def written_sheet(target: Path, name: str, columns: int, *, overwrite: bool) -> Iterator[SheetWriter]:
    """A new file of the kind that its ending says, CSV or XLSX; under its name it is whole, or not there.

    RefusedError for another ending; TargetExistsError and TargetError.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise RefusedError("{file} must end with .csv or .xlsx.", file=target.name)
    with PrivateTemp(target, overwrite=overwrite) as temp:
        writer = XlsxWriter(temp.file, name, columns) if suffix == ".xlsx" else CsvWriter(temp.file)
        yield writer
        writer.finish()
        temp.commit()
