"""The whole window on services in memory: first start, signing in, switching, keyboard, losing the server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.domain.profiles import Profile
from desktop_app.domain.rights import Standing
from desktop_app.errors import InvalidInputError, LabkeepError, RefusedError, UnavailableError
from desktop_app.services.setup import InitRequest, InitResult
from desktop_app.services.sign_in import PasswordChangeNeededError
from desktop_app.ui.application import Look
from desktop_app.ui.center_switcher import CenterPopup
from desktop_app.ui.dialogs.confirm import Confirm, NoteDialog
from desktop_app.ui.dialogs.first_run import Step, with_password
from desktop_app.ui.dialogs.first_run_pages import Place
from desktop_app.ui.dialogs.password_change import PasswordDialog
from desktop_app.ui.entrance import Entrance, Wish
from desktop_app.ui.jobs import Jobs, UnexpectedError
from desktop_app.ui.main_window import MainWindow
from desktop_app.ui.theme import Appearance
from desktop_app.ui.widgets.lamp import Reach
from tests.ui.stand_in import Lab, profile, sample

PASSWORD = "quiet tulip harbour"


@dataclass
class Door:
    """Signing in, in memory."""

    make_lab: Callable[[], Lab] = Lab
    errors: list[LabkeepError] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    keyring: str = "available"
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    labs: list[Lab] = field(default_factory=list)

    def sign_in(self, _profile: Profile, user: str, password: str, *, remember: bool = False, **more: Any) -> Lab:
        self.calls.append((user, password, remember, more.get("new_password")))
        if self.errors:
            raise self.errors.pop(0)
        return self._lab()

    def sign_in_remembered(self, _profile: Profile, user: str) -> Lab:
        self.calls.append((user, "remembered"))
        return self._lab()

    def remembered_names(self, _profile: Profile) -> list[str]:
        return list(self.names)

    def forget(self, _profile: Profile, user: str) -> None:
        self.names.remove(user)

    def credential_state(self) -> Any:
        return SimpleNamespace(value=self.keyring)

    def _lab(self) -> Lab:
        self.labs.append(self.make_lab())
        return self.labs[-1]


@dataclass
class House:
    """Setting up, the demo and the profiles, in memory."""

    profiles: list[Profile]
    demo_profile: Profile | None = None
    requests: list[InitRequest] = field(default_factory=list)
    errors: list[LabkeepError] = field(default_factory=list)

    def list(self) -> list[Profile]:
        return self.profiles

    def import_(self, path: Path) -> Profile:
        del path
        return profile()

    def existing(self) -> Profile | None:
        return self.demo_profile

    def accounts(self) -> tuple[Any, ...]:
        return (SimpleNamespace(label="Viewer of Istanbul", username="elif", password="Juniper-52"),)

    def make(self, report: Any) -> Any:
        report(1, 2)
        self.demo_profile = profile(display_name="Labkeep demo")
        return SimpleNamespace(profile=self.demo_profile, accounts=self.accounts(), made=True)

    def init(self, request: InitRequest, report: Any) -> InitResult:
        self.requests.append(request)
        report(1, 5)
        if self.errors:
            raise self.errors.pop(0)
        return InitResult(profile(), request.password or "", tuple(f"word{n}" for n in range(33)), "the kit", "a b c")


class Front:
    """A window and what stands behind it."""

    def __init__(self, jobs: Jobs, look: Look, file: Path, qtbot: QtBot) -> None:
        self.jobs, self.look, self.file, self.qtbot = jobs, look, file, qtbot
        self.door, self.house = Door(), House([profile()])
        self.window: MainWindow | None = None

    def open(self, wish: Wish | None = None) -> MainWindow:
        house: Any = self.house
        door: Any = self.door
        self.window = MainWindow(Entrance(house, door, house, house, self.file), self.jobs, self.look, wish)
        self.qtbot.addWidget(self.window)
        with self.qtbot.waitActive(self.window, timeout=20_000):
            self.window.show()
            self.window.activateWindow()
        return self.window

    def enter(self, standing: Standing = Standing.ADMIN, fill: Callable[[Lab], None] | None = None) -> Any:
        def make() -> Lab:
            lab = Lab(standing)
            if fill:
                fill(lab)
            return lab

        self.door.make_lab = make
        window = self.open()
        window.sign_in.sign_in_as("ayse.admin", PASSWORD)
        assert window.workspace is not None
        return window.workspace

    def dialog(self, kind: type[Any]) -> Any:
        return next(each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible())


@pytest.fixture
def front(jobs: Jobs, look: Look, tmp_path: Path, qtbot: QtBot) -> Iterator[Front]:
    made = Front(jobs, look, tmp_path / "window.ini", qtbot)
    yield made
    if made.window is not None:
        made.window.close()


def test_signing_in_opens_the_persons_center(front: Front) -> None:
    workspace = front.enter()
    assert workspace.work.center.name == "Istanbul Medical Center"
    assert front.window is not None
    assert front.window.windowTitle() == "Istanbul Medical Center — Labkeep"
    assert front.door.calls == [("ayse.admin", PASSWORD, False, None)]


@pytest.mark.parametrize(
    ("user", "password", "field_name", "said"),
    [("", PASSWORD, "user_name", "Type your user name."), ("ayse", "", "password", "Type your password.")],
)
def test_missing_words_are_asked_for_under_their_field(
    front: Front, user: str, password: str, field_name: str, said: str
) -> None:
    page = front.open().sign_in
    page.user_name.setText(user)
    page.password.setText(password)
    page.submit()
    assert page._fields[field_name].problem == said
    assert front.door.calls == []


def test_a_wrong_password_is_said_and_the_field_emptied(front: Front) -> None:
    page = front.open().sign_in
    front.door.errors = [RefusedError("User name or password is not right")]
    page.sign_in_as("ayse", "wrong")
    assert page.banner.text == "User name or password is not right."
    assert page.password.text() == ""
    assert page.verb.isEnabled()


def test_a_server_that_is_away_leaves_the_password_for_another_try(front: Front) -> None:
    page = front.open().sign_in
    front.door.errors = [UnavailableError("The server does not answer.")]
    page.sign_in_as("ayse", PASSWORD)
    assert page.banner.text == "The server does not answer."
    assert page.password.text() == PASSWORD
    page.verb.click()
    assert front.window is not None
    assert front.window.workspace is not None


def test_a_made_password_must_be_replaced(front: Front) -> None:
    window = front.open()
    front.door.errors = [PasswordChangeNeededError("Choose your own.")]
    window.sign_in.sign_in_as("ayse", "made-once")
    dialog = front.dialog(PasswordDialog)
    dialog.fields["new_password"].editor.setText("short")
    assert dialog.fields["new_password"].problem == "At least 12 characters."
    dialog.fields["new_password"].editor.setText(PASSWORD)
    dialog.fields["again"].editor.setText("something else")
    dialog.submit()
    assert dialog.fields["again"].problem == "The two are not the same."
    dialog.fields["again"].editor.setText(PASSWORD)
    dialog.submit()
    assert front.door.calls[-1] == ("ayse", "made-once", False, PASSWORD)
    assert window.workspace is not None


def test_the_demos_people_are_one_click_away_and_nobody_elses(front: Front) -> None:
    front.house.demo_profile = front.house.profiles[0]
    page = front.open().sign_in
    page._accounts.itemAt(0).widget().click()  # type: ignore[union-attr]
    assert front.door.calls == [("elif", "Juniper-52", False, None)]


def test_no_accounts_are_offered_outside_the_demo(front: Front) -> None:
    page = front.open().sign_in
    assert page._accounts_box.isHidden()


@pytest.mark.parametrize(
    ("keyring", "enabled", "said"),
    [
        ("available", True, ""),
        ("none", False, "This computer offers no safe place for it, so it cannot be remembered."),
        ("plaintext", False, "This computer would keep it unencrypted, so Labkeep does not remember it here."),
    ],
)
def test_remembering_says_honestly_what_this_computer_can(front: Front, keyring: str, enabled: bool, said: str) -> None:
    front.door.keyring = keyring
    page = front.open().sign_in
    assert page.remember.isEnabled() is enabled
    assert page._keyring.text() == said


def test_a_remembered_person_signs_in_without_typing_and_can_be_forgotten(front: Front) -> None:
    front.door.names = ["ayse.admin"]
    page = front.open().sign_in
    assert page.user_name.text() == "ayse.admin"
    page.submit()
    assert front.door.calls == [("ayse.admin", "remembered")]
    assert front.window is not None
    front.window.sign_out()
    page._forget.click()
    assert front.door.names == []
    page.submit()
    assert page._fields["password"].problem == "Type your password."


def test_signing_out_closes_everything_and_another_may_come(front: Front) -> None:
    workspace = front.enter()
    work = workspace.work
    assert front.window is not None
    workspace.header.sign_out_asked.emit()
    assert front.window.workspace is None
    assert front.door.labs[0].closed
    del workspace, work
    front.window.sign_in.sign_in_as("mehmet", PASSWORD)
    assert len(front.door.labs) == 2


def test_a_system_administrator_switches_centers_and_comes_back_to_the_last(front: Front) -> None:
    workspace = front.enter(Standing.SYSTEM)
    first = workspace.work
    workspace.header.switcher.open()
    popup = front.dialog(CenterPopup)
    rows = popup._model.rows
    other = next(at for at, center in enumerate(rows) if center.id != first.center.id)
    popup._on_chosen(popup._model.index(other, 0))
    assert workspace.work.center.id == rows[other].id
    assert first.closed, "the keys of the center that was left are forgotten"
    assert workspace.header.switcher.text().startswith(rows[other].name)
    lab = front.door.labs[0]
    assert workspace.desk.memory.last_center(lab.profile.installation_id, lab.user.id) == rows[other].id


def test_without_any_center_the_next_step_is_to_make_one(front: Front) -> None:
    workspace = front.enter(Standing.SYSTEM, lambda lab: lab.centers.rows.rows.clear())
    assert workspace.page is workspace.centers
    assert workspace.centers.records.empty.title == "No centers yet"
    for page in (workspace.samples, workspace.documents, workspace.activity):
        workspace.show_tab(page)
        assert page.records.empty.title == "No center is open"
        assert page.records.empty.isVisible()


def test_a_scanned_barcode_opens_its_sample_and_other_words_search_the_tab(front: Front) -> None:
    def fill(lab: Lab) -> None:
        lab.sample_rows = [sample(1, name="Serum"), sample(2, name="Plasma")]

    workspace = front.enter(fill=fill)
    field = workspace.header.search
    field.setText("20261121-0002")
    front.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.page is workspace.samples
    assert workspace.samples.records.current.name == "Plasma"
    assert field.text() == ""
    field.setText("Serum")
    front.qtbot.keyClick(field, Qt.Key.Key_Return)
    assert workspace.samples.records.search.text() == "Serum"


def test_every_tab_is_a_shortcut_away(front: Front) -> None:
    workspace = front.enter()
    pages = [workspace.centers, workspace.users, workspace.samples, workspace.documents, workspace.activity]
    for number, page in enumerate(pages, start=1):
        key = Qt.Key(Qt.Key.Key_0.value + number)
        front.qtbot.keyClick(workspace, key, Qt.KeyboardModifier.ControlModifier)
        assert workspace.page is page
    front.qtbot.keyClick(workspace, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert workspace.header.search.hasFocus()


def test_tab_walks_through_every_control_of_a_tab(front: Front) -> None:
    workspace = front.enter(fill=lambda lab: lab.sample_rows.extend([sample(1)]))
    workspace.show_tab(workspace.samples)
    workspace.samples.records.table.choose_row(0)
    workspace.samples.records.search.setFocus()
    met: set[QWidget] = set()
    while (widget := QApplication.focusWidget()) is not None and widget not in met:
        met.add(widget)
        front.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    detail = workspace.samples.sample_detail
    wanted = [workspace.samples.new, workspace.samples.records.table, detail.edit, detail.history, detail.attach]
    assert [str(each) for each in wanted if each not in met] == []


def test_losing_the_server_is_a_state_that_ends(front: Front) -> None:
    workspace = front.enter()
    lab = front.door.labs[0]
    lab.trouble.down = UnavailableError("The server does not answer.")
    workspace.refresh()
    assert workspace.header.lamp.reach is Reach.LOST
    assert workspace.documents.records.banner.text == "The server does not answer."
    lab.trouble.down = None
    workspace.header.lamp.click()
    assert workspace.header.lamp.reach is Reach.CONNECTED
    assert workspace.documents.records.banner.text == ""


def test_a_weak_connection_is_said_in_red(front: Front) -> None:
    def weaken(lab: Lab) -> None:
        from_domain: Any = profile(server="postgres", host="db.example.org", sslmode="require", data_dir=None)
        lab.profile = from_domain

    workspace = front.enter(fill=weaken)
    assert workspace.header.lamp.reach is Reach.WEAK


def test_alarms_of_the_trust_log_are_not_overlooked(front: Front) -> None:
    def alarm(lab: Lab) -> None:
        lab.alarms = ("Entry 7 of the trust log does not count: no right.",)

    workspace = front.enter(fill=alarm)
    assert workspace.banner.text == "Entry 7 of the trust log does not count: no right."


def test_what_nobody_foresaw_is_a_dialog(front: Front) -> None:
    workspace = front.enter()
    workspace.desk.messages.fail(UnexpectedError("Something unexpected happened (KeyError)."))
    note = front.dialog(NoteDialog)
    note.accept()


def test_closing_while_files_move_asks_first(front: Front, tmp_path: Path) -> None:
    workspace = front.enter()
    file = tmp_path / "a.txt"
    file.write_text("a")
    workspace.transfers.add([file], workspace.documents._destination())
    batch = next(iter(workspace.transfers._batches.values()))
    batch.ended = False
    assert front.window is not None
    front.window.close()
    assert front.window.isVisible()
    front.dialog(Confirm).verb.click()
    assert not front.window.isVisible()
    batch.ended = True
    assert front.door.labs[0].closed


def test_the_look_is_changed_at_once_and_remembered(front: Front, look: Look) -> None:
    workspace = front.enter()
    assert front.window is not None
    workspace.header.appearance_chosen.emit(Appearance.DARK)
    assert look.appearance is Appearance.DARK
    assert front.window.memory.appearance is Appearance.DARK


def test_the_first_start_sets_up_and_signs_in(front: Front, tmp_path: Path) -> None:
    front.house.profiles = []
    window = front.open()
    page = window.first_run
    assert page.isVisible()
    page.go_on()
    lines = page.person._lines
    page.go_on()
    assert page.person._shown["username"].problem == "A user name is needed."
    assert page.person._shown["password"].problem == "At least 12 characters."
    for name, text in (("username", "Fatma"), ("email", "f@lab.example"), ("password", PASSWORD), ("again", PASSWORD)):
        lines[name].setText(text)
    front.house.errors = [InvalidInputError({"store": "Nothing can be written to /srv."})]
    page.go_on()
    assert page.step is Step.PLACE
    assert page.place._store.problem == "Nothing can be written to /srv."
    page.go_on()
    page.go_on()
    assert page.step is Step.KIT
    assert not page.verb.isEnabled()
    page.kit.save_to(tmp_path / "kit.txt")
    assert (tmp_path / "kit.txt").read_text() == "the kit"
    assert (tmp_path / "kit.txt").stat().st_mode & 0o077 == 0
    page.kit.kept.setChecked(True)
    page.go_on()
    assert front.house.requests[-1].administrator.username == "fatma"
    assert front.house.requests[-1].dsn is None
    assert front.door.calls == [("fatma", PASSWORD, False, None)]
    assert window.workspace is not None
    assert page.kit._text == "", "the kit is not kept"


def test_the_demo_is_one_wish_away(front: Front) -> None:
    front.house.profiles = []
    window = front.open(Wish(demo=True))
    assert window.sign_in.isVisible()
    assert window.sign_in.profile.value.display_name == "Labkeep demo"
    assert not window.sign_in._accounts_box.isHidden()


def test_a_set_up_that_fails_says_why_and_can_be_tried_again(front: Front) -> None:
    front.house.profiles = []
    page = front.open().first_run
    page.place.choose(Place.OWN)
    page.go_on()
    assert page.place._dsn.problem == "Type how the server is reached."
    page.place._dsn.editor.setText("postgresql://postgres@db/postgres")
    page.place._store.editor.setText("/mnt/share")
    page.go_on()
    for name, text in (("username", "fatma"), ("email", "f@lab.example"), ("password", PASSWORD), ("again", PASSWORD)):
        page.person._lines[name].setText(text)
    front.house.errors = [RefusedError("The cluster holds other databases: billing.")]
    page.go_on()
    assert page.step is Step.PERSON
    assert page.banner.text == "The cluster holds other databases: billing."
    page.go_on()
    assert page.step is Step.KIT


@pytest.mark.parametrize(
    ("dsn", "password", "whole"),
    [
        ("postgresql://postgres@db/postgres", "", "postgresql://postgres@db/postgres"),
        ("postgresql://postgres@db:5433/postgres", "a/b@c", "postgresql://postgres:a%2Fb%40c@db:5433/postgres"),
        ("postgresql://db/postgres", "x", "postgresql://postgres:x@db/postgres"),
        ("host=db user=postgres", "it's", "host=db user=postgres password='it\\'s'"),
    ],
)
def test_the_superusers_password_is_put_into_the_connection(dsn: str, password: str, whole: str) -> None:
    assert with_password(dsn, password) == whole
