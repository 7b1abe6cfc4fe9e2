-- The registry's tables. Persons read them through row-level security and write them only through api functions.

CREATE TABLE public.installation (
    id            uuid PRIMARY KEY,
    -- Names this life of the cluster: a restored one reuses transaction numbers and must not look the same.
    epoch         uuid NOT NULL,
    kdf           text NOT NULL,
    oldest_client text NOT NULL,
    migrated_by   text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX installation_has_one_row ON public.installation ((true));

CREATE TABLE public.centers (
    id           uuid PRIMARY KEY,
    name         text NOT NULL CONSTRAINT centers_name_check CHECK (name <> '' AND length(name) <= 120),
    slug         text NOT NULL CONSTRAINT centers_slug_check CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    schema_name  text NOT NULL GENERATED ALWAYS AS ('center_' || replace(id::text, '-', '')) STORED,
    description  text NOT NULL DEFAULT '' CONSTRAINT centers_description_check CHECK (length(description) <= 4000),
    settings     jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT centers_settings_check CHECK (
            jsonb_typeof(settings) = 'object' AND length(settings::text) <= 65536 AND public.is_readable(settings)
            AND (NOT settings ? 'reasons' OR coalesce(
                jsonb_typeof(settings -> 'reasons' -> 'required') = 'array'
                AND settings -> 'reasons' -> 'required' <@ '["deactivate", "restore", "delete", "role", "keys"]', false))
            AND (NOT settings ? 'erasure' OR coalesce(settings -> 'erasure' -> 'administrators' IN ('1', '2'), false))
            AND (NOT settings ? 'keys' OR coalesce(
                settings -> 'keys' = jsonb_build_object('remind_after_days', settings -> 'keys' -> 'remind_after_days')
                AND jsonb_typeof(settings -> 'keys' -> 'remind_after_days') = 'number'
                AND settings #>> '{keys,remind_after_days}' ~ '^[1-9][0-9]{0,4}$', false))
            AND (NOT settings ? 'health' OR coalesce(
                settings -> 'health' = jsonb_build_object('scrub_every_days', settings -> 'health' -> 'scrub_every_days')
                AND jsonb_typeof(settings -> 'health' -> 'scrub_every_days') = 'number'
                AND settings #>> '{health,scrub_every_days}' ~ '^(0|[1-9][0-9]{0,3})$', false))
            AND (NOT settings ? 'openings' OR coalesce(settings ->> 'openings' IN ('all', 'exports'), false))
        ),
    schema_rev   text NOT NULL DEFAULT '',
    rotation_due boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    created_by   text NOT NULL,
    updated_by   text NOT NULL,
    is_active    boolean NOT NULL DEFAULT true,
    row_version  integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX centers_name_key ON public.centers (lower(name));
CREATE UNIQUE INDEX centers_slug_key ON public.centers (slug);
CREATE INDEX centers_newest ON public.centers (created_at DESC, id DESC);

CREATE TABLE public.users (
    id                   uuid PRIMARY KEY,
    username             text NOT NULL CONSTRAINT users_username_check CHECK (username ~ '^[a-z0-9._-]{2,40}$'),
    email                text NOT NULL CONSTRAINT users_email_check
        CHECK (length(email) <= 254 AND email ~ '^[^@[:space:]]{1,64}@[^@[:space:].]+(\.[^@[:space:].]+)+$'),
    first_name           text NOT NULL DEFAULT '' CONSTRAINT users_first_name_check CHECK (length(first_name) <= 80),
    last_name            text NOT NULL DEFAULT '' CONSTRAINT users_last_name_check CHECK (length(last_name) <= 80),
    phone                text NOT NULL DEFAULT '' CONSTRAINT users_phone_check CHECK (length(phone) <= 40),
    -- A system administrator: belongs to no center and administers all. Others have memberships.
    is_system            boolean NOT NULL DEFAULT false,
    login                text NOT NULL CONSTRAINT users_login_check CHECK (login ~ '^u_[a-z2-7]{32}$'),
    must_change_password boolean NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    created_by           text NOT NULL,
    updated_by           text NOT NULL,
    is_active            boolean NOT NULL DEFAULT true,
    row_version          integer NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX users_username_key ON public.users (username);
CREATE UNIQUE INDEX users_email_key ON public.users (lower(email));
CREATE UNIQUE INDEX users_login_key ON public.users (login);
CREATE INDEX users_newest ON public.users (created_at DESC, id DESC);

-- Who belongs to which center, as what, and until which day (of UTC, the last one included). A person who is
-- deactivated keeps the rows: with them he comes back.
CREATE TABLE public.memberships (
    user_id     uuid NOT NULL CONSTRAINT memberships_user_id_fkey REFERENCES public.users (id),
    center_id   uuid NOT NULL CONSTRAINT memberships_center_id_fkey REFERENCES public.centers (id),
    role        text NOT NULL CONSTRAINT memberships_role_check CHECK (role IN ('viewer', 'user', 'admin')),
    until       date CONSTRAINT memberships_until_check CHECK (until BETWEEN '2000-01-01' AND '9999-12-31'),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    created_by  text NOT NULL,
    updated_by  text NOT NULL,
    row_version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (user_id, center_id)
);
CREATE INDEX memberships_of_center ON public.memberships (center_id, user_id);

CREATE TABLE public.sign_ins (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES public.users (id),
    at          timestamptz NOT NULL DEFAULT now(),
    workstation text NOT NULL DEFAULT '' CONSTRAINT sign_ins_workstation_check CHECK (length(workstation) <= 200)
);
CREATE INDEX sign_ins_of_user ON public.sign_ins (user_id, at DESC);

CREATE TABLE public.identities (
    id          uuid PRIMARY KEY,
    -- NULL is the root: the recovery kit's identity.
    user_id     uuid REFERENCES public.users (id),
    public_key  bytea NOT NULL CONSTRAINT identities_public_key_check
        CHECK (octet_length(public_key) = 1249 AND get_byte(public_key, 0) = 1),
    -- Made by an administrator, until the person's own hand-over: they sign nothing else.
    provisional boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    retired_at  timestamptz
);
CREATE UNIQUE INDEX identities_one_current ON public.identities (user_id) NULLS NOT DISTINCT WHERE retired_at IS NULL;
CREATE INDEX identities_of_user ON public.identities (user_id);

-- Apart from identities, because row-level security hides rows and not columns.
CREATE TABLE public.identity_secrets (
    identity_id uuid PRIMARY KEY REFERENCES public.identities (id),
    user_id     uuid NOT NULL REFERENCES public.users (id),
    sealed      bytea NOT NULL CONSTRAINT identity_secrets_sealed_check CHECK (octet_length(sealed) = 158),
    kdf         text NOT NULL CONSTRAINT identity_secrets_kdf_check CHECK (kdf ~ '^kdf [1-9][0-9]{0,3}$')
);
CREATE UNIQUE INDEX identity_secrets_of_user ON public.identity_secrets (user_id);

-- The roots whose recovery kit somebody keeps, and has shown so.
CREATE TABLE public.kept_kits (
    identity_id uuid PRIMARY KEY REFERENCES public.identities (id),
    at          timestamptz NOT NULL DEFAULT now(),
    login       text NOT NULL DEFAULT session_user
);

CREATE TABLE public.trust_log (
    sequence  bigint PRIMARY KEY CHECK (sequence >= 1),
    -- The longest statement, an enrolment, has 2,058 bytes.
    payload   bytea NOT NULL CHECK (octet_length(payload) BETWEEN 1 AND 4096),
    signer    uuid NOT NULL REFERENCES public.identities (id),
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    digest    bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    -- Not the beginning of the transaction: limits by day are counted with it.
    at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX trust_log_of_signer ON public.trust_log (signer, at);

-- What the center line really sent, statement by statement, for a schema of zeros (see db/center_template.py).
CREATE TABLE public.center_template (
    revision  text NOT NULL,
    position  integer NOT NULL,
    statement text NOT NULL,
    PRIMARY KEY (revision, position)
);

-- What that makes, line by line as the catalogs say it on a server of this major version (see db/schema_shape.py): what
-- a center's schema is compared with.
CREATE TABLE public.center_shape (
    server integer NOT NULL,
    line   text NOT NULL
);

-- The same of what this line itself makes in the four schemas that all centers share.
CREATE TABLE public.shared_shape (
    server integer NOT NULL,
    line   text NOT NULL
);

-- What is left to do in a center about a person, whose change concerned too many at once (internal_unfinished.sql).
CREATE TABLE public.unfinished (
    user_id   uuid NOT NULL REFERENCES public.users (id),
    center_id uuid NOT NULL,
    since     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, center_id)
);

-- Centers that were deleted, as long as the store may still have files of theirs. Ids alone: nothing says what they were.
CREATE TABLE public.deleted_centers (
    id         uuid PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    deleted_by text NOT NULL DEFAULT session_user
);

-- created_*, updated_* and row_version are the database's to say, whoever writes.
CREATE FUNCTION internal.keep_base_columns() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.created_at := clock_timestamp();
        NEW.created_by := session_user;
        NEW.row_version := 1;
    ELSE
        NEW.created_at := OLD.created_at;
        NEW.created_by := OLD.created_by;
        NEW.row_version := OLD.row_version + 1;
    END IF;
    NEW.updated_at := clock_timestamp();
    NEW.updated_by := session_user;
    RETURN NEW;
END $$;

CREATE TRIGGER keep_base_columns BEFORE INSERT OR UPDATE ON public.centers
    FOR EACH ROW EXECUTE FUNCTION internal.keep_base_columns();
CREATE TRIGGER keep_base_columns BEFORE INSERT OR UPDATE ON public.users
    FOR EACH ROW EXECUTE FUNCTION internal.keep_base_columns();
CREATE TRIGGER keep_base_columns BEFORE INSERT OR UPDATE ON public.memberships
    FOR EACH ROW EXECUTE FUNCTION internal.keep_base_columns();

CREATE FUNCTION internal.forbid_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'list_only_grows';
END $$;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON public.trust_log
    FOR EACH STATEMENT EXECUTE FUNCTION internal.forbid_change();
