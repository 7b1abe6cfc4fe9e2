"""Profiles: kept, exchanged as files, refused with a sentence, and never able to change whom a workstation trusts."""

import stat
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.domain.profiles import Profile, ServerKind, SslMode, StorePlace, profile_problems
from desktop_app.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.storage.profile_files import ProfileFileError, sent_text
from desktop_app.storage.profiles import ProfileStore, from_toml, to_toml

ID = UUID("01234567-89ab-4def-8123-456789abcdef")
LAB = Profile(
    installation_id=ID,
    display_name="Istanbul laboratories",
    server=ServerKind.POSTGRES,
    host="db.lab.example",
    port=5432,
    database="labkeep",
    sslmode=SslMode.VERIFY_FULL,
    sslrootcert="/etc/ssl/lab.pem",
    store=StorePlace("/mnt/lab store"),
    root_fingerprint="0a" * 32,
    kdf="kdf 1",
)
SENT = replace(LAB, sslrootcert=None)
"""As it goes to other computers, which have no use for a path of this one."""


def built_in(data_dir: Path) -> Profile:
    return Profile(
        installation_id=uuid4(),
        display_name="This computer",
        server=ServerKind.BUILT_IN,
        store=StorePlace("/home/x/store"),
        root_fingerprint="0b" * 32,
        kdf="kdf 1",
        data_dir=str(data_dir),
    )


@pytest.fixture
def profiles(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "profiles")


def test_a_profile_is_the_same_after_a_file(tmp_path: Path) -> None:
    for profile in (LAB, built_in(tmp_path), replace(LAB, host="/run/postgresql", port=None, sslrootcert=None)):
        assert from_toml(to_toml(profile)) == profile


def test_the_files_form_is_fixed() -> None:
    assert to_toml(LAB) == (
        'installation_id = "01234567-89ab-4def-8123-456789abcdef"\n'
        'display_name = "Istanbul laboratories"\n'
        'server = "postgres"\n'
        'host = "db.lab.example"\n'
        "port = 5432\n"
        'database = "labkeep"\n'
        'sslmode = "verify-full"\n'
        'sslrootcert = "/etc/ssl/lab.pem"\n'
        f'root_fingerprint = "{"0a" * 32}"\n'
        'kdf = "kdf 1"\n'
        "\n[store]\n"
        'kind = "folder"\n'
        'path = "/mnt/lab store"\n'
    )


def test_no_maker_gets_a_kdf_set_that_he_did_not_name() -> None:
    (kdf,) = (field for field in fields(Profile) if field.name == "kdf")
    assert kdf.default is MISSING
    assert kdf.default_factory is MISSING


