//! Members sign in, stay signed in, and sign out; the operator too.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::{
    Clock as _, PageRequest, TenantId,
    testing::{CountingEntropy, CountingIds, ManualClock},
};
use tenancy::{
    AccessError, Actor, AdminLogin, AdminSignIn, BusinessProfile, Gate, GateStores, HashError, ManageMembers,
    Member, MemberPatch, MemberStatus, MemberStore, NewMember, OperatorAccess, OperatorCredentials,
    PasswordHash, PasswordHasher, Plan, Principal, Role, SecretText, Sessions, SignIn, SignedIn,
    TenancyError, Tenant, TenantScope, TenantStatus,
    testing::{PlainPasswordHasher, PlainTokenSigner, TenancyStores, platform, scope, scope_of},
};

const PASSWORD: &str = "four words of no sentence";

struct World {
    stores: TenancyStores,
    clock: Arc<ManualClock>,
    gate: Gate,
    sign_in: SignIn,
    members: ManageMembers,
}

fn gate(stores: &TenancyStores, clock: &Arc<ManualClock>, login: Option<AdminLogin>) -> Gate {
    let gate_stores = GateStores {
        tenants: Arc::clone(&stores.tenants),
        credentials: Arc::clone(&stores.credentials),
        channels: Arc::clone(&stores.channels),
        members: Arc::clone(&stores.members),
        admin_sessions: Arc::clone(&stores.admin_sessions),
    };
    let operator = OperatorCredentials { login, ..OperatorCredentials::default() };
    Gate::new(gate_stores, Arc::new(PlainTokenSigner), operator, clock.clone())
}

impl World {
    fn new() -> Self {
        let stores = TenancyStores::memory();
        let clock = Arc::new(ManualClock::default());
        let ids = Arc::new(CountingIds::default());
        Self {
            gate: gate(&stores, &clock, Some(login())),
            sign_in: SignIn {
                tenants: Arc::clone(&stores.tenants),
                members: Arc::clone(&stores.members),
                passwords: Arc::new(PlainPasswordHasher),
                tokens: Arc::new(PlainTokenSigner),
                clock: clock.clone(),
                ids: ids.clone(),
                entropy: Arc::new(CountingEntropy::default()),
            },
            members: ManageMembers::new(
                Arc::clone(&stores.members),
                Arc::new(PlainPasswordHasher),
                clock.clone(),
                ids,
            ),
            stores,
            clock,
        }
    }

    /// The gate of a server that was started with this login.
    fn gate_with(&self, login: Option<AdminLogin>) -> Gate {
        gate(&self.stores, &self.clock, login)
    }

    async fn tenant(&self, number: u128) -> TenantScope {
        let id = TenantId::new(uuid::Uuid::from_u128(number));
        let tenant = Tenant::create(id, "Bristol Plumbing", Plan::Starter, self.clock.now()).unwrap();
        self.stores.tenants.insert(&platform(), &tenant, &BusinessProfile::default()).await.unwrap();
        scope(id)
    }

    async fn set_status(&self, scope: &TenantScope, status: TenantStatus) {
        let mut tenant = self.stores.tenants.find(&platform(), scope.tenant_id()).await.unwrap().unwrap();
        tenant.set_status(status).unwrap();
        self.stores.tenants.save(&platform(), &tenant, self.clock.now()).await.unwrap();
    }

    async fn add(&self, scope: &TenantScope, email: &str, role: Role) -> Result<Member, TenancyError> {
        let (name, password) = ("Ann".to_owned(), SecretText::new(PASSWORD));
        self.members.add(scope, NewMember { email: email.to_owned(), name, role, password }).await
    }

    async fn enter(&self, email: &str) -> Result<SignedIn, TenancyError> {
        self.sign_in.sign_in(email, &SecretText::new(PASSWORD), None).await
    }

    async fn acting(&self, signed_in: &SignedIn) -> Result<TenantScope, AccessError> {
        match self.gate.by_bearer(signed_in.access_token.expose()).await? {
            Principal::Tenant(scope) => Ok(scope),
            Principal::Platform(_) => panic!("a member is no operator"),
        }
    }
}

