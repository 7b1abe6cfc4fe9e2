"""What people do, for each right of the table: real statements, with what becomes of them for those who have it not.

Every case is tried by each of the seven persons on things of center A, and undone. ``<names>`` are filled in: ids of A,
and what an administrator signs and seals. The last statement decides; touching no row is not having done it.
"""

from dataclasses import dataclass
from enum import StrEnum

from desktop_app.domain.rights import Verb
from tools.rights_objects import Anybody, Right


class Outcome(StrEnum):
    """What became of a case; a refusal is its SQLSTATE."""

    DONE = "done"
    NOTHING = "no row"
    NO_RIGHT = "42501"
    NOT_THERE = "LK008"


@dataclass(frozen=True)
class Case:
    """Statements by one right; what those of the center get who lack it, and those who are not of the center."""

    right: Right
    statements: tuple[str, ...]
    without: Outcome = Outcome.NO_RIGHT
    outside: Outcome = Outcome.NO_RIGHT


def table(right: Right, *statements: str) -> Case:
    """A case that privileges on tables and functions of the center decide."""
    return Case(right, statements)


def rows(right: Right, statement: str, outside: Outcome = Outcome.NOTHING) -> Case:
    """A case that row-level security decides: others find nothing."""
    return Case(right, (statement,), Outcome.NOTHING, outside)


def api(right: Right, *calls: str, outside: Outcome = Outcome.NOT_THERE, without: Outcome = Outcome.NO_RIGHT) -> Case:
    """A case that functions of schema api decide: a foreign center is one that is not there."""
    return Case(right, tuple(f"SELECT api.{call}" for call in calls), without, outside)


_VERSION = (
    "INSERT INTO <A>.document_uploads (id, document_id, file_id) VALUES ('<new>', '<for>', gen_random_uuid())",
    "SELECT FROM <A>.document_uploads WHERE id = '<new>' AND backend_start = <A>.session_began()",
    "SELECT <A>.renew_uploads('{<new>}')",
    "SELECT <A>.save_versions('<items>')",
    "SELECT FROM <A>.document_versions WHERE id = '<new>' AND created_by = session_user",
)


_PLAN = "md5('a plan')::uuid"


def _save(document: str, items: str) -> tuple[str, ...]:
    return tuple(one.replace("<for>", document).replace("<items>", items) for one in _VERSION)


def _sample(change: str, which: str = "sample") -> str:
    return f"UPDATE <A>.samples SET {change}, row_version = row_version WHERE id = '<{which}>'"


def _document(change: str) -> str:
    return f"UPDATE <A>.documents SET {change}, row_version = row_version WHERE id = '<document>'"


def _update(what: str, which: str, changes: str) -> str:
    row_version = f"(SELECT row_version FROM public.{what}s WHERE id = '{which}')"
    return f"update_{what}('{which}', '{changes}', {row_version})"


_OPEN = (
    "SELECT v.signature, k.token, g.sealed FROM <A>.document_versions v JOIN <A>.document_keys k ON k.version_id = v.id"
    " JOIN <A>.key_grants g USING (key_version) WHERE v.id = '<version>' AND g.identity_id = '<my_identity>'"
)
_NEW_CENTER = """create_center('{"id": "<new>", "name": "New", "slug": "new"}', '<new_key>', '<new_key_grants>')"""
_CREATE = "create_user('<new_{0}>', '<verifier>', '<new_identity>', '<enrol_{0}>', '<grants_{0}>')"
_PLATFORM, _MANAGE, _SYSTEM = Verb.MANAGE_CENTERS, Verb.MANAGE_USERS, Verb.MANAGE_SYSTEM_ADMINISTRATORS

