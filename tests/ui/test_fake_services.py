"""The services in memory are what they stand for: same names, same signatures, and all that the window asks for."""

import ast
import builtins
import inspect
import re
import textwrap
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, cached_property
from pathlib import Path
from types import FunctionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

import desktop_app.ui
from tests.ui import fake_services, window_fixture
from tests.ui.in_memory import FAKES, Comparison, Trouble

TESTS = Path(__file__).parent
UI = Path(desktop_app.ui.__file__).parent
STANDS_FOR = {compared.fake: compared.services for compared in FAKES}
IDS = [compared.fake.__name__ for compared in FAKES]
UNKNOWN = "of no stated type"


def members(of: type) -> dict[str, Any]:
    """Public name to what it is: the function of a method, or the type of an attribute."""
    found: dict[str, Any] = {}
    for each in reversed(of.__mro__[:-1]):
        found |= get_type_hints(each) if each.__module__ != "typing" else {}
        for name, value in vars(each).items():
            value = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            if isinstance(value, FunctionType):
                found[name] = value
            elif isinstance(value, property):
                found[name] = get_type_hints(value.fget)["return"]
            elif isinstance(value, cached_property):
                found[name] = get_type_hints(value.func)["return"]
        if isinstance(vars(each).get("__init__"), FunctionType) and "__dataclass_fields__" not in vars(each):
            found |= assigned(each)
    return {name: value for name, value in found.items() if not name.startswith("_")}


def assigned(of: type) -> dict[str, Any]:
    """What ``__init__`` puts on the object: as it says itself, by the class that it calls, or by its parameter."""
    made: FunctionType = vars(of)["__init__"]
    names = vars(builtins) | made.__globals__
    parameters = get_type_hints(made)
    found: dict[str, Any] = {}
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(made)))):
        match node:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                found[name] = eval(ast.unparse(node.annotation), names)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                match value:
                    case ast.Call(func=ast.Name(id=called)) if isinstance(names.get(called), type):
                        found[name] = names[called]
                    case ast.Name(id=given):
                        found[name] = parameters.get(given, UNKNOWN)
                    case _:
                        found[name] = UNKNOWN
    return found


def as_service(hint: Any) -> Any:
    """The type with each class in memory replaced by what it stands for."""
    if isinstance(hint, list):  # the parameters of a Callable
        return [as_service(each) for each in hint]
    if isinstance(hint, type) and hint in STANDS_FOR:
        return STANDS_FOR[hint][0]
    if get_origin(hint) is None:
        return hint
    return get_origin(hint), tuple(as_service(each) for each in get_args(hint))


def kinds(function: FunctionType) -> list[tuple[str, str, Any, Any]]:
    """Each parameter and what comes back: name, kind, default, type."""
    hints = get_type_hints(function)
    rows = [
        (each.name, each.kind.description, each.default, as_service(hints.get(each.name)))
        for each in inspect.signature(function).parameters.values()
    ]
    return [*rows, ("return", "", None, as_service(hints["return"]))]


def differs(fake: Any, service: Any) -> bool:
    if isinstance(fake, FunctionType) and isinstance(service, FunctionType):
        return kinds(fake) != kinds(service)
    if isinstance(fake, FunctionType) or isinstance(service, FunctionType):
        return True
    return UNKNOWN in (fake, service) or as_service(fake) != as_service(service)


@cache
def called_by_the_window() -> frozenset[str]:
    """Every name that the window's source asks of anything: more than it asks of services, never less."""
    return frozenset(
        node.attr
        for path in UI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    )


def faults(compared: Comparison, called: frozenset[str]) -> list[str]:
    """Where the class in memory is not what it stands for; what a service is put together from is its own affair."""
    fake = members(compared.fake)
    service: dict[str, Any] = {}
    for each in reversed(compared.services):
        service |= members(each)
    parts = {each.name for whole in compared.services if is_dataclass(whole) for each in fields(whole)}
    shared = fake.keys() & service.keys()
    wanted = (called & service.keys()) - parts - compared.uncalled
    found = {
        "is on no service": fake.keys() - service.keys() - compared.handles,
        "is not what the service has": {name for name in shared if differs(fake[name], service[name])},
        "is asked for by the window": wanted - fake.keys(),
        "is a handle, and a name of the service": compared.handles & service.keys(),
        "is called a handle and is not there": compared.handles - fake.keys(),
        "is left out and not missing": compared.uncalled - (service.keys() - fake.keys()),
    }
    return [f"{name} {fault}" for fault, names in found.items() for name in sorted(names)]


@pytest.mark.parametrize("compared", FAKES, ids=IDS)
def test_it_is_what_it_stands_for(compared: Comparison) -> None:
    assert faults(compared, called_by_the_window()) == []


