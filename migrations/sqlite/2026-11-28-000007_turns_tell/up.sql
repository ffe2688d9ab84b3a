-- What turns cost, what they hand to people, and what others are to hear of them.
-- What is named *_sealed is encrypted.

ALTER TABLE contacts ADD COLUMN language TEXT;

CREATE TABLE handoffs (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    summary_sealed BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX handoffs_by_age ON handoffs (tenant_id, at DESC, id DESC);

-- Events in the order in which they were committed. A number is never used again, so that whoever has read up to one
-- misses nothing.
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    facts TEXT NOT NULL,
    conversation_id BLOB,
    -- What other domains of the tenant are still to react to; gone once they have.
    private_sealed BLOB
) STRICT;
CREATE INDEX events_waiting ON events (tenant_id, conversation_id, position) WHERE private_sealed IS NOT NULL;

-- By day (days since 1970, UTC) and by the model that wrote.
CREATE TABLE usage_days (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    day INTEGER NOT NULL,
    model TEXT NOT NULL,
    turns INTEGER NOT NULL,
    messages_in INTEGER NOT NULL,
    messages_out INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, day, model)
) STRICT, WITHOUT ROWID;
