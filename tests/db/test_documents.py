"""Documents and versions as lists and single records, and edits of what is in clear."""

from typing import Any
from uuid import uuid4

import pytest

from desktop_app.db.documents import (
    AmbiguousTitleError,
    count_documents,
    find_by_titles,
    get_document,
    get_version,
    list_documents,
    list_versions,
    set_document_active,
)
from desktop_app.db.errors import NotAllowedError, StaleRowError
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.domain.filters import DocumentFilter
from desktop_app.domain.paging import Count
from desktop_app.errors import NotFoundError
from tests.db.centers import CenterUnderTest, new_version


def titles(center: CenterUnderTest, wanted: DocumentFilter, who: str = "viewer") -> list[str]:
    with center.sessions(who).begin() as session:
        page = list_documents(session, wanted, None, 100)
        assert count_documents(session, wanted) == Count(len(page.rows))
        return [row.title for row in page.rows]


def test_document_shows_its_newest_version(center: CenterUnderTest) -> None:
    sample = center.sample(barcode="S-1")
    first = center.document("Report", document_type="result", tags=("a", "b c"), sample_id=sample.id)
    facts: dict[str, Any] = {"file_name": "final.PDF", "size": 9, "mime_type": "x/y", "sample_id": sample.id}
    second = new_version(document_id=first.document_id, number=2, **facts)
    center.save(second, who="other")
    with center.sessions("viewer").begin() as session:
        document = get_document(session, first.document_id)
        versions = list_versions(session, first.document_id)
        assert get_version(session, first.document_id) == versions[0]
        assert get_version(session, first.document_id, 1) == versions[1]
        with pytest.raises(NotFoundError):
            get_version(session, first.document_id, 3)
        assert list_versions(session, uuid4()) == []
    assert (document.title, document.document_type, document.tags) == ("Report", "result", ("a", "b c"))
    assert (document.sample_id, document.sample_barcode) == (sample.id, "S-1")
    assert (document.latest_number, document.latest_version_id) == (2, second.version_id)
    assert (document.file_name, document.mime_type, document.size) == ("final.PDF", "x/y", 9)
    assert document.created_by == center.members["user"].username
    assert document.updated_by == center.members["other"].username
    assert [one.number for one in versions] == [2, 1]
    assert versions[0].created_by == center.members["other"].username
    for field in (
        "file_name",
        "size",
        "stored_size",
        "stored_digest",
        "statement",
        "signature",
        "key_version",
        "token",
    ):
        assert getattr(versions[1], field) == getattr(first, field), field


def test_documents_are_found_by_id_and_by_a_title_of_their_own(new_center: CenterUnderTest) -> None:
    center = new_center
    only, twice = center.document("Only"), center.document("Twice")
    other = center.document("Twice, at first under another title")
    with center.sessions().begin() as session:
        center.rename(session, other.document_id, DocumentDraft(title="Twice"), 1)
    with center.sessions("viewer").begin() as session:
        assert get_document(session, "Only") == get_document(session, str(only.document_id))
        with pytest.raises(AmbiguousTitleError):
            get_document(session, "Twice")
        assert [one.title for one in find_by_titles(session, {"Twice", "twice"}, None)["Twice"]] == ["Twice", "Twice"]
        assert find_by_titles(session, {"twice"}, None) == {}
        for ref in ("Nothing", str(uuid4()), uuid4(), ""):
            with pytest.raises(NotFoundError):
                get_document(session, ref)
    with center.sessions().begin() as session:
        set_document_active(session, twice.document_id, False, 1)
    with center.sessions("viewer").begin() as session:
        assert get_document(session, "Twice").is_active
        assert [one.is_active for one in find_by_titles(session, {"Twice"}, None)["Twice"]] == [True]


def test_every_filter_narrows(new_center: CenterUnderTest) -> None:
    center = new_center
    sample = center.sample()
    center.document("one", document_type="result", tags=("x", "y"))
    center.document("two", sample_id=sample.id)
    hidden = center.document("three", tags=("x",))
    assert titles(center, DocumentFilter()) == ["three", "two", "one"]
    with center.sessions().begin() as session:
        set_document_active(session, hidden.document_id, False, 1)
    assert titles(center, DocumentFilter()) == ["two", "one"]
    assert titles(center, DocumentFilter(include_inactive=True)) == ["three", "two", "one"]
    assert titles(center, DocumentFilter(sample_id=sample.id)) == ["two"]
    assert titles(center, DocumentFilter(document_type="result")) == ["one"]
    assert titles(center, DocumentFilter(tag="x")) == ["one"]
    assert titles(center, DocumentFilter(tag="z")) == []


