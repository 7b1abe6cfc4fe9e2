-- Finishing what was left to do in one center about a person (internal_unfinished.sql).

-- p_grants are all of the person's for this center, or NULL where nothing has to be sealed; LK005 says that it has.
CREATE FUNCTION api.settle(p_user uuid, p_center uuid, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_user public.users;
    v_keys boolean;
BEGIN
    PERFORM internal.need_platform();
    PERFORM FROM public.centers c WHERE c.id = p_center FOR UPDATE;
    SELECT * INTO v_user FROM public.users u WHERE u.id = p_user FOR SHARE;
    IF NOT EXISTS (SELECT FROM public.unfinished t WHERE t.user_id = p_user AND t.center_id = p_center) THEN
        RETURN;
    END IF;
    v_keys := v_user.is_active AND internal.key_centers_of(v_user, ARRAY[p_center]) <> '{}';
    PERFORM internal.drop_former_grants(p_user, p_center, v_keys AND p_grants IS NULL);
    IF v_keys AND p_grants IS NOT NULL THEN
        PERFORM internal.store_grants(p_grants, ARRAY[p_center], ARRAY[internal.current_identity_of(p_user)]);
    ELSIF v_keys AND NOT internal.has_every_key(p_user, p_center) THEN
        PERFORM internal.refuse('LK005');
    END IF;
    IF v_user.is_active AND p_center = ANY (internal.centers_of(v_user)) THEN
        PERFORM internal.enter_centers(v_user, ARRAY[p_center]);
    ELSE
        PERFORM internal.leave_centers(p_user, ARRAY[p_center]);
    END IF;
    DELETE FROM public.unfinished t WHERE t.user_id = p_user AND t.center_id = p_center;
END $$;

-- A system administrator's own next keys, sealed to before they are his: what he could open may not depend on whether
-- his computer lives to the end of the exchange.
CREATE FUNCTION api.prepare_own_grants(p_center uuid, p_identity uuid, p_grants jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_platform();
    IF EXISTS (SELECT FROM public.identities i WHERE i.id = p_identity) THEN
        PERFORM internal.refuse('LK004', 'keys_held_already');
    END IF;
    PERFORM internal.store_grants(p_grants, ARRAY[p_center], ARRAY[p_identity]);
END $$;
