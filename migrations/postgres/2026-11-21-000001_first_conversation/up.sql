-- What is named *_sealed is encrypted, what is named *_index is a keyed digest. Primary and foreign keys begin with the
-- tenant.

-- The tenants' keys, wrapped by a key-encryption key; the nil id is the platform's own.
CREATE TABLE vault_keys (
    owner_id uuid NOT NULL PRIMARY KEY,
    kek_version integer NOT NULL,
    wrapped bytea NOT NULL
);

CREATE TABLE tenants (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    status text NOT NULL,
    plan text NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE business_profiles (
    tenant_id uuid NOT NULL PRIMARY KEY REFERENCES tenants (id),
    profile_sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE widget_tokens (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    allowed_origins text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE provider_accounts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    provider text NOT NULL,
    account_sid text NOT NULL,
    token_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (provider, account_sid)
);

CREATE TABLE channel_bindings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    channel text NOT NULL,
    provider text NOT NULL,
    address_sealed bytea NOT NULL,
    address_index bytea NOT NULL,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (channel, address_index)
);

-- Erasing a contact destroys key_wrapped; all that it sealed is lost with it.
CREATE TABLE contacts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    key_wrapped bytea NOT NULL,
    name_sealed bytea,
    name_source text,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX contacts_by_age ON contacts (tenant_id, created_at DESC, id DESC);

CREATE TABLE contact_addresses (
    tenant_id uuid NOT NULL,
    address_index bytea NOT NULL,
    contact_id uuid NOT NULL,
    address_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, address_index),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);
CREATE INDEX contact_addresses_by_contact ON contact_addresses (tenant_id, contact_id);

-- Consent is kept by address, also for addresses that no contact has.
CREATE TABLE consents (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    address_index bytea NOT NULL,
    state text NOT NULL,
    changed_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, address_index)
);

CREATE TABLE consent_ledger (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    address_index bytea NOT NULL,
    action text NOT NULL,
    source text NOT NULL,
    evidence_sealed bytea NOT NULL,
    message_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX consent_ledger_by_address ON consent_ledger (tenant_id, address_index, at, id);

CREATE TABLE conversations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    contact_id uuid NOT NULL,
    binding_id uuid NOT NULL,
    channel text NOT NULL,
    address_index bytea NOT NULL,
    status text NOT NULL,
    owner text NOT NULL,
    created_at timestamptz NOT NULL,
    last_message_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id),
    FOREIGN KEY (tenant_id, binding_id) REFERENCES channel_bindings (tenant_id, id),
    FOREIGN KEY (tenant_id, address_index) REFERENCES contact_addresses (tenant_id, address_index)
);
CREATE UNIQUE INDEX conversations_one_open ON conversations (tenant_id, binding_id, address_index)
    WHERE status = 'open';
CREATE INDEX conversations_by_address ON conversations (tenant_id, binding_id, address_index, status);
CREATE INDEX conversations_by_last_message ON conversations (tenant_id, last_message_at DESC, id DESC);

