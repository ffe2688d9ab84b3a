//! What a store of members must do with the members themselves.

use kernel::{MemberId, PageRequest, StoreError};

use super::samples::{at, id, tenant};
use crate::{
    EmailAddress, Member, MemberStatus, PasswordHash, Role, Sessions, TenantScope, TenantStatus,
    testing::{TenancyStores, platform},
};

pub async fn a_member_is_found_as_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, Role::Staff).await;
    assert_eq!(found(stores, &scope, &written).await, Some(written.clone()));
    assert_eq!(stores.members.find(&scope, MemberId::new(id(99))).await.unwrap(), None);
    let by_email = stores.members.find_by_email(&platform(), &written.email, 5).await.unwrap();
    assert_eq!(by_email, [written]);
    assert_eq!(stores.members.find_by_email(&platform(), &email(99), 5).await.unwrap(), []);
}

pub async fn an_address_names_one_member_of_a_tenant(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let first = insert(stores, &ours, 10, Role::Staff).await;
    let second = Member { email: first.email.clone(), ..member(&ours, 11, Role::Viewer) };
    let outcome = stores.members.insert(&ours, &second).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    let elsewhere = Member { email: first.email.clone(), ..member(&theirs, 12, Role::Viewer) };
    stores.members.insert(&theirs, &elsewhere).await.unwrap();
    let both = stores.members.find_by_email(&platform(), &first.email, 5).await.unwrap();
    assert_eq!(both, [first.clone(), elsewhere]);
    assert_eq!(stores.members.find_by_email(&platform(), &first.email, 1).await.unwrap(), [first]);
}

pub async fn a_members_id_that_exists_is_a_duplicate(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let first = insert(stores, &scope, 10, Role::Staff).await;
    let second = Member { id: first.id, ..member(&scope, 11, Role::Viewer) };
    let outcome = stores.members.insert(&scope, &second).await;
    assert!(matches!(outcome, Err(StoreError::Duplicate)), "{outcome:?}");
    assert_eq!(found(stores, &scope, &first).await, Some(first));
}

pub async fn members_of_another_tenant_are_out_of_reach(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let foreign = insert(stores, &theirs, 10, Role::Staff).await;
    let planted = stores.members.insert(&ours, &member(&theirs, 11, Role::Staff)).await;
    assert!(matches!(planted, Err(StoreError::Conflict)), "{planted:?}");
    assert_eq!(stores.members.find(&ours, foreign.id).await.unwrap(), None);
    assert_eq!(stores.members.list(&ours, &PageRequest::default()).await.unwrap().items, []);
    let changed = Member { role: Role::Admin, ..foreign.clone() };
    let saved = stores.members.save(&ours, &changed, Sessions::Keep, at(9)).await;
    assert!(matches!(saved, Err(StoreError::Conflict)), "{saved:?}");
    assert_eq!(found(stores, &theirs, &foreign).await, Some(foreign));
}

pub async fn pages_walk_every_member_once_oldest_first(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let mut written = Vec::new();
    for number in [12, 10, 11] {
        written.push(insert(stores, &scope, number, Role::Staff).await);
    }
    written.sort_by_key(|member| (member.created_at, member.id));
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = stores.members.list(&scope, &PageRequest::new(2, after).unwrap()).await.unwrap();
        walked.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(walked, written);
}

pub async fn a_save_writes_what_may_change_and_raises_the_version(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let written = insert(stores, &scope, 10, Role::Staff).await;
    let changed = Member {
        name: "Ann Other".into(),
        role: Role::Admin,
        status: MemberStatus::Disabled,
        password: PasswordHash::new("$another$hash"),
        ..written.clone()
    };
    stores.members.save(&scope, &changed, Sessions::Keep, at(9)).await.unwrap();
    let saved = Member { version: written.version + 1, ..changed.clone() };
    assert_eq!(found(stores, &scope, &written).await, Some(saved));
    let stale = stores.members.save(&scope, &changed, Sessions::Keep, at(9)).await;
    assert!(matches!(stale, Err(StoreError::Conflict)), "{stale:?}");
}

