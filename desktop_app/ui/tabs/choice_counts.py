"""Counts the choices of a filter when somebody opens it: by the server, each as far as the list itself is counted."""

from typing import TYPE_CHECKING, Any

from desktop_app.domain.paging import COUNT_CAP
from desktop_app.ui.models.paged import Source
from desktop_app.ui.text import formatting
from desktop_app.ui.widgets.list_filters import ChoiceFilter, ListFilter

if TYPE_CHECKING:
    from desktop_app.ui.tabs.record_tab import RecordTab


def count_when_opened(tab: "RecordTab[Any]", filter: ListFilter) -> None:
    """Where the filter has choices; nothing is counted before they are seen, nor as one types."""
    if isinstance(filter, ChoiceFilter):
        filter.opened.connect(lambda: _count(tab, filter))


def _count(tab: "RecordTab[Any]", choice: ChoiceFilter) -> None:
    asked = []
    for value in choice.values:
        with choice.supposing(value):
            source = tab.source()
        if not isinstance(source, Source) or source.count is None:
            return
        asked.append(source.count)
    tab.source()  # what it keeps of what is asked for is of now again
    tab.context.jobs.read(
        choice,
        "counts",
        lambda: [formatting.counted(count(COUNT_CAP)) for count in asked],
        choice.show_counts,
        lambda _error: None,  # the list in front says what is wrong
    )
