//! The two databases have the same tables: what one store file is written for, both must be.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what reads the schemas")]

use std::{collections::BTreeMap, path::Path};

use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_types::Text};

mod migrated;

/// Tables by name, each with its columns: type, whether it may be null, and whether it is in the primary key. Its place in
/// the key is each database's own affair: SQLite keeps rows in the key's order.
type Schema = BTreeMap<String, BTreeMap<String, String>>;

/// What one database has on purpose and the other has not: the numbers of claims are a sequence on Postgres, and when a job
/// can be taken is a column that it makes itself.
const SQLITE_ALONE: &[&str] = &["job_fences"];
const POSTGRES_ALONE: &[(&str, &str)] = &[("jobs", "due_at"), ("events", "xid")];
/// Columns that are in one primary key alone: on SQLite events are kept in the order of their positions, and Postgres
/// hands positions out before it is known which transaction commits first. All else of them must agree, but that SQLite
/// calls an integer key optional.
const KEYED_OTHERWISE: &[(&str, &str)] = &[("events", "position"), ("events", "tenant_id")];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    line: String,
}

fn read(lines: impl Iterator<Item = String>) -> Schema {
    let mut schema = Schema::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let mut parts = line.trim().splitn(3, ' ');
        let [table, column, rest] = [(); 3].map(|()| parts.next().unwrap().to_owned());
        schema.entry(table).or_default().insert(column, rest);
    }
    schema
}

fn of_sqlite(path: &Path) -> Schema {
    sqlite::migrate(path).unwrap();
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let columns = diesel::sql_query(
        "SELECT t.name || ' ' || c.name || ' ' || c.type || ' ' || iif(c.\"notnull\", 'required', 'optional') \
         || ' ' || iif(c.pk > 0, 'key', 'no_key') \
         AS line FROM pragma_table_list t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    );
    read(columns.load::<Column>(&mut conn).unwrap().into_iter().map(|column| column.line))
}

fn of_postgres() -> Schema {
    let printed = migrated::database().query(
        "SELECT c.relname || ' ' || a.attname || ' ' || CASE format_type(a.atttypid, -1) \
             WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT' \
             WHEN 'bigint' THEN 'INTEGER' WHEN 'integer' THEN 'INTEGER' WHEN 'smallint' THEN 'INTEGER' \
             WHEN 'boolean' THEN 'INTEGER' WHEN 'timestamp with time zone' THEN 'INTEGER' \
             ELSE format_type(a.atttypid, -1) END \
         || ' ' || CASE WHEN a.attnotnull THEN 'required' ELSE 'optional' END \
         || ' ' || CASE WHEN EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' \
                                         AND a.attnum = ANY (k.conkey)) THEN 'key' ELSE 'no_key' END \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE '\\_\\_%'",
    );
    read(printed.unwrap().lines().map(str::to_owned))
}

#[test]
fn both_databases_have_the_same_tables_columns_and_primary_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sqlite, mut postgres) = (of_sqlite(&folder.path().join("cheetah.db")), of_postgres());
    for table in SQLITE_ALONE {
        assert!(sqlite.remove(*table).is_some(), "{table} is an exception that nobody needs");
    }
    for (table, column) in POSTGRES_ALONE {
        let removed = postgres.get_mut(*table).and_then(|columns| columns.remove(*column));
        assert!(removed.is_some(), "{table}.{column} is an exception that nobody needs");
    }
    for (table, column) in KEYED_OTHERWISE {
        let of =
            |schema: &mut Schema| schema.get_mut(*table).and_then(|columns| columns.remove(*column)).unwrap();
        let (one, other) = (of(&mut sqlite), of(&mut postgres));
        assert_ne!(one, other, "{table}.{column} is an exception that nobody needs");
        let apart_from_key =
            |column: &str| column.rsplit_once(' ').unwrap().0.replace("optional", "required");
        assert_eq!(apart_from_key(&one), apart_from_key(&other), "{table}.{column}");
    }
    assert!(sqlite.len() >= 16, "the tables were found at all: {:?}", sqlite.keys());
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (table, columns) in &sqlite {
        assert_eq!(Some(columns), postgres.get(table), "{table}");
    }
}
