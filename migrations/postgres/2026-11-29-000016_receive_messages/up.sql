-- Many inbound messages in one round trip and one transaction: all of them are stored, or none is. What is many comes as
-- columns of the same length, and so does what is said of each; see receive_message. None of them changes consent.
--
-- A message whose sender or conversation somebody else holds must not hold up the others for long: the whole fails then, and
-- the caller stores each by itself.
CREATE FUNCTION receive_messages(
    the_tenants uuid[], the_indexes bytea[], the_contacts uuid[], the_contact_keys bytea[], are_new_contacts boolean[],
    the_sealed_addresses bytea[], the_conversations uuid[], the_bindings uuid[], the_channels text[], the_messages uuid[],
    the_bodies bytea[], the_intents text[], are_carrier_answered boolean[], the_providers text[],
    the_provider_message_ids text[], were_received_at timestamptz[], the_runs_at timestamptz[],
    the_latest_runs_at timestamptz[],
    OUT verdicts text[], OUT conversation_ids uuid[], OUT message_ids uuid[], OUT bodies bytea[], OUT contact_ids uuid[],
    OUT contact_keys bytea[]
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('lock_timeout', '100ms', true);
    SELECT array_agg(said.verdict), array_agg(said.conversation_id), array_agg(said.message_id), array_agg(said.body),
           array_agg(said.contact_id), array_agg(said.contact_key)
    INTO verdicts, conversation_ids, message_ids, bodies, contact_ids, contact_keys
    FROM unnest(the_tenants, the_indexes, the_contacts, the_contact_keys, are_new_contacts, the_sealed_addresses,
                the_conversations, the_bindings, the_channels, the_messages, the_bodies, the_intents, are_carrier_answered,
                the_providers, the_provider_message_ids, were_received_at, the_runs_at, the_latest_runs_at)
        AS m (tenant, index, contact, contact_key, is_new_contact, sealed_address, conversation, binding, channel, message,
              body, intent, is_carrier_answered, provider, provider_message_id, received_at, run_at, latest_run_at),
        LATERAL receive_message(
            m.tenant, m.index, m.contact, m.contact_key, m.is_new_contact, m.sealed_address, m.conversation, m.binding,
            m.channel, m.message, m.body, m.intent, m.is_carrier_answered, m.provider, m.provider_message_id, m.received_at,
            m.run_at, m.latest_run_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL) AS said;
END $$;
