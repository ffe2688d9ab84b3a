DROP TABLE platform_audit_log;
