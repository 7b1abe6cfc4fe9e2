-- A record that went back behind what workstations saw: how they notice it, and how it is said that it is meant so.

-- The digest of a link, so that every workstation notices a record that went back behind what it saw; null if there is
-- none. A digest tells nothing of what it seals.
CREATE FUNCTION api.digest_at(p_number bigint) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.digest FROM public.audit_chain c WHERE c.seq = p_number
$$;

-- "This was restored from a backup": every workstation that saw a later state is at alarm until somebody whom it
-- believes has signed that. With the recovery kit the root signs, under a system administrator's login.
CREATE FUNCTION api.sign_restored(p_entry jsonb, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_platform();
    IF coalesce(p_reason, '') !~ '\S' THEN
        PERFORM internal.refuse('LK010', 'restored_needs_reason', 'reason');
    END IF;
    -- No center is locked: the log's order is kept by the installation's own row.
    PERFORM internal.lock_membership('{}');
    PERFORM internal.need_platform();
    PERFORM internal.append_entry(p_entry, 'restored',
                                  internal.said(p_entry, 'head_sequence') || internal.said(p_entry, 'head_digest')
                                      || internal.said(p_entry, 'lineages'), true);
    PERFORM internal.write_entry('restored', 'trust_log', NULL, NULL, NULL,
                                 jsonb_build_object('sequence', p_entry -> 'sequence'), p_reason);
END $$;
