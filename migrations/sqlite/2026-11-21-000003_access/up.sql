-- People who work for a tenant, what credentials may do and for how long, feature flags, and who changed what.
-- What is named *_sealed is encrypted, what is named *_index is a keyed digest.

-- Keys that were made before scopes have all that a program may have, and work for ever.
ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'program';
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT 'tenant:read profile:read profile:write conversations:read conversations:write contacts:read consent:read consent:write channels:read channels:write provider_accounts:read provider_accounts:write credentials:read credentials:write feature_flags:read feature_flags:write audit:read';
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE widget_tokens ADD COLUMN expires_at INTEGER;

CREATE TABLE members (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    email_sealed BLOB NOT NULL,
    email_index BLOB NOT NULL,
    name_sealed BLOB NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    password_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email_index)
) STRICT, WITHOUT ROWID;
-- Whoever signs in has not said yet at which tenant.
CREATE INDEX members_by_email ON members (email_index);

CREATE TABLE member_sessions (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    token_digest BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_because TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, member_id) REFERENCES members (tenant_id, id),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX member_sessions_by_id ON member_sessions (id);
CREATE INDEX member_sessions_by_member ON member_sessions (tenant_id, member_id);

-- The operator's sign-ins. No tenant has a part in them.
CREATE TABLE admin_sessions (
    digest BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE feature_flags (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    flag TEXT NOT NULL,
    is_on INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, flag)
) STRICT, WITHOUT ROWID;

-- Lines are added, never changed and never removed.
CREATE TABLE audit_log (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_log_by_age ON audit_log (tenant_id, at DESC, id DESC);
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
BEGIN
    SELECT raise(ABORT, 'a line of the audit log is not changed');
END;
CREATE TRIGGER audit_log_is_not_shortened BEFORE DELETE ON audit_log
BEGIN
    SELECT raise(ABORT, 'a line of the audit log is not removed');
END;
