-- What the receptionist is told, how models are used, and examples of what it should answer.
-- What is named *_sealed is encrypted. Prompts are the business's own words, and plain.

-- One version of a tenant and channel is in production at most. `sections` is a list of [key, order, text].
CREATE TABLE prompt_versions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    channel text NOT NULL,
    number integer NOT NULL,
    status text NOT NULL,
    sections text NOT NULL,
    suffix text,
    note text NOT NULL,
    based_on integer,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    revision bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, channel, number)
);
CREATE UNIQUE INDEX prompt_versions_in_production ON prompt_versions (tenant_id, channel) WHERE status = 'production';
CREATE INDEX prompt_versions_by_age ON prompt_versions (tenant_id, created_at DESC, id DESC);

-- The platform's versions, the base of every tenant.
CREATE TABLE base_prompt_versions (
    id uuid NOT NULL PRIMARY KEY,
    channel text NOT NULL,
    number integer NOT NULL,
    status text NOT NULL,
    sections text NOT NULL,
    suffix text,
    note text NOT NULL,
    based_on integer,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    revision bigint NOT NULL,
    UNIQUE (channel, number)
);
CREATE UNIQUE INDEX base_prompt_versions_in_production ON base_prompt_versions (channel) WHERE status = 'production';
CREATE INDEX base_prompt_versions_by_age ON base_prompt_versions (created_at DESC, id DESC);

-- One profile of a tenant is the default at most. `temperature` counts hundredths.
CREATE TABLE ai_profiles (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    providers text NOT NULL,
    model text,
    temperature integer,
    max_tokens integer,
    system_prompt text NOT NULL,
    is_default boolean NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX ai_profiles_default ON ai_profiles (tenant_id) WHERE is_default;
CREATE INDEX ai_profiles_by_age ON ai_profiles (tenant_id, created_at, id);

CREATE TABLE prompt_examples (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    channel text NOT NULL,
    weight text NOT NULL,
    source_conversation_id uuid,
    content_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX prompt_examples_by_age ON prompt_examples (tenant_id, created_at, id);

-- What came of trying an example on a version of a prompt.
CREATE TABLE example_results (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    example_id uuid NOT NULL,
    example_version bigint NOT NULL,
    prompt_version_id uuid NOT NULL,
    content_digest text NOT NULL,
    verdict text NOT NULL,
    outcome_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id),
    FOREIGN KEY (tenant_id, example_id) REFERENCES prompt_examples (tenant_id, id),
    FOREIGN KEY (tenant_id, prompt_version_id) REFERENCES prompt_versions (tenant_id, id)
);
CREATE INDEX example_results_latest ON example_results (tenant_id, prompt_version_id, example_id, at, run_id);
CREATE INDEX example_results_by_example ON example_results (tenant_id, example_id);

-- The last answer of a model to a question, by the question's digest.
CREATE TABLE example_recordings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    digest text NOT NULL,
    id uuid NOT NULL,
    answer_sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['prompt_versions', 'ai_profiles', 'prompt_examples', 'example_results', 'example_recordings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO cheetah_app USING (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))'
            ' WITH CHECK (tenant_id = (SELECT nullif(current_setting(''app.tenant_id'', true), '''')::uuid))', one);
    END LOOP;
END $$;
ALTER TABLE base_prompt_versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON prompt_versions TO cheetah_app;
GRANT UPDATE (status, sections, suffix, note, changed_at, published_at, revision) ON prompt_versions TO cheetah_app;
GRANT SELECT, INSERT, UPDATE ON ai_profiles, example_recordings TO cheetah_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON prompt_examples TO cheetah_app;
GRANT SELECT, INSERT, DELETE ON example_results TO cheetah_app;

-- Every tenant is told what the platform has published, and only the platform writes it.
CREATE POLICY in_production ON base_prompt_versions FOR SELECT TO cheetah_app USING (status = 'production');
CREATE POLICY all_rows ON base_prompt_versions TO cheetah_platform USING (true) WITH CHECK (true);
GRANT SELECT ON base_prompt_versions TO cheetah_app;
GRANT SELECT, INSERT ON base_prompt_versions TO cheetah_platform;
GRANT UPDATE (status, sections, suffix, note, changed_at, published_at, revision) ON base_prompt_versions TO cheetah_platform;
