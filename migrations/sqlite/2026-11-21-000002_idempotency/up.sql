-- Requests that carried an idempotency key, and what was answered. The nil owner id is the platform. key_digest is
-- made of owner, caller and key; created_at is when the request was last begun or answered, and the key is kept for
-- 24 hours from then. An open request has a lease and no status; an answered one has a status and a sealed body.
-- Bodies may be large, so the table keeps its rowid: they stay out of the primary key's tree.
CREATE TABLE idempotency_keys (
    owner_id BLOB NOT NULL,
    caller TEXT NOT NULL,
    key_digest BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    status INTEGER,
    content_type TEXT,
    body_sealed BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (owner_id, caller, key_digest),
    CHECK ((status IS NULL) = (body_sealed IS NULL))
) STRICT;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
