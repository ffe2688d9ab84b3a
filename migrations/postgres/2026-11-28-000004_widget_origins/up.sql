-- A token whose list is empty used to be open to every origin. It says so now, because an empty list lets no page in.
-- The owner of the table is held to one tenant like everybody else, but for this statement.
ALTER TABLE widget_tokens NO FORCE ROW LEVEL SECURITY;
UPDATE widget_tokens SET allowed_origins = '["*"]' WHERE allowed_origins = '[]';
ALTER TABLE widget_tokens FORCE ROW LEVEL SECURITY;
