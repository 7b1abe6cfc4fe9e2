"""What a database administrator changes in silence, each by itself: an alarm names it, or the threat model does."""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from desktop_app.domain.drafts import CenterDraft, DocumentDraft, SampleDraft
from desktop_app.domain.openings import SETTING, OpeningsKept
from desktop_app.domain.records import Document, SampleType
from desktop_app.errors import LabkeepError
from desktop_app.services.session.lab import Lab
from tests.services.conftest import ROOT, World
from tests.services.database_state import put_back

THREATS = (Path(__file__).resolve().parents[2] / "docs" / "threat-model.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Scene:
    """A center with two samples, each with a document; the first one's has two versions."""

    lab: Lab
    slug: str
    schema: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def scene(world: World, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    tmp_path = tmp_path_factory.mktemp("files")
    lab = world.lab(ROOT)
    slug = world.unused("tampered").replace(".", "-")
    # An opening that came on the record while tables are put back would leave them in disagreement.
    settings = {SETTING: OpeningsKept.EXPORTS.value}
    center = lab.centers.create(CenterDraft(name=slug, slug=slug, settings=settings))
    ids: dict[str, str] = {}
    with lab.center(center) as work:
        for letter in "ab":
            draft = SampleDraft(name=f"Sample {letter}", sample_type=SampleType.BLOOD, metadata={"tube": letter})
            sample = work.samples.create(draft)
            file = tmp_path / f"{letter}.txt"
            file.write_text(f"findings of {letter}")
            (saved,) = work.documents.add([file], sample_id=sample.id).saved
            ids |= {f"sample_{letter}": str(sample.id), f"document_{letter}": str(saved.id)}
        first = work.documents.get(ids["document_a"])
        work.documents.update(first, DocumentDraft(title="Findings", sample_id=first.sample_id))
    return Scene(lab, slug, center.schema_name, ids)


def record_alarm(scene: Scene) -> bool:
    with scene.lab.center(scene.slug) as work:
        return not work.audit.verify().is_sound


def document_alarm(scene: Scene) -> bool:
    with scene.lab.center(scene.slug) as work:
        return any(result.problem for result in work.documents.verify())


def opening_alarm(scene: Scene) -> bool:
    with scene.lab.center(scene.slug) as work:
        for document in documents(work.documents.list().rows):
            try:
                work.documents.content(document)
            except LabkeepError:
                return True
    return False


def documents(rows: tuple[Document, ...]) -> tuple[Document, ...]:
    assert rows
    return rows


def any_alarm(scene: Scene) -> bool:
    """What a signed-in administrator's checks find, each asked anew."""
    for check in (record_alarm, document_alarm, opening_alarm):
        with suppress(LabkeepError):
            if check(scene):
                return True
            continue
        return True
    return False


SILENT: list[tuple[str, str]] = [
    ("UPDATE {s}.sample_types SET name = 'Forged' WHERE code = 'blood'", "the names of sample types"),
    ("DELETE FROM {s}.document_uploads", "reservations"),
    ("UPDATE public.sign_ins SET workstation = 'forged'", "the list of sign-ins"),
    (
        """CREATE OR REPLACE FUNCTION {s}.document_words(p_title text, p_tags text[], p_file_name text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT AS 'SELECT p_title'""",
        "functions, triggers and privileges",
    ),
    ("GRANT SELECT ON {s}.samples TO labkeep_app", "functions, triggers and privileges"),
]


@pytest.mark.parametrize(("statement", "named"), SILENT)
def test_what_is_no_alarm_stands_in_the_threat_model(world: World, scene: Scene, statement: str, named: str) -> None:
    with closing(world.superuser()) as database, database.cursor() as cursor:
        cursor.execute(statement.format(s=scene.schema))
        assert not any_alarm(scene), "it is an alarm by now: say so in the threat model"
    assert named in " ".join(THREATS.split())


IN_THE_CENTER = [
    "UPDATE {s}.samples SET name = 'Sample b' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET results = 'NEGATIVE' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET description = 'forged' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET metadata = metadata || '{{\"x\": 1}}' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET status = 'completed' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET rejection_reason = 'forged' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET sample_type = 'urine' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET collected_at = '2020-01-01' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET collected_place = 'elsewhere' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET is_active = false WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET created_by = 'u_forged' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET created_at = '2020-01-01' WHERE id = '{sample_a}'",
    "UPDATE {s}.samples SET barcode = barcode || '-x' WHERE id = '{sample_a}'",
    "DELETE FROM {s}.document_versions WHERE document_id = '{document_a}'",
    """INSERT INTO {s}.samples (id, name, sample_type, barcode, user_id)
        SELECT gen_random_uuid(), 'Planted', 'blood', 'planted', user_id FROM {s}.samples LIMIT 1""",
    "UPDATE {s}.documents SET title = 'Findings of somebody else' WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET sample_id = '{sample_b}' WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET tags = '{{forged}}' WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET document_type = 'forged' WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET is_active = false WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET file_name = 'forged.txt' WHERE id = '{document_a}'",
    "UPDATE {s}.documents SET created_at = '2020-01-01' WHERE id = '{document_a}'",
    "UPDATE {s}.document_versions SET file_name = 'forged.txt' WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET size = size + 1 WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET mime_type = 'image/png' WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET created_by = 'u_forged' WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET created_at = '2020-01-01' WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET signature = decode(repeat('00', 64), 'hex') WHERE document_id = '{document_a}'",
    "UPDATE {s}.document_versions SET file_id = gen_random_uuid() WHERE document_id = '{document_a}'",
    """UPDATE {s}.document_keys k SET token = o.token
        FROM {s}.document_keys o, {s}.document_versions v, {s}.document_versions w
        WHERE k.version_id = v.id AND o.version_id = w.id
            AND v.document_id = '{document_a}' AND w.document_id = '{document_b}'""",
    "DELETE FROM {s}.document_keys",
    "DELETE FROM {s}.document_statements WHERE document_id = '{document_a}'",
    "UPDATE {s}.people SET display_name = 'Somebody else'",
    "UPDATE {s}.people SET member_until = now()",
    "INSERT INTO {s}.people (id, login, username) VALUES (gen_random_uuid(), 'u_planted', 'planted')",
    "UPDATE {s}.audit_log SET new = '{{}}' WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
    "UPDATE {s}.audit_log SET login = 'u_forged' WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
    "UPDATE {s}.audit_log SET at = '2020-01-01' WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
    "UPDATE {s}.audit_log SET reason = 'forged' WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
    "UPDATE {s}.audit_log SET old = NULL, new = NULL, salt = NULL WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
    "DELETE FROM {s}.audit_log WHERE seq = (SELECT max(seq) FROM {s}.audit_log)",
]


# Last, because a workstation goes on remembering what it saw.
IN_THE_CHAIN = [
    "DELETE FROM {s}.audit_chain WHERE seq = (SELECT max(seq) FROM {s}.audit_chain)",
    "UPDATE {s}.audit_head SET digest = decode(repeat('00', 32), 'hex')",
    "UPDATE {s}.audit_head SET seq = seq - 1",
]
TABLES = (
    *("people", "samples", "documents", "document_versions", "document_statements", "document_keys"),
    *("audit_log", "audit_chain", "audit_head"),
)


def test_nothing_is_an_alarm_before(scene: Scene) -> None:
    assert not any_alarm(scene)


@pytest.mark.parametrize("statement", IN_THE_CENTER)
def test_a_change_in_a_center_is_an_alarm(world: World, scene: Scene, statement: str) -> None:
    tables = [f"{scene.schema}.{table}" for table in TABLES]
    with put_back(world, tables) as database, database.cursor() as cursor:
        cursor.execute(statement.format(s=scene.schema, **scene.ids))
        assert cursor.rowcount > 0
        assert any_alarm(scene)


@pytest.mark.parametrize("statement", IN_THE_CHAIN)
def test_a_change_of_the_chain_is_an_alarm(world: World, scene: Scene, statement: str) -> None:
    with closing(world.superuser()) as database, database.cursor() as cursor:
        cursor.execute(statement.format(s=scene.schema))
        assert cursor.rowcount > 0
    assert any_alarm(scene)


IN_THE_REGISTRY = [
    "UPDATE public.users SET email = 'forged@lab.example' WHERE username = 'a.user'",
    "UPDATE public.users SET first_name = 'Forged' WHERE username = 'a.user'",
    "UPDATE public.users SET created_by = 'u_forged' WHERE username = 'a.user'",
    "UPDATE public.centers SET name = 'Forged' WHERE slug = 'alpha'",
    "UPDATE public.centers SET description = 'Forged' WHERE slug = 'alpha'",
    "UPDATE public.centers SET settings = '{\"forged\": 1}' WHERE slug = 'alpha'",
    "UPDATE public.centers SET rotation_due = NOT rotation_due WHERE slug = 'alpha'",
    "UPDATE public.installation SET kdf = 'kdf 0'",
    "DELETE FROM public.audit_log WHERE seq = (SELECT max(seq) FROM public.audit_log)",
    "UPDATE public.audit_log SET login = 'u_forged' WHERE seq = (SELECT max(seq) FROM public.audit_log)",
]


@pytest.mark.parametrize("statement", IN_THE_REGISTRY)
def test_a_change_in_the_registry_is_an_alarm(world: World, statement: str) -> None:
    lab = world.lab(ROOT)
    assert lab.audit.verify().is_sound, "before"
    tables = ["public.users", "public.centers", "public.installation", "public.audit_log"]
    with put_back(world, tables) as database, database.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0
        assert not lab.audit.verify().is_sound
    assert lab.audit.verify().is_sound, "after"
