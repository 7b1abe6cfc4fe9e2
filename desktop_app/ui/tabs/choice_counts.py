"""Counts the choices of a filter when somebody opens it: by the server, each as far as the list itself is counted."""

from collections.abc import Callable
from typing import Any

from desktop_app.domain.paging import COUNT_CAP
from desktop_app.ui.foundation.jobs import Jobs
from desktop_app.ui.models.list_source import Source
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.empty_state import EmptyWords
from desktop_app.ui.widgets.list_filters import ChoiceFilter, ListFilter

List = Callable[[], Source[Any] | EmptyWords]
"""What is found by the filters as they are set."""


def count_when_opened(jobs: Jobs, found: List, filter: ListFilter) -> None:
    """Where the filter has choices; nothing is counted before they are seen, nor as one types."""
    if isinstance(filter, ChoiceFilter):
        filter.opened.connect(lambda: _count(jobs, found, filter))


def _count(jobs: Jobs, found: List, choice: ChoiceFilter) -> None:
    asked = []
    for value in choice.values:
        with choice.supposing(value):
            source = found()
        if not isinstance(source, Source) or source.count is None:
            return
        asked.append(source.count)
    found()  # what it keeps of what is asked for is of now again
    jobs.read(
        choice,
        "counts",
        lambda: [formatting.counted(count(COUNT_CAP)) for count in asked],
        choice.show_counts,
        lambda _error: None,  # the list in front says what is wrong
    )
