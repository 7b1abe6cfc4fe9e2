-- Reasons: what a center wants one for stands in its settings, {"reasons": {"required": ["deactivate", ...]}}.

-- How many administrators it takes to erase, by a center's settings; see the centers' erasure.sql.
CREATE FUNCTION internal.erasure_administrators(p_settings jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((p_settings -> 'erasure' ->> 'administrators')::integer, 1)
$$;

-- Called by triggers, so that it holds for every way to the row. The reason itself goes on the record.
CREATE FUNCTION internal.need_reason(p_center uuid, p_verb text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('labkeep.reason', true), '') !~ '\S' AND EXISTS (
        SELECT FROM public.centers c WHERE c.id = p_center AND c.settings -> 'reasons' -> 'required' ? p_verb
    ) THEN
        PERFORM internal.refuse('LK010', 'reason_required', 'reason');
    END IF;
END $$;

CREATE FUNCTION internal.check_center_reason() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_reason(NEW.id, CASE WHEN NEW.is_active THEN 'restore' ELSE 'deactivate' END);
    RETURN NEW;
END $$;

CREATE TRIGGER need_reason BEFORE UPDATE OF is_active ON public.centers
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION internal.check_center_reason();

-- What any center wants for whom it knows; a system administrator belongs to none.
CREATE FUNCTION internal.need_reason_of(p_user uuid, p_verb text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_reason(m.center_id, p_verb) FROM public.memberships m WHERE m.user_id = p_user;
END $$;

CREATE FUNCTION internal.check_person_reason() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_reason_of(NEW.id, CASE WHEN NEW.is_active THEN 'restore' ELSE 'deactivate' END);
    RETURN NEW;
END $$;

CREATE TRIGGER need_reason BEFORE UPDATE OF is_active ON public.users
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION internal.check_person_reason();

-- A place that is changed or ended; to give one is no change of it.
CREATE FUNCTION internal.check_place_reason() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM internal.need_reason(OLD.center_id, 'role');
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER need_reason BEFORE UPDATE ON public.memberships
    FOR EACH ROW WHEN ((OLD.role, OLD.until) IS DISTINCT FROM (NEW.role, NEW.until))
    EXECUTE FUNCTION internal.check_place_reason();
CREATE TRIGGER need_reason_to_end BEFORE DELETE ON public.memberships
    FOR EACH ROW EXECUTE FUNCTION internal.check_place_reason();

-- Keys that somebody else makes for a person who had some: a reset password.
CREATE FUNCTION internal.check_keys_reason() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.identities i WHERE i.user_id = NEW.user_id)
        AND EXISTS (SELECT FROM public.users u WHERE u.id = NEW.user_id AND u.login <> session_user) THEN
        PERFORM internal.need_reason_of(NEW.user_id, 'keys');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER need_reason BEFORE INSERT ON public.identities
    FOR EACH ROW EXECUTE FUNCTION internal.check_keys_reason();
