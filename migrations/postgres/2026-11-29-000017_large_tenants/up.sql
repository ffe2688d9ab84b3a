-- A plan is made for the average tenant, of whom most have next to nothing. To such a plan, all rows of a tenant are as cheap
-- as one of them, and for a tenant with a hundred times as much it takes a hundred times what was thought. So every table's
-- plans are made for a tenant who has a hundredth of it. It counts from the next ANALYZE on, which Postgres does by itself.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT a.attrelid::regclass AS name
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        WHERE a.attname = 'tenant_id' AND a.attnum > 0 AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET (n_distinct = 100)', one.name);
    END LOOP;
END $$;
