-- Of others' requests the platform sees only those that are old enough to go; until then an answer is its tenant's alone.
-- Requests are kept for 24 hours by the server's clock; the database's may be an hour behind.
ALTER POLICY old_requests_are_seen ON idempotency_keys USING (created_at < now() - interval '23 hours');
ALTER POLICY old_requests_go ON idempotency_keys USING (created_at < now() - interval '23 hours');
