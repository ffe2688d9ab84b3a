ALTER TABLE conversations DROP COLUMN summary_through_at;
ALTER TABLE conversations DROP COLUMN summary_through;
ALTER TABLE conversations DROP COLUMN summary_sealed;
