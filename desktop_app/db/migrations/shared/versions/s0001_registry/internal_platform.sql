-- What system administrators may do in centers. The rights are granted to labkeep_platform itself: a role that is a
-- member of every center's roles makes each question about rights a walk through all of them (32 s for 10,000 centers
-- on PostgreSQL 15).

-- Gives labkeep_platform in one center's schema what the center's administrators have there. Called whenever the
-- schema was made or changed. Things with the same privileges get them in one statement: each statement that changes
-- objects is looked at by an event trigger.
CREATE FUNCTION internal.give_platform(p_schema text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_things text;
BEGIN
    FOR v_things IN
        WITH groups AS (
            SELECT r.oid FROM pg_roles r
            WHERE r.rolname IN (p_schema || '_viewer', p_schema || '_user', p_schema || '_admin')
        ), things AS (
            SELECT 'SCHEMA' AS kind, quote_ident(n.nspname) AS thing, a.grantee, a.privilege_type AS privilege
            FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = p_schema
            UNION ALL
            SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text, a.grantee,
                a.privilege_type
            FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = p_schema::regnamespace
            UNION ALL
            SELECT 'TABLE', c.oid::regclass::text, a.grantee, format('%s (%I)', a.privilege_type, t.attname)
            FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
            WHERE c.relnamespace = p_schema::regnamespace
            UNION ALL
            SELECT 'FUNCTION', f.oid::regprocedure::text, a.grantee, a.privilege_type
            FROM pg_proc f, aclexplode(f.proacl) a WHERE f.pronamespace = p_schema::regnamespace
        ), wanted AS (
            SELECT kind, thing, string_agg(DISTINCT privilege, ', ') AS privileges
            FROM things JOIN groups g ON g.oid = things.grantee GROUP BY kind, thing
        )
        SELECT format('GRANT %s ON %s %s TO labkeep_platform', privileges, kind, string_agg(thing, ', '))
        FROM wanted GROUP BY kind, privileges
    LOOP
        EXECUTE v_things;
    END LOOP;
END $$;
