"""No test of ours is unable to fail."""

import pytest

from tests.honesty import faults, sources


def test_every_test_can_fail() -> None:
    files = sources()
    assert len(files) > 200
    assert faults(files) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("work()", "checks nothing"),
        ("helper()\n    work()", "checks nothing"),
        ("assert 'a', 'b'", "asserts what is always true"),
        ("assert (work(), 'is done')", "asserts what is always true"),
        ("assert [work()]", "asserts what is always true"),
        ("assert (one == 1 for one in work())", "asserts what is always true"),
        ("assert work() == 2 or 3", "asserts what is always true"),
        ("assert 1 == 1", "asserts what is always true"),
        ("with pytest.raises(Exception):\n        work()", "is content with any exception"),
        ("with pytest.raises(BaseException, match='x'):\n        work()", "is content with any exception"),
        ("assert work(1)  # " + "type: ignore", "ignores a type without its code and a word why"),
        ("assert work(1)  # " + "type: ignore[arg-type]", "ignores a type without its code and a word why"),
    ],
)
def test_what_cannot_fail_is_found(body: str, found: str) -> None:
    source = f"import pytest\n\n\ndef helper():\n    work()\n\n\ndef test_it():\n    {body}\n"
    (fault,) = faults({"tests/test_it.py": source})
    assert fault.endswith(found)


@pytest.mark.parametrize(
    "body",
    [
        "assert work() == 2",
        "check()",
        "through()",
        "for one in work():\n        assert one or two",
        "with pytest.raises(ValueError):\n        work()",
        "bot.waitUntil(work)",
        "assert work(1)  # " + "type: ignore[arg-type]  # what a script would give",
        "# What a script would give.\n    assert work(1)  # " + "type: ignore[arg-type]",
    ],
)
def test_what_can_fail_is_let_pass(body: str) -> None:
    helpers = "def check():\n    assert work()\n\n\ndef through():\n    check()\n"
    assert faults({"tests/help.py": helpers, "tests/test_it.py": f"def test_it():\n    {body}\n"}) == []
