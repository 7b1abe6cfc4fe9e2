"""A person with power over the database exchanges what two patients' documents are called: everybody notices.

Titles, types, tags and samples are in clear, but signed; what opens, verifies or changes a document compares them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from desktop_app.crypto.errors import CryptoError
from desktop_app.domain.drafts import DocumentDraft, SampleDraft
from desktop_app.domain.records import Document, SampleType
from desktop_app.services.context.authorship import AuthorForgedError
from desktop_app.services.documents.add_results import AddOutcome
from desktop_app.services.documents.document_facts import FactsForgedError
from desktop_app.services.documents.external_copy import ExternalCopies
from desktop_app.services.documents.title_conflicts import OnConflict
from desktop_app.services.session.center_services import CenterServices
from desktop_app.storage.open_folder import OpenFolder
from tests.e2e.labkeep_admin import Admin
from tests.services.conftest import PASSWORDS, World
from tests.services.database_state import put_back


@dataclass(frozen=True)
class Scene:
    """Two patients' findings, each on a sample of its own: one never changed, one renamed, one with a version since."""

    work: CenterServices
    cursor: Any
    plain: Document
    renamed: Document
    followed: Document
    other: Document
    """Another patient's."""

    def forge(self, statement: str, document: Document) -> None:
        """As the superuser, without triggers: <other> is the id of another document."""
        words = {"<S>": self.work.center.schema_name, "<id>": str(document.id), "<other>": str(self.other.id)}
        for word, value in words.items():
            statement = statement.replace(word, value)
        self.cursor.execute(statement)

    def fresh(self, document: Document) -> Document:
        return self.work.documents.get(document.id)


