//! What a store of members must do with their sessions, and with the operator's.

use kernel::{SessionId, StoreError};

use super::{
    members,
    samples::{at, id, tenant},
};
use crate::{
    Member, MemberStatus, PasswordHash, Role, Rotation, SecretDigest, Session, SessionEnd, Sessions,
    TenantScope,
    testing::{TenancyStores, platform},
};

pub async fn a_session_is_found_with_its_member_as_it_was_written(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (session, member) = open(stores, &scope, 10).await;
    assert_eq!(found(stores, &session).await, Some((session.clone(), member)));
    assert_eq!(stores.members.find_session(&platform(), SessionId::new(id(99))).await.unwrap(), None);
}

pub async fn a_session_of_another_tenant_is_not_opened(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let member = members::insert(stores, &theirs, 10, Role::Staff).await;
    let foreign = session(&member, 20);
    let outcome = stores.members.open_session(&ours, &foreign, member.version).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(stores, &foreign).await, None);
}

pub async fn a_token_is_exchanged_once(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (session, _) = open(stores, &scope, 10).await;
    assert_eq!(rotate(stores, &scope, &session, "first", "second").await, Rotation::Rotated);
    assert_eq!(found(stores, &session).await.unwrap().0.token, SecretDigest::of("second"));
    assert_eq!(rotate(stores, &scope, &session, "second", "third").await, Rotation::Rotated);
}

pub async fn a_token_that_comes_again_ends_its_session_at_once(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (session, _) = open(stores, &scope, 10).await;
    let (other, _) = open(stores, &scope, 11).await;
    assert_eq!(rotate(stores, &scope, &session, "first", "second").await, Rotation::Rotated);
    assert_eq!(rotate(stores, &scope, &session, "first", "thief").await, Rotation::Reused);
    assert_eq!(found(stores, &session).await.unwrap().0.ended, Some((at(5), SessionEnd::Reused)));
    assert_eq!(rotate(stores, &scope, &session, "second", "third").await, Rotation::Gone);
    assert_eq!(found(stores, &other).await.unwrap().0.ended, None);
}

pub async fn of_two_exchanges_at_once_one_wins_and_the_session_ends(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    for round in 0..5 {
        let (session, _) = open(stores, &scope, 10 + round).await;
        let (left, right) = tokio::join!(
            rotate(stores, &scope, &session, "first", "left"),
            rotate(stores, &scope, &session, "first", "right")
        );
        let mut outcomes = [left, right];
        outcomes.sort_by_key(|outcome| *outcome == Rotation::Reused);
        assert_eq!(outcomes, [Rotation::Rotated, Rotation::Reused]);
        assert!(found(stores, &session).await.unwrap().0.ended.is_some());
    }
}

pub async fn what_is_not_live_is_not_exchanged(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let (expired, _) = open(stores, &ours, 10).await;
    let (presented, next) = (SecretDigest::of("first"), SecretDigest::of("next"));
    let outcome = stores.members.rotate_session(&ours, expired.id, &presented, &next, at(10_000)).await;
    assert_eq!(outcome.unwrap(), Rotation::Gone);
    let (foreign, _) = open(stores, &theirs, 11).await;
    assert_eq!(rotate(stores, &ours, &foreign, "first", "next").await, Rotation::Gone);
    assert_eq!(rotate(stores, &ours, &foreign, "guess", "next").await, Rotation::Gone);
    assert_eq!(found(stores, &foreign).await.unwrap().0, foreign);
}

pub async fn a_session_ends_once_and_keeps_why(stores: &TenancyStores) {
    let (ours, theirs) = (tenant(stores, 1).await, tenant(stores, 2).await);
    let (session, _) = open(stores, &ours, 10).await;
    let end = async |scope: &TenantScope, why, seconds| {
        stores.members.end_session(scope, session.id, why, at(seconds)).await.unwrap()
    };
    assert!(!end(&theirs, SessionEnd::Revoked, 6).await);
    assert!(end(&ours, SessionEnd::SignedOut, 7).await);
    assert!(!end(&ours, SessionEnd::Revoked, 8).await);
    assert_eq!(found(stores, &session).await.unwrap().0.ended, Some((at(7), SessionEnd::SignedOut)));
}

pub async fn a_save_ends_the_members_sessions_where_asked(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let (first, member) = open(stores, &scope, 10).await;
    let second = session(&member, 30);
    stores.members.open_session(&scope, &second, member.version).await.unwrap();
    let (other, _) = open(stores, &scope, 11).await;
    stores.members.save(&scope, &member, Sessions::Keep, at(9)).await.unwrap();
    assert_eq!(found(stores, &first).await.unwrap().0.ended, None);
    let disabled = Member { status: MemberStatus::Disabled, version: member.version + 1, ..member };
    stores.members.save(&scope, &disabled, Sessions::End, at(9)).await.unwrap();
    for ended in [&first, &second] {
        assert_eq!(found(stores, ended).await.unwrap().0.ended, Some((at(9), SessionEnd::Revoked)));
    }
    assert_eq!(found(stores, &other).await.unwrap().0.ended, None);
}

