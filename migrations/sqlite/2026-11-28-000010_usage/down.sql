DROP TABLE tenant_limits;
ALTER TABLE usage_days DROP COLUMN turns_answered;
ALTER TABLE usage_days DROP COLUMN cost_micros;
ALTER TABLE usage_days DROP COLUMN unpriced_tokens;
