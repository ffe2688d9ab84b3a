-- A token whose list is empty used to be open to every origin. It says so now, because an empty list lets no page in.
UPDATE widget_tokens SET allowed_origins = '["*"]' WHERE allowed_origins = '[]';