@given(name=st.text(min_size=1, max_size=80), path=st.text(min_size=1, max_size=200))
def test_whatever_is_accepted_comes_back(name: str, path: str) -> None:
    profile = replace(LAB, display_name=name, store=StorePlace(path))
    if not profile_problems(profile):
        assert from_toml(to_toml(profile)) == profile


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("display_name", "", "needed"),
        ("display_name", " Lab", "space"),
        ("display_name", "x" * 81, "80"),
        ("display_name", "Lab\u202ebaL", "control"),
        ("display_name", "a\nb", "control"),
        ("host", None, "missing"),
        ("host", "", "missing"),
        ("host", "a b", "one server"),
        ("host", "good,evil", "one server"),
        ("host", "@abstract", "one server"),
        ("host", "db' sslmode='disable", "one server"),
        ("port", 0, "65535"),
        ("port", 65536, "65535"),
        ("database", "host=evil", "nothing more"),
        ("database", "postgresql://evil/x", "nothing more"),
        ("database", "x" * 64, "63"),
        ("database", "", "needed"),
        ("store", StorePlace("  "), "needed"),
        ("store", StorePlace("/a\x00b"), "control"),
        ("root_fingerprint", "0A" * 32, "64"),
        ("root_fingerprint", "0a" * 31, "64"),
        ("root_fingerprint", "0a" * 32 + "\n", "64"),
        ("kdf", "kdf 0", "unknown"),
        ("data_dir", "/x", "built-in"),
        ("sslrootcert", "", "needed"),
    ],
)
def test_bad_values_are_refused_by_field(profiles: ProfileStore, field: str, value: Any, says: str) -> None:
    profile = replace(LAB, **{field: value})
    problems = profile_problems(profile)
    assert list(problems) == [field]
    assert says in problems[field]
    with pytest.raises(InvalidInputError) as caught:
        profiles.save(profile)
    assert field in caught.value.problems
    assert profiles.list() == []


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ('kdf = "kdf 1"', 'kdf = "kdf 1"\npassword = "x"', "password", "no passwords"),
        ('kdf = "kdf 1"', 'kdf = "kdf 1"\noptions = {x = 1}', "options", "not part"),
        ("port = 5432", 'port = "5432"', "port", "whole number"),
        ('kind = "folder"', 'kind = "bucket"', "store", "one of folder"),
        ('kind = "folder"\n', "", "store", "kind and its path"),
        ('path = "/mnt', 'password = "x"\npath = "/mnt', "store", "nothing else"),
        ('path = "/mnt/lab store"', "path = 3", "store", "text"),
        ("port = 5432", "port = true", "port", "whole number"),
        ("port = 5432", "port = 5432.0", "port", "whole number"),
        ('"postgres"', '"mysql"', "server", "built-in, postgres"),
        ('"verify-full"', '"none"', "sslmode", "verify-full"),
        ('"01234567', '"{01234567', "installation_id", "uuid"),
        ('"01234567-89ab-4def', '"01234567-89AB-4DEF', "installation_id", "uuid"),
        ('display_name = "Istanbul laboratories"', "display_name = 3", "display_name", "text"),
        ('kdf = "kdf 1"\n', "", "kdf", "missing"),
        ('host = "db.lab.example"\n', "", "host", "missing"),
    ],
)
def test_bad_files_are_refused_by_key(
    profiles: ProfileStore, tmp_path: Path, old: str, new: str, field: str, says: str
) -> None:
    assert old in sent_text(SENT)
    path = tmp_path / "sent.toml"
    path.write_text(sent_text(SENT).replace(old, new))
    with pytest.raises(InvalidInputError) as caught:
        profiles.import_(path)
    assert says in caught.value.problems[field]
    assert profiles.list() == []


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[[", b"not toml", b"x" * 70_000])
def test_other_files_are_no_profiles(profiles: ProfileStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sent.toml").write_bytes(content)
    with pytest.raises((ProfileFileError, InvalidInputError)) as caught:
        profiles.import_(tmp_path / "sent.toml")
    assert str(caught.value).endswith(".")
    with pytest.raises(ProfileFileError, match="could not be read"):
        profiles.import_(tmp_path / "missing.toml")
    with pytest.raises(ProfileFileError, match="could not be read"):
        profiles.import_(tmp_path)


def test_profiles_are_found_by_name_and_id(profiles: ProfileStore, tmp_path: Path) -> None:
    other = built_in(tmp_path)
    profiles.save(LAB)
    profiles.save(other)
    assert profiles.list() == [LAB, other]
    assert profiles.get("istanbul LABORATORIES") == LAB
    assert profiles.get(str(ID)) == profiles.get(ID) == LAB
    with pytest.raises(NotFoundError, match="“Istanbul laboratories”, “This computer”"):
        profiles.get("Izmir")
    assert profiles.remove("This computer") == other
    assert profiles.list() == [LAB]


def test_an_empty_store_says_so(profiles: ProfileStore) -> None:
    assert profiles.list() == []
    assert profiles.broken() == []
    with pytest.raises(NotFoundError, match="no profile yet"):
        profiles.get("x")


def test_files_are_private_and_whole(profiles: ProfileStore, tmp_path: Path) -> None:
    profiles.save(LAB)
    profiles.save(replace(LAB, port=5433))
    (path,) = (tmp_path / "profiles").iterdir()
    assert path.name == f"{ID}.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert profiles.get(ID).port == 5433


def test_a_name_is_one_profiles_name(profiles: ProfileStore) -> None:
    profiles.save(LAB)
    with pytest.raises(InvalidInputError, match="another profile"):
        profiles.save(replace(LAB, installation_id=uuid4(), display_name="ISTANBUL laboratories"))


def test_a_profile_sent_by_somebody_cannot_change_whom_we_trust(profiles: ProfileStore, tmp_path: Path) -> None:
    profiles.save(LAB)
    evil = replace(SENT, host="evil.example", root_fingerprint="ee" * 32)
    (tmp_path / "sent.toml").write_text(sent_text(evil))
    with pytest.raises(RefusedError, match="another root"):
        profiles.import_(tmp_path / "sent.toml")
    with pytest.raises(RefusedError):
        profiles.save(evil)
    assert profiles.list() == [LAB]
    profiles.save(evil, replace_root=True)
    assert profiles.list() == [evil]


def test_a_broken_file_does_not_hide_the_others(profiles: ProfileStore, tmp_path: Path) -> None:
    profiles.save(LAB)
    (tmp_path / "profiles" / "a.toml").write_text("[[")
    (tmp_path / "profiles" / "b.toml").write_text(to_toml(replace(LAB, installation_id=uuid4())))
    assert profiles.list() == [LAB]
    assert [broken.path.name for broken in profiles.broken()] == ["a.toml", "b.toml"]
    assert all(broken.problem for broken in profiles.broken())


@pytest.mark.parametrize(
    ("host", "sslmode", "local", "weak"),
    [
        ("db.lab.example", SslMode.VERIFY_FULL, False, False),
        ("db.lab.example", SslMode.REQUIRE, False, True),
        ("10.0.0.1", SslMode.DISABLE, False, True),
        ("localhost.evil.example", SslMode.DISABLE, False, True),
        ("localhost", SslMode.DISABLE, True, False),
        ("::1", SslMode.PREFER, True, False),
        ("/run/postgresql", SslMode.DISABLE, True, False),
    ],
)
def test_weak_protection_is_known(host: str, sslmode: SslMode, local: bool, weak: bool) -> None:
    profile = replace(LAB, host=host, sslmode=sslmode)
    assert profile_problems(profile) == {}
    assert profile.is_local is local
    assert profile.is_weakly_protected is weak


def test_the_built_in_server_is_local(tmp_path: Path) -> None:
    profile = built_in(tmp_path)
    assert profile.is_local
    assert not profile.is_weakly_protected
    assert "host" in profile_problems(replace(profile, host="x"))
    assert "data_dir" in profile_problems(replace(profile, data_dir=None))
