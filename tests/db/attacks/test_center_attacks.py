"""What people of a center, and of another, try with psql and their own credentials on the tables of a center.

Every attack runs with a real login on every server. It must fail with the SQLSTATE that is meant, and afterwards the
center must be as it was and its record sound.
"""

import pytest

from tests.db.attacks.center_scene import NO_RIGHT, TABLES, Scene, attempt

pytestmark = pytest.mark.usefixtures("unchanged")


@pytest.mark.parametrize("who", ["b.viewer", "b.user", "b.admin"])
def test_people_of_b_read_nothing_of_a(scene: Scene, who: str) -> None:
    for table in TABLES:
        assert scene.attack(who, f"SELECT * FROM <A>.{table}") == NO_RIGHT, table
        assert scene.attack(who, f"COPY <A>.{table} TO STDOUT") == NO_RIGHT, table
        assert scene.attack(who, f"SET search_path = <A>; SELECT 1 FROM {table}") in {NO_RIGHT, "42P01"}, table
    for call in ("timeline('<sample>')", "renew_uploads('{<reserved>}')", "save_versions('[]')", "next_barcode()"):
        assert scene.attack(who, f"SELECT <A>.{call}") == NO_RIGHT, call
    assert scene.attack(who, "SELECT nextval('<A>.sample_barcodes')") == NO_RIGHT


@pytest.mark.parametrize("who", ["b.viewer", "b.user", "b.admin"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO <A>.samples (id, name, sample_type) VALUES (gen_random_uuid(), 'x', 'blood')",
        "UPDATE <A>.samples SET name = 'x', row_version = row_version",
        "DELETE FROM <A>.samples",
        "TRUNCATE <A>.samples CASCADE",
        "UPDATE <A>.people SET login = session_user",
        "INSERT INTO <A>.document_uploads (id, document_id, file_id) VALUES ('<reserved>', '<document>', '<version>')",
        "SELECT <A>.abandon_uploads('{<reserved>}')",
        "DROP SCHEMA <A> CASCADE",
        "CREATE TABLE <A>.mine ()",
        "GRANT USAGE ON SCHEMA <A> TO PUBLIC",
        "ALTER SCHEMA <A> RENAME TO mine",
        "GRANT <A>_viewer TO <b_login>",
        "INSERT INTO <B>.samples (id, name, sample_type) SELECT id, name, sample_type FROM <A>.samples",
        "DO $$ BEGIN PERFORM * FROM <A>.samples; END $$",
        "EXPLAIN SELECT * FROM <A>.samples",
        "SELECT has_table_privilege('<A>.samples', 'SELECT') AND 1 / 0 > 0 OR pg_relation_size('<A>.samples') > 0",
    ],
)
def test_people_of_b_change_nothing_in_a(scene: Scene, who: str, statement: str) -> None:
    assert scene.attack(who, statement) == NO_RIGHT


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT 1 / count(*) FROM timeline('<sample>')", "22012"),
        ("SELECT 1 / is_own_identity('<identity>')::int", "22012"),
        ("SELECT renew_uploads('{<reserved>}')", "LK009"),
        ("SELECT 1 / abandon_uploads('{<reserved>}')", "22012"),
        (
            (
                "INSERT INTO document_uploads (id, document_id, file_id)"
                " VALUES ('<version>', '<document>', gen_random_uuid());"
                " SELECT save_versions(jsonb_build_array(jsonb_build_object('version_id', '<version>',"
                " 'document_id', '<document>', 'number', 2, 'signature', repeat('00', 64), 'statement', encode("
                "convert_to(json_build_object('signer', (SELECT i.id FROM public.identities i JOIN public.users u ON"
                " u.id = i.user_id WHERE u.login = session_user AND i.retired_at IS NULL), 'trust_sequence',"
                " (SELECT max(sequence) FROM public.trust_log))::text, 'UTF8'), 'hex'))))"
            ),
            "LK008",
        ),
        ("INSERT INTO samples (id, name, sample_type, user_id) VALUES (gen_random_uuid(), 'x', 'blood', '<person>')",
         "LK010"),
    ],
)  # fmt: skip
def test_functions_of_b_do_nothing_with_ids_of_a(scene: Scene, statement: str, refusal: str) -> None:
    for who in ("b.user", "b.admin"):
        assert scene.attack(who, statement) == refusal, who


