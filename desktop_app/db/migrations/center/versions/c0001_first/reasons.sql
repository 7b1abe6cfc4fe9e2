-- What this center wants a reason for is asked of its settings, whoever writes and however; see the shared reasons.sql.

CREATE FUNCTION check_reason() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM internal.need_reason(
        '00000000000000000000000000000000',
        CASE WHEN TG_TABLE_NAME = 'tenant_keys' THEN 'keys'
            WHEN TG_OP = 'DELETE' THEN 'delete'
            WHEN to_jsonb(NEW) -> 'is_active' = 'true' THEN 'restore'
            ELSE 'deactivate' END
    );
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER g_reason BEFORE UPDATE OF is_active ON samples
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION check_reason();
CREATE TRIGGER g_reason_to_delete BEFORE DELETE ON samples FOR EACH ROW EXECUTE FUNCTION check_reason();
CREATE TRIGGER g_reason BEFORE UPDATE OF is_active ON documents
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION check_reason();
CREATE TRIGGER g_reason_to_delete BEFORE DELETE ON documents FOR EACH ROW EXECUTE FUNCTION check_reason();
-- The first key is made with the center.
CREATE TRIGGER g_reason BEFORE INSERT ON tenant_keys
    FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION check_reason();
