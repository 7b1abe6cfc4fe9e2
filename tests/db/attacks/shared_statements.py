"""Statements that an attacker may try on what centers share; {names} are filled in by the tests."""

# Each of these must be refused, to everybody. {a} is the attacker's own center, {b} the other one.
# To take on another role is tried with every role there is, in tests/db/rights/test_roles.py.
REFUSED = {
    "give oneself the platform": "GRANT labkeep_platform TO {me}",
    "give oneself B": "GRANT {b}_viewer TO {me}",
    "give a mate the highest role": "GRANT {a}_admin TO {mate}",
    "give A to somebody of B": "GRANT {a}_viewer TO {other}",
    "give oneself away": "GRANT {me} TO {other}",
    "take somebody's rights": "REVOKE {b}_user FROM {other}",
    "lock somebody out": "ALTER ROLE {other} NOLOGIN",
    "reset somebody's password": "ALTER ROLE {other} PASSWORD 'x'",
    "reset a mate's password": "ALTER ROLE {mate} PASSWORD 'x' CONNECTION LIMIT 0",
    "reset the superuser's password": "ALTER ROLE \"{superuser}\" PASSWORD 'x'",
    "set somebody's search_path": "ALTER ROLE {other} SET search_path = pg_temp",
    "set everybody's search_path": "ALTER ROLE ALL SET search_path = pg_temp",
    "set the database's search_path": "ALTER DATABASE labkeep SET search_path = pg_temp",
    "be let make roles": "ALTER ROLE {me} CREATEROLE",
    "be made superuser": "ALTER ROLE {me} SUPERUSER",
    "go past row-level security": "ALTER ROLE {me} BYPASSRLS",
    "have more connections": "ALTER ROLE {me} CONNECTION LIMIT 1000",
    "stay for ever": "ALTER ROLE {me} VALID UNTIL 'infinity'",
    "call oneself otherwise": "ALTER ROLE {me} RENAME TO somebody",
    "make a role": "CREATE ROLE helper LOGIN PASSWORD 'x'",
    "drop a role": "DROP ROLE {other}",
    "make a schema": "CREATE SCHEMA mine",
    "make a table in public": "CREATE TABLE public.mine (a int)",
    "make a table in A": "CREATE TABLE {a}.mine (a int)",
    "make a temporary table": "CREATE TEMP TABLE centers (id uuid)",
    "make a temporary table of the same name": "CREATE TABLE pg_temp.centers (id uuid)",
    "make a temporary function": "CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "put a function in api": "CREATE FUNCTION api.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "put a function in public": "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "replace a function of api": (
        "CREATE OR REPLACE FUNCTION api.note_sign_in(p text) RETURNS void LANGUAGE sql AS 'SELECT 1'"
    ),
    "make an operator": "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "make an extension": "CREATE EXTENSION plpgsql SCHEMA public",
    "make an extension that connects": "CREATE EXTENSION dblink",
    "make an extension that reads files": "CREATE EXTENSION file_fdw",
    "make an extension for large objects": "CREATE EXTENSION lo",
    "make a language": "CREATE LANGUAGE plpython3u",
    "make an event trigger": "CREATE EVENT TRIGGER t ON ddl_command_end EXECUTE FUNCTION public.f()",
    "make a foreign server": "CREATE FOREIGN DATA WRAPPER w",
    "make a subscription": "CREATE PUBLICATION p FOR ALL TABLES",
    "give oneself the table": "ALTER TABLE public.users OWNER TO {me}",
    "switch row-level security off": "ALTER TABLE public.users DISABLE ROW LEVEL SECURITY",
    "drop a policy": "DROP POLICY own_only ON public.identity_secrets",
    "add a policy": "CREATE POLICY p ON public.users USING (true)",
    "switch a trigger off": "ALTER TABLE public.audit_log DISABLE TRIGGER ALL",
    "be a replica": "SET session_replication_role = replica",
    "call an inner function": "SELECT internal.is_platform()",
    "append to the trust log by the inner function": "SELECT internal.append_entry('{{}}', 'root', '{{}}')",
    "write a row of the record by the inner function": (
        "SELECT internal.write_entry('insert', 'users', NULL, NULL, NULL, NULL)"
    ),
    "make a login by the inner function": "SELECT security.make_login('{me}', 'x')",
    "join a group by the inner function": "SELECT security.join_group('{me}', 'labkeep_platform')",
    "end somebody's sessions by the inner function": "SELECT security.end_sessions('{other}')",
    "insert a user": "INSERT INTO public.users (id) VALUES ('{uuid}')",
    "promote oneself in the registry": "UPDATE public.users SET is_system = true WHERE id = '{my_id}'",
    "move oneself in the registry": "UPDATE public.memberships SET center_id = '{b_id}' WHERE user_id = '{my_id}'",
    "give oneself a role": "UPDATE public.memberships SET role = 'admin' WHERE user_id = '{my_id}'",
    "give oneself more time": "UPDATE public.memberships SET until = NULL WHERE user_id = '{my_id}'",
    "join a center in the registry": (
        "INSERT INTO public.memberships (user_id, center_id, role) VALUES ('{my_id}', '{b_id}', 'admin')"
    ),
    "end somebody's place": "DELETE FROM public.memberships",
    "delete a user": "DELETE FROM public.users",
    "rename a center": "UPDATE public.centers SET name = 'Mine'",
    "forge a sign-in": "INSERT INTO public.sign_ins (user_id, workstation) VALUES ('{other_id}', 'x')",
    "rewrite one's sign-ins": "UPDATE public.sign_ins SET at = now() - interval '1 year'",
    "plant an identity": "INSERT INTO public.identities (id, public_key) VALUES ('{uuid}', 'x')",
    "swap a public key": "UPDATE public.identities SET public_key = 'x'",
    "plant a trust entry": (
        "INSERT INTO public.trust_log (sequence, payload, signer, signature, digest)"
        " VALUES (9999, 'x', '{uuid}', 'x', 'x')"
    ),
    "shorten the trust log": "DELETE FROM public.trust_log WHERE sequence > 1",
    "empty the trust log": "TRUNCATE public.trust_log",
    "rewrite the trust log": "UPDATE public.trust_log SET signature = 'x'",
    "rewrite the record": "UPDATE public.audit_log SET login = 'somebody'",
    "shorten the record": "DELETE FROM public.audit_log",
    "empty the record": "TRUNCATE public.audit_log",
    "insert into the record": (
        "INSERT INTO public.audit_log (link, at, txid, login, operation, table_name, reason)"
        " VALUES ('{uuid}', now(), pg_current_xact_id(), 'x', 'x', 'x', '')"
    ),
    "forge the head": "UPDATE public.audit_head SET digest = 'x'",
    "forge a link": "DELETE FROM public.audit_chain",
    "hold back the seal": "SELECT * FROM public.audit_pending",
    "read the template": "SELECT * FROM public.center_template",
    "write the template": "UPDATE public.center_template SET statement = 'SELECT 1'",
    "another epoch": "UPDATE public.installation SET epoch = '{uuid}'",
    "hold the lock of all changes": "SELECT * FROM public.installation FOR UPDATE",
    "hold a shared lock of it": "SELECT * FROM public.installation FOR KEY SHARE",
    "lock a table": "DO $$BEGIN LOCK TABLE public.users IN EXCLUSIVE MODE; END$$",
    "hold an advisory lock": "SELECT pg_advisory_lock(1)",
    "try an advisory lock": "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
    "speak by pg_notify": "SELECT pg_notify('x', 'y')",
    "write into the WAL": "SELECT pg_logical_emit_message(false, 'x', 'y')",
    "keep a large object": "SELECT lo_create(0)",
    "keep a large object from bytes": "SELECT lo_from_bytea(0, 'x')",
    "read a file of the server": "SELECT pg_read_file('postgresql.conf')",
    "read a file by COPY": "COPY public.users FROM '/etc/passwd'",
    "write a file by COPY": "COPY public.installation TO '/tmp/labkeep-stolen'",
    "run a program by COPY": "COPY (SELECT 1) TO PROGRAM 'id'",
    "run a program by COPY FROM": "COPY public.users FROM PROGRAM 'id'",
    "load a library": "LOAD '/tmp/evil.so'",
    "import a large object": "SELECT lo_import('/etc/passwd')",
    "list the server's files": "SELECT pg_ls_dir('.')",
    "read the settings' files": "SELECT * FROM pg_file_settings",
    "read the access rules": "SELECT * FROM pg_hba_file_rules",
    "read the passwords": "SELECT rolpassword FROM pg_authid",
    "read the passwords by the view": "SELECT passwd FROM pg_shadow",
    "read statistics": "SELECT * FROM pg_statistic",
    "change the server": "ALTER SYSTEM SET log_statement = 'all'",
    "reload the server": "SELECT pg_reload_conf()",
    "begin a backup": "SELECT pg_backup_start('x')",
    "make a replication slot": "SELECT pg_create_physical_replication_slot('x')",
    "make statistics": "CREATE STATISTICS public.s ON id, name FROM public.centers",
    "index a table": "CREATE INDEX ON public.users (email)",
    "trigger on a table": (
        "CREATE TRIGGER t BEFORE INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION internal.forbid_change()"
    ),
    "a view for others": "CREATE VIEW public.v AS SELECT * FROM public.users",
    # PostgreSQL would do these and change nothing, but hold locks by them until the transaction ends.
    "drop what everybody's role owns": "DROP OWNED BY labkeep_app CASCADE",
    "drop what the viewers' role owns": "DROP OWNED BY {a}_viewer CASCADE",
    "drop what one owns": "DROP OWNED BY {me} CASCADE",
    "give everybody the schema": "GRANT ALL ON SCHEMA public TO PUBLIC",
    "give everybody a table": "GRANT SELECT ON public.trust_log TO PUBLIC",
    "take everybody's table": "REVOKE SELECT ON public.centers FROM labkeep_app",
    "say what others may do with one's things": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {me} GRANT ALL ON TABLES TO {other}"
    ),
    "make everybody wait by a comment": "COMMENT ON TABLE public.centers IS 'mine'",
    "make everybody wait by a rule": "CREATE RULE r AS ON INSERT TO public.centers DO NOTHING",
    "make every sign-in wait by a rule": "CREATE RULE r AS ON INSERT TO pg_catalog.pg_class DO NOTHING",
}

