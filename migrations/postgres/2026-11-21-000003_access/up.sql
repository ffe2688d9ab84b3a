-- People who work for a tenant, what credentials may do and for how long, feature flags, and who changed what.
-- What is named *_sealed is encrypted, what is named *_index is a keyed digest.

-- Keys that were made before scopes have all that a program may have, and work for ever.
ALTER TABLE api_keys
    ADD COLUMN kind text NOT NULL DEFAULT 'program',
    ADD COLUMN scopes text NOT NULL DEFAULT 'tenant:read profile:read profile:write conversations:read conversations:write contacts:read consent:read consent:write channels:read channels:write provider_accounts:read provider_accounts:write credentials:read credentials:write feature_flags:read feature_flags:write audit:read',
    ADD COLUMN expires_at timestamptz;
ALTER TABLE widget_tokens ADD COLUMN expires_at timestamptz;

CREATE TABLE members (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    email_sealed bytea NOT NULL,
    email_index bytea NOT NULL,
    name_sealed bytea NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    password_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email_index)
);
-- Whoever signs in has not said yet at which tenant.
CREATE INDEX members_by_email ON members (email_index);

CREATE TABLE member_sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    token_digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_because text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE INDEX member_sessions_by_id ON member_sessions (id);
CREATE INDEX member_sessions_by_member ON member_sessions (tenant_id, member_id);

-- The operator's sign-ins. No tenant has a part in them.
CREATE TABLE admin_sessions (
    digest bytea NOT NULL PRIMARY KEY,
    expires_at timestamptz NOT NULL
);

CREATE TABLE feature_flags (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    flag text NOT NULL,
    is_on boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, flag)
);

-- Lines are added, never changed and never removed.
CREATE TABLE audit_log (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    resource_id text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_by_age ON audit_log (tenant_id, at DESC, id DESC);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['members', 'member_sessions', 'feature_flags', 'audit_log'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO cheetah_app USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))'
            ' WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', one);
    END LOOP;
END $$;
ALTER TABLE admin_sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT, UPDATE ON members, feature_flags TO cheetah_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON member_sessions TO cheetah_app;
GRANT SELECT, INSERT ON audit_log TO cheetah_app;

-- Before a tenant is known the platform finds who signs in; what the operator does to a tenant goes into the tenant's log.
CREATE POLICY all_rows ON members FOR SELECT TO cheetah_platform USING (true);
CREATE POLICY all_rows ON member_sessions FOR SELECT TO cheetah_platform USING (true);
CREATE POLICY all_rows ON admin_sessions TO cheetah_platform USING (true) WITH CHECK (true);
CREATE POLICY new_lines ON audit_log FOR INSERT TO cheetah_platform WITH CHECK (true);
GRANT SELECT ON members, member_sessions TO cheetah_platform;
GRANT SELECT, INSERT, DELETE ON admin_sessions TO cheetah_platform;
GRANT INSERT ON audit_log TO cheetah_platform;
