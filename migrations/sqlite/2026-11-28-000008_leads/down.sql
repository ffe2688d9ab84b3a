DROP TABLE lead_events_handled;
DROP TABLE lead_tags;
DROP TABLE lead_conversations;
DROP TABLE lead_identities;
DROP TABLE leads;
