ALTER TABLE messages DROP COLUMN account_sid;
