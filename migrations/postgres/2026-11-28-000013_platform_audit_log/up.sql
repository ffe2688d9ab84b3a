-- Who did what to something that is no tenant's. Lines are added, never changed and never removed.
CREATE TABLE platform_audit_log (
    id uuid NOT NULL PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    resource_id text NOT NULL
);
CREATE INDEX platform_audit_log_by_age ON platform_audit_log (at DESC, id DESC);

ALTER TABLE platform_audit_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON platform_audit_log TO cheetah_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform_audit_log TO cheetah_platform;
