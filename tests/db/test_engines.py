"""Tests of the dialect and the compiled statements that all engines share: what they keep, and of whom."""

import gc
import secrets
from collections.abc import Iterator

import pytest
from sqlalchemy import String, Text, bindparam, literal, or_, select, text, update
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import BindParameter

from desktop_app.db.errors import DatabaseError
from desktop_app.db.listing import alphabetical
from desktop_app.db.models import SampleRow
from desktop_app.db.sessions import CenterSessions
from desktop_app.db.user_engine import SignedOutError, UserEngine
from desktop_app.domain.ids import schema_name
from desktop_app.errors import InvalidInputError
from tests.db.conftest import TwoCenters
from tests.db.installation import Member

ODD = ["100 %", "%s %(x)s %%", "a\\b", "\\", "\\'; --", "it's", '"quoted"', ":x $1 ?", "U&'\\0041'", "E'\\n'", "{}"]


def opened(scene: TwoCenters, member: Member) -> UserEngine:
    return UserEngine(scene.installation.address, member.login, member.password)


def ask_for(session: Session, name: str) -> None:
    """In the ways of the lists: as a value, as a part, among others; and in a change."""
    wanted = or_(SampleRow.name == name, SampleRow.name.ilike(f"%{name}%"), SampleRow.name.in_([name, f"{name} 2"]))
    # Compiled now, whatever others asked before: the first values are those that are kept.
    session.execute(select(SampleRow, literal(1).label(f"made_{secrets.token_hex(4)}")).where(wanted)).all()
    change = update(SampleRow).where(SampleRow.name == name).values(description=f"of {name}")
    session.execute(change, execution_options={"synchronize_session": False})


def kept_values(name: str) -> list[str]:
    """The values with that name in it that statements anywhere in the process hold."""
    gc.collect()
    held = [each for each in gc.get_objects() if isinstance(each, BindParameter)]
    return [each.key for each in held if name in repr(each.value)]


def test_who_signs_out_leaves_no_value_in_a_kept_statement(two_centers: TwoCenters) -> None:
    name = f"Jane {secrets.token_hex(8)}"
    first, second = opened(two_centers, two_centers.user_a), opened(two_centers, two_centers.user_b)
    try:
        with CenterSessions(first.engine, schema_name(two_centers.a)).begin() as session:
            ask_for(session, name)
        assert kept_values(name) != []
        first.close()
        assert kept_values(name) == []
        with CenterSessions(second.engine, schema_name(two_centers.b)).begin() as session:
            ask_for(session, "another")
    finally:
        first.close()
        second.close()


def test_nor_does_what_was_at_work_meanwhile(two_centers: TwoCenters) -> None:
    name = f"John {secrets.token_hex(8)}"
    engine = opened(two_centers, two_centers.user_a)
    with CenterSessions(engine.engine, schema_name(two_centers.a)).begin() as session:
        session.execute(text("SELECT 1"))
        engine.close()
        ask_for(session, name)
    assert kept_values(name) == []
    with pytest.raises(SignedOutError), CenterSessions(engine.engine, schema_name(two_centers.a)).begin() as session:
        session.execute(text("SELECT 1"))


def test_statements_without_values_are_kept_for_who_comes_next(two_centers: TwoCenters) -> None:
    own_name, found = f"made_{secrets.token_hex(4)}", []
    wanted = select(SampleRow.name.label(own_name)).where(SampleRow.name == bindparam("name", type_=String))
    for member, center in ((two_centers.user_a, two_centers.a), (two_centers.user_b, two_centers.b)):
        engine = opened(two_centers, member)
        with CenterSessions(engine.engine, schema_name(center)).begin() as session:
            found.append(session.connection().execute(wanted, {"name": member.username}).context.cache_hit)
        engine.close()
    assert found == [CacheStats.CACHE_MISS, CacheStats.CACHE_HIT]


def test_a_fault_of_the_second_says_nothing_of_the_first(two_centers: TwoCenters) -> None:
    name = f"Jane {secrets.token_hex(8)}"
    engines = [opened(two_centers, member) for member in (two_centers.user_a, two_centers.user_b)]
    try:
        for engine, center, value in ((engines[0], two_centers.a, name), (engines[1], two_centers.b, "no \0 text")):
            sessions = CenterSessions(engine.engine, schema_name(center))
            with pytest.raises((DatabaseError, InvalidInputError)) as said, sessions.begin() as session:
                session.execute(select(SampleRow).where(SampleRow.name == value)).all()
                session.execute(select(literal(1) / literal(0)))
            assert name not in f"{said.value!s} {said.value!r} {said.value.__cause__!r}"
            assert value not in str(said.value)
    finally:
        for engine in engines:
            engine.close()


@pytest.fixture(params=["on", "off"])
def person(request: pytest.FixtureRequest, two_centers: TwoCenters) -> Iterator[Member]:
    """Somebody whose own login has set how the server reads backslashes."""
    member = two_centers.user_a
    with two_centers.installation.raw(member) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {member.login} SET standard_conforming_strings = {request.param}")
        cursor.execute(f"ALTER ROLE {member.login} SET escape_string_warning = off")
    yield member
    with two_centers.installation.raw(member) as connection, connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {member.login} RESET ALL")


@pytest.mark.parametrize("value", ODD)
def test_values_come_back_as_they_went(two_centers: TwoCenters, person: Member, value: str) -> None:
    engine = opened(two_centers, person)
    try:
        with CenterSessions(engine.engine, schema_name(two_centers.a)).begin(reason=value) as session:
            ask = "SELECT :value, current_setting('labkeep.reason'), 7 % 4, '%s'"
            assert session.execute(text(ask), {"value": value}).one() == (value, value, 3, "%s")
            assert session.execute(select(literal(value))).scalar_one() == value
            found = session.execute(select(literal(value).ilike(f"%{_part(value)}%"))).scalar_one()
            assert found is True
    finally:
        engine.close()


def test_the_dialect_writes_a_backslash_as_it_is(two_centers: TwoCenters) -> None:
    """It never asks a server how it reads one; a SQLAlchemy that took the other way for granted would double it."""
    engine = two_centers.installation.engine(two_centers.user_a)
    written = select(literal("a\\b", Text)).compile(dialect=engine.dialect, compile_kwargs={"literal_binds": True})
    assert "'a\\b'" in str(written)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(str(written)).scalar_one() == "a\\b"


def test_lists_by_name_come_in_order_whatever_the_login_sets(two_centers: TwoCenters, person: Member) -> None:
    engine = opened(two_centers, person)
    try:
        with CenterSessions(engine.engine, schema_name(two_centers.a)).begin() as session:
            assert session.execute(select(alphabetical(literal("\u0130ZM\u0130R", Text)))).scalar_one() == "izmir"
    finally:
        engine.close()


def _part(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