def test_statistics_of_a_are_hidden_from_b(scene: Scene) -> None:
    with scene.a.owner() as cursor:
        cursor.execute("ANALYZE samples")
    query = "SELECT * FROM pg_stats WHERE schemaname = %s"
    with scene.b.raw("admin") as cursor:
        cursor.execute(query, (scene.a.schema,))
        assert cursor.fetchall() == []
    with scene.a.owner() as cursor:  # otherwise this proves nothing; of row-secured tables only the owner sees any
        cursor.execute(query, (scene.a.schema,))
        assert cursor.fetchall() != []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO samples (id, name, sample_type) VALUES (gen_random_uuid(), 'x', 'blood')",
        "UPDATE samples SET name = 'x', row_version = row_version",
        "DELETE FROM samples WHERE id = '<sample>'",
        "UPDATE documents SET is_active = false, row_version = row_version",
        "SELECT change_document('<document>', 1, '', '')",
        "SELECT * FROM samples FOR UPDATE",
        "SELECT * FROM tenant_keys FOR SHARE",
        "BEGIN; LOCK TABLE samples IN ACCESS EXCLUSIVE MODE",
        "INSERT INTO document_uploads (id, document_id, file_id) VALUES (gen_random_uuid(), '<document>', '<version>')",
        "SELECT * FROM document_uploads",
        "SELECT save_versions('[]')",
        "SELECT renew_uploads('{}')",
        "SELECT abandon_uploads('{<reserved>}')",
        "SELECT * FROM audit_log",
        "SELECT * FROM audit_chain",
        "SELECT next_barcode()",
        "SELECT nextval('sample_barcodes')",
        "SELECT setval('sample_barcodes', 1)",
        "MERGE INTO samples s USING (SELECT 1) x ON true WHEN MATCHED THEN DELETE",
        "SELECT apply_plan(gen_random_uuid(), 'edit', '[]', '[]')",
        "SELECT save_plan(gen_random_uuid(), 'edit')",
        "SELECT undo_plan(gen_random_uuid(), gen_random_uuid(), '{}', '[]')",
    ],
)
def test_viewer_only_reads(scene: Scene, statement: str) -> None:
    assert scene.attack("viewer", statement) == NO_RIGHT


