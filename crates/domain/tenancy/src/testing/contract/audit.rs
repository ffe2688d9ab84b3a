//! What every store must leave in the audit log, and what the log must show.

use kernel::{ApiKeyId, BindingId, PageRequest, ProviderAccountId, SessionId};

use super::{
    api_keys, channel_store, members, provider_account_store,
    samples::{at, full_profile, id, tenant, tenant_made_at},
    widget_tokens,
};
use crate::{
    Actor, ApiKey, AuditAction, AuditDetail, AuditEntry, AuditFilter, BusinessProfile, FeatureFlag, Member,
    MemberStatus, PasswordHash, Permissions, Plan, Role, SecretDigest, Session, SessionEnd, Sessions,
    TenantScope, TenantStatus,
    testing::{TenancyStores, operator, platform, scope_of},
};

/// A tenant made by the server, and somebody who acts for it.
async fn acting(stores: &TenancyStores, number: u32) -> TenantScope {
    let scope = tenant(stores, number).await;
    let actor = Actor::ApiKey { id: ApiKeyId::new(id(77)), scopes: Permissions::all(), expires_at: None };
    scope_of(scope.tenant_id(), actor)
}

async fn lines(stores: &TenancyStores, scope: &TenantScope) -> Vec<AuditEntry> {
    let page = PageRequest::new(200, None).unwrap();
    stores.audit.list(scope, &AuditFilter::default(), &page).await.unwrap().items
}

/// What was recorded, oldest first.
async fn actions(stores: &TenancyStores, scope: &TenantScope) -> Vec<(AuditAction, String)> {
    let mut lines = lines(stores, scope).await;
    lines.reverse();
    lines.into_iter().map(|line| (AuditAction::from_name(&line.action).unwrap(), line.resource_id)).collect()
}

/// What the lines say was changed, oldest first; not of those that say nothing.
async fn details(stores: &TenancyStores, scope: &TenantScope) -> Vec<String> {
    let mut lines = lines(stores, scope).await;
    lines.reverse();
    let details = lines.iter().filter_map(|line| line.detail.as_ref());
    details.map(AuditDetail::as_str).map(str::to_owned).collect()
}

pub async fn what_the_operator_does_to_a_tenant_is_in_the_tenants_log(stores: &TenancyStores) {
    let mut tenant = tenant_made_at(1, 0);
    stores.tenants.insert(&operator(), &tenant, &BusinessProfile::default()).await.unwrap();
    tenant.set_status(TenantStatus::Suspended).unwrap();
    stores.tenants.save(&operator(), &tenant, at(1)).await.unwrap();
    let scope = operator().tenant(tenant.id());
    stores.tenants.save_profile(&scope, &full_profile(), at(2)).await.unwrap();
    let own = tenant.id().to_string();
    let expected = [AuditAction::TenantCreated, AuditAction::TenantChanged, AuditAction::ProfileReplaced];
    assert_eq!(actions(stores, &scope).await, expected.map(|action| (action, own.clone())));
    let last = lines(stores, &scope).await.remove(0);
    assert_eq!((last.actor.as_str(), last.at), ("operator:key", at(2)));
    assert_eq!(details(stores, &scope).await, ["status: active -> suspended"]);
    let mut tenant = stores.tenants.find(&operator(), tenant.id()).await.unwrap().unwrap();
    tenant.set_plan(Plan::Custom);
    stores.tenants.save(&operator(), &tenant, at(3)).await.unwrap();
    assert_eq!(details(stores, &scope).await, ["status: active -> suspended", "plan: growth -> custom"]);
}

pub async fn every_change_of_a_credential_leaves_its_line(stores: &TenancyStores) {
    let scope = acting(stores, 1).await;
    let old = api_keys::insert(stores, &scope, 10, 1).await;
    let new = ApiKey { id: ApiKeyId::new(id(11)), digest: SecretDigest::of("new"), ..old.clone() };
    assert!(stores.credentials.rotate_api_key(&scope, old.id, &new, at(9), at(2)).await.unwrap());
    for seconds in [3, 4] {
        assert!(stores.credentials.revoke_api_key(&scope, new.id, at(seconds)).await.unwrap());
    }
    let token = widget_tokens::insert(stores, &scope, 12, 5).await;
    for seconds in [6, 7] {
        assert!(stores.credentials.revoke_widget_token(&scope, token.id, at(seconds)).await.unwrap());
    }
    let expected = [
        (AuditAction::ApiKeyCreated, old.id.to_string()),
        (AuditAction::ApiKeyCreated, new.id.to_string()),
        (AuditAction::ApiKeyRotated, old.id.to_string()),
        (AuditAction::ApiKeyRevoked, new.id.to_string()),
        (AuditAction::WidgetTokenCreated, token.id.to_string()),
        (AuditAction::WidgetTokenRevoked, token.id.to_string()),
    ];
    assert_eq!(actions(stores, &scope).await, expected);
    for line in lines(stores, &scope).await {
        assert_eq!(line.actor, format!("api_key:{}", id(77)));
    }
}

