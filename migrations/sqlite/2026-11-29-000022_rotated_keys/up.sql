-- When another key took an API key's place; null while none has. The key that did so is the one to be rotated next.

ALTER TABLE api_keys ADD COLUMN rotated_at INTEGER;
