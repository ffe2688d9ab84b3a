-- What usage costs, and limits that are one tenant's own.

-- What was used before this has no price, and every turn of then counts as answered.
ALTER TABLE usage_days
    ADD COLUMN turns_answered bigint NOT NULL DEFAULT 0,
    ADD COLUMN cost_micros bigint NOT NULL DEFAULT 0,
    ADD COLUMN unpriced_tokens bigint NOT NULL DEFAULT 0;
-- The owner of a table sees its rows only where row-level security is not forced.
ALTER TABLE usage_days NO FORCE ROW LEVEL SECURITY;
UPDATE usage_days SET turns_answered = turns, unpriced_tokens = CASE model WHEN '' THEN 0 ELSE tokens_in + tokens_out END;
ALTER TABLE usage_days FORCE ROW LEVEL SECURITY;

-- Null as the plan has it; -1 without a limit.
CREATE TABLE tenant_limits (
    tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id),
    turns_per_month bigint CHECK (turns_per_month >= -1),
    model_budget_micros_per_day bigint CHECK (model_budget_micros_per_day >= -1),
    changed_at timestamptz NOT NULL
);
ALTER TABLE tenant_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON tenant_limits TO cheetah_app
    USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid))
    WITH CHECK (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE ON tenant_limits TO cheetah_app;
