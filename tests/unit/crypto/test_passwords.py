"""Passwords: what must agree, what must differ, and what is refused."""

import math
import pickle
import unicodedata
from uuid import UUID

import pytest

from desktop_app.crypto import passwords
from desktop_app.crypto.errors import CryptoError, UnknownFormatError, UserNameFormError
from desktop_app.crypto.passwords import KDF_1, SignInKeys, canonical_username, derive_keys, login_for, make_password
from desktop_app.system.secret import Secret

LAB = UUID("11111111-2222-4333-8444-555555555555")
OTHER_LAB = UUID("11111111-2222-4333-8444-555555555556")


@pytest.fixture(scope="module")
def keys() -> SignInKeys:
    return derive_keys(LAB, "ayse", "correct horse", KDF_1)


def test_composed_and_decomposed_letters_are_one_password() -> None:
    written = "çığlık-Ödünç"
    composed = derive_keys(LAB, "ayse", unicodedata.normalize("NFC", written), KDF_1)
    decomposed = derive_keys(LAB, "ayse", unicodedata.normalize("NFD", written), KDF_1)
    assert composed == decomposed


def test_any_writing_of_the_username_is_one_name(keys: SignInKeys) -> None:
    assert derive_keys(LAB, "AYSE", "correct horse", KDF_1) == keys
    assert derive_keys(LAB, "\uff41yse", "correct horse", KDF_1) == keys


@pytest.mark.parametrize(
    ("lab", "name", "password"),
    [(OTHER_LAB, "ayse", "correct horse"), (LAB, "ayse2", "correct horse"), (LAB, "ayse", "Correct horse")],
)
def test_everything_counts(keys: SignInKeys, lab: UUID, name: str, password: str) -> None:
    other = derive_keys(lab, name, password, KDF_1)
    assert other.unseal_key != keys.unseal_key
    assert other.database_password != keys.database_password


def test_the_halves_do_not_give_each_other(keys: SignInKeys) -> None:
    assert len(keys.unseal_key.reveal()) == 32
    assert keys.unseal_key.reveal() not in keys.to_bytes()[:33]


def test_login_says_nothing_and_does_not_depend_on_the_password(keys: SignInKeys) -> None:
    assert keys.login == login_for(LAB, "Ayse")
    assert keys.login != login_for(OTHER_LAB, "ayse")
    assert "ayse" not in keys.login
    assert len(keys.login) == 34


def test_database_password_is_plain_ascii(keys: SignInKeys) -> None:
    text = keys.database_password.reveal().decode("ascii")
    assert len(text) == 43
    assert text.replace("-", "").replace("_", "").isalnum()


def test_what_the_credential_store_keeps_comes_back(keys: SignInKeys) -> None:
    stored = keys.to_bytes()
    assert stored[0] == 1
    assert len(stored) == 1 + 64 + 34
    assert SignInKeys.from_bytes(stored) == keys
    assert b"correct horse" not in stored


def test_what_else_may_stand_in_the_credential_store_is_refused(keys: SignInKeys) -> None:
    stored = keys.to_bytes()
    for bad in (
        b"",
        b"\x02" + stored[1:],
        stored[:-1],
        stored + b"a",
        stored[:64],
        b"\xff" * 99,
        stored[:70] + b"'; --",
    ):
        with pytest.raises(UnknownFormatError):
            SignInKeys.from_bytes(bad)


@pytest.mark.parametrize("name", ["", "a", "a" * 41, "ay se", "ayşe", "İpek", "a/b", "a\n", "a'b", "a\u202eb", "u\x00"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(UserNameFormError) as refused:
        derive_keys(LAB, name, "correct horse", KDF_1)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(("name", "canonical"), [("Dr.Who_2", "dr.who_2"), ("ab", "ab"), ("A" * 40, "a" * 40)])
def test_names_that_are(name: str, canonical: str) -> None:
    assert canonical_username(name) == canonical


def test_empty_password_and_unknown_set_are_refused() -> None:
    with pytest.raises(CryptoError):
        derive_keys(LAB, "ayse", "", KDF_1)
    with pytest.raises(UnknownFormatError):
        derive_keys(LAB, "ayse", "correct horse", "kdf 0")


def test_a_password_with_half_a_character_is_a_password() -> None:
    assert derive_keys(LAB, "ayse", "half \ud83d", KDF_1).login == login_for(LAB, "ayse")


def test_made_passwords() -> None:
    made = {make_password() for _ in range(500)}
    assert len(made) == 500
    letters = set("".join(made)) - {"-"}
    assert not letters & set("ilo01IO")
    assert 18 * math.log2(len(letters)) >= 80
    assert all([len(group) for group in password.split("-")] == [6, 6, 6] for password in made)


def test_nothing_secret_is_printed_or_pickled(keys: SignInKeys) -> None:
    shown = f"{keys} {keys!r} {keys.unseal_key} {keys.unseal_key!r} {keys.unseal_key:>60}"
    assert keys.database_password.reveal().decode() not in shown
    assert repr(keys.unseal_key.reveal()) not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keys)
    with pytest.raises(TypeError):
        hash(Secret(b"x"))


def test_secrets_compare_by_value_and_only_with_secrets() -> None:
    assert Secret(b"one") == Secret(b"one")
    assert Secret(b"one") != Secret(b"two")
    assert Secret(b"one") != b"one"


def test_kdf_name_is_the_one_profiles_carry() -> None:
    assert passwords.KDF_1 == "kdf 1"
