"""Names that look like HTML, in every dialog that an action opens: read letter by letter, nothing of them loaded."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFileDialog,
    QGroupBox,
    QLabel,
    QMenu,
    QTabBar,
    QWidget,
)

from desktop_app.domain.fields import FieldKind
from desktop_app.domain.records import ListedType, Membership
from desktop_app.domain.rights import Role, Standing
from desktop_app.domain.saved_views import SavedView, ViewContent
from desktop_app.domain.work_lists import WorkItem, WorkList
from desktop_app.ui.dialogs.center_lists import CenterListsDialog, WordList
from desktop_app.ui.models.transfers import Destination
from desktop_app.ui.shell.scanner.page import ScannedPage
from desktop_app.ui.shell.workspace import Workspace
from tests.ui import fake_vocabulary
from tests.ui.fake_fields import defined
from tests.ui.fake_services import Lab, in_memory
from tests.ui.made_records import START, document, entry, sample, user
from tests.ui.test_plain_text import Watched, in_sight, look_at_everything, picture
from tests.ui.window_fixture import WindowDriver

__all__ = ["picture"]
ENDS = {"quit", "lock", "leave", "sign_out", "about_qt", "status"}
"""Actions after which nothing is there to be looked at."""
MARK = "<b>x</b> & co"


def evil(picture: Watched) -> str:
    return f'<img src="{picture.path.as_uri()}"> {MARK}'


def fill(lab: Lab, name: str) -> None:
    lab.centers.rows.change(lab.istanbul, name=name, description=name)
    lab.istanbul = lab.centers.rows.find(lab.istanbul.id)
    metadata = {name: name, "choice": name}
    lab.defined = [
        defined(name, FieldKind.TEXT, unit=name),
        replace(defined(name + "2", FieldKind.CHOICE, choices=(name, "b")), key="choice"),
    ]
    texts = {"description": name, "results": name, "collected_place": name, "responsible_name": name}
    lab.sample_rows = [
        sample(at, name=name, barcode=f"{name}{at}", type_name=name, metadata=metadata, **texts) for at in (1, 2)
    ]
    of_sample = {"sample_id": lab.sample_rows[0].id, "sample_barcode": name}
    lab.document_rows = [
        document(at, title=f"{name}{at}", file_name=name, document_type=name, tags=(name,), **of_sample)
        for at in (1, 2)
    ]
    place = Membership(center_id=lab.istanbul.id, center=name, role=Role.USER)
    names = {"first_name": name, "last_name": name, "phone": name, "email": name}
    for login in ("aaa", "aab"):
        lab.users.rows.put(user(login, Role.USER, None, is_system=False, memberships=(place,), **names))
    row = lab.sample_rows[0].id
    lab.entries = [
        entry(1, row, {"name": name, "metadata": {}}, {"name": name, "metadata": metadata}, who=name, reason=name)
    ]
    lab.notices = [name]


@pytest.fixture
def name(picture: Watched, monkeypatch: pytest.MonkeyPatch) -> str:
    made = evil(picture)
    types = (ListedType(code="blood", name=made, is_active=True, position=1),)
    monkeypatch.setattr(fake_vocabulary, "REASONS", (made,))
    monkeypatch.setattr(fake_vocabulary.Vocabulary, "sample_types", lambda _self, *, include_inactive=False: types)
    return made


def furnish(space: Workspace, name: str) -> None:
    work = in_memory(space.work)
    view = SavedView(
        id=uuid4(), name=name, is_shared=True, is_own=True, owner=name, updated_at=START, text=ViewContent().text
    )
    work.views.kept[view.id] = view
    item = work.samples.list().rows[0]
    listed = WorkList(id=uuid4(), name=name, user_id=None, person=name, created_at=START, samples=1, done=0)
    work.work_lists.lists[listed.id] = listed
    work.work_lists.entries[listed.id] = {
        item.id: WorkItem(sample_id=item.id, barcode=item.barcode, name=name, is_done=True, done_at=START, done_by=name)
    }


def opened() -> Iterator[QWidget]:
    """What was opened, the newest first, closed when it was looked at."""
    for _ in range(10):
        QCoreApplication.processEvents()
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if found is None:
            return
        yield found
        if isinstance(found, QDialog) and not isinstance(found, QFileDialog):
            found.done(0)
        else:
            found.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    raise AssertionError("it does not close")


def check_mnemonics(root: QWidget) -> None:
    """Where Qt takes & for a key, a name has two of them; elsewhere one."""
    for widget in (root, *in_sight(root)):
        texts: list[tuple[str, bool]] = []
        if isinstance(widget, QAbstractButton):
            texts.append((widget.text(), True))
        elif isinstance(widget, QGroupBox):
            texts.append((widget.title(), True))
        elif isinstance(widget, QTabBar):
            texts += [(widget.tabText(at), True) for at in range(widget.count())]
        elif isinstance(widget, QLabel):
            texts.append((widget.text(), widget.buddy() is not None))
        elif isinstance(widget, QMenu):
            texts += [(each.text(), True) for each in all_entries(widget)]
        for text, takes_keys in texts:
            if MARK.replace("&", "&&") in text or MARK in text:
                assert (MARK.replace("&", "&&") in text) is takes_keys, f"{type(widget).__name__}: {text}"


def all_entries(menu: QMenu) -> Iterator[QAction]:
    for each in menu.actions():
        yield each
        below = each.menu()
        if isinstance(below, QMenu):
            below.aboutToShow.emit()
            yield from all_entries(below)


def look(root: QWidget, name: str) -> int:
    check_mnemonics(root)
    seen = look_at_everything(root, name)
    root.grab()
    return seen


@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("standing", [Standing.SYSTEM, Standing.ADMIN])
def test_every_dialog_shows_names_as_they_are(
    driver: WindowDriver, picture: Watched, name: str, standing: Standing, several: bool
) -> None:
    space = driver.enter(standing, lambda lab: fill(lab, name))
    if standing is Standing.SYSTEM:
        space.open_center(driver.sign_in.labs[0].istanbul)
    furnish(space, name)
    seen: dict[str, int] = {}
    kinds: set[type[QWidget]] = set()
    for page in space.tabs:
        space.show_tab(page)
        for offer in tuple(space.actions_of_all):
            if offer.live.action.name in ENDS or not offer.is_in_front or offer.id in seen:
                continue
            choose(page, name, several=several)
            QCoreApplication.processEvents()
            seen[offer.id] = 0
            offer.run()
            for found in opened():
                kinds.add(type(found))
                if not isinstance(found, QFileDialog):
                    seen[offer.id] += look(found, name)
            space.show_tab(page)
        look(space, name)
    assert picture.times_opened() == 0
    assert len(kinds) > 12, kinds
    assert sum(map(bool, seen.values())) > 8, seen


def is_of(model: QAbstractItemModel, row: int, name: str) -> bool:
    return any(name in str(model.index(row, at).data()) for at in range(model.columnCount()))


def choose(page: Any, name: str, *, several: bool) -> None:
    records = getattr(page, "records", None)
    if records is None:
        return
    rows = [at for at in range(records.model.rowCount()) if is_of(records.model, at, name)]
    if rows:
        records.table.choose_row(rows[0])
        if several and records.table.may_choose_many:
            records.table.selectAll()


def test_the_menus_show_names_as_they_are(driver: WindowDriver, picture: Watched, name: str) -> None:
    space = driver.enter(Standing.ADMIN, lambda lab: fill(lab, name))
    furnish(space, name)
    for page in space.tabs:
        space.show_tab(page)
        choose(page, name, several=False)
        for menu in space.menu_bar.menus.values():
            menu.aboutToShow.emit()
            check_mnemonics(menu)
        columns = page.records.table.menu()
        columns.aboutToShow.emit()
        check_mnemonics(columns)
    assert picture.times_opened() == 0


def test_a_sheet_of_names_shows_them_as_they_are(
    driver: WindowDriver, picture: Watched, name: str, tmp_path: Path
) -> None:
    space = driver.enter(Standing.ADMIN, lambda lab: fill(lab, name))
    cell = '"{}"'.format(name.replace('"', '""'))
    file = tmp_path / f"{MARK.replace('/', '')}.csv"
    file.write_text(f"Name,Kind,{cell}\n{cell},{cell},{cell}\n", "utf-8")
    users = tmp_path / "people.csv"
    users.write_text(f"User name,Email,Role,{cell}\n{cell},{cell},{cell},{cell}\n", "utf-8")
    space.show_tab(space.tabs.centers)
    choose(space.tabs.centers, name, several=False)
    space.tabs.centers.lists.trigger()
    lists = driver.dialog(CenterListsDialog)

    def edit(words: WordList[Any]) -> None:
        lists.tabs.setCurrentWidget(words)
        words.edit.click()

    ways: dict[str, Callable[[], None]] = {
        "fields": lambda: lists.sheets.show_file(file),
        "samples": lambda: space.tabs.samples.sheets.show_file(file),
        "users": lambda: space.tabs.users.sheets.show_file(users),
        **{each.table.accessibleName(): partial(edit, each) for each in (lists.fields, lists.types, lists.reasons)},
    }
    assert look(lists, name)
    seen: dict[str, int] = {}
    for way, begin in ways.items():
        begin()
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        assert dialog is not lists, way
        seen[way] = look(dialog, name)
        dialog.done(0)
    assert all(seen[way] for way in ("fields", "samples", "users")), seen
    assert picture.times_opened() == 0


def test_what_lies_over_the_tabs_shows_names_as_they_are(
    driver: WindowDriver, picture: Watched, name: str, tmp_path: Path
) -> None:
    space = driver.enter(Standing.ADMIN, lambda lab: fill(lab, name))
    furnish(space, name)
    seen: dict[str, int] = {}
    for offer in tuple(space.actions_of_all):
        if offer.live.action.name in ("today", "scan_mode"):
            offer.run()
            for code in (name + "1", name + "x"):
                scan(space, code)
            seen[offer.id] = look(space, name)
    space.header.search.setFocus()
    QTest.keyClicks(space.header.search, MARK)
    driver.qtbot.waitUntil(lambda: bool(space.palette_of_all.hits) and not space.palette_of_all._pause.isActive())
    assert driver.window is not None
    seen["palette"] = look(driver.window, name)
    space.header.search.clear()
    space.show_tab(space.tabs.documents)
    file = tmp_path / (MARK.replace("/", "") + ".txt")
    file.write_text("x")
    assert space.work is not None
    space.transfers.add([file, tmp_path / "gone <b>.txt"], Destination(space.work))
    driver.qtbot.waitUntil(lambda: not space.transfers.is_active)
    assert any(file.name in str(row.name) for row in space.transfers.table.rows)
    look(driver.window, name)
    assert all(seen.values()), seen
    assert len(seen) == 3
    assert picture.times_opened() == 0


def scan(space: Workspace, code: str) -> None:
    pages = [each for each in space.findChildren(ScannedPage) if each.isVisible()]
    for page in pages:
        page.code.setText(code)
        QTest.keyClick(page.code, Qt.Key.Key_Return)
