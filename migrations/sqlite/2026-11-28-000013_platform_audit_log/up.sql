-- Who did what to something that is no tenant's. Lines are added, never changed and never removed.
CREATE TABLE platform_audit_log (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    resource_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX platform_audit_log_by_age ON platform_audit_log (at DESC, id DESC);
CREATE TRIGGER platform_audit_log_is_not_changed BEFORE UPDATE ON platform_audit_log
BEGIN
    SELECT raise(ABORT, 'a line of the audit log is not changed');
END;
CREATE TRIGGER platform_audit_log_is_not_shortened BEFORE DELETE ON platform_audit_log
BEGIN
    SELECT raise(ABORT, 'a line of the audit log is not removed');
END;
