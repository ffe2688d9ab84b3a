DROP TABLE audit_log;
DROP TABLE feature_flags;
DROP TABLE admin_sessions;
DROP TABLE member_sessions;
DROP TABLE members;
ALTER TABLE widget_tokens DROP COLUMN expires_at;
ALTER TABLE api_keys DROP COLUMN expires_at;
ALTER TABLE api_keys DROP COLUMN scopes;
ALTER TABLE api_keys DROP COLUMN kind;