@pytest.mark.parametrize("who", ["user", "admin"])
@pytest.mark.parametrize(
    "statement",
    [
        # Rows that only functions make.
        "INSERT INTO documents (id, title) VALUES (gen_random_uuid(), 'x')",
        "INSERT INTO document_versions SELECT * FROM document_versions",
        "INSERT INTO document_keys VALUES ('<version>', 1, 'x')",
        "INSERT INTO tenant_keys (number, state) VALUES (2, 'retired')",
        "INSERT INTO key_grants VALUES (1, gen_random_uuid(), 'x')",
        "INSERT INTO people (id, login, username) VALUES (gen_random_uuid(), session_user || 'x', 'x')",
        # Rows that never change.
        "UPDATE document_versions SET file_name = 'x'",
        "UPDATE document_versions SET created_by = session_user, signature = 'x'",
        "DELETE FROM document_versions",
        "UPDATE document_keys SET token = 'x'",
        "DELETE FROM document_keys",
        "UPDATE tenant_keys SET state = 'retired'",
        "DELETE FROM tenant_keys",
        "UPDATE key_grants SET sealed = 'x'",
        "DELETE FROM key_grants",
        "UPDATE people SET member_until = now()",
        "UPDATE people SET is_system = true WHERE login = session_user",
        "DELETE FROM people",
        # Columns that are the server's.
        "UPDATE samples SET created_by = 'x', row_version = row_version",
        "UPDATE samples SET created_at = now(), row_version = row_version",
        "UPDATE samples SET updated_by = 'x', row_version = row_version",
        "UPDATE samples SET id = gen_random_uuid(), row_version = row_version",
        "UPDATE samples SET processing_started_at = now(), row_version = row_version",
        "INSERT INTO samples (id, name, sample_type, status) VALUES (gen_random_uuid(), 'x', 'blood', 'completed')",
        "INSERT INTO samples (id, name, sample_type, created_by) VALUES (gen_random_uuid(), 'x', 'blood', '<b_login>')",
        "INSERT INTO samples (id, name, sample_type, created_at) VALUES (gen_random_uuid(), 'x', 'blood', now())",
        "INSERT INTO samples (id, name, sample_type, row_version) VALUES (gen_random_uuid(), 'x', 'blood', 9)",
        "COPY samples (id, name, sample_type, status) FROM STDIN",
        "UPDATE documents SET title = 'x', row_version = row_version",
        "UPDATE documents SET tags = '{x}', row_version = row_version",
        "UPDATE documents SET document_type = 'x', row_version = row_version",
        "UPDATE documents SET sample_id = NULL, row_version = row_version",
        "UPDATE documents SET statement_number = 1, row_version = row_version",
        "INSERT INTO document_statements (document_id, number, statement) VALUES ('<document>', 1, '{}')",
        "UPDATE document_statements SET signature = ''",
        "DELETE FROM document_statements",
        "UPDATE documents SET latest_number = 7, row_version = row_version",
        "UPDATE documents SET latest_version_id = NULL, row_version = row_version",
        "UPDATE documents SET file_name = 'x', row_version = row_version",
        # Leases and uploads.
        "UPDATE document_uploads SET state = 'live'",
        "UPDATE document_uploads SET lease_until = 'infinity'",
        "UPDATE document_uploads SET created_by = session_user",
        "DELETE FROM document_uploads",
        (
            "INSERT INTO document_uploads (id, document_id, file_id, state)"
            " VALUES (gen_random_uuid(), '<document>', gen_random_uuid(), 'live')"
        ),
        (
            "INSERT INTO document_uploads (id, document_id, file_id, lease_until)"
            " VALUES (gen_random_uuid(), '<document>', gen_random_uuid(), 'infinity')"
        ),
        (
            "INSERT INTO document_uploads (id, document_id, file_id, created_by)"
            " VALUES (gen_random_uuid(), '<document>', gen_random_uuid(), '<login>')"
        ),
        # The record.
        (
            "INSERT INTO audit_log (link, at, txid, login, operation, table_name)"
            " VALUES (gen_random_uuid(), now(), '1', 'x', 'insert', 'samples')"
        ),
        "UPDATE audit_log SET login = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "INSERT INTO audit_pending (txid, link) VALUES (pg_current_xact_id(), gen_random_uuid())",
        "SELECT * FROM audit_pending",
        "DELETE FROM audit_pending",
        "UPDATE audit_chain SET digest = 'x'",
        "DELETE FROM audit_chain",
        "TRUNCATE audit_chain",
        "UPDATE audit_head SET seq = 0",
        "SELECT setval('audit_log_seq_seq', 1)",
        "ALTER TABLE audit_log DISABLE TRIGGER ALL",
        "ALTER TABLE samples DISABLE TRIGGER record_change",
        "DROP TRIGGER seal_link ON audit_pending",
        "ALTER TABLE audit_log ALTER seq RESTART",
        # Plans: what is undone stands in the record, and an undo is only what undo_plan() does.
        "INSERT INTO change_plans (id, action, rows) VALUES (gen_random_uuid(), 'edit', 1)",
        "UPDATE change_plans SET undoes = NULL, action = 'edit'",
        "DELETE FROM change_plans",
        "INSERT INTO undoing (txid) VALUES (pg_current_xact_id())",
        "SELECT * FROM undoing",
        "SELECT is_undoing()",
        (
            "SELECT set_config('labkeep.plan', gen_random_uuid()::text, true);"
            " UPDATE samples SET name = 'y', row_version = row_version WHERE id = '<sample>';"
            " SELECT save_plan(current_setting('labkeep.plan')::uuid, 'undo')"
        ),
        (
            "SELECT set_config('labkeep.plan', gen_random_uuid()::text, true);"
            " UPDATE samples SET name = 'y', row_version = row_version WHERE id = '<sample>';"
            " UPDATE samples SET name = 'z', row_version = row_version WHERE id = '<sample>';"
            " SELECT save_plan(current_setting('labkeep.plan')::uuid, 'edit')"
        ),
        # The inner functions.
        "SELECT claim_uploads('[]')",
        "SELECT place_versions('{}', '[]')",
        "SELECT next_barcode()",
        "SELECT nextval('sample_barcodes')",
        "SELECT internal.without_secret('{}', 'x')",
        "SELECT seal_link()",
        # Structure.
        "TRUNCATE samples CASCADE",
        "DROP TABLE samples CASCADE",
        "ALTER TABLE samples DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE key_grants DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON key_grants USING (true)",
        "CREATE INDEX mine ON samples (name)",
        "CREATE TABLE mine ()",
        "CREATE VIEW mine AS SELECT * FROM samples",
        "CREATE RULE mine AS ON DELETE TO samples DO INSTEAD NOTHING",
        "ALTER SEQUENCE sample_barcodes RESTART",
        "COMMENT ON TABLE samples IS 'x'",
    ],
)
def test_nobody_writes_past_the_functions(scene: Scene, who: str, statement: str) -> None:
    assert scene.attack(who, statement) == NO_RIGHT


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE FUNCTION <A>.pg_has_role(name, text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
        "CREATE FUNCTION public.trigrams(varchar) RETURNS text[] LANGUAGE sql AS 'SELECT NULL'",
        "CREATE OR REPLACE FUNCTION <A>.check_sample_step() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "ALTER FUNCTION <A>.check_sample_step() SECURITY INVOKER",
        "ALTER FUNCTION <A>.timeline(uuid) RESET search_path",
        "DROP FUNCTION <A>.record_change() CASCADE",
        "CREATE TEMP TABLE people (LIKE people)",
        "CREATE TEMP VIEW tenant_keys AS SELECT 1 AS number",
        "CREATE FUNCTION pg_temp.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
        "CREATE TRIGGER mine BEFORE INSERT ON <A>.samples FOR EACH ROW EXECUTE FUNCTION <A>.refuse_change()",
        "CREATE SCHEMA mine",
        "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat)",
        "SET session_replication_role = replica",
        "ALTER ROLE <login> SET session_replication_role = replica",
        "GRANT <A>_admin TO <login>",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY samples TO '/tmp/samples'",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
def test_user_hijacks_no_function_and_becomes_nobody_else(scene: Scene, statement: str) -> None:
    assert scene.attack("user", statement) == NO_RIGHT


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE samples SET name = 'x' WHERE id = '<sample>'", "LK001"),
        ("UPDATE samples SET name = 'x', row_version = 999 WHERE id = '<sample>'", "LK001"),
        ("UPDATE samples SET name = 'x', row_version = NULL WHERE id = '<sample>'", "LK001"),
        ("UPDATE samples SET name = 'x', row_version = row_version + 1 WHERE id = '<sample>'", "LK001"),
        ("UPDATE samples SET row_version = row_version - 1 WHERE id = '<sample>'", "LK001"),
        ("UPDATE documents SET is_active = false, row_version = 2 WHERE id = '<document>'", "LK001"),
        ("UPDATE samples SET status = 'completed', row_version = row_version WHERE id = '<sample>'", "LK004"),
        ("UPDATE samples SET status = 'archived', row_version = row_version WHERE id = '<sample>'", "LK004"),
        ("UPDATE samples SET status = 'pending', row_version = row_version WHERE id = '<archived>'", "LK004"),
        ("UPDATE samples SET name = 'x', row_version = row_version WHERE id = '<archived>'", "LK004"),
        ("UPDATE samples SET is_active = false, row_version = row_version WHERE id = '<archived>'", "LK004"),
        ("UPDATE samples SET status = 'gone', row_version = row_version WHERE id = '<sample>'", "LK004"),
        ("UPDATE samples SET status = 'rejected', row_version = row_version WHERE id = '<sample>'", "LK010"),
        ("UPDATE samples SET rejection_reason = 'x', row_version = row_version WHERE id = '<sample>'", "LK010"),
        ("UPDATE samples SET user_id = '<b_person>', row_version = row_version WHERE id = '<sample>'", "LK010"),
        ("UPDATE samples SET user_id = NULL, row_version = row_version WHERE id = '<sample>'", "LK010"),
        (
            (
                "INSERT INTO samples (id, name, sample_type) VALUES ('<sample>', 'x', 'blood')"
                " ON CONFLICT (id) DO UPDATE SET name = 'x'"
            ),
            "LK001",
        ),
        (
            (
                "INSERT INTO samples (id, name, sample_type) VALUES ('<archived>', 'x', 'blood')"
                " ON CONFLICT (id) DO UPDATE SET name = 'x', row_version = samples.row_version"
            ),
            "LK004",
        ),
        (
            (
                "MERGE INTO samples s USING (SELECT '<archived>'::uuid AS id) x ON s.id = x.id"
                " WHEN MATCHED THEN UPDATE SET name = 'x', row_version = s.row_version"
            ),
            "LK004",
        ),
        (
            "WITH x AS (UPDATE samples SET name = 'x' WHERE id = '<sample>' RETURNING id) SELECT * FROM x",
            "LK001",
        ),
        ("BEGIN; UPDATE samples SET row_version = row_version WHERE id = '<sample>'; PREPARE TRANSACTION 'x'", "55000"),
    ],
)
@pytest.mark.parametrize("who", ["user", "admin"])
def test_no_way_round_row_version_and_lifecycle(scene: Scene, who: str, statement: str, refusal: str) -> None:
    assert scene.attack(who, statement) == refusal


