//! Claims wait for nobody: what another holds they skip.

use std::time::Duration;

use chrono::TimeDelta;
use conversation::testing::Samples;
use tokio::time::timeout;
use tokio_postgres::NoTls;

use crate::{support, tenants};

/// Longer than a claim takes, and shorter than a lock is waited for.
const AT_ONCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_due_job_that_somebody_holds_keeps_nobody_from_the_next() {
    let (stores, database) = support::stores().await;
    let both = tenants::two(&stores, Box::new(())).await;
    let samples = Samples::default();
    for (scope, binding) in [(&both.tenant, &both.binding), (&both.other, &both.other_binding)] {
        both.conversations.receive(scope, &samples.inbound(binding, "Hello")).await.unwrap();
    }
    let (holder, connection) = tokio_postgres::connect(database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let held = both.tenant.tenant_id();
    let begin = format!("BEGIN; SELECT FROM jobs WHERE tenant_id = '{held}' FOR UPDATE");
    holder.batch_execute(&begin).await.unwrap();
    let claim = || async {
        let due = samples.now() + TimeDelta::minutes(1);
        let claimed = both.jobs.claim(&both.platform, due, Duration::from_secs(90), 10);
        let claimed = timeout(AT_ONCE, claimed).await.expect("it waits for the holder").unwrap();
        claimed.claims.iter().map(|claim| claim.scope.tenant_id()).collect::<Vec<_>>()
    };
    assert_eq!(claim().await, [both.other.tenant_id()]);
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(claim().await, [held]);
}
