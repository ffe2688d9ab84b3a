-- As before; but a job that was given back rests until it is to be tried again, whatever is said meanwhile. What asked for it
-- earlier used up its attempts while the carrier, the model or the store went on failing.
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

-- As before; deliveries and reactions rest too. Only the confirmation of an opt-out does not wait: it is worth nothing later.
CREATE OR REPLACE FUNCTION commit_turn(
    the_tenant uuid, the_conversation uuid, the_kind text, the_fence bigint, the_version bigint, the_contact uuid,
    the_contact_key bytea, the_turn uuid, the_outcome text, was_started_at timestamptz, was_committed_at timestamptz,
    the_answered uuid[],
    said_ids uuid[], said_authors text[], said_bodies bytea[], said_intents text[], said_purposes text[], said_states text[],
    said_segments integer[], said_waits boolean[], said_ats timestamptz[],
    event_ids uuid[], event_names text[], event_versions integer[], event_ats timestamptz[], event_facts text[],
    event_privates bytea[],
    usage_day integer, usage_models text[], usage_counts bigint[]
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    stands record;
    last_said_at timestamptz;
BEGIN
    PERFORM set_config('app.tenant_id', the_tenant::text, true);
    SELECT c.version, b.provider, p.id AS contact_id, p.key_wrapped INTO stands
    FROM conversations c
    JOIN contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id
    JOIN channel_bindings b ON b.tenant_id = c.tenant_id AND b.id = c.binding_id
    WHERE c.tenant_id = the_tenant AND c.id = the_conversation
    FOR NO KEY UPDATE OF c;
    IF NOT FOUND OR stands.version <> the_version THEN
        RETURN 'conflict';
    END IF;
    IF stands.contact_id <> the_contact OR stands.key_wrapped <> the_contact_key THEN
        RETURN 'other_key';
    END IF;
    PERFORM FROM jobs j
    WHERE j.tenant_id = the_tenant AND j.kind = the_kind AND j.conversation_id = the_conversation AND j.fence = the_fence
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN 'conflict';
    END IF;

    INSERT INTO turns (tenant_id, id, conversation_id, outcome, started_at, committed_at)
    VALUES (the_tenant, the_turn, the_conversation, the_outcome, was_started_at, was_committed_at);
    UPDATE messages m SET turn_id = the_turn
    WHERE m.tenant_id = the_tenant AND m.id = ANY (the_answered) AND m.conversation_id = the_conversation
      AND m.turn_id IS NULL;

    IF cardinality(said_ids) > 0 THEN
        INSERT INTO messages (tenant_id, id, conversation_id, direction, author, body_sealed, intent, carrier_answered,
                              purpose, provider, delivery_state, turn_id, segments, waits, attempts, look_ups, created_at)
        SELECT the_tenant, s.id, the_conversation, 'outbound', s.author, s.body, s.intent, false, s.purpose,
               stands.provider, s.state, the_turn, s.segments, s.waits, 0, 0, s.at
        FROM unnest(said_ids, said_authors, said_bodies, said_intents, said_purposes, said_states, said_segments,
                    said_waits, said_ats) AS s (id, author, body, intent, purpose, state, segments, waits, at);
        SELECT max(s.at) INTO last_said_at FROM unnest(said_ats) AS s (at);
        UPDATE conversations c SET last_message_at = last_said_at
        WHERE c.tenant_id = the_tenant AND c.id = the_conversation AND c.last_message_at < last_said_at;
    END IF;

    IF cardinality(event_ids) > 0 THEN
        INSERT INTO events (tenant_id, id, name, version, at, facts, conversation_id, private_sealed)
        SELECT the_tenant, e.id, e.name, e.version, e.at, e.facts, the_conversation, e.private
        FROM unnest(event_ids, event_names, event_versions, event_ats, event_facts, event_privates)
             WITH ORDINALITY AS e (id, name, version, at, facts, private, place)
        ORDER BY e.place;
    END IF;

    INSERT INTO jobs AS job (tenant_id, kind, conversation_id, run_at, latest_run_at, fence, wanted, wanted_at_claim,
                             attempts)
    SELECT the_tenant, w.kind, the_conversation, w.at, w.at, 0, 1, 0, 0
    FROM (VALUES ('delivery', last_said_at, true = ANY (said_waits)),
                 ('reaction', was_committed_at,
                  array_length(array_remove(event_privates, NULL), 1) IS NOT NULL)) AS w (kind, at, is_wanted)
    WHERE w.is_wanted
    ON CONFLICT ON CONSTRAINT jobs_pkey DO UPDATE
    SET run_at = CASE WHEN job.lease_until IS NULL AND job.attempts > 0
                           AND (job.kind <> 'delivery' OR array_position(said_purposes, 'opt_out_confirmation') IS NULL)
                      THEN job.run_at
                      WHEN excluded.run_at < job.run_at
                        OR (job.lease_until IS NOT NULL AND job.wanted = job.wanted_at_claim) THEN excluded.run_at
                      ELSE job.run_at END,
        wanted = job.wanted + excluded.wanted;

    -- The job goes, unless something was said that no turn has answered: then it is free again, due when that asked for.
    PERFORM FROM messages m
    WHERE m.tenant_id = the_tenant AND m.conversation_id = the_conversation AND m.direction = 'inbound'
      AND m.turn_id IS NULL;
    IF FOUND THEN
        UPDATE jobs j SET lease_until = NULL, attempts = 0
        WHERE j.tenant_id = the_tenant AND j.kind = 'turn' AND j.conversation_id = the_conversation;
    ELSE
        DELETE FROM jobs j
        WHERE j.tenant_id = the_tenant AND j.kind = 'turn' AND j.conversation_id = the_conversation;
    END IF;

    -- Turns of one tenant wait here for one another, so it comes last, in the order of the models' names.
    INSERT INTO usage_days AS used (tenant_id, day, model, turns, turns_answered, messages_in, messages_out, tokens_in,
                                    tokens_out, cost_micros, unpriced_tokens)
    SELECT the_tenant, usage_day, u.model, usage_counts[u.at + 1], usage_counts[u.at + 2], usage_counts[u.at + 3],
           usage_counts[u.at + 4], usage_counts[u.at + 5], usage_counts[u.at + 6], usage_counts[u.at + 7],
           usage_counts[u.at + 8]
    FROM (SELECT m.model, (m.place - 1)::integer * 8 AS at, m.place
          FROM unnest(usage_models) WITH ORDINALITY AS m (model, place)) AS u
    ORDER BY u.place
    ON CONFLICT (tenant_id, day, model) DO UPDATE
    SET turns = used.turns + excluded.turns,
        turns_answered = used.turns_answered + excluded.turns_answered,
        messages_in = used.messages_in + excluded.messages_in,
        messages_out = used.messages_out + excluded.messages_out,
        tokens_in = used.tokens_in + excluded.tokens_in,
        tokens_out = used.tokens_out + excluded.tokens_out,
        cost_micros = used.cost_micros + excluded.cost_micros,
        unpriced_tokens = used.unpriced_tokens + excluded.unpriced_tokens;
    RETURN 'committed';
END $$;
