"""Tricks with the record of changes and with save_versions(), the one way for documents to come in.

Every attack runs with a real login on every server. It must fail with the SQLSTATE that is meant, and afterwards the
center must be as it was and its record sound.
"""

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from desktop_app.db.audit_proof import verify_chain
from desktop_app.db.uploads import NewVersion
from desktop_app.domain.drafts import DocumentDraft
from tests.db.attacks.center_scene import Scene, attempt
from tests.db.centers import new_version

pytestmark = pytest.mark.usefixtures("unchanged")


@pytest.mark.parametrize(
    "trick",
    [
        "SELECT set_config('labkeep.link', gen_random_uuid()::text, true)",
        "SELECT set_config('labkeep.reason', NULL, true)",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET CONSTRAINTS seal_link IMMEDIATE",
        "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
        "SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'; SET datestyle = 'German'; SET lc_numeric = 'C'",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET search_path = pg_temp, <A>, pg_catalog",
        "SET standard_conforming_strings = off; SET escape_string_warning = off",
        "SET plan_cache_mode = force_generic_plan; SET jit = on",
        "SAVEPOINT x; SELECT 1; ROLLBACK TO x",
    ],
)
def test_every_trick_still_leaves_a_sound_record(scene: Scene, trick: str) -> None:
    """Each change is recorded and sealed, in spite of the trick, under the person's own name; then undone, recorded."""
    sample = str(uuid4())
    [(links, entries)] = scene.a.really("SELECT (SELECT seq FROM audit_head), (SELECT count(*) FROM audit_log)")
    for name, value in scene.names.items():
        trick = trick.replace(f"<{name}>", value)
    with scene.b.raw("user", autocommit=False) as cursor:  # in B, whose rows this module does not compare
        cursor.connection.rollback()
        cursor.execute(trick.replace(scene.a.schema, scene.b.schema))
        insert = f"INSERT INTO {scene.b.schema}.samples (id, name, sample_type) VALUES (%s, 'n', 'blood')"
        cursor.execute(insert, (sample,))
        cursor.execute(f"UPDATE {scene.b.schema}.samples SET name = 'm', row_version = 1 WHERE id = %s", (sample,))
        cursor.connection.commit()
    found = scene.b.really("SELECT operation, login FROM audit_log WHERE row_id = %s ORDER BY seq", sample)
    login = scene.b.members["user"].login
    assert found == [("insert", login), ("update", login)]
    with scene.b.sessions("admin").begin() as session:
        assert verify_chain(session).is_sound
    assert scene.b.really("SELECT count(*) FROM audit_pending") == [(0,)]
    assert scene.a.really("SELECT seq, (SELECT count(*) FROM audit_log) FROM audit_head") == [(links, entries)]


def test_reason_is_cut_not_refused(scene: Scene) -> None:
    with scene.b.raw("user") as cursor:
        cursor.execute("SET labkeep.reason = %s", ("x" * 100_000,))
        cursor.execute("INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), 'long', 'blood')")
    assert scene.b.really("SELECT max(length(reason)) FROM audit_log") == [(2000,)]


class TestSavingGames:
    """Tricks with save_versions, the one way for documents to come in."""

    def save(self, scene: Scene, *items: dict[str, Any] | NewVersion, who: str = "user") -> str | None:
        listed = [item.to_json() if isinstance(item, NewVersion) else item for item in items]
        with scene.a.raw(who) as cursor:
            return attempt(cursor, "SELECT save_versions(%s)", json.dumps(listed))

    def test_somebody_else_s_upload(self, scene: Scene) -> None:
        foreign = new_version(version_id=scene.names["reserved"], document=DocumentDraft(title="x"))
        [(document,)] = scene.a.really(
            "SELECT document_id FROM document_uploads WHERE id = %s", str(foreign.version_id)
        )
        for who in ("user", "admin", "system"):
            assert self.save(scene, replace(foreign, document_id=document), who=who) == "LK009"

    def test_nothing_reserved(self, scene: Scene) -> None:
        assert self.save(scene, new_version(document=DocumentDraft(title="x"))) == "LK009"
        assert self.save(scene, new_version(document_id=scene.names["document"], number=2)) == "LK009"
        live = new_version(version_id=scene.names["version"], document_id=scene.names["document"])
        assert self.save(scene, live) == "LK009"

    @pytest.mark.parametrize(
        ("changed", "refusals"),
        [
            ({"number": None}, {"LK003"}),
            ({"number": 2}, {"LK003"}),
            ({"document": None}, {"LK008"}),
            ({"key_version": 2}, {"LK007"}),
            ({"key_version": None}, {"LK007"}),
            ({"version_id": None}, {"LK009"}),
            ({"document_id": None}, {"LK009"}),
            ({"size": None}, {"23502"}),
            ({"size": -1}, {"23514"}),
            ({"token": None}, {"23502"}),
            ({"token": "zz"}, {"22023"}),
            ({"token": ""}, {"23514"}),
            ({"statement": None}, {"LK011"}),
            ({"stored_digest": "blake3:00"}, {"23514"}),
            ({"document": {"title": None}}, {"23502"}),
            ({"document": {"title": "x", "tags": [None]}}, {"23514"}),
            ({"document": "text"}, {"22023", "22P02"}),
            ({"document": {"title": "x", "sample_id": "<archived>"}}, {"LK004"}),
            ({"document": {"title": "x", "sample_id": "<person>"}}, {"LK008"}),
            ({"document": {"title": "x", "latest_number": 9, "created_by": "x"}, "number": 5}, {"LK003"}),
        ],
    )
    def test_wrong_items(self, scene: Scene, changed: dict[str, Any], refusals: set[str]) -> None:
        version = scene.a.signed(new_version(document=DocumentDraft(title="x")))
        item = version.to_json() | changed
        listed = json.dumps([item])
        for name, value in scene.names.items():
            listed = listed.replace(f"<{name}>", value)
        with scene.a.raw(autocommit=False) as cursor:
            cursor.execute(
                "INSERT INTO document_uploads (id, document_id, file_id) VALUES (%s, %s, %s)",
                (str(version.version_id), str(version.document_id), str(uuid4())),
            )
            assert attempt(cursor, "SELECT save_versions(%s)", listed) in refusals

    @pytest.mark.parametrize("items", ["{}", "1", '"x"', "[1]", "[[]]", "null"])
    def test_no_list_of_items(self, scene: Scene, items: str) -> None:
        with scene.a.raw() as cursor:
            refusal = attempt(cursor, "SELECT save_versions(%s)", items)
        assert refusal in {"22023", "LK009", None}

    def test_text_stays_text(self, scene: Scene) -> None:
        title = "'); DROP TABLE samples; -- %s $$ \\' {}"
        version = new_version(document=DocumentDraft(title=title, tags=(title,)), file_name=title)
        scene.b.save(version)
        with scene.b.raw("viewer") as cursor:
            cursor.execute("SELECT title, tags, file_name FROM documents WHERE id = %s", (str(version.document_id),))
            assert cursor.fetchone() == (title, [title], title)

    def test_upload_with_a_used_id_or_file(self, scene: Scene) -> None:
        [(file_id,)] = scene.a.really("SELECT file_id FROM document_versions LIMIT 1")
        insert = "INSERT INTO document_uploads (id, document_id, file_id) VALUES (%s, %s, %s)"
        with scene.a.raw() as cursor:
            for values in (
                (scene.names["reserved"], str(uuid4()), str(uuid4())),
                (scene.names["version"], str(uuid4()), str(uuid4())),
                (str(uuid4()), str(uuid4()), file_id),
            ):
                assert attempt(cursor, insert, *values) == "23505"