def test_search_looks_in_title_tags_and_the_newest_file_name(new_center: CenterUnderTest) -> None:
    center = new_center
    first = center.document("Kan sonucu", tags=("Üroloji", "acil"))
    assert titles(center, DocumentFilter(search="sonu")) == ["Kan sonucu"]
    assert titles(center, DocumentFilter(search="ürol ACİL kan")) == ["Kan sonucu"]
    assert titles(center, DocumentFilter(search="RESULT.pdf")) == ["Kan sonucu"]
    assert titles(center, DocumentFilter(search="sonucuüroloji")) == [], "words do not run across fields"
    center.save(new_version(document_id=first.document_id, number=2, file_name="genome.vcf"))
    assert titles(center, DocumentFilter(search="genome")) == ["Kan sonucu"]
    assert titles(center, DocumentFilter(search="result.pdf")) == []


def test_edit_is_held_to_the_version_it_read(center: CenterUnderTest) -> None:
    saved = center.document("Draft", tags=("old",))
    sample = center.sample()
    draft = DocumentDraft(title="Final", document_type="letter", tags=("new", "tag"), sample_id=sample.id)
    with center.sessions("other").begin() as session:
        edited = center.rename(session, saved.document_id, draft, 1, "other")
    assert (edited.title, edited.document_type, edited.tags) == ("Final", "letter", ("new", "tag"))
    assert (edited.sample_id, edited.row_version) == (sample.id, 2)
    with pytest.raises(StaleRowError), center.sessions().begin() as session:
        center.rename(session, saved.document_id, DocumentDraft(title="Mine"), 1)
    with pytest.raises(StaleRowError), center.sessions().begin() as session:
        set_document_active(session, saved.document_id, False, 1)
    with pytest.raises(NotAllowedError), center.sessions("viewer").begin() as session:
        center.rename(session, saved.document_id, draft, 2)
    lost = DocumentDraft(title="x", sample_id=uuid4())
    for document_id, attempt in ((uuid4(), draft), (saved.document_id, lost)):
        with pytest.raises(NotFoundError), center.sessions().begin() as session:
            center.rename(session, document_id, attempt, 2)


def test_new_version_makes_an_open_edit_stale(center: CenterUnderTest) -> None:
    saved = center.document("Draft")
    center.save(new_version(document_id=saved.document_id, number=2))
    with pytest.raises(StaleRowError), center.sessions().begin() as session:
        center.rename(session, saved.document_id, DocumentDraft(title="Mine"), 1)


def test_pages_go_on_from_a_key(new_center: CenterUnderTest) -> None:
    for number in range(5):
        new_center.document(f"d{number}")
    with new_center.sessions("viewer").begin() as session:
        first = list_documents(session, DocumentFilter(), None, 3)
        second = list_documents(session, DocumentFilter(), first.next, 3)
    assert [row.title for row in first.rows + second.rows] == ["d4", "d3", "d2", "d1", "d0"]
    assert second.next is None


def test_deleting_a_document_frees_its_files_for_cleaning(center: CenterUnderTest) -> None:
    saved = center.document("Gone")
    with center.raw("admin") as cursor:
        cursor.execute("DELETE FROM documents WHERE id = %s", (str(saved.document_id),))
        assert cursor.rowcount == 1
    assert center.really("SELECT count(*) FROM document_keys WHERE version_id = %s", str(saved.version_id)) == [(0,)]
    state = "SELECT state FROM document_uploads WHERE id = %s"
    assert center.really(state, str(saved.version_id)) == [("abandoned",)]
    recorded = center.really(
        "SELECT table_name, operation FROM audit_log WHERE row_id IN (%s, %s) ORDER BY seq",
        str(saved.document_id),
        str(saved.version_id),
    )
    assert recorded[-2:] == [("documents", "delete"), ("document_versions", "delete")]