CASES = {
    "see samples": table(Verb.READ, "SELECT FROM <A>.samples WHERE id = '<sample>' AND metadata = '{}'"),
    "see documents": table(Verb.READ, "SELECT FROM <A>.documents WHERE <A>.document_words(title, tags, 'x') <> ''"),
    "see people": table(Verb.READ, "SELECT FROM <A>.people WHERE member_until IS NULL"),
    "see the head of the record": table(Verb.READ, "SELECT FROM <A>.audit_head WHERE seq > 0"),
    "compare a remembered head of the record": table(Verb.READ, "SELECT 1 WHERE <A>.digest_at(1) IS NOT NULL"),
    "see a sample's timeline": table(Verb.READ, "SELECT FROM <A>.timeline('<sample>') WHERE operation = 'insert'"),
    "open a document": table(Verb.READ, _OPEN),
    "put an opening on record": table(
        Verb.READ,
        """SELECT 1 WHERE <A>.note_openings('{"openings": [{"version": "<version>", "operation": "open"}]}') = 1""",
    ),
    "see what was changed as one": table(Verb.READ, "SELECT count(*) FROM <A>.plans(NULL, 1, NULL)"),
    "see what a plan changed": table(Verb.READ, "SELECT count(*) FROM <A>.plan_rows('<new>')"),
    "know one's own identity": table(Verb.READ, "SELECT 1 WHERE <A>.is_own_identity('<my_identity>')"),
    "know whether one belongs here": table(Verb.READ, "SELECT 1 WHERE <A>.belongs_today() AND <A>.belongs_for_good()"),
    "read one's own grants": api(Verb.READ, "own_grants('<A_id>')"),
    "see the center's numbers": api(Verb.READ, "center_stats('<A_id>')"),
    "find the center": rows(Verb.READ, "SELECT FROM public.centers WHERE id = '<A_id>'"),
    "create a sample": table(
        Verb.EDIT_SAMPLES,
        "INSERT INTO <A>.samples (id, name, description, sample_type, barcode, metadata, collected_place, results)"
        " VALUES ('<new>', 'x', 'x', 'blood', '', '{\"a\": 1}', 'x', 'x')",
    ),
    "change samples as one": table(
        Verb.EDIT_SAMPLES,
        f"SELECT <A>.apply_plan({_PLAN}, 'edit', (SELECT jsonb_agg(jsonb_build_object('id', id,"
        " 'row_version', row_version, 'after', '{\"name\": \"x\"}'::jsonb)) FROM <A>.samples"
        " WHERE id = '<sample>'), '[]')",
    ),
    "write a plan down": table(
        Verb.EDIT_SAMPLES,
        f"SELECT <A>.begin_plan({_PLAN})",
        _sample("name = 'y'"),
        f"SELECT 1 WHERE <A>.save_plan({_PLAN}, 'edit') = 1",
    ),
    "undo one's own plan": table(
        Verb.EDIT_SAMPLES,
        f"SELECT set_config('labkeep.plan', {_PLAN}::text, true)",
        _sample("name = 'y'"),
        f"SELECT <A>.save_plan({_PLAN}, 'edit')",
        f"SELECT <A>.undo_plan({_PLAN}, gen_random_uuid(), '{{<sample>}}', '[]')",
    ),
    "keep a view of one's own": table(
        Verb.READ,
        "INSERT INTO <A>.saved_views (id, name, content) VALUES ('<new>', 'mine', '{}')",
        "SELECT FROM <A>.saved_views WHERE id = '<new>' AND login = session_user",
    ),
    "delete a view of one's own": table(Verb.READ, "SELECT 1 WHERE NOT <A>.delete_view('<new>')"),
    "delete a work list": table(
        Verb.EDIT_SAMPLES,
        "INSERT INTO <A>.work_lists (id, name) VALUES ('<new>', 'today')",
        "SELECT 1 WHERE <A>.remove_from_work_list('<new>', '{}') = 0",
        "SELECT 1 WHERE <A>.delete_work_list('<new>')",
    ),
    "share a view": table(
        Verb.EDIT_SAMPLES,
        "INSERT INTO <A>.saved_views (id, name, is_shared, content) VALUES ('<new>', 'ours', true, '{}')",
    ),
    "make a work list": table(
        Verb.EDIT_SAMPLES,
        "INSERT INTO <A>.work_lists (id, name) VALUES ('<new>', 'today')",
        "INSERT INTO <A>.work_list_items (list_id, sample_id, position) VALUES ('<new>', '<sample>', 1)",
        "UPDATE <A>.work_list_items SET is_done = true WHERE list_id = '<new>'",
    ),
    "see a work list": table(Verb.READ, "SELECT count(*) FROM <A>.work_lists"),
    "edit a sample": table(
        Verb.EDIT_SAMPLES,
        _sample(
            "name = 'x', description = 'x', sample_type = 'urine', barcode = 'x', user_id = '<colleague>',"
            " metadata = '{\"a\": 1}', collected_at = now(), collected_place = 'x', results = 'x'"
        ),
    ),
    "process and complete a sample": table(
        Verb.MOVE_SAMPLES, _sample("status = 'processing'"), _sample("status = 'completed'")
    ),
    "reject a sample": table(Verb.MOVE_SAMPLES, _sample("status = 'rejected', rejection_reason = 'clotted'")),
    "archive a sample": table(Verb.ARCHIVE_SAMPLES, _sample("status = 'archived'", "completed")),
    "deactivate and restore a sample": table(
        Verb.DEACTIVATE_RECORDS, _sample("is_active = false"), _sample("is_active = true")
    ),
    "delete a sample": table(Verb.DELETE_RECORDS, "DELETE FROM <A>.samples WHERE id = '<completed>'"),
    "add a document": table(Verb.EDIT_DOCUMENTS, *_save("<new>", "<first_version>")),
    "add a version": table(Verb.EDIT_DOCUMENTS, *_save("<document>", "<next_version>")),
    "give an upload up": table(
        Verb.EDIT_DOCUMENTS,
        _VERSION[0].replace("<for>", "<new>"),
        "SELECT 1 WHERE <A>.abandon_uploads('{<new>}') = 1",
        "SELECT FROM <A>.document_uploads WHERE id = '<new>' AND state = 'abandoned'",
    ),
    "sweep what is left of an upload": table(
        Verb.EDIT_DOCUMENTS,
        _VERSION[0].replace("<for>", "<new>"),
        "SELECT 1 WHERE <A>.abandon_uploads('{<new>}') = 1",
        "SELECT FROM <A>.document_uploads WHERE id = '<new>' AND file_id IN (SELECT <A>.sweep_uploads('{}', 10000))",
        "SELECT 1 WHERE <A>.forget_uploads(ARRAY(SELECT file_id FROM <A>.document_uploads WHERE id = '<new>')) = 1",
    ),
    "count what is left of uploads": table(
        Verb.READ, "SELECT FROM <A>.upload_counts() WHERE under_way >= 0", "SELECT <A>.unnamed_files('{<new>}')"
    ),
    "edit a document": table(
        Verb.EDIT_DOCUMENTS, "SELECT <A>.change_document('<document>', 1, '<renamed>', repeat('00', 64))"
    ),
    "give documents to a sample as one": table(
        Verb.EDIT_DOCUMENTS,
        f"SELECT <A>.apply_plan({_PLAN}, 'attach', '[]', (SELECT jsonb_agg(jsonb_build_object('id', id, 'row_version',"
        " row_version, 'statement', '<renamed>', 'signature', repeat('00', 64))) FROM <A>.documents"
        " WHERE id = '<document>'))",
    ),
    "deactivate and restore a document": table(
        Verb.DEACTIVATE_RECORDS, _document("is_active = false"), _document("is_active = true")
    ),
    "delete a document": table(Verb.DELETE_RECORDS, "DELETE FROM <A>.documents WHERE id = '<document>'"),
    "delete a sample with all that belongs to it": table(
        Verb.DELETE_RECORDS,
        "SELECT <A>.delete_records(jsonb_object_agg(id, row_version), '{}') FROM <A>.samples WHERE id = '<completed>'",
        "SELECT 1 WHERE NOT EXISTS (SELECT FROM <A>.samples WHERE id = '<completed>')",
    ),
    "erase what the record says of a document": table(
        Verb.DELETE_RECORDS, "SELECT 1 WHERE <A>.erase_record('<document>', 'asked to be forgotten') > 0"
    ),
    "ask for an erasure and withdraw it": table(
        Verb.DELETE_RECORDS,
        "SELECT <A>.request_erasure('<new>', '{}', '{}', '{}', 'asked to be forgotten')",
        "SELECT <A>.withdraw_erasure('<new>')",
        "SELECT FROM <A>.erasures WHERE id = '<new>' AND state = 'withdrawn'",
    ),
    "erase everything that carries a mark": table(
        Verb.DELETE_RECORDS,
        "SELECT <A>.request_erasure('<new>', (SELECT jsonb_object_agg(id, row_version) FROM <A>.samples"
        " WHERE id = '<completed>'), '{}', '{}', 'asked to be forgotten')",
        "SELECT 1 WHERE <A>.confirm_erasure('<new>') > 0",
    ),
    "read the whole record": table(Verb.READ_AUDIT, "SELECT FROM <A>.audit_log JOIN <A>.audit_chain USING (link)"),
    "read the registry's record": rows(
        Verb.READ_AUDIT, "SELECT FROM public.audit_log WHERE center_id = '<A_id>' AND table_name = 'users'"
    ),
    "describe the center": api(
        Verb.EDIT_CENTER,
        _update("center", "<A_id>", '{"description": "x", "settings": {"a": 1}}'),
    ),
    "see the keys": table(Verb.MANAGE_KEYS, "SELECT FROM <A>.tenant_keys WHERE state = 'active'"),
    "see whom the keys are sealed to": rows(
        Verb.MANAGE_KEYS,
        "SELECT FROM <A>.key_grants WHERE identity_id <> '<my_identity>'",
        outside=Outcome.NO_RIGHT,
    ),
    "see users": rows(
        _MANAGE,
        "SELECT FROM public.users u JOIN public.memberships m ON m.user_id = u.id"
        " WHERE m.center_id = '<A_id>' AND u.id <> '<me>'",
    ),
    "see when others signed in": rows(
        _MANAGE, "SELECT FROM public.sign_ins WHERE user_id = '<colleague>' AND user_id <> '<me>'"
    ),
    "create a user": api(_MANAGE, _CREATE.format("user")),
    "create an administrator of the center": api(_MANAGE, _CREATE.format("admin")),
    "edit a user": api(
        _MANAGE,
        _update("user", "<colleague>", '{"phone": "1"}'),
    ),
    "change a role": api(_MANAGE, "join_center('<colleague>', '<A_id>', 'admin', NULL, '<promotion>', '[]')"),
    "give a last day": api(_MANAGE, "join_center('<colleague>', '<A_id>', 'user', '2999-12-31', '<last_day>', '[]')"),
    "bring a user of another center in": api(
        Verb.MOVE_USERS,
        "join_center('<visitor>', '<A_id>', 'viewer', NULL, '<visit>', '<visit_grants>')",
        without=Outcome.NOT_THERE,
    ),
    "end a membership": api(_MANAGE, "leave_center('<guest>', '<A_id>', '<leaving>')"),
    "deactivate a user": api(_MANAGE, "deactivate_user('<colleague>', '<removal>')", "end_sessions('<colleague>')"),
    "close a login": api(_MANAGE, "close_login('<colleague>')"),
    "close a system administrator's login": api(_SYSTEM, "close_login('<deputy>')", without=Outcome.NOT_THERE),
    "bring a user back": api(_MANAGE, "activate_user('<gone>', '<return>', '<return_grants>')"),
    "reset a password": api(
        _MANAGE, "reset_password('<colleague>', '<verifier>', '<new_identity>', '<reset>', '<grants_user>', true)"
    ),
    "create a center": api(_PLATFORM, _NEW_CENTER, outside=Outcome.NO_RIGHT),
    "rename a center": api(
        _PLATFORM,
        _update("center", "<A_id>", '{"name": "x", "slug": "x"}'),
    ),
    "deactivate and restore a center": api(
        _PLATFORM,
        "set_center_active('<A_id>', false)",
        "set_center_active('<A_id>', true)",
        outside=Outcome.NO_RIGHT,
    ),
    "erase what the registry's record says of a person": api(
        _PLATFORM, "erase_record('<colleague>', 'asked to be forgotten')", outside=Outcome.NO_RIGHT
    ),
    "sign that the installation was restored": api(
        _PLATFORM, "sign_restored('<restoration>', 'the disk broke')", outside=Outcome.NO_RIGHT
    ),
    "see the registry's chain": rows(_PLATFORM, "SELECT FROM public.audit_chain"),
    "move a user": api(
        Verb.MOVE_USERS,
        "change_center('<colleague>', '<B_id>', 'viewer', NULL, '<leave_entry>', '<move>', '<move_grants>')",
        outside=Outcome.NO_RIGHT,
    ),
    "create a system administrator": api(_SYSTEM, _CREATE.format("system"), outside=Outcome.NO_RIGHT),
    "make a user system administrator": api(
        _SYSTEM,
        "change_center('<colleague>', NULL, 'admin', NULL, '<leave_entry>', '<elevation>', '<elevation_grants>')",
        outside=Outcome.NO_RIGHT,
    ),
    "remove a system administrator": api(
        _SYSTEM, "deactivate_user('<deputy>', '<deputy_removal>')", without=Outcome.NOT_THERE
    ),
    "edit a system administrator": api(
        _SYSTEM,
        _update("user", "<deputy>", '{"phone": "1"}'),
        without=Outcome.NOT_THERE,
    ),
    "end a system administrator's sessions": api(_SYSTEM, "end_sessions('<deputy>')", without=Outcome.NOT_THERE),
    "bring a system administrator back": api(
        _SYSTEM, "activate_user('<retired>', '<comeback>', '<comeback_grants>')", without=Outcome.NOT_THERE
    ),
    "reset a system administrator's password": api(
        _SYSTEM,
        "reset_password('<deputy>', '<verifier>', '<new_identity>', '<deputy_reset>', '<grants_system>', true)",
        without=Outcome.NOT_THERE,
    ),
    "count what a center holds for good": api(_PLATFORM, "center_contents('<A_id>')", outside=Outcome.NO_RIGHT),
    "delete a center": table(
        _PLATFORM,
        "SELECT api.set_center_active('<A_id>', false)",
        "SELECT set_config('labkeep.reason', 'closed', true)",
        "SELECT api.delete_center(id, row_version, '<deleted>') FROM public.centers WHERE id = '<A_id>'",
        "SELECT FROM public.deleted_centers WHERE id = '<A_id>'",
    ),
    "say that the files of a deleted center are gone": api(
        _PLATFORM, "forget_deleted_center('<A_id>')", outside=Outcome.NO_RIGHT
    ),
    "know whether a new key is due": api(Verb.MANAGE_KEYS, "rotation_due('<A_id>')"),
    "know where a new key is due": rows(
        Anybody.EVERYONE, "SELECT FROM (SELECT count(*) FROM api.centers_with_due_keys()) counted"
    ),
    "seal a key again to who lacks it": api(Verb.MANAGE_KEYS, "grant_again('<A_id>', '<colleague>', '[]')"),
    "delete grants of who must not have them": api(Verb.MANAGE_KEYS, "drop_needless_grants('<A_id>')"),
    "mend the groups of a login": api(Verb.MANAGE_USERS, "mend_groups('<A_id>', 'u_' || repeat('a', 32))"),
    "mend the groups of system administrators": api(
        _SYSTEM, "mend_groups(NULL, (SELECT login FROM public.users WHERE id = '<deputy>'))", outside=Outcome.NO_RIGHT
    ),
    "put a new key in force": table(
        Verb.MANAGE_KEYS,
        "SELECT 1 WHERE <A>.keys_to_rewrap('<new>', NULL, 10) <> ''",
        "SELECT <A>.keep_rewrapped('<new>', (SELECT string_agg(version_id || ' x', chr(10)) FROM <A>.document_keys))",
        "SELECT api.rotate_key('<A_id>', 2, '<new>', '<next_key>', '<next_key_grants>')",
    ),
    "keep the recovery kit": api(_SYSTEM, "confirm_kit('<root>')", outside=Outcome.NO_RIGHT),
    "replace the recovery kit": api(
        _SYSTEM,
        "replace_kit('<new_root>', '<new_kit>')",
        "seal_to_kit('<A_id>', '<kit_grants>')",
        outside=Outcome.NO_RIGHT,
    ),
    "finish what was left to do": api(_SYSTEM, "settle('<deputy>', '<A_id>', NULL)", outside=Outcome.NO_RIGHT),
    "see what is left to do": rows(_SYSTEM, "SELECT FROM public.unfinished WHERE user_id = '<unfinished>'"),
    "seal keys to one's next identity": api(
        _SYSTEM, "prepare_own_grants('<A_id>', '<new>', '<next_grants>')", outside=Outcome.NO_RIGHT
    ),
    "see system administrators": rows(_SYSTEM, "SELECT FROM public.users WHERE id = '<deputy>'"),
    "note a sign-in": api(Anybody.EVERYONE, "note_sign_in('bench 1')"),
    "replace one's keys": api(
        Anybody.EVERYONE, "replace_own_keys('<new_identity>', '<my_keys>', '<my_grants>', '<verifier>')"
    ),
    "end sessions that stand in one's way": rows(
        Anybody.EVERYONE, "SELECT count(*) FROM api.end_blockers(pg_backend_pid())"
    ),
    "put on record that something disagrees with the trust log": rows(
        Anybody.EVERYONE, "SELECT count(*) FROM api.note_alarm('swapped_key', gen_random_uuid())"
    ),
    "verify the trust log": rows(
        Anybody.EVERYONE, "SELECT FROM public.trust_log JOIN public.identities ON identities.id = signer"
    ),
    "know the installation": rows(
        Anybody.EVERYONE,
        "SELECT WHERE EXISTS (SELECT FROM public.installation) AND EXISTS (SELECT FROM public.audit_head)"
        " AND api.digest_at(1) IS NOT NULL"
        " AND EXISTS (SELECT FROM public.alembic_version)"
        " AND (SELECT count(*) FROM public.kept_kits) >= 0",
    ),
    "find oneself and one's places": rows(
        Anybody.EVERYONE,
        "SELECT FROM public.users u WHERE u.login = session_user"
        " AND (u.is_system OR EXISTS (SELECT FROM public.memberships m WHERE m.user_id = u.id))",
    ),
    "read one's own sealed keys": rows(Anybody.EVERYONE, "SELECT FROM public.identity_secrets"),
    "read another's sealed keys": rows(Anybody.NOBODY, "SELECT FROM public.identity_secrets WHERE user_id <> '<me>'"),
}
