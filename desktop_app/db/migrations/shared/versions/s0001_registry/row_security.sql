-- Who sees which rows of the registry. Authority is the session's own login, whatever role it has set.
-- The policies are for everybody, not for labkeep_app: DROP OWNED BY a role, which each of its members may say, drops
-- the policies that name only that role (measured on 15 and 18), and then nobody would see anything any more.

ALTER TABLE public.centers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.identity_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.unfinished ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_chain ENABLE ROW LEVEL SECURITY;

CREATE POLICY members_and_platform ON public.centers FOR SELECT USING (
    pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
    OR pg_has_role(session_user, schema_name || '_viewer', 'MEMBER')
);

CREATE POLICY oneself_admins_and_platform ON public.users FOR SELECT USING (
    login = session_user
    OR pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
    OR CASE WHEN center_id IS NOT NULL
        THEN pg_has_role(session_user, 'center_' || replace(center_id::text, '-', '') || '_admin', 'MEMBER')
        ELSE false END
);

-- The rows of users that the policy above lets through decide.
CREATE POLICY of_visible_users ON public.sign_ins FOR SELECT USING (
    EXISTS (SELECT FROM public.users u WHERE u.id = sign_ins.user_id)
);

-- Nobody else's, not even for system administrators.
CREATE POLICY own_only ON public.identity_secrets FOR SELECT USING (
    EXISTS (SELECT FROM public.users u WHERE u.id = identity_secrets.user_id AND u.login = session_user)
);

CREATE POLICY admins_and_platform ON public.audit_log FOR SELECT USING (
    pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
    OR CASE WHEN center_id IS NOT NULL
        THEN pg_has_role(session_user, 'center_' || replace(center_id::text, '-', '') || '_admin', 'MEMBER')
        ELSE false END
);

CREATE POLICY platform_only ON public.audit_chain FOR SELECT USING (
    pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
);

CREATE POLICY platform_finishes ON public.unfinished FOR SELECT USING (
    pg_has_role(session_user, 'labkeep_platform', 'MEMBER')
);
