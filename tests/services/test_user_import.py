"""People from a sheet: a first password is on the list if and only if its person is there."""

import stat
from pathlib import Path

import pytest

from desktop_app.domain.rights import Role
from desktop_app.domain.sheets import Sheet
from desktop_app.errors import Cancelled, RefusedError, UnavailableError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, Person, World, person

HEADINGS = ("User name", "Email", "Role", "Center")


def sheet(*names: str) -> Sheet:
    rows: list[tuple[str, ...]] = [(name, f"{name}@lab.example", "viewer", "alpha") for name in names]
    return Sheet(HEADINGS, rows, tuple(range(2, len(rows) + 2)))


def listed(path: Path) -> list[Person]:
    lines = [line.split()[-1] for line in path.read_text().splitlines() if line.startswith(("User", "Pass"))]
    return [Person(*pair) for pair in zip(lines[::2], lines[1::2], strict=True)]


def test_who_was_taken_meanwhile_is_told_and_has_no_password(world: World, tmp_path: Path) -> None:
    admin: Lab = world.lab("a.admin")
    one, two, three = (world.unused("sheet") for _ in range(3))
    planned = admin.user_imports.plan(sheet(one, two, three))
    assert planned.problems == ()
    admin.users.create(person(two, Role.VIEWER, admin.user.center_id))
    stopped = admin.user_imports.apply(planned, tmp_path / "stopped.txt")
    assert [each.username for each in stopped.created] == [one]
    assert [(each.row, each.value) for each in stopped.problems] == [(3, two), (4, three)]
    assert [each.username for each in listed(tmp_path / "stopped.txt")] == [one]

    rest = admin.user_imports.apply(planned, tmp_path / "rest.txt", skip_bad=True)
    assert [each.username for each in rest.created] == [three]
    assert [each.row for each in rest.problems] == [2, 3]
    [last] = listed(tmp_path / "rest.txt")
    assert last.username == three


def test_what_fails_after_the_person_is_there_takes_no_password_away(world: World, tmp_path: Path) -> None:
    admin: Lab = world.lab("a.admin")
    name = world.unused("sheet")
    imports = admin.user_imports
    finish = imports.users._finish

    def failing() -> None:
        raise RefusedError("Something came in between.")

    object.__setattr__(imports.users, "_finish", failing)
    try:
        made = imports.apply(imports.plan(sheet(name)), tmp_path / "list.txt")
    finally:
        object.__setattr__(imports.users, "_finish", finish)
    assert ([each.username for each in made.created], made.problems) == ([name], ())
    assert [each.username for each in listed(tmp_path / "list.txt")] == [name]


def test_a_person_of_the_name_whom_somebody_else_made_is_not_counted_as_ours(world: World, tmp_path: Path) -> None:
    admin, other = world.lab("a.admin"), world.lab(ROOT)
    name, imports = world.unused("sheet"), admin.user_imports
    planned = imports.plan(sheet(name))
    change = imports.users._change

    def overtaken(*_what: object) -> None:
        other.users.create(person(name, Role.VIEWER, admin.user.center_id))
        raise UnavailableError("The server is away.")

    object.__setattr__(imports.users, "_change", overtaken)
    try:
        made = imports.apply(planned, tmp_path / "list.txt")
    finally:
        object.__setattr__(imports.users, "_change", change)
    assert made.created == ()
    assert [(each.row, str(each.problem)) for each in made.problems] == [
        (2, "This user name is taken; user names are never used again.")
    ]
    assert not (tmp_path / "list.txt").exists(), "a password that opens nothing"