pub async fn every_change_of_a_channel_or_account_leaves_its_line(stores: &TenancyStores) {
    let scope = acting(stores, 1).await;
    let binding = channel_store::insert(stores, &scope, 10, "+15551230000", 1).await;
    for (is_active, seconds) in [(false, 2), (true, 3)] {
        assert!(stores.channels.set_active(&scope, binding.id(), is_active, at(seconds)).await.unwrap());
    }
    let account = provider_account_store::insert(stores, &scope, 11, "AC01", 4).await;
    assert!(stores.accounts.delete(&scope, account.id, at(5)).await.unwrap());
    let expected = [
        (AuditAction::ChannelBound, binding.id().to_string()),
        (AuditAction::ChannelSwitchedOff, binding.id().to_string()),
        (AuditAction::ChannelSwitchedOn, binding.id().to_string()),
        (AuditAction::ProviderAccountAdded, account.id.to_string()),
        (AuditAction::ProviderAccountRemoved, account.id.to_string()),
    ];
    assert_eq!(actions(stores, &scope).await, expected);
}

type Change = fn(&mut Member);

pub async fn every_change_of_a_member_leaves_a_line_that_says_what_was_changed(stores: &TenancyStores) {
    let scope = acting(stores, 1).await;
    let mut member = members::insert(stores, &scope, 1, Role::Staff).await;
    let mut expected = vec![(AuditAction::MemberAdded, member.id.to_string())];
    let changes: [(&str, Change); 5] = [
        ("role: staff -> owner", |member| member.role = Role::Owner),
        ("status: active -> disabled", |member| member.status = MemberStatus::Disabled),
        ("name", |member| member.name = "Nobody Else".into()),
        ("password", |member| member.password = PasswordHash::new("another hash".to_owned())),
        ("role: owner -> viewer, status: disabled -> active, name", |member| {
            member.role = Role::Viewer;
            member.status = MemberStatus::Active;
            member.name = "Somebody Else".into();
        }),
    ];
    members::insert(stores, &scope, 2, Role::Owner).await;
    expected.push((AuditAction::MemberAdded, members::member(&scope, 2, Role::Owner).id.to_string()));
    for (seconds, (_, change)) in (2..).zip(&changes) {
        change(&mut member);
        stores.members.save(&scope, &member, Sessions::Keep, at(seconds)).await.unwrap();
        member.version += 1;
        expected.push((AuditAction::MemberChanged, member.id.to_string()));
    }
    stores.members.save(&scope, &member, Sessions::Keep, at(10)).await.unwrap();
    assert_eq!(actions(stores, &scope).await, expected, "a save that changes nothing leaves no line");
    assert_eq!(details(stores, &scope).await, changes.map(|(detail, _)| detail));
}

