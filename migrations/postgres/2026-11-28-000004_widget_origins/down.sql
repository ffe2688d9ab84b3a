ALTER TABLE widget_tokens NO FORCE ROW LEVEL SECURITY;
UPDATE widget_tokens SET allowed_origins = '[]' WHERE allowed_origins = '["*"]';
ALTER TABLE widget_tokens FORCE ROW LEVEL SECURITY;
