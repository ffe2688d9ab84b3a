-- What of a thing was changed, as in `role: staff -> owner`; null where the action alone says it, and in lines from before.
ALTER TABLE audit_log ADD COLUMN detail text;
