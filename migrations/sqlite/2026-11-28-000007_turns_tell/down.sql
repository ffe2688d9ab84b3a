DROP TABLE usage_days;
DROP TABLE events;
DROP TABLE handoffs;
ALTER TABLE contacts DROP COLUMN language;
DELETE FROM jobs WHERE kind = 'reaction';
