-- The last day of a membership, held by a restrictive policy on every table, in psql too: who has no membership of this
-- center that lasts reads and writes nothing here, whatever group his login (or, before 16, his SET ROLE) still has.
--
-- A policy that is worked out when a statement runs forbids the planner every index whose operator might leak a value:
-- word search and the order of names read a million rows (measured, and the same on 15 and 18). So it is in two parts.
-- belongs_for_good() is called immutable, although it is not: the planner asks it while it plans, and for members
-- without a last day (and system administrators) nothing of the policy is left in the plan. For a guest
-- belongs_today() is left, asked once by each statement that runs. Plans that a session has kept are thrown away by
-- whatever takes or shortens a membership (internal.forget_plans); that time passes needs no telling. Neither function
-- is LANGUAGE sql: until 18 PostgreSQL plans such a function anew in each statement (shared line, row_security.sql).

CREATE FUNCTION belongs_for_good() RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN pg_has_role(session_user, 'labkeep_platform', 'MEMBER') OR EXISTS (
        SELECT FROM public.memberships m JOIN public.users u ON u.id = m.user_id
        WHERE m.center_id = '00000000000000000000000000000000' AND u.login = session_user AND u.is_active
            AND m.until IS NULL
    );
END
$$;

CREATE FUNCTION belongs_today() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN pg_has_role(session_user, 'labkeep_platform', 'MEMBER') OR EXISTS (
        SELECT FROM public.memberships m JOIN public.users u ON u.id = m.user_id
        WHERE m.center_id = '00000000000000000000000000000000' AND u.login = session_user AND u.is_active
            AND (m.until IS NULL OR m.until >= (clock_timestamp() AT TIME ZONE 'UTC')::date)
    );
END
$$;

-- For functions that run as the owner, whom no policy holds.
CREATE FUNCTION need_membership() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT center_00000000000000000000000000000000.belongs_today() THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'membership_over';
    END IF;
END
$$;

DO $do$
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN
        SELECT c.oid FROM pg_class c
        WHERE c.relnamespace = 'center_00000000000000000000000000000000'::regnamespace AND c.relkind = 'r'
            AND c.relname !~ '^alembic'
        ORDER BY c.relname
    LOOP
        EXECUTE 'ALTER TABLE ' || guarded || ' ENABLE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY while_member ON ' || guarded || ' AS RESTRICTIVE
                 USING (belongs_for_good() OR (SELECT belongs_today()))';
        -- What else decides about rows is in grants.sql; elsewhere privileges decide alone.
        IF guarded NOT IN ('document_uploads'::regclass, 'key_grants'::regclass, 'saved_views'::regclass) THEN
            EXECUTE 'CREATE POLICY every_row ON ' || guarded || ' USING (true)';
        END IF;
    END LOOP;
END
$do$;
