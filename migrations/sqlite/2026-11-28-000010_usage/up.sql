-- What usage costs, and limits that are one tenant's own.

-- What was used before this has no price, and every turn of then counts as answered.
ALTER TABLE usage_days ADD COLUMN turns_answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_days ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_days ADD COLUMN unpriced_tokens INTEGER NOT NULL DEFAULT 0;
UPDATE usage_days SET turns_answered = turns, unpriced_tokens = CASE model WHEN '' THEN 0 ELSE tokens_in + tokens_out END;

-- Null as the plan has it; -1 without a limit.
CREATE TABLE tenant_limits (
    tenant_id BLOB NOT NULL PRIMARY KEY REFERENCES tenants (id),
    turns_per_month INTEGER CHECK (turns_per_month >= -1),
    model_budget_micros_per_day INTEGER CHECK (model_budget_micros_per_day >= -1),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
