-- What people call. Each function runs as the owner, so each checks for itself whose rows it touches.

-- The entries of one record (of a document: also those of its versions), oldest first. Only records of the lab's work:
-- who became a member, and the keys, are for those who may read the whole record.
CREATE FUNCTION timeline(p_row uuid)
RETURNS TABLE (
    seq bigint, at timestamptz, login text, who text, operation text, table_name text, row_id uuid,
    old jsonb, new jsonb, reason text, link uuid, is_erased boolean
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT l.seq, l.at, l.login, coalesce(nullif(p.display_name, ''), p.username, l.login),
        l.operation, l.table_name, l.row_id, l.old, l.new, l.reason, l.link, l.salt IS NULL
    FROM center_00000000000000000000000000000000.audit_log l
    LEFT JOIN center_00000000000000000000000000000000.people p ON p.login = l.login
    WHERE (SELECT center_00000000000000000000000000000000.belongs_today())
        AND (l.table_name IN ('samples', 'documents', 'document_versions') OR l.operation = 'erase')
        AND l.row_id = ANY (
            p_row || ARRAY(
                SELECT v.id FROM center_00000000000000000000000000000000.document_versions v WHERE v.document_id = p_row
            )
        )
    ORDER BY l.seq
$$;

-- The digest of a link, so that every member notices a record that went back behind what he saw; null if there is none.
CREATE FUNCTION digest_at(p_number bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.digest FROM center_00000000000000000000000000000000.audit_chain c
    WHERE c.seq = p_number AND (SELECT center_00000000000000000000000000000000.belongs_today())
$$;

-- Whether an identity is the session's own; a function, because the registry hides other rows from those who ask.
CREATE FUNCTION is_own_identity(p_identity uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.identities i JOIN public.users u ON u.id = i.user_id
        WHERE i.id = p_identity AND u.login = session_user
    )
$$;