def test_what_tests_look_for_among_the_calls_is_noted_by_what_stands_in() -> None:
    """Else "this was not asked" would be said of what nobody notes."""
    parts = "account|audit|centers|documents|recovery|samples|users|vocabulary"
    sought, noted = set[str](), set[str]()
    for path in TESTS.glob("*.py"):
        if "first_openings" in path.name:  # it names actions, not calls
            continue
        text = path.read_text("utf-8")
        noted |= set(re.findall(r'_trouble\.meet\("([a-z_.]+)"\)', text))
        sought |= set(re.findall(rf'"((?:{parts})\.[a-z_]+)"', text))
    assert "samples.list" in noted
    assert sought - noted == set()


def test_everything_in_memory_that_the_window_is_given_is_compared() -> None:
    """A lab, its center and all services that hang on them, and what there is before anybody is signed in."""
    compared = set(STANDS_FOR)
    for whole in (fake_services.Lab, fake_services.Work):
        hanging = {kind for kind in members(whole).values() if isinstance(kind, type)}
        ours = {kind for kind in hanging if kind.__module__.startswith("tests.")}
        assert ours - {Trouble} <= compared
    assert {
        fake_services.Lab,
        fake_services.Work,
        window_fixture.FakeSignIn,
        window_fixture.FakeInstallation,
    } <= compared


@dataclass
class Service:
    """What the wrong ones below stand for."""

    part: int

    @property
    def title(self) -> str:
        return ""

    def get(self, ref: str, limit: int = 3, *, whole: bool = False) -> int:
        return len(ref) + limit + whole

    def drop(self) -> None:
        """Nothing."""


class Right:
    def __init__(self) -> None:
        self.title: str = ""
        self.hand: int = 1

    def get(self, ref: str, limit: int = 3, *, whole: bool = False) -> int:
        return 0


def other_name(self: Right, name: str, limit: int = 3, *, whole: bool = False) -> int:
    return 0


def other_default(self: Right, ref: str, limit: int = 4, *, whole: bool = False) -> int:
    return 0


def other_kind(self: Right, ref: str, limit: int = 3, whole: bool = False) -> int:
    return 0


def other_type(self: Right, ref: str | None, limit: int = 3, *, whole: bool = False) -> int:
    return 0


def other_answer(self: Right, ref: str, limit: int = 3, *, whole: bool = False) -> bool:
    return False


def one_more(self: Right, ref: str, limit: int = 3, *, whole: bool = False, more: int = 0) -> int:
    return 0


def one_less(self: Right, ref: str, limit: int = 3) -> int:
    return 0


def of_any_type(self: Right, ref: Any, limit: Any = 3, **more: Any) -> Any:
    return 0


GET = "get is not what the service has"


@pytest.mark.parametrize(
    ("changes", "called", "found"),
    [
        ({}, "get title part", []),
        *[
            ({"get": wrong}, "", [GET])
            for wrong in (
                other_name,
                other_default,
                other_kind,
                other_type,
                other_answer,
                one_more,
                one_less,
                of_any_type,
            )
        ],
        ({"get": 1, "__annotations__": {"get": int}}, "", [GET]),
        ({"title": other_name}, "", ["title is not what the service has"]),
        ({"more": other_name}, "", ["more is on no service"]),
        ({}, "drop", ["drop is asked for by the window"]),
    ],
)
def test_what_differs_is_found(changes: dict[str, Any], called: str, found: list[str]) -> None:
    fake = type("Fake", (Right,), {"__module__": __name__} | changes)
    assert faults(Comparison(fake, (Service,), frozenset({"hand"}), frozenset()), frozenset(called.split())) == found


@pytest.mark.parametrize(
    ("handles", "uncalled", "found"),
    [
        ("", "", ["hand is on no service"]),
        ("hand title", "", ["title is a handle, and a name of the service"]),
        ("hand gone", "", ["gone is called a handle and is not there"]),
        ("hand", "get", ["get is left out and not missing"]),
        ("hand", "drop", []),
    ],
)
def test_a_list_of_exceptions_that_is_not_true_is_found(handles: str, uncalled: str, found: list[str]) -> None:
    exceptions = (frozenset(handles.split()), frozenset(uncalled.split()))
    assert (
        faults(Comparison(Right, (Service,), *exceptions), frozenset({"drop"} if uncalled == "drop" else ())) == found
    )


def test_an_attribute_without_a_type_is_found() -> None:
    class Vague(Right):
        def __init__(self) -> None:
            super().__init__()
            self.title = "of this word"

    assert faults(Comparison(Vague, (Service,), frozenset({"hand"}), frozenset()), frozenset()) == [
        "title is not what the service has"
    ]
