-- What the receptionist is told, how models are used, and examples of what it should answer.
-- What is named *_sealed is encrypted. Prompts are the business's own words, and plain.

-- One version of a tenant and channel is in production at most. `sections` is a list of [key, order, text].
CREATE TABLE prompt_versions (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    channel TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    sections TEXT NOT NULL,
    suffix TEXT,
    note TEXT NOT NULL,
    based_on INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    published_at INTEGER,
    revision INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, channel, number)
) STRICT;
CREATE UNIQUE INDEX prompt_versions_in_production ON prompt_versions (tenant_id, channel) WHERE status = 'production';
CREATE INDEX prompt_versions_by_age ON prompt_versions (tenant_id, created_at DESC, id DESC);

-- The platform's versions, the base of every tenant.
CREATE TABLE base_prompt_versions (
    id BLOB NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    sections TEXT NOT NULL,
    suffix TEXT,
    note TEXT NOT NULL,
    based_on INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    published_at INTEGER,
    revision INTEGER NOT NULL,
    UNIQUE (channel, number)
) STRICT;
CREATE UNIQUE INDEX base_prompt_versions_in_production ON base_prompt_versions (channel) WHERE status = 'production';
CREATE INDEX base_prompt_versions_by_age ON base_prompt_versions (created_at DESC, id DESC);

-- One profile of a tenant is the default at most. `temperature` counts hundredths.
CREATE TABLE ai_profiles (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    providers TEXT NOT NULL,
    model TEXT,
    temperature INTEGER,
    max_tokens INTEGER,
    system_prompt TEXT NOT NULL,
    is_default INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX ai_profiles_default ON ai_profiles (tenant_id) WHERE is_default = 1;
CREATE INDEX ai_profiles_by_age ON ai_profiles (tenant_id, created_at, id);

CREATE TABLE prompt_examples (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    id BLOB NOT NULL,
    channel TEXT NOT NULL,
    weight TEXT NOT NULL,
    source_conversation_id BLOB,
    content_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX prompt_examples_by_age ON prompt_examples (tenant_id, created_at, id);

-- What came of trying an example on a version of a prompt.
CREATE TABLE example_results (
    tenant_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    example_id BLOB NOT NULL,
    example_version INTEGER NOT NULL,
    prompt_version_id BLOB NOT NULL,
    content_digest TEXT NOT NULL,
    verdict TEXT NOT NULL,
    outcome_sealed BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, run_id),
    FOREIGN KEY (tenant_id, example_id) REFERENCES prompt_examples (tenant_id, id),
    FOREIGN KEY (tenant_id, prompt_version_id) REFERENCES prompt_versions (tenant_id, id)
) STRICT;
CREATE INDEX example_results_latest ON example_results (tenant_id, prompt_version_id, example_id, at, run_id);
CREATE INDEX example_results_by_example ON example_results (tenant_id, example_id);

-- The last answer of a model to a question, by the question's digest.
CREATE TABLE example_recordings (
    tenant_id BLOB NOT NULL REFERENCES tenants (id),
    digest TEXT NOT NULL,
    id BLOB NOT NULL,
    answer_sealed BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, digest)
) STRICT;