fn is_refused<T>(outcome: &Result<T, TenancyError>) -> bool {
    matches!(outcome, Err(TenancyError::Access(AccessError::Unauthorized)))
}

fn is_invalid<T>(outcome: &Result<T, TenancyError>, name: &str) -> bool {
    matches!(outcome, Err(TenancyError::Invalid { field, .. }) if *field == name)
}

#[tokio::test]
async fn a_member_who_signs_in_acts_in_the_role_that_the_store_has() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    world.add(&tenant, "owner@example.com", Role::Owner).await.unwrap();
    let ann = world.add(&tenant, "Ann@Example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter(" ann@example.com").await.unwrap();
    assert_eq!((signed_in.member.id, signed_in.expires_in), (ann.id, 900));
    let acting = world.acting(&signed_in).await.unwrap();
    assert!(matches!(acting.actor(), Actor::Member { id, role: Role::Staff, .. } if *id == ann.id));
    let patch = MemberPatch { role: Some(Role::Viewer), ..MemberPatch::default() };
    world.members.change(&tenant, ann.id, &patch).await.unwrap();
    let acting = world.acting(&signed_in).await.unwrap();
    assert!(matches!(acting.actor(), Actor::Member { role: Role::Viewer, .. }));
}

#[tokio::test]
async fn whatever_is_wrong_is_refused_alike() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    let ann = world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    let (wrong, endless) = (SecretText::new("wrong"), SecretText::new("x".repeat(2_000)));
    assert!(is_refused(&world.sign_in.sign_in("ann@example.com", &wrong, None).await));
    assert!(is_refused(&world.sign_in.sign_in("ann@example.com", &endless, None).await));
    assert!(is_refused(&world.enter("nobody@example.com").await));
    assert!(is_refused(&world.enter("no address").await));
    let patch = MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() };
    world.members.change(&tenant, ann.id, &patch).await.unwrap();
    assert!(is_refused(&world.enter("ann@example.com").await));
}

#[tokio::test]
async fn a_member_of_two_businesses_names_one() {
    let world = World::new();
    let (ours, theirs) = (world.tenant(1).await, world.tenant(2).await);
    for tenant in [&ours, &theirs] {
        world.add(tenant, "ann@example.com", Role::Staff).await.unwrap();
    }
    assert!(is_invalid(&world.enter("ann@example.com").await, "tenant_id"));
    let password = SecretText::new(PASSWORD);
    for tenant in [&ours, &theirs] {
        let named = Some(tenant.tenant_id());
        let signed_in = world.sign_in.sign_in("ann@example.com", &password, named).await.unwrap();
        assert_eq!(signed_in.member.tenant_id, tenant.tenant_id());
    }
    let nowhere = Some(TenantId::new(uuid::Uuid::from_u128(9)));
    assert!(is_refused(&world.sign_in.sign_in("ann@example.com", &password, nowhere).await));
}

#[tokio::test]
async fn a_member_of_too_many_businesses_is_refused_as_an_unknown_one_until_one_is_named() {
    let world = World::new();
    for number in 1..=6 {
        let tenant = world.tenant(number).await;
        world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    }
    assert!(is_refused(&world.enter("ann@example.com").await));
    let named = Some(TenantId::new(uuid::Uuid::from_u128(6)));
    world.sign_in.sign_in("ann@example.com", &SecretText::new(PASSWORD), named).await.unwrap();
}

#[tokio::test]
async fn a_business_that_is_gone_or_a_member_who_is_disabled_leaves_the_other_to_be_named_by_the_address() {
    let world = World::new();
    let (first, second, third) = (world.tenant(1).await, world.tenant(2).await, world.tenant(3).await);
    for tenant in [&first, &second, &third] {
        world.add(tenant, "ann@example.com", Role::Staff).await.unwrap();
    }
    world.set_status(&first, TenantStatus::Deleted).await;
    assert!(is_invalid(&world.enter("ann@example.com").await, "tenant_id"));
    let ann = world.stores.members.list(&second, &PageRequest::new(1, None).unwrap()).await.unwrap().items;
    let patch = MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() };
    world.members.change(&second, ann[0].id, &patch).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    assert_eq!((signed_in.member.tenant_id, signed_in.others_tried), (third.tenant_id(), false));
}

