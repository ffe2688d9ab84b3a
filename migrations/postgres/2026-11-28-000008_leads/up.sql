-- Who may become a customer. What is named *_sealed is encrypted, what is named *_index is a blind index.

-- The document is sealed with the tenant's key and no contact's: a lead joins what several contacts have told.
CREATE TABLE leads (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    status text NOT NULL,
    source text NOT NULL,
    score integer NOT NULL,
    -- The first conversation.
    conversation_id uuid,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL,
    merged_into uuid,
    deleted_at timestamptz,
    document_sealed bytea NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, merged_into) REFERENCES leads (tenant_id, id)
);
CREATE INDEX leads_by_age ON leads (tenant_id, created_at DESC, id DESC)
    WHERE merged_into IS NULL AND deleted_at IS NULL;

-- By what a lead is recognised: nobody else is recognised by it.
CREATE TABLE lead_identities (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    value_index bytea NOT NULL,
    lead_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, kind, value_index),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
);
CREATE INDEX lead_identities_by_lead ON lead_identities (tenant_id, lead_id);

-- No foreign key to conversations: leads are told of them by events, and know them by their ids only.
CREATE TABLE lead_conversations (
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
);
CREATE INDEX lead_conversations_by_lead ON lead_conversations (tenant_id, lead_id);

CREATE TABLE lead_tags (
    tenant_id uuid NOT NULL,
    lead_id uuid NOT NULL,
    tag_index bytea NOT NULL,
    PRIMARY KEY (tenant_id, lead_id, tag_index),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
);
CREATE INDEX lead_tags_by_tag ON lead_tags (tenant_id, tag_index, lead_id);

-- An event that was handled changes nothing when it comes again.
CREATE TABLE lead_events_handled (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    event_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['leads', 'lead_identities', 'lead_conversations', 'lead_tags', 'lead_events_handled'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO cheetah_app USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))'
            ' WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', one);
    END LOOP;
END $$;

-- A lead that is deleted stays as a row without what was known of it.
GRANT SELECT, INSERT ON leads, lead_events_handled TO cheetah_app;
GRANT UPDATE (status, score, conversation_id, changed_at, version, merged_into, deleted_at, document_sealed) ON leads TO cheetah_app;
GRANT SELECT, INSERT, DELETE ON lead_identities, lead_conversations, lead_tags TO cheetah_app;
GRANT UPDATE (lead_id) ON lead_identities, lead_conversations TO cheetah_app;
