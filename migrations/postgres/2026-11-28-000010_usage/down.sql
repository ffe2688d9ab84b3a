DROP TABLE tenant_limits;
ALTER TABLE usage_days DROP COLUMN turns_answered, DROP COLUMN cost_micros, DROP COLUMN unpriced_tokens;