#[tokio::test]
async fn a_business_that_is_not_served_lets_no_member_in_or_on() {
    let world = World::new();
    let scope = world.tenant(1).await;
    world.add(&scope, "ann@example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    world.set_status(&scope, TenantStatus::Suspended).await;
    let is_told = |outcome| matches!(outcome, Err(TenancyError::Access(AccessError::Suspended)));
    assert!(is_told(world.enter("ann@example.com").await));
    assert!(is_told(world.sign_in.refresh(signed_in.refresh_token.expose()).await));
    assert!(matches!(world.acting(&signed_in).await, Err(AccessError::Suspended)));
    world.set_status(&scope, TenantStatus::Active).await;
    let signed_in = world.sign_in.refresh(signed_in.refresh_token.expose()).await.unwrap();
    world.set_status(&scope, TenantStatus::Deleted).await;
    assert!(is_refused(&world.sign_in.refresh(signed_in.refresh_token.expose()).await));
}

#[tokio::test]
async fn a_member_of_a_suspended_business_signs_out_for_good() {
    let world = World::new();
    let scope = world.tenant(1).await;
    world.add(&scope, "ann@example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    world.set_status(&scope, TenantStatus::Suspended).await;
    let ann = world.gate.by_bearer_to_sign_out(signed_in.access_token.expose()).await.unwrap();
    world.sign_in.sign_out(&ann).await.unwrap();
    world.set_status(&scope, TenantStatus::Active).await;
    assert!(matches!(world.acting(&signed_in).await, Err(AccessError::Unauthorized)));
    let again = world.gate.by_bearer_to_sign_out(signed_in.access_token.expose()).await;
    assert!(matches!(again, Err(AccessError::Unauthorized)));
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_second_time_ends_everything() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    let first = world.enter("ann@example.com").await.unwrap();
    let apart = world.enter("ann@example.com").await.unwrap();
    let second = world.sign_in.refresh(first.refresh_token.expose()).await.unwrap();
    assert!(world.acting(&second).await.is_ok());
    assert!(is_refused(&world.sign_in.refresh(first.refresh_token.expose()).await));
    for token in [&first, &second] {
        assert!(world.acting(token).await.is_err(), "an access token of the family is good no more");
        assert!(is_refused(&world.sign_in.refresh(token.refresh_token.expose()).await));
    }
    assert!(world.acting(&apart).await.is_ok(), "another sign-in is another family");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_and_ends_nothing() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    let Actor::Member { session, .. } = *world.acting(&signed_in).await.unwrap().actor() else {
        panic!("somebody else is acting")
    };
    let access = signed_in.access_token.expose();
    let forged = format!("forged {}", signed_in.refresh_token.expose());
    let by_id = format!("cc_refresh_{}_x", session.uuid().simple());
    for token in ["", "cc_live_x", access, &forged, &by_id] {
        assert!(is_refused(&world.sign_in.refresh(token).await), "{token}");
    }
    assert!(world.acting(&signed_in).await.is_ok(), "nothing was ended");
    world.sign_in.refresh(signed_in.refresh_token.expose()).await.unwrap();
}

#[tokio::test]
async fn tokens_end_with_time_and_with_signing_out() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    world.clock.advance(SignIn::ACCESS);
    assert!(world.acting(&signed_in).await.is_err());
    let signed_in = world.sign_in.refresh(signed_in.refresh_token.expose()).await.unwrap();
    let scope = world.acting(&signed_in).await.unwrap();
    world.sign_in.sign_out(&scope).await.unwrap();
    assert!(world.acting(&signed_in).await.is_err());
    assert!(is_refused(&world.sign_in.refresh(signed_in.refresh_token.expose()).await));
    let signed_in = world.enter("ann@example.com").await.unwrap();
    world.clock.advance(SignIn::SESSION);
    assert!(is_refused(&world.sign_in.refresh(signed_in.refresh_token.expose()).await));
}

#[tokio::test]
async fn a_new_password_or_a_disabled_member_ends_every_session() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    let ann = world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    world.members.set_password(&tenant, ann.id, &SecretText::new("another long word")).await.unwrap();
    assert!(world.acting(&signed_in).await.is_err());
    assert!(is_refused(&world.enter("ann@example.com").await));
    world.members.set_password(&tenant, ann.id, &SecretText::new(PASSWORD)).await.unwrap();
    let signed_in = world.enter("ann@example.com").await.unwrap();
    let scope = world.acting(&signed_in).await.unwrap();
    let (wrong, right, new) =
        (SecretText::new("wrong"), SecretText::new(PASSWORD), SecretText::new("yet another word"));
    let refused = world.members.change_own_password(&scope, &wrong, &new).await;
    assert!(matches!(refused, Err(TenancyError::WrongPassword)), "{refused:?}");
    world.members.change_own_password(&scope, &right, &new).await.unwrap();
    assert!(world.acting(&signed_in).await.is_err());
    let signed_in = world.sign_in.sign_in("ann@example.com", &new, None).await.unwrap();
    let patch = MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() };
    world.members.change(&tenant, ann.id, &patch).await.unwrap();
    assert!(world.acting(&signed_in).await.is_err());
    assert!(is_refused(&world.sign_in.refresh(signed_in.refresh_token.expose()).await));
}