def test_who_stops_it_is_told_who_was_made_and_keeps_their_passwords(world: World, tmp_path: Path) -> None:
    admin: Lab = world.lab("a.admin")
    names = [world.unused("sheet") for _ in range(3)]

    def stop_after_two(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled("Stopped.")

    made = admin.user_imports.apply(
        admin.user_imports.plan(sheet(*names)), tmp_path / "list.txt", report=stop_after_two
    )
    assert [each.username for each in made.created] == names[:2]
    assert [(each.value, str(each.problem)) for each in made.problems] == [
        (names[2], "Not created: it was stopped before.")
    ]
    assert [each.username for each in listed(tmp_path / "list.txt")] == names[:2]


def test_columns_are_offered_and_recognised(world: World) -> None:
    fields = world.lab("a.admin").user_imports.fields_for(["Login", "E-mail", "Last day", "Shoe size"])
    assert fields.named == ("username", "email", "until", "")
    assert dict(fields.offered)["first_name"] == "First name"


def test_a_problem_is_told_under_the_heading_of_its_sheet_and_once(world: World, tmp_path: Path) -> None:
    root = world.lab(ROOT)
    headings = ("Login", "Mail", "Role", "Center", "Last day")
    rows: list[tuple[str, ...]] = [
        (world.unused("sheet"), "nobody", "viewer", "alpha", ""),
        (world.unused("sheet"), "two@lab.example", "boss", "alpha", "2030-01-01"),
        (world.unused("sheet"), "three@lab.example", "admin", "", "2030-01-01"),
        (world.unused("sheet"), "four@lab.example", "viewer", "alpha", "soon"),
    ]
    planned = root.user_imports.plan(Sheet(headings, rows, (2, 3, 4, 5)))
    said = [(each.row, each.column, each.value) for each in planned.problems]
    assert said == [(2, "Mail", "nobody"), (3, "Role", "boss"), (4, "Last day", "2030-01-01"), (5, "Last day", "soon")]


def test_the_list_of_passwords_is_its_owners_alone(world: World, tmp_path: Path) -> None:
    imports = world.lab("a.admin").user_imports
    path = tmp_path / "list.txt"
    imports.apply(imports.plan(sheet(world.unused("sheet"))), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_whole_name_is_divided_and_roles_are_known_as_the_list_says_them(world: World, tmp_path: Path) -> None:
    admin = world.lab("a.admin")
    headings = ("User name", "Name", "Role", "Center", "Email")
    names = [world.unused("sheet") for _ in range(4)]
    rows: list[tuple[str, ...]] = [
        (names[0], "Anna Maria  Öz", "Viewer", "alpha", "a@lab.example"),
        (names[1], "Cher", "Administrator", "alpha", "c@lab.example"),
        (names[2], "", "User", "alpha", "e@lab.example"),
        (names[3], "x" * 200 + " y", "user", "alpha", "l@lab.example"),
    ]
    planned = admin.user_imports.plan(Sheet(headings, rows, (2, 3, 4, 5)))
    assert planned.columns["Name"] == "Name"
    assert [(each.row, each.column, each.value) for each in planned.problems] == [(5, "Name", rows[3][1])]
    assert [(each.draft.first_name, each.draft.last_name, each.draft.role) for each in planned.new] == [
        ("Anna Maria", "Öz", Role.VIEWER),
        ("Cher", "", Role.ADMIN),
        ("", "", Role.USER),
    ]
    both = Sheet(("User name", "Name", "First name", "Role", "Email"), [], ())
    assert admin.user_imports.fields_for(both.headings).named == ("username", "", "first_name", "role", "email")
    assert admin.user_imports.plan(both).ignored == ("Name",)
    with pytest.raises(RefusedError, match="first and last name in one"):
        admin.user_imports.plan(both, {"Name": "name"})


def test_looking_at_the_rows_is_told_and_can_be_stopped(world: World) -> None:
    admin: Lab = world.lab("a.admin")
    rows = sheet(*(world.unused("sheet") for _ in range(3)))
    told: list[tuple[int, int]] = []
    admin.user_imports.plan(rows, report=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3)]

    def stop(done: int, _total: int) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        admin.user_imports.plan(rows, report=stop)
