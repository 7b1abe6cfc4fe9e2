-- What persons reach. Everything else has no grant at all.

GRANT SELECT ON public.installation, public.centers, public.users, public.memberships, public.sign_ins,
    public.identities, public.identity_secrets, public.kept_kits, public.trust_log, public.unfinished, public.deleted_centers, public.audit_log,
    public.audit_chain, public.audit_head,
    public.center_shape, public.shared_shape, public.alembic_version TO labkeep_app;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO labkeep_app;
-- Policies run with the rights of whoever asks.
GRANT EXECUTE ON FUNCTION public.own_centers(), public.administered_centers(), public.visible_users() TO labkeep_app;
-- Indexes and searches of the centers' tables run it with the caller's rights.
GRANT EXECUTE ON FUNCTION public.trigrams(text), public.is_readable(jsonb), public.field_terms(jsonb),
    public.changed_fields(jsonb, jsonb) TO labkeep_app;