@pytest.fixture(scope="module")
def documents(each_world: World, tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """The four, as they are at the begin of each test."""
    folder = tmp_path_factory.mktemp("sources")
    with each_world.lab("a.user").center("alpha") as work:
        documents = [_add(each_world, work, folder) for _ in range(4)]
        for at in (1, 2, 3):
            draft = replace(DocumentDraft.of(documents[at]), document_type="finding", tags=("hiv", "urgent"))
            documents[at] = work.documents.update(documents[at], draft)
        path = folder / documents[2].title
        path.write_text("corrected")
        result = work.documents.add([path], sample_id=documents[2].sample_id, on_conflict=OnConflict.VERSION).results[0]
        assert (result.id, result.version) == (documents[2].id, 2)
        documents[2] = work.documents.get(documents[2].id)
    return documents


@pytest.fixture
def scene(each_world: World, documents: list[Document]) -> Iterator[Scene]:
    with each_world.lab("a.user").center("alpha") as work:
        names = [f"{work.center.schema_name}.{name}" for name in _TABLES]
        with put_back(each_world, names) as connection, connection.cursor() as cursor:
            yield Scene(work, cursor, *documents)


_TABLES = ("documents", "document_statements", "document_versions")


def _add(world: World, work: CenterServices, folder: Path) -> Document:
    sample = work.samples.create(SampleDraft(name=world.unused("Patient"), sample_type=SampleType.BLOOD))
    path = folder / (world.unused("finding") + ".txt")
    path.write_text(f"of {sample.name}")
    result = work.documents.add([path], sample_id=sample.id).results[0]
    assert result.id is not None, result.reason
    return work.documents.get(result.id)


_SWAP = "UPDATE <S>.documents d SET {0} = o.{0} FROM <S>.documents o WHERE d.id = '<id>' AND o.id = '<other>'"
ROW_FORGERIES = {
    "title": _SWAP.format("title"),
    "sample": _SWAP.format("sample_id"),
    "no sample": "UPDATE <S>.documents SET sample_id = NULL WHERE id = '<id>'",
    "tags": "UPDATE <S>.documents SET tags = '{negative}' WHERE id = '<id>'",
    "order of tags": "UPDATE <S>.documents SET tags = tags || '{x}' WHERE id = '<id>'",
    "type": "UPDATE <S>.documents SET document_type = 'x' WHERE id = '<id>'",
    "title, counted as an edit": (
        "UPDATE <S>.documents SET title = 'x', row_version = row_version + 1, statement_number = statement_number + 1"
        " WHERE id = '<id>'"
    ),
}
STATEMENT_FORGERIES = {
    "taken away": "DELETE FROM <S>.document_statements WHERE document_id = '<id>'",
    "not counted": "UPDATE <S>.documents SET statement_number = 0 WHERE id = '<id>'",
    "another signature": "UPDATE <S>.document_statements SET signature = decode(repeat('00', 64), 'hex')"
    " WHERE document_id = '<id>'",
    "another text": "UPDATE <S>.document_statements SET statement = convert_to(replace(convert_from(statement, 'UTF8'),"
    " 'hiv', 'hcv'), 'UTF8') WHERE document_id = '<id>'",
    "another document's": "UPDATE <S>.document_statements s SET statement = o.statement, signature = o.signature"
    " FROM <S>.document_statements o WHERE s.document_id = '<id>' AND o.document_id = '<other>'",
    "at another time": "UPDATE <S>.document_statements SET created_at = created_at - interval '1 day'"
    " WHERE document_id = '<id>'",
    "another author": "UPDATE <S>.document_statements SET created_by = (SELECT login FROM <S>.people WHERE username ="
    " 'a.admin') WHERE document_id = '<id>'",
    "once more": "INSERT INTO <S>.document_statements (document_id, number, statement, signature)"
    " SELECT document_id, 2, statement, signature FROM <S>.document_statements WHERE document_id = '<id>';"
    " UPDATE <S>.documents SET statement_number = 2 WHERE id = '<id>'",
}


def assert_noticed(scene: Scene, document: Document, folder: Path, kind: type[CryptoError] = CryptoError) -> None:
    """By everything that shows, keeps or changes it; and nothing of it comes to the disk."""
    work, target = scene.work, folder / "out.txt"
    for seen in (document, scene.fresh(document)):
        for act in (
            lambda each: work.documents.content(each),
            lambda each: work.documents.save_as(each, target),
            lambda each: work.documents.save_as(each, target, 1),
            lambda each: ExternalCopies(OpenFolder(folder / "open")).open(work.documents, each),
        ):
            with pytest.raises(kind):
                act(seen)
    assert not target.exists()
    assert {verdict.problem is None for verdict in work.documents.verify([scene.fresh(document)])} == {False}
    now = scene.fresh(document)
    with pytest.raises(kind):
        work.documents.update(now, replace(DocumentDraft.of(now), tags=("edited",)))
    assert scene.fresh(document) == now, "nothing was signed over it"
    elsewhere = work.samples.create(SampleDraft(name="Another patient", sample_type="blood"))
    for seen in (document, now):
        plan = work.plans.plan_attach([seen], elsewhere)
        try:
            result = work.plans.apply(plan)
        except kind:
            continue
        assert result.changed == ()
        assert "changed it meanwhile" not in str(result.left_alone[0].why) or seen is not now, "it is said why"
    assert scene.fresh(document) == now, "and not as one of many either"


@pytest.mark.parametrize("forgery", ROW_FORGERIES)
def test_a_row_that_says_something_else(scene: Scene, tmp_path: Path, forgery: str) -> None:
    for document in (scene.plain, scene.renamed, scene.followed):
        scene.forge(ROW_FORGERIES[forgery], document)
        assert_noticed(scene, document, tmp_path, FactsForgedError)


def test_what_was_shown_forged_is_not_signed_when_the_row_is_right_again(scene: Scene) -> None:
    elsewhere = scene.work.samples.create(SampleDraft(name="Another patient", sample_type="blood"))
    scene.forge("UPDATE <S>.documents SET title = 'NEGATIVE' WHERE id = '<id>'", scene.plain)
    plan = scene.work.plans.plan_attach([scene.fresh(scene.plain)], elsewhere)
    scene.forge(f"UPDATE <S>.documents SET title = '{scene.plain.title}' WHERE id = '<id>'", scene.plain)
    result = scene.work.plans.apply(plan)
    assert [(left.name, scene.plain.title in str(left.why)) for left in result.left_alone] == [("NEGATIVE", True)]
    assert scene.fresh(scene.plain) == scene.plain


@pytest.mark.parametrize("forgery", STATEMENT_FORGERIES)
def test_statements_that_were_forged(scene: Scene, tmp_path: Path, forgery: str) -> None:
    for document in (scene.renamed, scene.followed):
        scene.forge(STATEMENT_FORGERIES[forgery], document)
        assert_noticed(scene, document, tmp_path)


def test_a_rollback_to_before_a_change_that_a_version_knows_of(scene: Scene, tmp_path: Path) -> None:
    back = (
        "DELETE FROM <S>.document_statements WHERE document_id = '<id>';"
        " UPDATE <S>.documents SET statement_number = 0, document_type = '', tags = '{}' WHERE id = '<id>'"
    )
    scene.forge(back, scene.followed)
    assert_noticed(scene, scene.followed, tmp_path, FactsForgedError)


def test_another_author_than_the_signer(scene: Scene, tmp_path: Path) -> None:
    """Also where the people's own list is turned: who signed is in the trust log."""
    others = "SELECT login FROM <S>.people WHERE username = 'a.admin'"
    for document in (scene.plain, scene.renamed, scene.followed):
        scene.forge(f"UPDATE <S>.document_versions SET created_by = ({others}) WHERE document_id = '<id>'", document)
        assert_noticed(scene, document, tmp_path, AuthorForgedError)


def test_a_newest_version_that_was_taken_away(scene: Scene, tmp_path: Path) -> None:
    scene.forge("DELETE FROM <S>.document_versions WHERE document_id = '<id>' AND number = 2", scene.followed)
    with pytest.raises(CryptoError):
        scene.work.documents.content(scene.followed)


def test_versions_at_another_time(scene: Scene, tmp_path: Path) -> None:
    scene.forge(
        "UPDATE <S>.document_versions SET created_at = created_at - interval '1 year' WHERE document_id = '<id>'",
        scene.plain,
    )
    with pytest.raises(CryptoError, match="another time"):
        scene.work.documents.content(scene.plain)


def test_an_earlier_change_that_was_forged_is_found_by_verify(scene: Scene) -> None:
    scene.work.documents.update(scene.renamed, replace(DocumentDraft.of(scene.renamed), title="Third name"))
    scene.forge(
        "UPDATE <S>.document_statements SET signature = decode(repeat('00', 64), 'hex')"
        " WHERE document_id = '<id>' AND number = 1",
        scene.renamed,
    )
    now = scene.fresh(scene.renamed)
    assert scene.work.documents.content(now), "what it is called now is signed all the same"
    (verdict,) = scene.work.documents.verify([now])
    assert verdict.problem is not None


def test_no_version_is_signed_under_a_forged_name(scene: Scene, tmp_path: Path) -> None:
    for document in (scene.plain, scene.renamed, scene.followed):
        scene.forge("UPDATE <S>.documents SET document_type = 'forged' WHERE id = '<id>'", document)
        path = tmp_path / document.title
        path.write_text("next")
        result = scene.work.documents.add([path], sample_id=document.sample_id, on_conflict=OnConflict.VERSION).results[
            0
        ]
        assert result.outcome is AddOutcome.FAILED
        assert "another type of this document than was signed" in result.reason


def test_what_was_signed_can_be_put_back(scene: Scene) -> None:
    for document in (scene.plain, scene.renamed):
        scene.forge("UPDATE <S>.documents SET title = 'Forged', tags = '{x}' WHERE id = '<id>'", document)
        forged = scene.fresh(document)
        with pytest.raises(FactsForgedError, match=f"another title and tags.*“{document.title}”"):
            scene.work.documents.update(forged, replace(DocumentDraft.of(forged), title=document.title))
        back = scene.work.documents.update(forged, DocumentDraft.of(document))
        assert (back.title, back.tags) == (document.title, document.tags)
        assert scene.work.documents.content(back)
        assert [verdict.problem for verdict in scene.work.documents.verify([back])] == [None]


def test_a_list_that_lied_and_was_put_right_again(scene: Scene) -> None:
    """Shown under a false title, opened when the row is true again: the person still learns of it."""
    scene.forge("UPDATE <S>.documents SET title = 'False' WHERE id = '<id>'", scene.plain)
    shown = scene.fresh(scene.plain)
    scene.forge(f"UPDATE <S>.documents SET title = '{scene.plain.title}' WHERE id = '<id>'", scene.plain)
    with pytest.raises(FactsForgedError):
        scene.work.documents.content(shown)
    with pytest.raises(FactsForgedError):
        scene.work.documents.update(shown, replace(DocumentDraft.of(shown), tags=("x",)))


def test_a_lawful_edit_since_is_no_alarm(scene: Scene) -> None:
    scene.work.documents.update(scene.plain, replace(DocumentDraft.of(scene.plain), title="New name"))
    assert scene.work.documents.content(scene.plain)


def test_the_command_line_says_it(scene: Scene, each_world: World, tmp_path: Path) -> None:
    scene.forge(ROW_FORGERIES["sample"], scene.plain)
    viewer = Admin(each_world.home).as_user("a.viewer", PASSWORDS["a.viewer"], "alpha")
    said = viewer.refused("document", "get", str(scene.plain.id), "--to", tmp_path / "out.txt")
    assert said.startswith("The database says another sample of this document than was signed")
    assert not (tmp_path / "out.txt").exists()
    answer = viewer("document", "verify", str(scene.plain.id))
    assert answer.status == 1
    assert said in answer.err
    user = Admin(each_world.home).as_user("a.user", PASSWORDS["a.user"], "alpha")
    assert user.refused("document", "update", str(scene.plain.id), "--tag", "x") == said


def test_who_sealed_it_is_said_by_the_signature(scene: Scene) -> None:
    found = scene.work.documents.seals(scene.followed)
    assert found.alarm is None
    assert [(seal.version.number, seal.by, seal.problem) for seal in found.seals] == [
        (2, "a.user", None),
        (1, "a.user", None),
    ]
    assert abs((found.seals[0].at - found.seals[0].version.created_at).total_seconds()) < 60


def test_somebody_elses_name_beside_a_version_is_an_alarm(scene: Scene, each_world: World, tmp_path: Path) -> None:
    scene.forge(
        "UPDATE <S>.document_versions SET created_by = (SELECT login FROM <S>.people WHERE username = 'a.admin')"
        " WHERE document_id = '<id>' AND number = 1",
        scene.followed,
    )
    now = scene.fresh(scene.followed)
    assert scene.work.documents.content(now), "the newest version is as it was"
    with pytest.raises(CryptoError, match="another author"):
        scene.work.documents.content(now, 1)
    found = scene.work.documents.seals(now)
    assert found.alarm is not None
    assert [(seal.by, seal.problem) for seal in found.seals] == [("a.user", None), ("", found.alarm)]
    viewer = Admin(each_world.home).as_user("a.viewer", PASSWORDS["a.viewer"], "alpha")
    answer = viewer("document", "versions", str(now.id))
    assert answer.status == 1
    assert found.alarm in answer.err
    assert "a.admin" not in answer.out


def test_an_alarm_stands_in_the_detail(scene: Scene) -> None:
    scene.forge("UPDATE <S>.documents SET title = 'x' WHERE id = '<id>'", scene.plain)
    alarm = scene.work.documents.seals(scene.fresh(scene.plain)).alarm
    assert alarm is not None
    assert alarm.startswith("The database says another title of this document than was signed")