# What is allowed to be said but must change nothing.
HARMLESS = {
    "give what is theirs to oneself": "REASSIGN OWNED BY labkeep_app TO {me}",
    "analyze": "ANALYZE public.users",
    "vacuum": "VACUUM public.users",
    "discard": "DISCARD ALL",
    # These PostgreSQL refuses to nobody, and docs/threat-model.md says so.
    "listen": "LISTEN x",
    "notify": "NOTIFY x, 'y'",
    "set one's own password without the function": "BEGIN; ALTER ROLE {me} PASSWORD 'x'; ROLLBACK",
}

# Rows that are not the attacker's to see: each of these finds none.
OF_OTHERS = [
    "SELECT 1 FROM public.users WHERE id = '{other_id}'",
    "SELECT 1 FROM public.users WHERE username = '{other_name}' OR email LIKE '{other_name}@%'",
    "SELECT 1 FROM public.centers WHERE id = '{b_id}'",
    # A function that tells what it sees must not be asked before the policy.
    (
        "SELECT 1 FROM public.users"
        " WHERE CASE WHEN username = '{other_name}' THEN 1 / (id::text = '')::int = 1 ELSE false END"
    ),
    "SELECT 1 FROM public.centers c JOIN public.memberships m ON m.center_id = c.id WHERE c.name = '{b_name}'",
    "SELECT 1 FROM public.memberships WHERE center_id = '{b_id}' OR user_id = '{other_id}'",
    "SELECT 1 FROM unnest(public.own_centers() || public.administered_centers()) c WHERE c = '{b_id}'",
    "SELECT 1 FROM unnest(public.visible_users()) u WHERE u = '{other_id}'",
    "SELECT 1 FROM public.sign_ins s WHERE s.user_id = '{other_id}'",
    "SELECT 1 FROM public.audit_log WHERE center_id = '{b_id}' OR new::text LIKE '%{other_name}%'",
    "SELECT 1 FROM public.audit_chain",
    "SELECT 1 FROM public.identity_secrets WHERE user_id <> '{my_id}'",
    "SELECT 1 FROM pg_stats WHERE schemaname = 'public' AND tablename IN ('users', 'centers')",
    "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%users%' AND usename <> session_user",
    "SELECT 1 FROM pg_stat_activity WHERE application_name NOT IN ('labkeep', '') AND usename LIKE 'u\\_%'",
]
