-- By which account at the carrier a message was attempted last: whether it was taken, that account alone can tell.

ALTER TABLE messages ADD COLUMN account_sid text;