/// Gives the member another password while the present one is being checked.
struct Overtaken(Arc<dyn MemberStore>, Member);

#[async_trait]
impl PasswordHasher for Overtaken {
    async fn hash(&self, password: &SecretText) -> Result<PasswordHash, HashError> {
        PlainPasswordHasher.hash(password).await
    }

    async fn verify(&self, password: &SecretText, hash: &PasswordHash) -> Result<bool, HashError> {
        let other = PlainPasswordHasher.hash(&SecretText::new("another long word")).await?;
        let (tenant, changed) = (scope(self.1.tenant_id), Member { password: other, ..self.1.clone() });
        self.0.save(&tenant, &changed, Sessions::End, self.1.created_at).await.unwrap();
        PlainPasswordHasher.verify(password, hash).await
    }

    async fn verify_nobody(&self, password: &SecretText) -> Result<(), HashError> {
        PlainPasswordHasher.verify_nobody(password).await
    }
}

#[tokio::test]
async fn who_was_signing_in_when_the_password_changed_is_refused_as_if_it_were_wrong() {
    let mut world = World::new();
    let tenant = world.tenant(1).await;
    let ann = world.add(&tenant, "ann@example.com", Role::Staff).await.unwrap();
    world.sign_in.passwords = Arc::new(Overtaken(Arc::clone(&world.stores.members), ann));
    assert!(is_refused(&world.enter("ann@example.com").await));
}

#[tokio::test]
async fn who_is_no_owner_decides_about_no_owner() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    let owner = world.add(&tenant, "owner@example.com", Role::Owner).await.unwrap();
    let admin = world.add(&tenant, "admin@example.com", Role::Admin).await.unwrap();
    let admins = world.acting(&world.enter("admin@example.com").await.unwrap()).await.unwrap();
    let owner_only = |error: &TenancyError| matches!(error, TenancyError::Access(AccessError::OwnerOnly));
    assert!(owner_only(&world.add(&admins, "x@example.com", Role::Owner).await.unwrap_err()));
    let raise = MemberPatch { role: Some(Role::Owner), ..MemberPatch::default() };
    assert!(owner_only(&world.members.change(&admins, admin.id, &raise).await.unwrap_err()));
    let lower = MemberPatch { role: Some(Role::Viewer), ..MemberPatch::default() };
    assert!(owner_only(&world.members.change(&admins, owner.id, &lower).await.unwrap_err()));
    let password = SecretText::new("a password of mine");
    assert!(owner_only(&world.members.set_password(&admins, owner.id, &password).await.unwrap_err()));
    let owners = world.acting(&world.enter("owner@example.com").await.unwrap()).await.unwrap();
    world.members.change(&owners, admin.id, &raise).await.unwrap();
    let operator = scope_of(tenant.tenant_id(), Actor::Operator(OperatorAccess::Key));
    world.members.change(&operator, admin.id, &lower).await.unwrap();
    let last = world.members.change(&owners, owner.id, &lower).await;
    assert!(matches!(last, Err(TenancyError::LastOwner)), "{last:?}");
}

