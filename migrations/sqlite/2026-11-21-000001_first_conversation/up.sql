-- Ids are 16-byte UUIDv7, times are microseconds since 1970 (UTC). What is named *_sealed is encrypted,
-- what is named *_index is a keyed digest. Foreign keys begin with the tenant. Where rows come
-- with every message, keys and indexes begin with the id: ids rise with time, so what is new lies together whoever's it
-- is, and a message costs as many pages among ten thousand tenants as among ten.

-- The tenants' keys, wrapped by a key-encryption key; the nil id is the platform's own.
CREATE TABLE vault_keys (
    owner_id BLOB NOT NULL PRIMARY KEY,
    kek_version INTEGER NOT NULL,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE business_profiles (
    tenant_id BLOB NOT NULL PRIMARY KEY REFERENCES tenants (id),
    profile_sealed BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE widget_tokens (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    allowed_origins TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE provider_accounts (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    provider TEXT NOT NULL,
    account_sid TEXT NOT NULL,
    token_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (provider, account_sid)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_bindings (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    channel TEXT NOT NULL,
    provider TEXT NOT NULL,
    address_sealed BLOB NOT NULL,
    address_index BLOB NOT NULL,
    is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (channel, address_index)
) STRICT, WITHOUT ROWID;

-- Erasing a contact destroys key_wrapped; all that it sealed is lost with it.
CREATE TABLE contacts (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    key_wrapped BLOB NOT NULL,
    name_sealed BLOB,
    name_source TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_age ON contacts (tenant_id, created_at DESC, id DESC);

CREATE TABLE contact_addresses (
    tenant_id BLOB NOT NULL,
    address_index BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    address_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, address_index),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_addresses_by_contact ON contact_addresses (contact_id, tenant_id);

-- Consent is kept by address, also for addresses that no contact has.
CREATE TABLE consents (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    address_index BLOB NOT NULL,
    state TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, address_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE consent_ledger (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    address_index BLOB NOT NULL,
    action TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence_sealed BLOB NOT NULL,
    message_id BLOB,
    at INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_ledger_by_address ON consent_ledger (tenant_id, address_index, at, id);

CREATE TABLE conversations (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    binding_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    address_index BLOB NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_message_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, binding_id) REFERENCES channel_bindings (tenant_id, id),
    FOREIGN KEY (tenant_id, address_index) REFERENCES contact_addresses (tenant_id, address_index)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_one_open ON conversations (tenant_id, binding_id, address_index)
    WHERE status = 'open';
CREATE INDEX conversations_by_address ON conversations (tenant_id, binding_id, address_index, status);
CREATE INDEX conversations_by_last_message ON conversations (tenant_id, last_message_at DESC, id DESC);

CREATE TABLE messages (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    body_sealed BLOB NOT NULL,
    intent TEXT NOT NULL,
    carrier_answered INTEGER NOT NULL,
    purpose TEXT,
    provider TEXT NOT NULL,
    provider_message_id TEXT,
    delivery_state TEXT NOT NULL,
    error_code TEXT,
    turn_id BLOB,
    segments INTEGER NOT NULL,
    -- An outbound message that is to be handed to its carrier, and is not being handed over right now.
    waits INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    -- When the attempt was begun whose end is not known; nothing once it is known.
    attempted_at INTEGER,
    look_ups INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT, WITHOUT ROWID;
-- For ever: carriers sign no time, so a captured webhook can come back years later.
CREATE UNIQUE INDEX messages_by_provider_id ON messages (provider_message_id, provider, tenant_id)
    WHERE provider_message_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (conversation_id, tenant_id, created_at, id);
-- What is to be done in a conversation, however long it is.
CREATE INDEX messages_of_no_turn ON messages (conversation_id, tenant_id, created_at, id) WHERE turn_id IS NULL;
CREATE INDEX messages_waiting ON messages (conversation_id, tenant_id, created_at, id) WHERE waits;
CREATE INDEX messages_attempted ON messages (conversation_id, tenant_id, created_at, id)
    WHERE attempted_at IS NOT NULL;

CREATE TABLE turns (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    outcome TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE refused_sends (
    tenant_id BLOB NOT NULL,
    id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    message_id BLOB,
    reason TEXT NOT NULL,
    text_sealed BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (id, tenant_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_sends_by_conversation ON refused_sends (conversation_id, tenant_id, at, id);

-- One job of a kind for each conversation. A job is due at run_at; while it is held, from lease_until on.
CREATE TABLE jobs (
    tenant_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    conversation_id BLOB NOT NULL,
    run_at INTEGER NOT NULL,
    -- Later than this, run_at is not pushed by what is asked meanwhile.
    latest_run_at INTEGER NOT NULL,
    lease_until INTEGER,
    fence INTEGER NOT NULL,
    wanted INTEGER NOT NULL,
    -- What wanted was when the job was claimed: what is asked for after that has a window of its own.
    wanted_at_claim INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, kind, tenant_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_free ON jobs (run_at) WHERE lease_until IS NULL;
CREATE INDEX jobs_held ON jobs (lease_until) WHERE lease_until IS NOT NULL;

-- The last number that a claim has had: each has another, for ever.
CREATE TABLE job_fences (
    only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job_fences (only, last) VALUES (1, 0);

-- What the planner is to believe, since it asks nobody: a tenant has very many rows, a conversation some, and few of
-- them are still to be worked on. Without this it walks all messages of a tenant to find those of a conversation.
ANALYZE;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('contacts', 'contacts', '1000000 1 1'),
    ('contacts', 'contacts_by_age', '1000000 10000 1 1'),
    ('contact_addresses', 'contact_addresses', '1000000 10000 1'),
    ('contact_addresses', 'contact_addresses_by_contact', '1000000 1 1 1'),
    ('conversations', 'conversations', '1000000 1 1'),
    ('conversations', 'conversations_by_address', '1000000 10000 5000 1 1 1'),
    ('conversations', 'conversations_by_last_message', '1000000 10000 1 1'),
    ('messages', 'messages', '10000000 1 1'),
    ('messages', 'messages_by_conversation', '10000000 20 20 1 1'),
    ('messages', 'messages_by_provider_id', '10000000 1 1 1'),
    ('messages', 'messages_of_no_turn', '10000 2 2 1 1'),
    ('messages', 'messages_waiting', '1000 2 2 1 1'),
    ('messages', 'messages_attempted', '1000 2 2 1 1'),
    ('refused_sends', 'refused_sends', '1000000 1 1'),
    ('refused_sends', 'refused_sends_by_conversation', '1000000 5 5 1 1'),
    ('consent_ledger', 'consent_ledger', '100000 1 1'),
    ('consent_ledger', 'consent_ledger_by_address', '100000 1000 3 1 1');