CREATE TABLE messages (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    direction text NOT NULL,
    author text NOT NULL,
    body_sealed bytea NOT NULL,
    intent text NOT NULL,
    carrier_answered boolean NOT NULL,
    purpose text,
    provider text NOT NULL,
    provider_message_id text,
    delivery_state text NOT NULL,
    error_code text,
    turn_id uuid,
    segments integer NOT NULL,
    -- An outbound message that is to be handed to its carrier, and is not being handed over right now.
    waits boolean NOT NULL,
    attempts integer NOT NULL,
    -- When the attempt was begun whose end is not known; nothing once it is known.
    attempted_at timestamptz,
    look_ups integer NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
-- For ever: carriers sign no time, so a captured webhook can come back years later.
CREATE UNIQUE INDEX messages_by_provider_id ON messages (tenant_id, provider, provider_message_id)
    WHERE provider_message_id IS NOT NULL;
CREATE INDEX messages_by_conversation ON messages (tenant_id, conversation_id, created_at, id);
-- What is to be done in a conversation, however long it is.
CREATE INDEX messages_of_no_turn ON messages (tenant_id, conversation_id, created_at, id) WHERE turn_id IS NULL;
CREATE INDEX messages_waiting ON messages (tenant_id, conversation_id, created_at, id) WHERE waits;
CREATE INDEX messages_attempted ON messages (tenant_id, conversation_id, created_at, id)
    WHERE attempted_at IS NOT NULL;

CREATE TABLE turns (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    outcome text NOT NULL,
    started_at timestamptz NOT NULL,
    committed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);

CREATE TABLE refused_sends (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id uuid,
    reason text NOT NULL,
    text_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE INDEX refused_sends_by_conversation ON refused_sends (tenant_id, conversation_id, at, id);

-- One job of a kind for each conversation.
CREATE TABLE jobs (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    conversation_id uuid NOT NULL,
    run_at timestamptz NOT NULL,
    -- Later than this, run_at is not pushed by what is asked meanwhile.
    latest_run_at timestamptz NOT NULL,
    lease_until timestamptz,
    fence bigint NOT NULL,
    wanted bigint NOT NULL,
    -- What wanted was when the job was claimed: what is asked for after that has a window of its own.
    wanted_at_claim bigint NOT NULL,
    attempts integer NOT NULL,
    -- When it can be taken: a free one when it is due, a held one when its lease has ended too.
    due_at timestamptz GENERATED ALWAYS AS (greatest(run_at, lease_until)) STORED,
    PRIMARY KEY (tenant_id, kind, conversation_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
);
CREATE INDEX jobs_by_due_at ON jobs (due_at);
-- A small table that is written to all the time.
ALTER TABLE jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- The numbers of claims: each has another, for ever.
CREATE SEQUENCE job_fences AS bigint;

-- Two roles do all the work, and own nothing. cheetah_app sees the rows of the tenant that its transaction has named, and no
-- row where it has named none. cheetah_platform sees what must be found before a tenant is known, and none of the rows in
-- which customers speak. Roles belong to the whole cluster, so they may be there already.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['cheetah_app', 'cheetah_platform'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                -- Another database of the cluster has been faster.
                NULL;
            END;
        END IF;
        IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        END IF;
    END LOOP;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO cheetah_app, cheetah_platform', current_schema());
END $$;

-- A transaction that names no tenant sees no row: the setting is then null.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT tables.name, tables.tenant_column
        FROM (VALUES
            ('tenants', 'id'), ('vault_keys', 'owner_id'), ('business_profiles', 'tenant_id'),
            ('api_keys', 'tenant_id'), ('widget_tokens', 'tenant_id'), ('provider_accounts', 'tenant_id'),
            ('channel_bindings', 'tenant_id'), ('contacts', 'tenant_id'), ('contact_addresses', 'tenant_id'),
            ('consents', 'tenant_id'), ('consent_ledger', 'tenant_id'), ('conversations', 'tenant_id'),
            ('messages', 'tenant_id'), ('turns', 'tenant_id'), ('refused_sends', 'tenant_id'), ('jobs', 'tenant_id')
        ) AS tables (name, tenant_column)
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one.name);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO cheetah_app USING (%I = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))'
            ' WITH CHECK (%I = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
            one.name, one.tenant_column, one.tenant_column);
    END LOOP;
    FOR one IN
        SELECT tables.name
        FROM (VALUES
            ('tenants'), ('vault_keys'), ('api_keys'), ('widget_tokens'), ('provider_accounts'), ('channel_bindings'), ('jobs')
        ) AS tables (name)
    LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO cheetah_platform USING (true) WITH CHECK (true)', one.name);
    END LOOP;
END $$;

GRANT SELECT, INSERT ON tenants, vault_keys, consent_ledger, turns, refused_sends TO cheetah_app;
GRANT SELECT, INSERT, UPDATE
    ON business_profiles, api_keys, widget_tokens, channel_bindings, contacts, contact_addresses, consents, conversations,
       messages
    TO cheetah_app;
GRANT SELECT, INSERT, DELETE ON provider_accounts TO cheetah_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO cheetah_app;
GRANT SELECT ON tenants, api_keys, widget_tokens, provider_accounts, channel_bindings TO cheetah_platform;
GRANT UPDATE (status, plan, version) ON tenants TO cheetah_platform;
GRANT SELECT, INSERT, UPDATE ON vault_keys TO cheetah_platform;
GRANT SELECT, UPDATE ON jobs TO cheetah_platform;
GRANT USAGE ON SEQUENCE job_fences TO cheetah_app, cheetah_platform;
GRANT SELECT ON __diesel_schema_migrations TO cheetah_app, cheetah_platform;

-- An inbound message with all that follows from it, in one round trip. It speaks for the role that calls it, so row-level
-- security holds here too. What it says:
--   stored      the message is stored: conversation_id
--   duplicate   a message with this carrier's id is there: conversation_id, message_id, body, contact_id, contact_key
--   other_key   the sender is another contact than the one whose key sealed this: contact_id, contact_key; nothing is stored
--   no_contact  the sender was taken for a contact that is not there: nothing is stored
CREATE FUNCTION receive_message(
    the_tenant uuid, the_index bytea, the_contact uuid, the_contact_key bytea, is_new_contact boolean,
    the_sealed_address bytea, the_conversation uuid, the_binding uuid, the_channel text, the_message uuid,
    the_body bytea, the_intent text, is_carrier_answered boolean, the_provider text, the_provider_message_id text,
    was_received_at timestamptz, the_run_at timestamptz, the_latest_run_at timestamptz,
    consent_state text, consent_action text, consent_source text, consent_entry uuid, consent_evidence bytea,
    consent_message uuid, consent_at timestamptz,
    OUT verdict text, OUT conversation_id uuid, OUT message_id uuid, OUT body bytea, OUT contact_id uuid,
    OUT contact_key bytea
) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('app.tenant_id', the_tenant::text, true);
    -- Messages of one sender come one after the other: the first makes the contact and the conversation, and of two that
    -- are the same the second finds the first.
    PERFORM pg_advisory_xact_lock(hashtextextended(the_tenant::text || encode(the_index, 'hex'), 0));

    SELECT 'duplicate', m.conversation_id, m.id, m.body_sealed, p.id, p.key_wrapped
    INTO verdict, conversation_id, message_id, body, contact_id, contact_key
    FROM messages m
    JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
    JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
    WHERE m.tenant_id = the_tenant AND m.provider = the_provider
      AND m.provider_message_id = the_provider_message_id;
    IF FOUND THEN
        RETURN;
    END IF;

    SELECT p.id, p.key_wrapped INTO contact_id, contact_key
    FROM contact_addresses a
    JOIN contacts p ON p.tenant_id = a.tenant_id AND p.id = a.contact_id
    WHERE a.tenant_id = the_tenant AND a.address_index = the_index;
    IF NOT FOUND THEN
        IF NOT is_new_contact THEN
            verdict := 'no_contact';
            RETURN;
        END IF;
        INSERT INTO contacts (tenant_id, id, key_wrapped, created_at)
        VALUES (the_tenant, the_contact, the_contact_key, was_received_at);
        INSERT INTO contact_addresses (tenant_id, address_index, contact_id, address_sealed, created_at)
        VALUES (the_tenant, the_index, the_contact, the_sealed_address, was_received_at);
        contact_id := the_contact;
    ELSIF contact_id <> the_contact OR contact_key <> the_contact_key THEN
        verdict := 'other_key';
        RETURN;
    END IF;

    -- Takes the conversation's row, which is what everything else that writes in a conversation takes first.
    UPDATE conversations c SET last_message_at = was_received_at
    WHERE c.tenant_id = the_tenant AND c.binding_id = the_binding AND c.address_index = the_index AND c.status = 'open'
    RETURNING c.id INTO conversation_id;
    IF NOT FOUND THEN
        INSERT INTO conversations (tenant_id, id, contact_id, binding_id, channel, address_index, status, owner, created_at,
                                   last_message_at, version)
        VALUES (the_tenant, the_conversation, contact_id, the_binding, the_channel, the_index, 'open', 'bot',
                was_received_at, was_received_at, 0);
        conversation_id := the_conversation;
    END IF;

    INSERT INTO messages (tenant_id, id, conversation_id, direction, author, body_sealed, intent, carrier_answered, provider,
                          provider_message_id, delivery_state, segments, waits, attempts, look_ups, created_at)
    VALUES (the_tenant, the_message, receive_message.conversation_id, 'inbound', 'contact', the_body, the_intent,
            is_carrier_answered, the_provider, the_provider_message_id, 'received', 0, false, 0, 0, was_received_at);

    IF consent_state IS NOT NULL THEN
        INSERT INTO consents AS known (tenant_id, address_index, state, changed_at, version)
        VALUES (the_tenant, the_index, consent_state, consent_at, 1)
        ON CONFLICT (tenant_id, address_index) DO UPDATE
        SET state = excluded.state, changed_at = excluded.changed_at, version = known.version + 1;
        INSERT INTO consent_ledger (tenant_id, id, address_index, action, source, evidence_sealed, message_id, at)
        VALUES (the_tenant, consent_entry, the_index, consent_action, consent_source, consent_evidence, consent_message,
                consent_at);
    END IF;

    INSERT INTO jobs AS job (tenant_id, kind, conversation_id, run_at, latest_run_at, fence, wanted, wanted_at_claim,
                             attempts)
    VALUES (the_tenant, 'turn', receive_message.conversation_id, the_run_at, the_latest_run_at, 0, 1, 0, 0)
    ON CONFLICT ON CONSTRAINT jobs_pkey DO UPDATE
    SET run_at = CASE WHEN job.lease_until IS NOT NULL AND job.wanted = job.wanted_at_claim THEN excluded.run_at
                      ELSE least(excluded.run_at, job.latest_run_at) END,
        latest_run_at = CASE WHEN job.lease_until IS NOT NULL AND job.wanted = job.wanted_at_claim
                             THEN excluded.latest_run_at ELSE job.latest_run_at END,
        wanted = job.wanted + excluded.wanted;
    verdict := 'stored';
END $$;

-- Claims what is due, skipping what another is claiming at this moment. A lease that ran out counts as an attempt: its worker
-- died or hung.
CREATE FUNCTION claim_jobs(
    the_time timestamptz, the_lease_end timestamptz, at_most integer,
    OUT tenant_id uuid, OUT kind text, OUT conversation_id uuid, OUT fence bigint, OUT wanted bigint, OUT attempts integer
) RETURNS SETOF record LANGUAGE sql VOLATILE AS $$
    WITH due AS (
        SELECT j.tenant_id, j.kind, j.conversation_id, j.due_at
        FROM jobs j
        WHERE j.due_at <= the_time
        ORDER BY j.due_at
        LIMIT at_most
        FOR NO KEY UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE jobs j
        SET fence = nextval('job_fences'), lease_until = the_lease_end, wanted_at_claim = j.wanted,
            attempts = j.attempts + CASE WHEN j.lease_until IS NULL THEN 0 ELSE 1 END
        FROM due
        WHERE j.tenant_id = due.tenant_id AND j.kind = due.kind AND j.conversation_id = due.conversation_id
        RETURNING j.tenant_id, j.kind, j.conversation_id, j.fence, j.wanted, j.attempts, due.due_at
    )
    SELECT c.tenant_id, c.kind, c.conversation_id, c.fence, c.wanted, c.attempts FROM claimed c ORDER BY c.due_at
$$;
