"""What is a scan and what is typing, by times alone."""

import pytest

from desktop_app.ui.shell.scanner.recognition import AFTER, GAP, LONGEST, Kind, Recognizer, Step

CODE = "20261121-0001"


class Typed:
    """What a person or a scanner did, and what became of it."""

    def __init__(self, prefix: str = "") -> None:
        self.recognizer = Recognizer(prefix)
        self.passed = ""
        """What reached the window."""
        self.codes: list[str] = []
        self._held = ""
        self._now = 1_000

    def keys(self, text: str, gap: int) -> None:
        for letter in text:
            kind = {"\r": Kind.END, "\t": Kind.END, "\x1b": Kind.OTHER}.get(letter, Kind.PRINTABLE)
            self.key(kind, letter, gap)

    def key(self, kind: Kind, letter: str, gap: int) -> Step:
        # The window's timer runs out before the next key where that is late.
        if gap > self.recognizer.key_timeout and self.recognizer.forget():
            self._release()
        self._now += gap
        step = self.recognizer.feed(kind, letter, self._now)
        if step.release:
            self._release()
        if step.hold:
            self._held += letter
        elif step.drop:
            self._held = ""
        else:
            self.passed += letter
        if step.code:
            self.codes.append(step.code)
        return step

    def rest(self) -> None:
        if self.recognizer.forget():
            self._release()

    def _release(self) -> None:
        self.passed += self._held
        self._held = ""


@pytest.mark.parametrize("end", ["\r", "\t"])
@pytest.mark.parametrize("gap", [0, 1, 8, GAP - 1])
def test_a_fast_code_is_a_scan_and_reaches_nothing(gap: int, end: str) -> None:
    typed = Typed()
    typed.keys(CODE + end, gap)
    assert typed.codes == [CODE]
    assert typed.passed == ""


@pytest.mark.parametrize("gap", [GAP, GAP + 1, 80, 300])
def test_what_is_typed_reaches_its_window_in_its_order(gap: int) -> None:
    typed = Typed()
    typed.keys(CODE + "\r", gap)
    assert typed.codes == []
    assert typed.passed == CODE + "\r"


@pytest.mark.parametrize("gap", [0, 10])
def test_five_fast_keys_are_no_scan(gap: int) -> None:
    typed = Typed()
    typed.keys("abcde\r", gap)
    assert (typed.codes, typed.passed) == ([], "abcde\r")
    typed = Typed()
    typed.keys("abcdef\r", gap)
    assert (typed.codes, typed.passed) == (["abcdef"], "")


def test_a_pause_before_the_end_is_no_scan() -> None:
    typed = Typed()
    typed.keys(CODE, 5)
    typed.key(Kind.END, "\r", GAP)
    assert (typed.codes, typed.passed) == ([], CODE + "\r")


def test_a_letter_that_was_typed_before_a_scan_stays_typed() -> None:
    typed = Typed()
    typed.keys("ab", 120)
    typed.key(Kind.PRINTABLE, CODE[0], 200)
    typed.keys(CODE[1:] + "\r", 5)
    assert (typed.codes, typed.passed) == ([CODE], "ab")


def test_two_scans_one_after_the_other() -> None:
    typed = Typed()
    typed.keys(CODE + "\r", 5)
    typed.key(Kind.PRINTABLE, "X", 400)
    typed.keys("YZ-1234\r", 5)
    assert (typed.codes, typed.passed) == ([CODE, "XYZ-1234"], "")


def test_the_second_end_of_a_scanner_belongs_to_the_first() -> None:
    typed = Typed()
    typed.keys(CODE + "\r\t", 5)
    assert (typed.codes, typed.passed) == ([CODE], "")
    typed.key(Kind.END, "\r", AFTER)
    assert typed.passed == "\r", "an Enter that comes later is the person's"


def test_whatever_else_comes_between_breaks_it() -> None:
    typed = Typed()
    typed.keys(CODE[:8], 5)
    typed.key(Kind.OTHER, "\x1b", 5)
    typed.keys(CODE[8:] + "\r", 5)
    assert typed.codes == []
    assert typed.passed == CODE[:8] + "\x1b" + CODE[8:] + "\r"


def test_nothing_is_held_for_longer_than_the_gap() -> None:
    recognizer = Recognizer()
    assert recognizer.feed(Kind.PRINTABLE, "a", 0) == Step(hold=True)
    assert recognizer.key_timeout == GAP
    assert recognizer.forget()
    assert not recognizer.is_holding
    assert not recognizer.forget()


def test_an_endless_stream_is_no_scan() -> None:
    typed = Typed()
    typed.keys("x" * (LONGEST + 1) + "\r", 1)
    typed.rest()
    assert typed.codes == []
    assert typed.passed == "x" * (LONGEST + 1) + "\r"


def test_clocks_that_go_back_are_no_scan() -> None:
    recognizer = Recognizer()
    for at, letter in enumerate(CODE):
        recognizer.feed(Kind.PRINTABLE, letter, 100_000 - 50 * at)
    assert not recognizer.feed(Kind.END, "\r", 0).code


@pytest.mark.parametrize("code", ["7", "A1", CODE])
@pytest.mark.parametrize("gap", [5, 60, 140])
def test_behind_the_prefix_a_short_code_or_a_slow_scanner_is_believed(code: str, gap: int) -> None:
    typed = Typed("~#")
    typed.keys(f"~#{code}\r", gap)
    assert (typed.codes, typed.passed) == ([code], "")


def test_with_a_prefix_set_typing_and_fast_codes_are_as_before() -> None:
    typed = Typed("~#")
    typed.keys("~", 200)
    typed.keys("abc\r", 200)
    typed.keys("~#", 200)
    typed.key(Kind.PRINTABLE, "x", 300)
    typed.rest()
    assert (typed.codes, typed.passed) == ([], "~abc\r~#x")
    typed.key(Kind.PRINTABLE, CODE[0], 500)
    typed.keys(CODE[1:] + "\r", 5)
    assert typed.codes == [CODE]
    # The prefix alone is no code.
    typed.key(Kind.PRINTABLE, "~", 500)
    typed.keys("#\r", 5)
    assert typed.codes == [CODE]


def test_spaces_are_no_code() -> None:
    typed = Typed()
    typed.keys("       \r", 5)
    assert (typed.codes, typed.passed) == ([], "       \r")