def test_row_security_cannot_be_turned_off_or_leaked_through(scene: Scene) -> None:
    with scene.a.raw("user") as cursor:
        spy = "SELECT * FROM {} WHERE 1 / (CASE WHEN {} THEN 1 ELSE 0 END) = 1"
        assert attempt(cursor, spy.format("document_uploads", "created_by = session_user")) is None
        mine = f"identity_id = '{scene.a.members['user'].identity.id}'"
        assert attempt(cursor, spy.format("key_grants", mine)) is None
        cursor.execute("SELECT count(*) FROM key_grants")
        assert cursor.fetchone() == (1,)
        cursor.execute("SET row_security = off")
        assert attempt(cursor, "SELECT * FROM key_grants") == NO_RIGHT
        assert attempt(cursor, "SELECT * FROM document_uploads") == NO_RIGHT


def test_grant_of_what_one_has_gives_nothing(scene: Scene) -> None:
    """PostgreSQL answers such a GRANT with a warning, not an error: what counts is that B still gets nothing."""
    scene.attack("admin", "GRANT ALL ON samples TO <b_login>")
    scene.attack("admin", "GRANT EXECUTE ON FUNCTION save_versions(jsonb) TO PUBLIC")
    granted = scene.a.really(
        "SELECT has_table_privilege(%s, 'samples', 'SELECT'),"
        " has_function_privilege(%s, 'save_versions(jsonb)', 'EXECUTE')",
        scene.names["b_login"],
        scene.names["b_login"],
    )
    assert granted == [(False, False)]
