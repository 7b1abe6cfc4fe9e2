"""Fernet tokens of other systems: what opens, and what is said of what does not."""

import pickle
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from cryptography.fernet import Fernet, MultiFernet
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.crypto.errors import TamperedError, WrongKeyError
from desktop_app.crypto.fernet_tokens import CutTokenError, FernetKeys, ForeignTokenError, NotATokenError

OLD, NEW, FOREIGN = (Fernet.generate_key() for _ in range(3))
KEYS = FernetKeys([NEW.decode(), "", "# retired in 2024", OLD.decode()])
TOKEN = Fernet(OLD).encrypt(b"Hb 13.2 g/dl" * 40)


@pytest.mark.parametrize("key", [OLD, NEW], ids=["old", "new"])
@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 300])
def test_any_of_the_keys_opens(key: bytes, content: bytes) -> None:
    token = Fernet(key).encrypt(content)
    assert KEYS.open(token) == content
    assert KEYS.open(token + b"\r\n") == content


def test_several_tokens_are_one_content_in_their_order() -> None:
    parts = [b"first ", b"", b"third"]
    tokens = [Fernet(key).encrypt(part) for key, part in zip((OLD, NEW, OLD), parts, strict=True)]
    assert KEYS.open(b"\n".join(tokens) + b"\n") == b"first third"


def test_a_token_in_lines() -> None:
    lines = [TOKEN[at : at + 76] for at in range(0, len(TOKEN), 76)]
    assert KEYS.open(b"\n".join(lines)) == b"Hb 13.2 g/dl" * 40


@given(st.binary(max_size=2000))
def test_it_takes_what_multifernet_takes(content: bytes) -> None:
    theirs = MultiFernet([Fernet(NEW), Fernet(OLD)])
    assert KEYS.open(theirs.encrypt(content)) == content


def test_another_key_and_a_changed_content_cannot_be_told_apart_and_that_is_said() -> None:
    with pytest.raises(ForeignTokenError, match="another key, or changed"):
        KEYS.open(Fernet(FOREIGN).encrypt(b"x"))
    raw = bytearray(urlsafe_b64decode(TOKEN))
    raw[40] ^= 1
    with pytest.raises(ForeignTokenError):
        KEYS.open(urlsafe_b64encode(raw))


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 16, 30, len(TOKEN) - 20])
def test_a_cut_token_is_called_one(cut: int) -> None:
    with pytest.raises(CutTokenError):
        KEYS.open(TOKEN[:-cut])


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 something", b"Hello", urlsafe_b64encode(b"\x81" + urlsafe_b64decode(TOKEN)[1:])],
    ids=["empty", "pdf", "text", "another version"],
)
def test_what_never_was_a_token_is_called_that(content: bytes) -> None:
    with pytest.raises(NotATokenError):
        KEYS.open(content)


def test_one_changed_token_among_others_is_damage_and_nothing_of_the_file_is_given() -> None:
    raw = bytearray(urlsafe_b64decode(TOKEN))
    raw[-1] ^= 1
    with pytest.raises(TamperedError, match="Token 2 of 3"):
        KEYS.open(b"\n".join([TOKEN, urlsafe_b64encode(raw), TOKEN]))
    with pytest.raises(CutTokenError):
        KEYS.open(b"\n".join([TOKEN, TOKEN[:-3]]))
    foreign = Fernet(FOREIGN).encrypt(b"x")
    with pytest.raises(ForeignTokenError):
        KEYS.open(b"\n".join([foreign, foreign]))


def test_what_follows_a_token_is_never_passed_over() -> None:
    """Base64 ends at the first padding, and Fernet's own reading with it."""
    short = Fernet(OLD).encrypt(b"x")
    assert short.endswith(b"=")
    assert MultiFernet([Fernet(OLD)]).decrypt(short + TOKEN) == b"x"
    for content in (short + TOKEN, short + b"\nrest", short + b"rest"):
        with pytest.raises((NotATokenError, CutTokenError)):
            KEYS.open(content)


@pytest.mark.parametrize("lines", [[], [""], ["# nothing"], ["short"], [OLD.decode(), OLD.decode()[:-2]], ["ü" * 44]])
def test_what_is_no_key_is_refused(lines: list[str]) -> None:
    with pytest.raises(WrongKeyError):
        FernetKeys(lines)


def test_keys_do_not_show_themselves() -> None:
    assert OLD.decode() not in repr(KEYS)
    with pytest.raises(TypeError):
        pickle.dumps(KEYS)
