"""Where secrets come from: files, environment, prompts; a password among the arguments is refused."""

import io
import sys
from pathlib import Path

import pytest

from desktop_app.cli.secrets_input import (
    SecretFileError,
    SecretMissingError,
    asked_password,
    given_dsn,
    given_password,
    read_secret_file,
)
from desktop_app.errors import RefusedError


def test_a_password_in_the_arguments_is_refused_without_repeating_it() -> None:
    with pytest.raises(RefusedError) as caught:
        given_dsn({}, "postgresql://admin:hunter2hunter2@db.example/postgres", None)
    assert "hunter2" not in str(caught.value)
    assert "--dsn-file" in str(caught.value)


def test_a_dsn_may_have_a_password_in_a_file_or_the_environment(tmp_path: Path) -> None:
    dsn = "postgresql://admin:hunter2@db.example/postgres"
    file = tmp_path / "dsn"
    file.write_text(dsn + "\n")
    assert given_dsn({}, None, file) == dsn
    assert given_dsn({"LABKEEP_DSN": dsn}, None, None) == dsn
    assert given_dsn({"LABKEEP_DSN": ""}, None, None) is None


def test_the_first_line_of_a_file_is_the_secret(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes("  päss word \r\nsecond\n".encode())
    assert read_secret_file(file) == "  päss word "


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\nlater\n", b"\xff\xfe\x00"])
def test_a_file_without_a_secret_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(SecretFileError) as caught:
        read_secret_file(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_or_a_folder_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(SecretFileError):
            read_secret_file(path)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("from a pipe\nrest\n"))
    assert read_secret_file(Path("-")) == "from a pipe"


def test_the_option_wins_over_the_variable_and_that_over_the_variables_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("of the option\n")
    second.write_text("of the file\n")
    both = {"LABKEEP_PASSWORD": "of the variable", "LABKEEP_PASSWORD_FILE": str(second)}
    assert given_password(both, first) == "of the option"
    assert given_password(both, None) == "of the variable"
    assert given_password(both | {"LABKEEP_PASSWORD": ""}, None) == "of the file"
    assert given_password({}, None) is None


def test_nobody_is_asked_where_nobody_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    with pytest.raises(SecretMissingError) as caught:
        asked_password("Password: ")
    assert "LABKEEP_PASSWORD_FILE" in str(caught.value)
