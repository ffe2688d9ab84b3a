//! What a migration must not do to tables that programs use while it runs.

use crate::{Breach, SourceFile};

/// Statements that break the rule and were written before anything was released, with their files.
const BEFORE_THE_FIRST_RELEASE: &[(&str, &str)] = &[(
    "migrations/postgres/2026-11-28-000011_event_log/up.sql",
    "ALTER TABLE events DROP CONSTRAINT events_pkey",
)];

/// Returns the statements by which a migration of Postgres takes something away from an older table: old programs
/// still use it.
pub fn that_take_away(files: &[SourceFile]) -> Vec<Breach> {
    let ups = files.iter().filter(|file| is_up(&file.path));
    ups.flat_map(|file| {
        let statements = statements(&file.text);
        let own = tables_made(&statements);
        let found = statements.into_iter().filter(move |one| {
            takes_away(one)
                && !own.iter().any(|table| names(one, table))
                && !BEFORE_THE_FIRST_RELEASE.contains(&(file.path.as_str(), one.as_str()))
        });
        found.map(|statement| {
            let rule = format!("a migration only adds: `{statement}` takes away what older programs use");
            Breach::new(&*file.path, rule, "see docs/operations.md, \"Upgrading without stopping\"")
        })
    })
    .collect()
}

fn is_up(path: &str) -> bool {
    path.starts_with("migrations/postgres/") && path.ends_with("/up.sql")
}

/// Returns the statements of a file without comments, each on one line.
fn statements(text: &str) -> Vec<String> {
    let code: String =
        text.lines().flat_map(|line| [line.split("--").next().unwrap_or(line), "\n"]).collect();
    let words = |one: &str| one.split_whitespace().collect::<Vec<_>>().join(" ");
    code.split(';').map(words).filter(|one| !one.is_empty()).collect()
}

fn tables_made(statements: &[String]) -> Vec<String> {
    let made = statements.iter().filter_map(|one| {
        let rest = one.to_uppercase().starts_with("CREATE TABLE ").then(|| one.get(13..))??;
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        Some(name)
    });
    made.collect()
}

fn takes_away(statement: &str) -> bool {
    let upper = statement.to_uppercase();
    let words = words_of(&upper);
    words.contains(&"DROP")
        || words.contains(&"RENAME")
        || words.windows(3).any(|three| three == ["SET", "NOT", "NULL"])
        || words.contains(&"ALTER") && words.contains(&"TYPE")
}

fn names(statement: &str, table: &str) -> bool {
    words_of(statement).contains(&table)
}

fn words_of(statement: &str) -> Vec<&str> {
    statement
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: &str = "migrations/postgres/2030-01-01-000001_a/up.sql";

    fn found(path: &str, text: &str) -> usize {
        that_take_away(&[SourceFile::new(path, text)]).len()
    }

    #[test]
    fn what_takes_something_away_from_an_older_table_breaks_the_rule() {
        for statement in [
            "ALTER TABLE contacts DROP COLUMN language;",
            "drop table contacts;",
            "DROP INDEX contacts_by_time;",
            "ALTER TABLE contacts\n    RENAME COLUMN language TO tongue;",
            "ALTER TABLE contacts ALTER COLUMN language SET NOT NULL;",
            "ALTER TABLE contacts ALTER COLUMN language TYPE bytea USING NULL;",
        ] {
            assert_eq!(found(UP, statement), 1, "{statement}");
        }
    }

    #[test]
    fn what_adds_and_what_a_migration_does_to_its_own_tables_is_fine() {
        for statement in [
            "ALTER TABLE contacts ADD COLUMN language text NOT NULL DEFAULT 'en';",
            "-- DROP TABLE contacts;\nCREATE INDEX a ON contacts (id) WHERE language IS NOT NULL;",
            "CREATE TABLE new_ones (a text);\nALTER TABLE new_ones ALTER COLUMN a SET NOT NULL;",
        ] {
            assert_eq!(found(UP, statement), 0, "{statement}");
        }
    }

    #[test]
    fn the_way_back_and_the_embedded_database_are_left_alone() {
        for path in ["migrations/postgres/2030-01-01-000001_a/down.sql", "migrations/sqlite/a/up.sql"] {
            assert_eq!(found(path, "DROP TABLE contacts;"), 0, "{path}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_own_file_alone() {
        let (path, statement) = BEFORE_THE_FIRST_RELEASE[0];

        assert_eq!((found(path, statement), found(UP, statement)), (0, 1));
    }
}
