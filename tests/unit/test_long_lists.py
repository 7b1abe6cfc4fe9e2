"""A long list ends some items at a time: between them other threads run."""

from typing import Any, SupportsIndex

from desktop_app.domain.long_lists import AT_ONCE, let_go


class Watched(list[Any]):
    """Notes how many items went at once."""

    def __init__(self, number: int) -> None:
        super().__init__(range(number))
        self.went: list[int] = []

    def __delitem__(self, at: SupportsIndex | slice) -> None:
        before = len(self)
        super().__delitem__(at)
        self.went.append(before - len(self))


def test_items_go_some_at_a_time() -> None:
    lists = Watched(3 * AT_ONCE + 1), Watched(0), Watched(1)
    let_go(*lists)
    assert [len(each) for each in lists] == [0, 0, 0]
    assert [each.went for each in lists] == [[AT_ONCE, AT_ONCE, AT_ONCE, 1], [], [1]]
