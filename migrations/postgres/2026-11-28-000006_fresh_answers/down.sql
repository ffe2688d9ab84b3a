ALTER POLICY old_requests_are_seen ON idempotency_keys USING (true);
ALTER POLICY old_requests_go ON idempotency_keys USING (true);