pub async fn every_session_leaves_its_lines(stores: &TenancyStores) {
    let scope = acting(stores, 1).await;
    let member = members::insert(stores, &scope, 1, Role::Staff).await;
    let open = async |number: u32, seconds, until| {
        let session = Session {
            id: SessionId::new(id(number)),
            tenant_id: member.tenant_id,
            member_id: member.id,
            token: SecretDigest::of("first"),
            created_at: at(seconds),
            expires_at: at(until),
            ended: None,
        };
        stores.members.open_session(&scope, &session, member.version).await.unwrap();
        session.id.to_string()
    };
    let end = async |number: u32, seconds| {
        let session = SessionId::new(id(number));
        stores.members.end_session(&scope, session, SessionEnd::SignedOut, at(seconds)).await.unwrap()
    };
    let left = open(20, 3, 10_000).await;
    assert!(end(20, 4).await);
    assert!(!end(20, 5).await);
    let stolen = open(21, 6, 10_000).await;
    let (wrong, next) = (SecretDigest::of("wrong"), SecretDigest::of("next"));
    stores.members.rotate_session(&scope, SessionId::new(id(21)), &wrong, &next, at(7)).await.unwrap();
    let (live, expired) = (open(22, 8, 10_000).await, open(23, 9, 10).await);
    let disabled = Member { status: MemberStatus::Disabled, ..member.clone() };
    stores.members.save(&scope, &disabled, Sessions::End, at(11)).await.unwrap();
    let expected = [
        (AuditAction::MemberAdded, member.id.to_string()),
        (AuditAction::SessionOpened, left.clone()),
        (AuditAction::SessionEnded, left),
        (AuditAction::SessionOpened, stolen.clone()),
        (AuditAction::SessionReused, stolen),
        (AuditAction::SessionOpened, live.clone()),
        (AuditAction::SessionOpened, expired),
        (AuditAction::SessionEnded, live),
        (AuditAction::MemberChanged, member.id.to_string()),
    ];
    assert_eq!(actions(stores, &scope).await, expected);
}

pub async fn a_flag_leaves_a_line_when_its_value_changes(stores: &TenancyStores) {
    let scope = acting(stores, 1).await;
    for (value, seconds) in [(true, 1), (true, 2), (false, 3)] {
        stores.flags.set(&scope, FeatureFlag::EnableRag, value, at(seconds)).await.unwrap();
    }
    let expected = [AuditAction::FlagSwitchedOn, AuditAction::FlagSwitchedOff];
    assert_eq!(actions(stores, &scope).await, expected.map(|action| (action, "enable_rag".to_owned())));
}

pub async fn a_change_that_failed_leaves_no_line(stores: &TenancyStores) {
    let (ours, theirs) = (acting(stores, 1).await, acting(stores, 2).await);
    let foreign = api_keys::insert(stores, &theirs, 10, 1).await;
    let before = lines(stores, &theirs).await;
    stores.credentials.insert_api_key(&theirs, &foreign).await.unwrap_err();
    assert!(!stores.credentials.revoke_api_key(&ours, foreign.id, at(2)).await.unwrap());
    assert!(!stores.channels.set_active(&ours, BindingId::new(id(99)), true, at(2)).await.unwrap());
    assert!(!stores.accounts.delete(&ours, ProviderAccountId::new(id(99)), at(2)).await.unwrap());
    let nobody = Member { version: 5, ..members::member(&ours, 30, Role::Staff) };
    stores.members.save(&ours, &nobody, Sessions::End, at(2)).await.unwrap_err();
    stores.tenants.save(&operator(), &tenant_made_at(9, 0), at(2)).await.unwrap_err();
    assert_eq!(actions(stores, &ours).await, []);
    assert_eq!(lines(stores, &theirs).await, before);
}

pub async fn what_the_server_does_by_itself_leaves_no_line(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    api_keys::insert(stores, &scope, 10, 1).await;
    assert_eq!(actions(stores, &platform().tenant(scope.tenant_id())).await, []);
}

pub async fn lines_are_filtered_and_paged_newest_first(stores: &TenancyStores) {
    let (ours, theirs) = (acting(stores, 1).await, acting(stores, 2).await);
    let mut keys = Vec::new();
    for number in [10, 11, 12] {
        keys.push(api_keys::insert(stores, &ours, number, 1).await);
    }
    api_keys::insert(stores, &theirs, 13, 1).await;
    assert!(stores.credentials.revoke_api_key(&ours, keys[1].id, at(2)).await.unwrap());
    let all = lines(stores, &ours).await;
    assert_eq!(all.len(), 4);
    assert_eq!(all[0].action, AuditAction::ApiKeyRevoked.as_str());
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest::new(2, after).unwrap();
        let page = stores.audit.list(&ours, &AuditFilter::default(), &page).await.unwrap();
        walked.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, all);
    let shown = async |filter: AuditFilter| {
        stores.audit.list(&ours, &filter, &PageRequest::default()).await.unwrap().items.len()
    };
    let made = AuditFilter { action: Some(AuditAction::ApiKeyCreated), ..AuditFilter::default() };
    assert_eq!(shown(made).await, 3);
    let resource_id = Some(keys[1].id.to_string());
    assert_eq!(shown(AuditFilter { resource_id, ..AuditFilter::default() }).await, 2);
}
