-- Saved views of the list of samples, and work lists. They say what somebody wants to see or to do; no right and no value
-- of a sample follows from them. Who sees and writes which view stands in grants.sql.

CREATE TABLE saved_views (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT saved_views_name_check CHECK (length(name) BETWEEN 1 AND 100),
    is_shared boolean NOT NULL DEFAULT false,
    login text NOT NULL DEFAULT session_user,
    content text NOT NULL CONSTRAINT saved_views_content_check CHECK (length(content) BETWEEN 1 AND 300000),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX saved_views_own_name ON saved_views (login, name) WHERE NOT is_shared;
CREATE UNIQUE INDEX saved_views_shared_name ON saved_views (name) WHERE is_shared;

-- As the owner: the views that are counted are also those that the session does not see.
CREATE FUNCTION check_view() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (
        SELECT count(*) FROM center_00000000000000000000000000000000.saved_views v WHERE v.login = NEW.login
    ) >= 200 THEN
        PERFORM internal.refuse('42501', 'too_many_views');
    END IF;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER check_view BEFORE INSERT OR UPDATE ON saved_views FOR EACH ROW EXECUTE FUNCTION check_view();

-- Samples in an order that people work off; user_id is whose it is, NULL everybody's.
CREATE TABLE work_lists (
    id uuid PRIMARY KEY,
    name text NOT NULL CONSTRAINT work_lists_name_key UNIQUE
        CONSTRAINT work_lists_name_check CHECK (length(name) BETWEEN 1 AND 100),
    user_id uuid CONSTRAINT work_lists_user_id_fkey REFERENCES people (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text NOT NULL DEFAULT session_user
);
CREATE TABLE work_list_items (
    list_id uuid NOT NULL CONSTRAINT work_list_items_list_id_fkey REFERENCES work_lists (id) ON DELETE CASCADE,
    sample_id uuid NOT NULL CONSTRAINT work_list_items_sample_id_fkey REFERENCES samples (id) ON DELETE CASCADE,
    position integer NOT NULL,
    is_done boolean NOT NULL DEFAULT false,
    done_at timestamptz,
    done_by text,
    CONSTRAINT work_list_items_pkey PRIMARY KEY (list_id, sample_id)
);
CREATE INDEX work_list_items_by_sample ON work_list_items (sample_id);

-- Who ticked it and when is the server's.
CREATE FUNCTION note_done() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.is_done IS DISTINCT FROM OLD.is_done THEN
        NEW.done_at := CASE WHEN NEW.is_done THEN clock_timestamp() END;
        NEW.done_by := CASE WHEN NEW.is_done THEN session_user::text END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER note_done BEFORE UPDATE ON work_list_items FOR EACH ROW EXECUTE FUNCTION note_done();

-- Deleting goes by functions: the right to DELETE is the right to lock the whole table against everybody.

-- One's own, or a shared one by who may edit samples; whether there was one.
CREATE FUNCTION delete_view(p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    DELETE FROM center_00000000000000000000000000000000.saved_views v
    WHERE v.id = p_id AND CASE WHEN v.is_shared
        THEN pg_has_role(session_user, 'center_00000000000000000000000000000000_user', 'MEMBER') OR pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
        ELSE v.login = session_user END;
    RETURN FOUND;
END $$;

-- For who may edit samples: the list, and none of its samples; whether there was one.
CREATE FUNCTION delete_work_list(p_list uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    DELETE FROM center_00000000000000000000000000000000.work_lists l WHERE l.id = p_list;
    RETURN FOUND;
END $$;

-- The same for some of its samples; how many there were.
CREATE FUNCTION remove_from_work_list(p_list uuid, p_samples uuid[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    v_gone integer;
BEGIN
    PERFORM center_00000000000000000000000000000000.need_membership();
    DELETE FROM center_00000000000000000000000000000000.work_list_items i WHERE i.list_id = p_list AND i.sample_id = ANY (p_samples);
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    RETURN v_gone;
END $$;
