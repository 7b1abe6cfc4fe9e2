-- What holds for every writer, also for functions of the owner: base columns, row versions, the life of a sample.
-- Triggers of one event fire in the order of their names, hence the letters.

-- Fires only where the statement names row_version: the number it read must still be the row's.
CREATE FUNCTION compare_row_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.row_version IS DISTINCT FROM OLD.row_version THEN
        RAISE EXCEPTION USING ERRCODE = 'LK001', TABLE = TG_TABLE_NAME,
            MESSAGE = 'row_changed';
    END IF;
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END
$$;

-- Who and when come from the server. A statement that did not carry the row version it read never met
-- compare_row_version() and is refused here, so that forgetting the lock is not a way around it.
CREATE FUNCTION set_base_columns() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.updated_by := session_user;
    IF TG_OP = 'INSERT' THEN
        NEW.created_at := NEW.updated_at;
        NEW.created_by := session_user;
        NEW.row_version := 1;
        RETURN NEW;
    END IF;
    IF NEW.row_version <> OLD.row_version + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'LK001', TABLE = TG_TABLE_NAME,
            MESSAGE = 'row_version_missing',
            HINT = 'UPDATE ... SET row_version = <the one read>.';
    END IF;
    IF (NEW.id, NEW.created_at, NEW.created_by) IS DISTINCT FROM (OLD.id, OLD.created_at, OLD.created_by) THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'origin_never_changed';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'rows_never_changed';
END
$$;

-- A type that was taken out of use stays with the samples that have it, and is given to no other.
CREATE FUNCTION check_sample_type() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.sample_type IS NOT DISTINCT FROM OLD.sample_type THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.sample_types t WHERE t.code = NEW.sample_type AND t.is_active
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'sample_type',
            MESSAGE = 'no_such_sample_type';
    END IF;
    RETURN NEW;
END
$$;

-- The responsible person is an active member; without one given, it is whoever creates the sample.
CREATE FUNCTION check_responsible_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.user_id IS NOT DISTINCT FROM OLD.user_id THEN
        RETURN NEW;  -- a responsible person who has left stays named until somebody takes over
    END IF;
    IF TG_OP = 'INSERT' AND NEW.user_id IS NULL THEN
        SELECT p.id INTO NEW.user_id
        FROM center_00000000000000000000000000000000.people p
        WHERE p.login = session_user;
    END IF;
    -- Shared lock: somebody who is leaving at this moment is waited for, not missed.
    PERFORM 1 FROM center_00000000000000000000000000000000.people p
    WHERE p.id = NEW.user_id AND p.member_until IS NULL
    FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'user_id',
            MESSAGE = 'responsible_not_member';
    END IF;
    RETURN NEW;
END
$$;

-- The next barcode of the day (UTC). Only the first call of a day takes a lock, and for microseconds: sequences do not
-- wait for transactions.
CREATE FUNCTION next_barcode() RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_counter CONSTANT regclass := 'center_00000000000000000000000000000000.sample_barcodes';
    v_per_day CONSTANT bigint := 10000000;
    v_today CONSTANT bigint := (clock_timestamp() AT TIME ZONE 'UTC')::date - date '1970-01-01';
    v_taken bigint := nextval(v_counter);
    v_nth text;
BEGIN
    IF v_taken < v_today * v_per_day THEN
        PERFORM pg_advisory_lock(v_counter::oid::bigint);
        BEGIN
            v_taken := nextval(v_counter);
            IF v_taken < v_today * v_per_day THEN
                v_taken := setval(v_counter, v_today * v_per_day + 1);
            END IF;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            -- It is the session's: a statement that its own timeout stops here would keep it, and everybody waiting.
            PERFORM pg_advisory_unlock(v_counter::oid::bigint);
            RAISE;
        END;
        PERFORM pg_advisory_unlock(v_counter::oid::bigint);
    END IF;
    v_nth := mod(v_taken, v_per_day)::text;
    RETURN to_char(date '1970-01-01' + (v_taken / v_per_day)::integer, 'YYYYMMDD') || '-'
        || lpad(v_nth, greatest(4, length(v_nth)), '0');
END
$$;

CREATE FUNCTION make_barcode() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    LOOP
        NEW.barcode := center_00000000000000000000000000000000.next_barcode();
        -- Somebody may have typed a barcode of this very form.
        EXIT WHEN NOT EXISTS (
            SELECT FROM center_00000000000000000000000000000000.samples s WHERE s.barcode = NEW.barcode
        );
    END LOOP;
    RETURN NEW;
END
$$;

-- Whether this transaction takes back what a plan did (plans.sql): then a sample's life goes the other way.
CREATE FUNCTION is_undoing() RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM center_00000000000000000000000000000000.undoing u WHERE u.txid = pg_current_xact_id_if_assigned()
    )
$$;

-- Holds for every change of a sample, steps included; what is forbidden is allowed to an undo alone.
CREATE FUNCTION check_sample_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (OLD.status = 'archived' OR NEW.status <> 'rejected' AND NEW.rejection_reason <> OLD.rejection_reason)
        AND center_00000000000000000000000000000000.is_undoing() THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'archived' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK004', MESSAGE = 'sample_archived';
    END IF;
    IF NEW.rejection_reason <> OLD.rejection_reason AND NEW.status <> 'rejected' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'rejection_reason',
            MESSAGE = 'only_rejected_has_reason';
    END IF;
    IF NEW.status = 'rejected' AND NEW.rejection_reason !~ '\S' THEN
        RAISE EXCEPTION USING ERRCODE = 'LK010', COLUMN = 'rejection_reason',
            MESSAGE = 'rejection_needs_reason';
    END IF;
    RETURN NEW;
