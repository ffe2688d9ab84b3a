-- Requests that carried an idempotency key, and what was answered. The nil owner id is the platform. key_digest is
-- made of owner, caller and key; created_at is when the request was last begun or answered, and the key is kept for
-- 24 hours from then. An open request has a lease and no status; an answered one has a status and a sealed body.
CREATE TABLE idempotency_keys (
    owner_id uuid NOT NULL,
    caller text NOT NULL,
    key_digest bytea NOT NULL,
    fingerprint bytea NOT NULL,
    attempt bigint NOT NULL,
    lease_until timestamptz NOT NULL,
    status integer,
    content_type text,
    body_sealed bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, caller, key_digest),
    CHECK ((status IS NULL) = (body_sealed IS NULL))
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON idempotency_keys TO cheetah_app
    USING (owner_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
    WITH CHECK (owner_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO cheetah_app;

-- The platform keeps its own requests, and removes everybody's old ones.
CREATE POLICY own_requests ON idempotency_keys TO cheetah_platform
    USING (owner_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (owner_id = '00000000-0000-0000-0000-000000000000');
CREATE POLICY old_requests_are_seen ON idempotency_keys FOR SELECT TO cheetah_platform USING (true);
CREATE POLICY old_requests_go ON idempotency_keys FOR DELETE TO cheetah_platform USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO cheetah_platform;
