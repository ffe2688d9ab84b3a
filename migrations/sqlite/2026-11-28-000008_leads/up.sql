-- Who may become a customer. What is named *_sealed is encrypted, what is named *_index is a blind index.

-- The document is sealed with the tenant's key and no contact's: a lead joins what several contacts have told.
CREATE TABLE leads (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    score INTEGER NOT NULL,
    -- The first conversation.
    conversation_id BLOB,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    merged_into BLOB,
    deleted_at INTEGER,
    document_sealed BLOB NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, merged_into) REFERENCES leads (tenant_id, id)
) STRICT;
CREATE INDEX leads_by_age ON leads (tenant_id, created_at DESC, id DESC)
    WHERE merged_into IS NULL AND deleted_at IS NULL;

-- By what a lead is recognised: nobody else is recognised by it.
CREATE TABLE lead_identities (
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    value_index BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, kind, value_index),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_identities_by_lead ON lead_identities (tenant_id, lead_id);

-- No foreign key to conversations: leads are told of them by events, and know them by their ids only.
CREATE TABLE lead_conversations (
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_conversations_by_lead ON lead_conversations (tenant_id, lead_id);

CREATE TABLE lead_tags (
    tenant_id BLOB NOT NULL,
    lead_id BLOB NOT NULL,
    tag_index BLOB NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, tag_index),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_tags_by_tag ON lead_tags (tenant_id, tag_index, lead_id);

-- An event that was handled changes nothing when it comes again.
CREATE TABLE lead_events_handled (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    event_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
) STRICT, WITHOUT ROWID;
