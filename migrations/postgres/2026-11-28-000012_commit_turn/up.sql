-- Keeps a turn and ends its claim, in one round trip. Nothing is written unless the verdict is 'committed': 'conflict' when
-- the conversation is not as it was read or the job is held by a later claim, 'other_key' when the contact's key is not the
-- one with which the words were sealed. What is many comes as columns of the same length.
CREATE FUNCTION commit_turn(
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
    SET run_at = CASE WHEN excluded.run_at < job.run_at
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
