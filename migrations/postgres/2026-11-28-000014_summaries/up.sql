-- What was said in a conversation before its last messages, in short; and the last message that it covers.
-- What is named *_sealed is encrypted.

ALTER TABLE conversations ADD COLUMN summary_sealed bytea;
ALTER TABLE conversations ADD COLUMN summary_through uuid;
ALTER TABLE conversations ADD COLUMN summary_through_at timestamptz;
