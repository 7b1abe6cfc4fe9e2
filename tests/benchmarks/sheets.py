"""Sheets in and out: an import of very many rows, and an export whose memory does not grow with them."""

import csv
import time
from contextlib import closing
from pathlib import Path

import openpyxl
import psycopg2

from desktop_app.domain.drafts import CenterDraft
from desktop_app.domain.sheets import SheetOptions
from desktop_app.services.sheets.sheet_file import read_sheet
from tests.benchmarks.harness import Figure
from tests.benchmarks.place import INSERT_SAMPLES, Place

HEADINGS = ("Barcode", "Name", "Type", "Description", "Collected at")


def sheets(place: Place, brought_in: int, taken_out: int) -> list[Figure]:
    """So many rows into a center of their own, as CSV and as XLSX; and so many out of another."""
    return [*_imports(place, brought_in), *_exports(place, taken_out)]


def _imports(place: Place, number: int) -> list[Figure]:
    figures = []
    for suffix in ("csv", "xlsx"):
        path = place.folder / f"in.{suffix}"
        _write(path, number)
        center = place.lab.centers.create(CenterDraft(name=f"Into {suffix}", slug=f"into-{suffix}"))
        with place.lab.center(center) as work:
            start = time.perf_counter()
            plan = work.imports.plan(read_sheet(path, SheetOptions()))
            shown = time.perf_counter() - start
            made = work.imports.apply(plan)
            seconds = time.perf_counter() - start
        assert made.created == number, made.problems[:1]
        note = f"{shown:.1f} s of it until it is shown"
        figures.append(
            Figure(f"import {number:,} samples, {suffix}", "Labkeep", seconds, 0.0, 1, None, "under 30 s", note)
        )
        path.unlink()
    return figures


def _write(path: Path, number: int) -> None:
    rows = ((f"I-{at:07}", f"Tube {at}", "blood", "Brought in", "2026-11-21 09:30") for at in range(number))
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(rows)
        return
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Samples")
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    book.save(path)


def _exports(place: Place, number: int) -> list[Figure]:
    figures = []
    for rows in (number // 10, number):
        center = place.lab.centers.create(CenterDraft(name=f"Out of {rows}", slug=f"out-of-{rows}"))
        with closing(psycopg2.connect(place.admin_dsn)) as raw, raw, raw.cursor() as cursor:
            cursor.execute(f"set local search_path = {center.schema_name}, public")
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(INSERT_SAMPLES, (rows,))
        for suffix in ("csv", "xlsx"):
            path = place.folder / f"out.{suffix}"
            before = _begin_peak()
            with place.lab.center(center) as work:
                start = time.perf_counter()
                made = work.exports.write(path)
                seconds = time.perf_counter() - start
            assert made.rows == rows
            grown = f"{max(0, _peak() - before) / 1024:.0f} MiB more memory at most"
            figures.append(Figure(f"export {rows:,} samples, {suffix}", "Labkeep", seconds, 0.0, 1, None, note=grown))
            path.unlink()
    return figures


def _begin_peak() -> int:
    """Forget the process's largest memory until now (Linux, proc_pid_clear_refs(5)); what it takes now, in KiB."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
