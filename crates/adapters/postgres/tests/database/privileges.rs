//! The server starts only where no door leads around row-level security, and as a login that may take on its roles.

use harness::postgres::{Database, PostgresCluster, PostgresServer};
use postgres::{Connection, OpenError, PoolSettings, Stores};

use crate::support;

async fn open_again(database: &Database) -> Result<Stores, OpenError> {
    let connection: Connection = database.url().parse().unwrap();
    Stores::open(connection, PoolSettings::default(), support::vault()).await
}

async fn expect_open_view(database: &Database, name: &str) {
    let refused = open_again(database).await.err().unwrap();
    assert!(matches!(&refused, OpenError::OpenView { view } if view == name), "{refused}");
}

/// A database in a cluster whose roles a test may change.
async fn own_cluster() -> (PostgresCluster, Database) {
    let make = || {
        let cluster = PostgresServer::dedicated().unwrap();
        let database = support::migrated_database(cluster.server());
        (cluster, database)
    };
    tokio::task::spawn_blocking(make).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_a_superuser_owns_keeps_the_server_from_starting_where_it_may_be_read() {
    let database = support::database().await;
    database.query("CREATE VIEW everything AS SELECT * FROM messages").unwrap();
    open_again(&database).await.unwrap();

    database.query("GRANT SELECT ON everything TO cheetah_app").unwrap();
    expect_open_view(&database, "everything").await;

    database.query("ALTER VIEW everything SET (security_invoker = true)").unwrap();
    open_again(&database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_a_view_is_followed_to_the_tables() {
    let database = support::database().await;
    database
        .query(
            "CREATE VIEW inner_view WITH (security_invoker = true) AS SELECT * FROM messages; \
             CREATE VIEW middle_view AS SELECT * FROM inner_view; \
             CREATE VIEW outer_view AS SELECT * FROM middle_view; \
             GRANT SELECT ON outer_view TO cheetah_platform",
        )
        .unwrap();
    expect_open_view(&database, "outer_view").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_which_one_column_may_be_read_is_as_open() {
    let database = support::database().await;
    database
        .query(
            "CREATE VIEW part AS SELECT * FROM messages; GRANT SELECT (body_sealed) ON part TO cheetah_app",
        )
        .unwrap();
    expect_open_view(&database, "part").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_with_its_owners_rights_keeps_the_server_from_starting_where_it_may_be_called() {
    let database = support::database().await;
    // As everywhere, whoever comes may call it.
    database
        .query(
            "CREATE FUNCTION all_messages() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM messages'",
        )
        .unwrap();
    let refused = open_again(&database).await.err().unwrap();
    assert!(
        matches!(&refused, OpenError::OpenFunction { function } if function == "all_messages()"),
        "{refused}"
    );
    database.query("REVOKE EXECUTE ON FUNCTION all_messages FROM PUBLIC").unwrap();
    open_again(&database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_a_role_that_owns_a_table_keeps_the_server_from_starting() {
    let (_cluster, database) = own_cluster().await;
    database
        .query("CREATE ROLE owner; ALTER TABLE messages OWNER TO owner; GRANT owner TO cheetah_app")
        .unwrap();
    let refused = open_again(&database).await.err().unwrap();
    assert!(matches!(refused, OpenError::Privileged { role: "cheetah_app" }), "{refused}");
    database.query("REVOKE owner FROM cheetah_app").unwrap();
    open_again(&database).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_could_see_everything_keeps_the_server_from_starting() {
    let (_cluster, database) = own_cluster().await;
    database.query("ALTER ROLE cheetah_app BYPASSRLS").unwrap();
    let refused = open_again(&database).await.err().unwrap();
    assert!(matches!(refused, OpenError::Privileged { role: "cheetah_app" }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_ownership_serves() {
    let (_stores, database) = support::stores().await;
    let login = format!("login_{}", database.name());
    database
        .query(&format!("CREATE ROLE {login} LOGIN; GRANT cheetah_app, cheetah_platform TO {login}"))
        .unwrap();
    let url = database.url().replace("postgres://postgres@", &format!("postgres://{login}@"));
    let opened = Stores::open(url.parse().unwrap(), PoolSettings::default(), support::vault()).await;
    opened.unwrap().ping().await.unwrap();
    database.query(&format!("DROP ROLE {login}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_was_granted_no_role_is_told_so() {
    let (_stores, database) = support::stores().await;
    let login = format!("stranger_{}", database.name());
    database
        .query(&format!("CREATE ROLE {login} LOGIN; GRANT SELECT ON __diesel_schema_migrations TO {login}"))
        .unwrap();
    let url = database.url().replace("postgres://postgres@", &format!("postgres://{login}@"));
    let refused =
        Stores::open(url.parse().unwrap(), PoolSettings::default(), support::vault()).await.err().unwrap();
    assert!(refused.to_string().contains("may not act as cheetah_app"), "{refused}");
    database.query(&format!("DROP OWNED BY {login}; DROP ROLE {login}")).unwrap();
}