pub async fn a_session_of_a_member_who_was_changed_meanwhile_is_not_opened(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    members::insert(stores, &scope, 10, Role::Staff).await;
    let verified = stores.members.find_by_email(&platform(), &members::email(10), 1).await.unwrap().remove(0);
    let changed = Member { password: PasswordHash::new("another hash".to_owned()), ..verified.clone() };
    stores.members.save(&scope, &changed, Sessions::End, at(1)).await.unwrap();
    let stale = session(&verified, 20);
    let outcome = stores.members.open_session(&scope, &stale, verified.version).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    assert_eq!(found(stores, &stale).await, None);
    stores.members.open_session(&scope, &stale, verified.version + 1).await.unwrap();
}

pub async fn a_session_of_a_disabled_member_is_not_opened(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    let member = members::insert(stores, &scope, 10, Role::Staff).await;
    let disabled = Member { status: MemberStatus::Disabled, ..member.clone() };
    stores.members.save(&scope, &disabled, Sessions::End, at(1)).await.unwrap();
    let outcome = stores.members.open_session(&scope, &session(&member, 20), member.version + 1).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
}

pub async fn a_session_opened_while_all_are_ended_is_not_live_after_that(stores: &TenancyStores) {
    let scope = tenant(stores, 1).await;
    for round in 0..8 {
        let member = members::insert(stores, &scope, 10 + round, Role::Staff).await;
        let session = session(&member, 110 + round);
        let changed = Member { password: PasswordHash::new("another hash".to_owned()), ..member.clone() };
        let (saved, opened) = tokio::join!(
            stores.members.save(&scope, &changed, Sessions::End, at(5)),
            stores.members.open_session(&scope, &session, member.version)
        );
        saved.unwrap();
        let live = found(stores, &session).await.filter(|(session, _)| session.is_live(at(5)));
        assert_eq!(live, None, "round {round}: {opened:?}");
    }
}

pub async fn the_operators_session_is_found_until_it_is_ended(stores: &TenancyStores) {
    let (one, other) = (SecretDigest::of("one"), SecretDigest::of("other"));
    let find = async |digest| stores.admin_sessions.find(&platform(), digest).await.unwrap();
    assert_eq!(find(&one).await, None);
    stores.admin_sessions.open(&platform(), &one, at(0), at(100)).await.unwrap();
    let again = stores.admin_sessions.open(&platform(), &one, at(0), at(100)).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    stores.admin_sessions.open(&platform(), &other, at(50), at(150)).await.unwrap();
    assert_eq!((find(&one).await, find(&other).await), (Some(at(100)), Some(at(150))));
    stores.admin_sessions.end(&platform(), &one, at(60)).await.unwrap();
    stores.admin_sessions.end(&platform(), &one, at(61)).await.unwrap();
    assert_eq!((find(&one).await, find(&other).await), (None, Some(at(150))));
}

pub async fn the_operators_expired_sessions_go_with_the_next_sign_in(stores: &TenancyStores) {
    let (old, new) = (SecretDigest::of("old"), SecretDigest::of("new"));
    stores.admin_sessions.open(&platform(), &old, at(0), at(100)).await.unwrap();
    stores.admin_sessions.open(&platform(), &new, at(100), at(200)).await.unwrap();
    assert_eq!(stores.admin_sessions.find(&platform(), &old).await.unwrap(), None);
    assert_eq!(stores.admin_sessions.find(&platform(), &new).await.unwrap(), Some(at(200)));
}

fn session(member: &Member, number: u32) -> Session {
    Session {
        id: SessionId::new(id(number)),
        tenant_id: member.tenant_id,
        member_id: member.id,
        token: SecretDigest::of("first"),
        created_at: at(1),
        expires_at: at(10_000),
        ended: None,
    }
}

async fn open(stores: &TenancyStores, scope: &TenantScope, number: u32) -> (Session, Member) {
    let member = members::insert(stores, scope, number, Role::Staff).await;
    let session = session(&member, number + 100);
    stores.members.open_session(scope, &session, member.version).await.unwrap();
    (session, member)
}

async fn found(stores: &TenancyStores, session: &Session) -> Option<(Session, Member)> {
    stores.members.find_session(&platform(), session.id).await.unwrap()
}

async fn rotate(
    stores: &TenancyStores,
    scope: &TenantScope,
    session: &Session,
    presented: &str,
    next: &str,
) -> Rotation {
    let (presented, next) = (SecretDigest::of(presented), SecretDigest::of(next));
    stores.members.rotate_session(scope, session.id, &presented, &next, at(5)).await.unwrap()
}
