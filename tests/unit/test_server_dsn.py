"""A password is put into the database administrator's DSN, and seen in it, in both of its forms."""

import pytest

from desktop_app.errors import InvalidInputError
from desktop_app.services.installation.server_dsn import holds_password, with_password


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
    assert holds_password(whole) is bool(password)


def test_what_is_no_url_is_refused_without_repeating_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        with_password("postgresql://[bad", "hunter2")
    assert "hunter2" not in str(caught.value)
    assert "bad" not in str(caught.value)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://admin:secret@db.example/postgres",
        "postgresql://admin:@db.example/postgres",
        "postgres://admin:s%40cret@db.example",
        "postgresql://admin@db.example/postgres?password=secret",
        "postgresql://admin@db.example/postgres?%70assword=secret",
        "postgresql://admin@db.example/postgres?sslpassword=secret",
        "host=db.example user=admin password=secret",
        "host=db.example PASSWORD = 'se cret'",
        "host=db.example sslpassword=secret",
        "postgresql://[bad",
    ],
)
def test_a_dsn_with_a_password_is_seen(dsn: str) -> None:
    assert holds_password(dsn)


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://admin@db.example:5432/postgres?sslmode=verify-full",
        "postgresql:///postgres?host=/run/postgresql",
        "host=db.example user=admin passfile=/etc/pgpass",
        "",
    ],
)
def test_a_dsn_without_one_is_not(dsn: str) -> None:
    assert not holds_password(dsn)
