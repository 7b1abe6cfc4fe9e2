"""What a document is called changes with a signed statement, in its place and about itself, and in no other way."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg2
import pytest

from desktop_app.crypto.version_statements import NO_STATEMENT
from desktop_app.db.change_plans import apply
from desktop_app.db.document_statements import all_statements, change_document, latest_statements
from desktop_app.db.documents import get_document
from desktop_app.db.errors import KeysReplacedError, NotAllowedError, NumberTakenError, StaleRowError
from desktop_app.db.uploads import save_versions
from desktop_app.domain.change_plan import ChangePlan, PlanAction, PlannedChange, PlanTable
from desktop_app.domain.drafts import DocumentDraft
from desktop_app.errors import InvalidInputError, LabkeepError, NotFoundError
from tests.db.centers import CenterUnderTest, new_version
from tests.db.statements import digest, document_statement

OTHER = DocumentDraft(title="Other", document_type="letter", tags=("b", "a", "ç"), sample_id=None)
SIGNATURE = bytes(64)


def says(
    center: CenterUnderTest,
    document: UUID,
    facts: DocumentDraft = OTHER,
    *,
    number: int = 1,
    previous: bytes = NO_STATEMENT,
    center_id: UUID | None = None,
    who: str = "user",
) -> bytes:
    return document_statement(
        center_id or center.id,
        document,
        facts,
        number,
        previous,
        signer=center.members[who].identity.id,
        trust_sequence=center.installation.trust_sequence(),
    )


def change(center: CenterUnderTest, document: UUID, statement: bytes, row_version: int = 1, who: str = "user") -> None:
    with center.sessions(who).begin() as session:
        change_document(session, document, row_version, statement, SIGNATURE)


def test_the_row_says_what_the_statement_says(center: CenterUnderTest) -> None:
    document = center.document("First").document_id
    first = says(center, document)
    change(center, document, first)
    second = says(center, document, replace(OTHER, tags=()), number=2, previous=digest(first, SIGNATURE), who="other")
    change(center, document, second, 2, who="other")
    with center.sessions("viewer").begin() as session:
        found = get_document(session, document)
        kept = all_statements(session, document)
        latest = latest_statements(session, [document])[document]
    assert (found.title, found.document_type, found.tags, found.row_version) == ("Other", "letter", (), 3)
    assert [(row.number, row.statement, row.signature) for row in kept] == [
        (1, first, SIGNATURE),
        (2, second, SIGNATURE),
    ]
    assert [row.created_by for row in kept] == [center.members[who].login for who in ("user", "other")]
    assert (latest.facts, latest.statement_number, latest.statement) == (replace(OTHER, tags=()), 2, kept[1])


def test_a_plan_that_gave_documents_to_a_sample_goes_back_by_statements_of_what_was(center: CenterUnderTest) -> None:
    document, plan = center.document("First").document_id, uuid4()
    with center.sessions("user").begin() as session:
        row = latest_statements(session, [document])[document]
    first = says(center, document)
    attach = ChangePlan(
        plan, PlanAction.ATTACH, (PlannedChange(document, PlanTable.DOCUMENTS, "", row.row_version, {}, {"title": ""}),)
    )
    with center.sessions("user").begin() as session:
        assert apply(session, attach, {}) == (), "nothing without a signature"
        assert apply(session, attach, {document: (first, SIGNATURE)}) == (document,)
    after = digest(first, SIGNATURE)
    undo = ChangePlan(uuid4(), PlanAction.UNDO, (replace(attach.changes[0], row_version=0),), undoes=plan)
    other = says(center, document, replace(row.facts, title="Neither"), number=2, previous=after)
    with center.sessions("user").begin() as session:
        assert apply(session, undo, {}) == ()
        assert apply(session, undo, {document: (other, SIGNATURE)}) == (), "it says something else than was before"
        assert get_document(session, document).title == "Other"
    right = says(center, document, row.facts, number=2, previous=after)
    with center.sessions("user").begin() as session:
        assert apply(session, undo, {document: (right, SIGNATURE)}) == (document,)
        assert latest_statements(session, [document])[document].facts == row.facts


def wrong(center: CenterUnderTest, document: UUID) -> dict[str, tuple[bytes, type[LabkeepError]]]:
    right = says(center, document)
    return {
        "number taken": (says(center, document, number=2), StaleRowError),
        "another before it": (says(center, document, number=1, previous=bytes(31) + b"x"), StaleRowError),
        "unknown entry": (right.replace(b'"trust_sequence":', b'"trust_sequence":9'), InvalidInputError),
        "another document": (says(center, uuid4()), InvalidInputError),
        "another center": (says(center, document, center_id=uuid4()), InvalidInputError),
        "another kind": (right.replace(b'"kind":"document"', b'"kind":"version"'), InvalidInputError),
        "long ago": (right.replace(b'"at":"20', b'"at":"19'), InvalidInputError),
        "no time": (right.replace(b'"at":', b'"when":'), InvalidInputError),
        "no JSON": (b"{", InvalidInputError),
        "no text": (b"\xff", InvalidInputError),
        "nothing": (b"null", StaleRowError),
        "no title": (right.replace(b'"title":', b'"name":'), InvalidInputError),
    }


def test_a_statement_about_something_else_changes_nothing(center: CenterUnderTest) -> None:
    document = center.document("Stays").document_id
    for what, (statement, error) in wrong(center, document).items():
        with pytest.raises(error):
            change(center, document, statement)
        found = center.really("SELECT title, row_version FROM documents WHERE id = %s", str(document))
        assert found == [("Stays", 1)], what
    assert center.really("SELECT FROM document_statements WHERE document_id = %s", str(document)) == []
    with pytest.raises(StaleRowError):
        change(center, document, says(center, document), row_version=2)
    with pytest.raises(NotAllowedError):
        change(center, document, says(center, document, who="viewer"), who="viewer")
    with pytest.raises(KeysReplacedError):
        change(center, document, says(center, document, who="other"))
    unknown = uuid4()
    with pytest.raises(NotFoundError):
        change(center, unknown, says(center, unknown))


@pytest.mark.parametrize(
    "values",
    [
        "title = 'x'",
        "document_type = 'x'",
        "tags = '{x}'",
        "sample_id = (SELECT id FROM samples LIMIT 1)",
        "title = 'x', statement_number = 1",
        "statement_number = 0",
    ],
)
def test_even_the_owner_needs_a_statement(center: CenterUnderTest, values: str) -> None:
    center.sample()
    document = center.document("Kept").document_id
    change(center, document, says(center, document))
    with center.owner() as cursor:
        for statement in (
            f"UPDATE documents SET {values}, row_version = row_version WHERE id = '{document}'",
            f"UPDATE document_statements SET signature = 'x' WHERE document_id = '{document}'",
        ):
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(statement)


def test_deleted_for_good_with_its_document(center: CenterUnderTest) -> None:
    document = center.document("Gone").document_id
    change(center, document, says(center, document))
    count = "SELECT count(*) FROM document_statements WHERE document_id = %s"
    assert center.really(count, str(document)) != [(0,)]
    with center.raw("admin") as cursor:
        cursor.execute("DELETE FROM documents WHERE id = %s", (str(document),))
    assert center.really(count, str(document)) == [(0,)]


def test_a_version_is_saved_under_what_its_document_is_called_now(center: CenterUnderTest) -> None:
    """Signed before somebody else renamed it, it is refused, and signed again it is taken."""
    document = center.document("Before").document_id
    version = new_version(document_id=document, number=2)
    center.reserve(version)
    before = center.signed(version)
    change(center, document, says(center, document))
    with pytest.raises(NumberTakenError), center.sessions().begin() as session:
        save_versions(session, [before])
    with center.sessions().begin() as session:
        save_versions(session, center.all_signed(version))


@pytest.mark.parametrize(
    "forge",
    [
        lambda said: said.replace(b'"title":"New', b'"title":"Old'),
        lambda said: said.replace(b'"tags":["t"]', b'"tags":[]'),
        lambda said: said.replace(b'"statement":0', b'"statement":1'),
        lambda said: said.replace(b'"statement_digest":"0', b'"statement_digest":"1'),
    ],
)
def test_a_version_that_says_something_else_is_not_saved(
    center: CenterUnderTest, forge: Callable[[bytes], bytes]
) -> None:
    version = new_version(document=DocumentDraft(title=f"New {uuid4()}", tags=("t",)))
    center.reserve(version)
    right = center.signed(version)
    assert forge(right.statement) != right.statement
    with pytest.raises(NumberTakenError), center.sessions().begin() as session:
        save_versions(session, [replace(right, statement=forge(right.statement))])
    with center.sessions().begin() as session:
        save_versions(session, [right])
