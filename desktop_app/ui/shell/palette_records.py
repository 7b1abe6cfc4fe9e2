"""What the palette finds in the database: the first few of each kind, and how many more there are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from desktop_app.domain.filters import SHORTEST_INDEXED, CenterFilter, DocumentFilter, SampleFilter
from desktop_app.domain.paging import Count, Page
from desktop_app.domain.records import Center, Document, Sample

if TYPE_CHECKING:
    from desktop_app.services.session.center_services import CenterServices
    from desktop_app.services.session.lab import Lab

Row = TypeVar("Row")

MOST_OF_A_KIND = 5
MOST_COUNTED = 1000 + MOST_OF_A_KIND
"""One types on while this is counted; of more it is said that there are more."""

NONE = Count(0)


@dataclass(frozen=True)
class Found(Generic[Row]):
    """The first of a kind, and how many there are beyond them."""

    rows: tuple[Row, ...] = ()
    beyond: Count = NONE


@dataclass(frozen=True)
class Records:
    """What was found, by kind."""

    centers: Found[Center] = Found()
    samples: Found[Sample] = Found()
    documents: Found[Document] = Found()


def look_up(lab: "Lab", work: "CenterServices | None", text: str) -> Records:
    """Look, under the person's own rights; samples and documents only where a word is long enough for the index."""
    by_center = CenterFilter(search=text)
    centers = _found(lab.centers.list(by_center, None, MOST_OF_A_KIND), lambda cap: lab.centers.count(by_center, cap))
    if work is None or not any(len(word) >= SHORTEST_INDEXED for word in text.split()):
        return Records(centers)
    by_sample, by_document = SampleFilter(search=text), DocumentFilter(search=text)
    samples, documents = work.samples, work.documents
    return Records(
        centers,
        _found(samples.list(by_sample, None, MOST_OF_A_KIND), lambda cap: samples.count(by_sample, cap)),
        _found(documents.list(by_document, None, MOST_OF_A_KIND), lambda cap: documents.count(by_document, cap)),
    )


def _found(page: Page[Row], count: Callable[[int], Count]) -> Found[Row]:
    if page.next is None:
        return Found(page.rows)
    all_of_them = count(MOST_COUNTED)
    # Some may have gone since the page was read.
    beyond = Count(max(1, all_of_them.number - len(page.rows)), all_of_them.capped)
    return Found(page.rows, beyond)
