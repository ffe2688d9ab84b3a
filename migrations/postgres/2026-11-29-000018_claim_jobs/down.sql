CREATE OR REPLACE FUNCTION claim_jobs(
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