#[tokio::test]
async fn what_is_no_member_is_not_added() {
    let world = World::new();
    let tenant = world.tenant(1).await;
    let add = async |email: &str, name: &str, password: &str| {
        let (email, name, password) = (email.to_owned(), name.to_owned(), SecretText::new(password));
        world.members.add(&tenant, NewMember { email, name, role: Role::Staff, password }).await
    };
    assert!(is_invalid(&add("ann", "Ann", PASSWORD).await, "email"));
    assert!(is_invalid(&add("ann@example.com", " ", PASSWORD).await, "name"));
    assert!(is_invalid(&add("ann@example.com", "Ann", "short").await, "password"));
    assert!(is_invalid(&add("ann@example.com", "Ann", &"x".repeat(257)).await, "password"));
    assert!(is_invalid(&add("ann@example.com", "Ann", "ANN@example.com").await, "password"));
    add("ann@example.com", "Ann", PASSWORD).await.unwrap();
    let again = add("Ann@example.com", "Ann", PASSWORD).await;
    assert!(matches!(again, Err(TenancyError::Taken { .. })), "{again:?}");
}

fn admin(world: &World, login: Option<AdminLogin>) -> AdminSignIn {
    let entropy = Arc::new(CountingEntropy::default());
    AdminSignIn::new(Arc::clone(&world.stores.admin_sessions), login, world.clock.clone(), entropy)
}

fn login() -> AdminLogin {
    AdminLogin { username: "admin".into(), password: SecretText::new(PASSWORD) }
}

#[tokio::test]
async fn the_operator_stays_signed_in_for_a_day_or_until_signing_out() {
    let world = World::new();
    let admin = admin(&world, Some(login()));
    let session = admin.sign_in("admin", PASSWORD).await.unwrap().secret;
    let operator = world.gate.by_admin_session(session.expose()).await.unwrap();
    assert_eq!(*operator.actor(), Actor::Operator(OperatorAccess::Session));
    admin.sign_out(&operator, session.expose()).await.unwrap();
    assert!(world.gate.by_admin_session(session.expose()).await.is_err());
    let session = admin.sign_in("admin", PASSWORD).await.unwrap().secret;
    world.clock.advance(AdminSignIn::SESSION - TimeDelta::microseconds(1));
    assert!(world.gate.by_admin_session(session.expose()).await.is_ok());
    world.clock.advance(TimeDelta::microseconds(1));
    assert!(world.gate.by_admin_session(session.expose()).await.is_err());
}

#[tokio::test]
async fn with_another_login_or_none_the_operators_sessions_are_over() {
    let world = World::new();
    let session = admin(&world, Some(login())).sign_in("admin", PASSWORD).await.unwrap().secret;
    let other_name = AdminLogin { username: "root".into(), ..login() };
    let other_password = AdminLogin { password: SecretText::new("changed since"), ..login() };
    for now in [None, Some(other_name), Some(other_password)] {
        let gate = world.gate_with(now.clone());
        let again = gate.by_admin_session(session.expose()).await;
        assert!(matches!(again, Err(AccessError::Unauthorized)), "{now:?}");
    }
    assert!(world.gate_with(Some(login())).by_admin_session(session.expose()).await.is_ok());
}

#[tokio::test]
async fn without_a_password_nobody_signs_in_as_the_operator() {
    let world = World::new();
    for (name, password) in [("admin", "wrong"), ("root", PASSWORD), ("", "")] {
        assert!(is_refused(&admin(&world, Some(login())).sign_in(name, password).await), "{name}");
        assert!(is_refused(&admin(&world, None).sign_in(name, password).await), "{name}");
    }
    assert!(world.gate.by_admin_session("").await.is_err());
}
