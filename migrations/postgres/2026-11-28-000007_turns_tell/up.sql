-- What turns cost, what they hand to people, and what others are to hear of them.
-- What is named *_sealed is encrypted.

ALTER TABLE contacts ADD COLUMN language text;

CREATE TABLE handoffs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    reason text NOT NULL,
    summary_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE INDEX handoffs_by_age ON handoffs (tenant_id, at DESC, id DESC);

-- Positions are handed out before a transaction commits, so a lower one may appear after a higher one. Whoever reads on
-- from a position reads only transactions below the oldest that is still open: by xid, then by position.
CREATE TABLE events (
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    facts text NOT NULL,
    conversation_id uuid,
    -- What other domains of the tenant are still to react to; gone once they have.
    private_sealed bytea,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX events_in_order ON events (xid, position);
CREATE INDEX events_waiting ON events (tenant_id, conversation_id, position) WHERE private_sealed IS NOT NULL;

-- By day (days since 1970, UTC) and by the model that wrote.
CREATE TABLE usage_days (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    day integer NOT NULL,
    model text NOT NULL,
    turns bigint NOT NULL,
    messages_in bigint NOT NULL,
    messages_out bigint NOT NULL,
    tokens_in bigint NOT NULL,
    tokens_out bigint NOT NULL,
    PRIMARY KEY (tenant_id, day, model)
);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['handoffs', 'events', 'usage_days'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO cheetah_app USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))'
            ' WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', one);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON handoffs, events TO cheetah_app;
GRANT UPDATE (private_sealed) ON events TO cheetah_app;
GRANT SELECT, INSERT, UPDATE ON usage_days TO cheetah_app;
