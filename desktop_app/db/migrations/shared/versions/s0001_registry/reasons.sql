-- Reasons: what a center wants one for stands in its settings, {"reasons": {"required": ["deactivate", ...]}}.

-- Called by triggers, so that it holds for every way to the row. The reason itself goes on the record.
CREATE FUNCTION internal.need_reason(p_center uuid, p_verb text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('labkeep.reason', true), '') !~ '\S' AND EXISTS (
        SELECT FROM public.centers c WHERE c.id = p_center AND c.settings -> 'reasons' -> 'required' ? p_verb
    ) THEN
        PERFORM internal.refuse('LK010', 'This center wants a reason for it.', 'reason');
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
