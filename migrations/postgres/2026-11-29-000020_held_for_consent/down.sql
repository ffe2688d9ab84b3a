CREATE OR REPLACE FUNCTION receive_message(
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
        INSERT INTO events (tenant_id, id, name, version, at, facts, conversation_id)
        VALUES (the_tenant, the_conversation, 'conversation.opened', 1, was_received_at,
                json_build_object('conversation_id', the_conversation, 'contact_id', receive_message.contact_id,
                                  'channel', the_channel),
                the_conversation);
    END IF;

    INSERT INTO messages (tenant_id, id, conversation_id, direction, author, body_sealed, intent, carrier_answered, provider,
                          provider_message_id, delivery_state, segments, waits, attempts, look_ups, created_at)
    VALUES (the_tenant, the_message, receive_message.conversation_id, 'inbound', 'contact', the_body, the_intent,
            is_carrier_answered, the_provider, the_provider_message_id, 'received', 0, false, 0, 0, was_received_at);
    INSERT INTO events (tenant_id, id, name, version, at, facts, conversation_id)
    VALUES (the_tenant, the_message, 'message.received', 1, was_received_at,
            json_build_object('conversation_id', receive_message.conversation_id, 'contact_id', receive_message.contact_id,
                              'channel', the_channel, 'message_id', the_message),
            receive_message.conversation_id);

    IF consent_state IS NOT NULL THEN
        INSERT INTO consents AS known (tenant_id, address_index, state, changed_at, version)
        VALUES (the_tenant, the_index, consent_state, consent_at, 1)
        ON CONFLICT (tenant_id, address_index) DO UPDATE
        SET state = excluded.state, changed_at = excluded.changed_at, version = known.version + 1;
        INSERT INTO consent_ledger (tenant_id, id, address_index, action, source, evidence_sealed, message_id, at)
        VALUES (the_tenant, consent_entry, the_index, consent_action, consent_source, consent_evidence, consent_message,
                consent_at);
        INSERT INTO events (tenant_id, id, name, version, at, facts, conversation_id)
        VALUES (the_tenant, consent_entry, 'consent.changed', 1, consent_at,
                json_build_object('consent_id', consent_entry, 'conversation_id', receive_message.conversation_id),
                receive_message.conversation_id);
    END IF;

    INSERT INTO jobs AS job (tenant_id, kind, conversation_id, run_at, latest_run_at, fence, wanted, wanted_at_claim,
                             attempts)
    VALUES (the_tenant, 'turn', receive_message.conversation_id, the_run_at, the_latest_run_at, 0, 1, 0, 0)
    ON CONFLICT ON CONSTRAINT jobs_pkey DO UPDATE
    SET run_at = CASE WHEN job.lease_until IS NOT NULL AND job.wanted = job.wanted_at_claim THEN excluded.run_at
                      WHEN job.lease_until IS NULL AND job.attempts > 0 THEN job.run_at
                      ELSE least(excluded.run_at, job.latest_run_at) END,
        latest_run_at = CASE WHEN job.lease_until IS NOT NULL AND job.wanted = job.wanted_at_claim
                             THEN excluded.latest_run_at ELSE job.latest_run_at END,
        wanted = job.wanted + excluded.wanted;
    verdict := 'stored';
END $$;

DROP FUNCTION hold_conversations_with;
