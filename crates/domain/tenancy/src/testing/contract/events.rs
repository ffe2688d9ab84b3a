//! What every store must tell as events, and how they must be read.

use kernel::BindingId;

use super::{
    api_keys, channel_store, members, provider_account_store,
    samples::{at, id, tenant, tenant_made_at},
};
use crate::{
    BusinessProfile, EventPosition, FeatureFlag, RecordedEvent, Role, TenantScope,
    testing::{TenancyStores, operator, platform},
};

/// How often a reader looks before it gives up: a writer that others know of may hold readers up for a moment.
const PATIENCE: usize = 20_000;

/// Reads until so many events after a position are there, and no more than those.
async fn read(
    stores: &TenancyStores,
    scope: &TenantScope,
    after: EventPosition,
    count: usize,
) -> Vec<RecordedEvent> {
    let mut found = Vec::new();
    for _ in 0..PATIENCE {
        found = stores.events.read_events(scope, after, 100).await.unwrap();
        if found.len() >= count {
            break;
        }
    }
    assert_eq!(found.len(), count, "{found:?}");
    found
}

fn names(events: &[RecordedEvent]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

async fn switch(stores: &TenancyStores, scope: &TenantScope, value: bool, seconds: i64) {
    stores.flags.set(scope, FeatureFlag::EnableRag, value, at(seconds)).await.unwrap();
}

pub async fn what_is_done_is_told_in_order_whoever_does_it(stores: &TenancyStores) {
    let tenant = tenant_made_at(1, 0);
    stores.tenants.insert(&operator(), &tenant, &BusinessProfile::default()).await.unwrap();
    let by_the_server = platform().tenant(tenant.id());
    switch(stores, &by_the_server, true, 1).await;
    let binding = channel_store::insert(stores, &by_the_server, 10, "+15551230000", 2).await.id();
    assert!(stores.channels.set_active(&by_the_server, binding, false, at(3)).await.unwrap());
    let told = read(stores, &by_the_server, EventPosition::START, 4).await;
    let expected = ["tenant.created", "feature_flag.switched_on", "channel.bound", "channel.switched_off"];
    assert_eq!(names(&told), expected);
    assert!(told.is_sorted_by(|one, next| one.position < next.position), "{told:?}");
    assert!(told.iter().all(|event| event.version == 1));
    assert_eq!(told[3].at, at(3));
    let facts: Vec<_> = told.iter().map(|event| event.facts.clone()).collect();
    let expected = [
        format!("{{\"tenant_id\":\"{}\"}}", tenant.id()),
        "{\"feature_flag\":\"enable_rag\"}".to_owned(),
        format!("{{\"channel_id\":\"{binding}\"}}"),
        format!("{{\"channel_id\":\"{binding}\"}}"),
    ];
    assert_eq!(facts, expected);
}

pub async fn members_and_carriers_accounts_are_told_by_their_ids_alone(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let member = members::insert(stores, &scope, 20, Role::Staff).await.id;
    let account = provider_account_store::insert(stores, &scope, 21, "AC21", 3).await.id;
    let told = read(stores, &scope, EventPosition::START, 3).await;
    assert_eq!(names(&told), ["tenant.created", "member.added", "provider_account.added"]);
    let facts: Vec<_> = told.iter().skip(1).map(|event| event.facts.clone()).collect();
    let expected =
        [format!("{{\"member_id\":\"{member}\"}}"), format!("{{\"provider_account_id\":\"{account}\"}}")];
    assert_eq!(facts, expected);
}

pub async fn who_is_let_in_and_what_failed_is_not_told(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    api_keys::insert(stores, &scope, 10, 1).await;
    assert!(!stores.channels.set_active(&scope, BindingId::new(id(99)), true, at(2)).await.unwrap());
    switch(stores, &scope, true, 3).await;
    let told = read(stores, &scope, EventPosition::START, 2).await;
    assert_eq!(names(&told), ["tenant.created", "feature_flag.switched_on"]);
}

pub async fn a_reader_goes_on_from_where_it_was(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    for seconds in 1..=6 {
        switch(stores, &scope, seconds % 2 == 1, seconds).await;
    }
    let all = read(stores, &scope, EventPosition::START, 7).await;
    let (mut walked, mut after) = (Vec::new(), EventPosition::START);
    loop {
        let some = stores.events.read_events(&scope, after, 2).await.unwrap();
        let Some(last) = some.last() else { break };
        assert!(some.len() <= 2);
        after = last.position;
        walked.extend(some);
    }
    assert_eq!(walked, all);
}

pub async fn events_of_another_tenant_are_not_read(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    switch(stores, &theirs, true, 1).await;
    switch(stores, &ours, false, 2).await;
    switch(stores, &ours, true, 3).await;
    assert_eq!(read(stores, &theirs, EventPosition::START, 2).await[1].at, at(1));
    let own = read(stores, &ours, EventPosition::START, 3).await;
    assert_eq!(own.iter().map(|event| event.at).collect::<Vec<_>>(), [at(0), at(2), at(3)]);
}

pub async fn news_names_the_tenants_in_order_and_nothing_that_was_before(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    read(stores, &theirs, EventPosition::START, 1).await;
    let news = stores.events.news(&platform(), EventPosition::START, 10).await.unwrap();
    let tenants: Vec<_> = news.iter().map(|(_, tenant)| *tenant).collect();
    assert_eq!(tenants, [ours.tenant_id(), theirs.tenant_id()]);
    assert_eq!(stores.events.news(&platform(), EventPosition::START, 1).await.unwrap(), news[..1]);
    assert_eq!(stores.events.news(&platform(), news[0].0, 10).await.unwrap(), news[1..]);
    let now = stores.events.last_position(&platform()).await.unwrap();
    assert!(now >= news[1].0, "{now} is before {}", news[1].0);
    assert_eq!(stores.events.news(&platform(), now, 10).await.unwrap(), []);
    assert_eq!(stores.events.read_events(&ours, now, 10).await.unwrap(), []);
    switch(stores, &theirs, true, 5).await;
    assert_eq!(names(&read(stores, &theirs, now, 1).await), ["feature_flag.switched_on"]);
    let news = stores.events.news(&platform(), now, 10).await.unwrap();
    assert_eq!(news.iter().map(|(_, tenant)| *tenant).collect::<Vec<_>>(), [theirs.tenant_id()]);
}