END
$$;

-- pending -> processing | rejected; processing -> completed | rejected; completed, rejected -> archived.
-- Fires where the statement names status: to stay where one is, is no step either.
CREATE FUNCTION check_sample_step() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('pending', 'processing'), ('pending', 'rejected'),
        ('processing', 'completed'), ('processing', 'rejected'),
        ('completed', 'archived'), ('rejected', 'archived')
    ) THEN
        IF center_00000000000000000000000000000000.is_undoing() THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'LK004',
            MESSAGE = 'no_such_step',
            DETAIL = jsonb_build_object('before', OLD.status, 'after', NEW.status);
    END IF;
    IF NEW.status = 'archived'
        AND NOT pg_has_role(session_user, 'center_00000000000000000000000000000000_admin', 'MEMBER')
        AND NOT pg_has_role(session_user, 'labkeep_platform', 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'only_admin_archives';
    END IF;
    IF NEW.status = 'processing' THEN
        NEW.processing_started_at := NEW.updated_at;
    ELSIF NEW.status = 'completed' THEN
        NEW.processing_completed_at := NEW.updated_at;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION check_sample_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM center_00000000000000000000000000000000.documents d WHERE d.sample_id = OLD.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK004',
            MESSAGE = 'sample_has_documents';
    END IF;
    RETURN OLD;
END
$$;

-- An archived sample's documents are as read-only as the sample itself: no new one, no version, no edit, none leaves.
CREATE FUNCTION check_document_sample() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_wanted uuid[] := ARRAY[NEW.sample_id];
    v_locked integer;
    v_archived boolean;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sample_id IS DISTINCT FROM NEW.sample_id THEN
        v_wanted := v_wanted || OLD.sample_id;
    END IF;
    v_wanted := array_remove(v_wanted, NULL);
    IF v_wanted = '{}' THEN
        RETURN NEW;
    END IF;
    -- The lock makes an archiving that runs at the same time come wholly before or wholly after.
    SELECT count(*), coalesce(bool_or(found.status = 'archived'), false) INTO v_locked, v_archived
    FROM (
        SELECT s.status FROM center_00000000000000000000000000000000.samples s
        WHERE s.id = ANY (v_wanted) ORDER BY s.id FOR SHARE
    ) AS found;
    IF v_locked < cardinality(v_wanted) THEN
        RAISE EXCEPTION USING ERRCODE = 'LK008', COLUMN = 'sample_id', MESSAGE = 'no_such_sample';
    END IF;
    IF v_archived THEN
        RAISE EXCEPTION USING ERRCODE = 'LK004',
            MESSAGE = 'documents_of_archived_sample';
    END IF;
    RETURN NEW;
END
$$;

-- A document key is wrapped by the active tenant key or not at all. Rotation takes the key's row FOR UPDATE before it
-- counts, so no key can slip in under the old number once it has begun.
CREATE FUNCTION check_key_active() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM 1 FROM center_00000000000000000000000000000000.tenant_keys k
    WHERE k.number = NEW.key_version AND k.state = 'active'
    FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'LK007', MESSAGE = 'key_not_active';
    END IF;
    RETURN NEW;
END
$$;

-- When a version goes for good, its upload says so: the store's cleaning deletes only what no live row names.
CREATE FUNCTION release_file() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE center_00000000000000000000000000000000.document_uploads u
    SET state = 'abandoned', released_at = clock_timestamp() WHERE u.id = OLD.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER a_row_version BEFORE UPDATE OF row_version ON samples
    FOR EACH ROW EXECUTE FUNCTION compare_row_version();
CREATE TRIGGER b_base_columns BEFORE INSERT OR UPDATE ON samples
    FOR EACH ROW EXECUTE FUNCTION set_base_columns();
CREATE TRIGGER c_change BEFORE UPDATE ON samples
    FOR EACH ROW EXECUTE FUNCTION check_sample_change();
CREATE TRIGGER c_step BEFORE UPDATE OF status ON samples
    FOR EACH ROW EXECUTE FUNCTION check_sample_step();
CREATE TRIGGER d_person BEFORE INSERT OR UPDATE OF user_id ON samples
    FOR EACH ROW EXECUTE FUNCTION check_responsible_person();
CREATE TRIGGER d_type BEFORE INSERT OR UPDATE OF sample_type ON samples
    FOR EACH ROW EXECUTE FUNCTION check_sample_type();
CREATE TRIGGER e_barcode BEFORE INSERT ON samples
    FOR EACH ROW WHEN (NEW.barcode = '') EXECUTE FUNCTION make_barcode();
CREATE TRIGGER f_delete BEFORE DELETE ON samples
    FOR EACH ROW EXECUTE FUNCTION check_sample_delete();

CREATE TRIGGER a_row_version BEFORE UPDATE OF row_version ON documents
    FOR EACH ROW EXECUTE FUNCTION compare_row_version();
CREATE TRIGGER b_base_columns BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION set_base_columns();
CREATE TRIGGER c_sample BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION check_document_sample();

CREATE TRIGGER a_immutable BEFORE UPDATE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER b_release_file AFTER DELETE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION release_file();
CREATE TRIGGER a_key_active BEFORE INSERT ON document_keys
    FOR EACH ROW EXECUTE FUNCTION check_key_active();
