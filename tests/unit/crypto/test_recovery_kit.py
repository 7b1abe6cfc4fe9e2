"""The recovery kit: read from any page, and told apart: a typing error, another kit, no kit."""

import pickle
from uuid import UUID

import pytest
from shamir_mnemonic import generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from desktop_app.crypto.errors import MistypedKitError, OtherKitError, RecoveryKitError
from desktop_app.crypto.identities import seal_to
from desktop_app.crypto.recovery_kit import RecoveryKit, fingerprint_words

ROOT = UUID(int=7)


@pytest.fixture(scope="module")
def kit() -> RecoveryKit:
    return RecoveryKit.make()


@pytest.fixture(scope="module")
def page(kit: RecoveryKit) -> str:
    return kit.to_file_text("Istanbul\nMedical  Center", UUID(int=5), "21 November 2026")


def test_a_kit_is_its_words(kit: RecoveryKit) -> None:
    again = RecoveryKit.from_words(" ".join(kit.words()))
    assert len(kit.words()) == 33
    assert again.identity(ROOT).public == kit.identity(ROOT).public
    sealed = seal_to(kit.identity(ROOT).public, b"i", b"tenant key")
    assert again.identity(ROOT).open(sealed, b"i") == b"tenant key"


def test_two_kits_differ(kit: RecoveryKit) -> None:
    assert RecoveryKit.make().fingerprint() != kit.fingerprint()


def test_the_page_is_read_back_whole(kit: RecoveryKit, page: str) -> None:
    assert RecoveryKit.from_words(page).words() == kit.words()
    assert RecoveryKit.from_words(page.replace("\n", "\r\n")).words() == kit.words()


def test_the_page_says_whose_it_is(kit: RecoveryKit, page: str) -> None:
    assert "Istanbul Medical Center" in page
    assert str(UUID(int=5)) in page
    assert "21 November 2026" in page
    assert fingerprint_words(kit.fingerprint()) in " ".join(page.split())
    assert all(f"{place:2}. {word}" in page for place, word in enumerate(kit.words(), 1))


def test_the_page_is_no_wider_than_paper_whatever_the_words(kit: RecoveryKit, monkeypatch: pytest.MonkeyPatch) -> None:
    longest = max(range(1024), key=lambda place: len(WORDLIST[place]))
    fingerprint = sum(longest << 10 * place for place in range(8)).to_bytes(10, "big") + bytes(22)
    monkeypatch.setattr(RecoveryKit, "fingerprint", lambda _: fingerprint)
    page = kit.to_file_text("Istanbul Medical Center", UUID(int=5), "21 November 2026")
    assert max(len(line) for line in page.splitlines()) <= 80


def test_any_way_of_typing_them_in(kit: RecoveryKit) -> None:
    words = kit.words()
    numbered = "\n".join(f"{place}) {word.upper()}," for place, word in enumerate(words, 1))
    for text in (numbered, "\t".join(words), " " + "  ".join(words) + "\n\n", "\ufeff" + ",".join(words)):
        assert RecoveryKit.from_words(text).words() == words


def test_an_unknown_word_is_named_by_its_place(kit: RecoveryKit) -> None:
    words = kit.words()
    words[3] = "zzzz"
    with pytest.raises(MistypedKitError) as refused:
        RecoveryKit.from_words(" ".join(words))
    assert refused.value.positions == (4,)
    assert "Word 4 is not" in str(refused.value)
    assert "zzzz" not in str(refused.value)
    words[10] = words[10] + "ı"
    with pytest.raises(MistypedKitError) as refused:
        RecoveryKit.from_words(" ".join(words))
    assert refused.value.positions == (4, 11)


@pytest.mark.parametrize(("wrong", "said"), [(2, "Words 1, 2 are"), (5, "1, 2, 3, 4, 5 are"), (6, "4, 5 and more are")])
def test_many_unknown_words(kit: RecoveryKit, wrong: int, said: str) -> None:
    with pytest.raises(MistypedKitError, match=said) as refused:
        RecoveryKit.from_words(" ".join(["zzzz"] * wrong + kit.words()[wrong:]))
    assert refused.value.positions == tuple(range(1, wrong + 1))


@pytest.mark.parametrize("place", range(33))
def test_a_word_exchanged_for_another_of_the_list_is_found(kit: RecoveryKit, place: int) -> None:
    words = kit.words()
    words[place] = WORDLIST[(WORDLIST.index(words[place]) + 1) % len(WORDLIST)]
    with pytest.raises(MistypedKitError) as refused:
        RecoveryKit.from_words(" ".join(words))
    assert refused.value.positions == ()


def test_two_words_swapped_are_found() -> None:
    words = RecoveryKit.make().words()
    place = next(place for place in range(32) if words[place] != words[place + 1])
    words[place], words[place + 1] = words[place + 1], words[place]
    with pytest.raises(MistypedKitError):
        RecoveryKit.from_words(" ".join(words))


@pytest.mark.parametrize("count", [0, 1, 20, 32, 34, 66])
def test_too_many_or_too_few_words(kit: RecoveryKit, count: int) -> None:
    words = (kit.words() * 2)[:count]
    with pytest.raises(MistypedKitError, match=f"33 words; here are {count}"):
        RecoveryKit.from_words(" ".join(words))


def test_words_of_something_else_are_no_kit() -> None:
    part_of_two = generate_mnemonics(1, [(2, 3)], bytes(32))[0][0]
    with pytest.raises(RecoveryKitError, match="part of several"):
        RecoveryKit.from_words(part_of_two)
    short = generate_mnemonics(1, [(1, 1)], bytes(16))[0][0]
    with pytest.raises(MistypedKitError, match="33 words"):
        RecoveryKit.from_words(short)


def test_another_kit_is_told_from_a_typing_error(kit: RecoveryKit) -> None:
    kit.check(kit.fingerprint())
    with pytest.raises(OtherKitError):
        kit.check(RecoveryKit.make().fingerprint())


def test_a_kit_is_not_printed_or_pickled(kit: RecoveryKit) -> None:
    assert repr(kit) == str(kit) == "RecoveryKit(redacted)"
    with pytest.raises(TypeError):
        pickle.dumps(kit)


def test_fingerprint_words_show_the_first_80_bits(kit: RecoveryKit) -> None:
    own = kit.fingerprint()
    words = fingerprint_words(own).split()
    assert len(words) == 8
    number = 0
    for word in words:
        number = number * 1024 + WORDLIST.index(word)
    assert number.to_bytes(10, "big") == own[:10]
    for place in range(10):
        other = bytearray(own)
        other[place] ^= 1
        assert fingerprint_words(bytes(other)) != fingerprint_words(own)