pub async fn a_disabled_member_is_not_found_by_address_and_takes_nobodys_place(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let gone = insert(stores, &ours, 10, Role::Staff).await;
    let other = Member { email: gone.email.clone(), ..member(&theirs, 11, Role::Staff) };
    stores.members.insert(&theirs, &other).await.unwrap();
    let disabled = Member { status: MemberStatus::Disabled, ..gone };
    stores.members.save(&ours, &disabled, Sessions::End, at(20)).await.unwrap();
    assert_eq!(stores.members.find_by_email(&platform(), &other.email, 1).await.unwrap(), [other]);
}

pub async fn a_deleted_tenants_member_is_not_found_by_address_and_takes_nobodys_place(
    stores: &TenancyStores,
) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let gone = insert(stores, &ours, 10, Role::Staff).await;
    let other = Member { email: gone.email.clone(), ..member(&theirs, 11, Role::Staff) };
    stores.members.insert(&theirs, &other).await.unwrap();
    for (status, found) in [(TenantStatus::Suspended, &gone), (TenantStatus::Deleted, &other)] {
        let mut tenant = stores.tenants.find(&platform(), ours.tenant_id()).await.unwrap().unwrap();
        tenant.set_status(status).unwrap();
        stores.tenants.save(&platform(), &tenant, at(20)).await.unwrap();
        let first = stores.members.find_by_email(&platform(), &other.email, 1).await.unwrap();
        assert_eq!(first, std::slice::from_ref(found), "{status:?}");
    }
}

pub async fn the_last_active_owner_stays_one(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    insert(stores, &theirs, 9, Role::Owner).await;
    let owner = insert(stores, &ours, 10, Role::Owner).await;
    insert(stores, &ours, 11, Role::Admin).await;
    for last in [
        Member { role: Role::Admin, ..owner.clone() },
        Member { status: MemberStatus::Disabled, ..owner.clone() },
    ] {
        let outcome = stores.members.save(&ours, &last, Sessions::End, at(9)).await;
        assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
        assert_eq!(found(stores, &ours, &owner).await, Some(owner.clone()));
    }
    let renamed = Member { name: "Still Owner".into(), ..owner.clone() };
    stores.members.save(&ours, &renamed, Sessions::Keep, at(9)).await.unwrap();
    insert(stores, &ours, 12, Role::Owner).await;
    let demoted = Member { role: Role::Viewer, version: owner.version + 1, ..owner };
    stores.members.save(&ours, &demoted, Sessions::Keep, at(9)).await.unwrap();
}

pub async fn of_two_owners_who_go_at_once_one_stays(stores: &TenancyStores) {
    for round in 0..8 {
        let scope = tenant(stores, 1 + round).await;
        let one = insert(stores, &scope, round * 2 + 10, Role::Owner).await;
        let other = insert(stores, &scope, round * 2 + 11, Role::Owner).await;
        let gone = |member: &Member| Member { role: Role::Viewer, ..member.clone() };
        let (left, right) = (gone(&one), gone(&other));
        let (left, right) = tokio::join!(
            stores.members.save(&scope, &left, Sessions::Keep, at(9)),
            stores.members.save(&scope, &right, Sessions::Keep, at(9))
        );
        assert!(left.is_ok() != right.is_ok(), "round {round}: {left:?} {right:?}");
        let members = stores.members.list(&scope, &PageRequest::new(200, None).unwrap()).await.unwrap().items;
        assert!(members.iter().any(Member::is_active_owner), "round {round}: {left:?} {right:?}");
    }
}

pub(super) fn email(number: u32) -> EmailAddress {
    EmailAddress::parse(&format!("ann{number}@example.com")).unwrap()
}

pub(super) fn member(scope: &TenantScope, number: u32, role: Role) -> Member {
    Member {
        id: MemberId::new(id(number)),
        tenant_id: scope.tenant_id(),
        email: email(number),
        name: format!("Änn {number}"),
        role,
        status: MemberStatus::Active,
        password: PasswordHash::new(format!("$hash${number}")),
        created_at: at(i64::from(number)),
        version: 0,
    }
}

pub(super) async fn insert(stores: &TenancyStores, scope: &TenantScope, number: u32, role: Role) -> Member {
    let member = member(scope, number, role);
    stores.members.insert(scope, &member).await.unwrap();
    member
}

pub(super) async fn found(stores: &TenancyStores, scope: &TenantScope, member: &Member) -> Option<Member> {
    stores.members.find(scope, member.id).await.unwrap()
}
