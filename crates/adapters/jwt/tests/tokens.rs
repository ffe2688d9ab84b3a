//! What is signed is read again, and nothing else is.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in what makes its tokens")]

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cheetah_jwt::{AdminTokens, JwtSigner};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::{Clock as _, MemberId, SessionId, TenantId, Timestamp, WidgetTokenId, testing::ManualClock};
use serde_json::{Value, json};
use tenancy::{
    AccessClaims, AdminTokenVerifier as _, RefreshClaims, SecretText, TokenError, TokenSigner as _,
    VisitorClaims,
};
use uuid::Uuid;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn signer() -> JwtSigner {
    JwtSigner::new(&SecretText::new(SECRET))
}

fn admin() -> AdminTokens {
    AdminTokens::new(&SecretText::new(SECRET))
}

fn now() -> Timestamp {
    ManualClock::default().now()
}

fn access() -> AccessClaims {
    AccessClaims {
        member: MemberId::new(Uuid::from_u128(1)),
        tenant: TenantId::new(Uuid::from_u128(2)),
        session: SessionId::new(Uuid::from_u128(3)),
        issued_at: now(),
        expires_at: now() + TimeDelta::minutes(15),
    }
}

fn refresh() -> RefreshClaims {
    RefreshClaims {
        session: SessionId::new(Uuid::from_u128(3)),
        secret: "only this one".into(),
        issued_at: now(),
        expires_at: now() + TimeDelta::days(30),
    }
}

fn visitor() -> VisitorClaims {
    VisitorClaims {
        tenant: TenantId::new(Uuid::from_u128(2)),
        token: WidgetTokenId::new(Uuid::from_u128(4)),
        visitor: "v-1".into(),
        issued_at: now(),
        expires_at: now() + TimeDelta::hours(24),
    }
}

/// The claims of a good access token, to be altered.
fn good_claims() -> Value {
    let token = signer().sign_access(&access()).unwrap();
    let body = token.expose().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap()
}

fn signed(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn is_invalid<T>(outcome: &Result<T, TokenError>) -> bool {
    matches!(outcome, Err(TokenError::Invalid))
}

#[test]
fn a_token_says_what_was_signed_until_it_expires() {
    let token = signer().sign_access(&access()).unwrap();
    let until = access().expires_at;
    assert_eq!(signer().verify_access(token.expose(), now()).unwrap(), access());
    assert!(signer().verify_access(token.expose(), until - TimeDelta::microseconds(1)).is_ok());
    let expired = signer().verify_access(token.expose(), until);
    assert!(matches!(expired, Err(TokenError::Expired)));
    let token = signer().sign_refresh(&refresh()).unwrap();
    assert_eq!(signer().verify_refresh(token.expose(), now()).unwrap(), refresh());
    let token = signer().sign_visitor(&visitor()).unwrap();
    assert_eq!(signer().verify_visitor(token.expose(), now()).unwrap(), visitor());
    let token = admin().sign("ann", now(), TimeDelta::minutes(5)).unwrap();
    assert_eq!(admin().verify_admin(token.expose(), now()).unwrap(), "ann");
}

#[test]
fn no_kind_passes_for_another() {
    let (access, refresh, visitor, admins) = (
        signer().sign_access(&access()).unwrap(),
        signer().sign_refresh(&refresh()).unwrap(),
        signer().sign_visitor(&visitor()).unwrap(),
        admin().sign("ann", now(), TimeDelta::minutes(5)).unwrap(),
    );
    for wrong in [&refresh, &visitor, &admins] {
        assert!(is_invalid(&signer().verify_access(wrong.expose(), now())));
    }
    for wrong in [&access, &visitor, &admins] {
        assert!(is_invalid(&signer().verify_refresh(wrong.expose(), now())));
    }
    for wrong in [&access, &refresh, &admins] {
        assert!(is_invalid(&signer().verify_visitor(wrong.expose(), now())));
    }
    for wrong in [&access, &refresh, &visitor] {
        assert!(is_invalid(&admin().verify_admin(wrong.expose(), now())));
    }
}

#[test]
fn the_same_claims_signed_otherwise_are_refused() {
    let header = Header::new(Algorithm::HS256);
    let good = signed(&header, &good_claims(), SECRET);
    assert!(signer().verify_access(&good, now()).is_ok());
    let (_, unsigned) = good.split_once('.').unwrap();
    let (body, _) = unsigned.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let with_kid = Header { kid: Some("1".into()), ..header.clone() };
    for (why, token) in [
        ("another key", signed(&header, &good_claims(), "fedcba9876543210fedcba9876543210")),
        ("another algorithm", signed(&Header::new(Algorithm::HS512), &good_claims(), SECRET)),
        ("no algorithm", format!("{none}.{body}.")),
        ("no signature", format!("{}.", good.rsplit_once('.').unwrap().0)),
        ("a key by name", signed(&with_kid, &good_claims(), SECRET)),
        ("not a token", "a.b.c".into()),
        ("nothing", String::new()),
    ] {
        assert!(is_invalid(&signer().verify_access(&token, now())), "{why}");
    }
}

#[test]
fn a_claim_that_is_missing_or_wrong_is_refused() {
    let header = Header::new(Algorithm::HS256);
    for claim in ["iss", "aud", "nbf", "exp", "iat", "sub", "tenant_id", "sid"] {
        let mut without = good_claims();
        without.as_object_mut().unwrap().remove(claim).unwrap();
        let outcome = signer().verify_access(&signed(&header, &without, SECRET), now());
        assert!(is_invalid(&outcome), "without {claim}");
    }
    let later = (now() + TimeDelta::seconds(61)).timestamp();
    for (claim, value) in [
        ("iss", json!("somebody")),
        ("aud", json!("chatter-cheetah/chat")),
        ("nbf", json!(later)),
        ("iat", json!(later)),
        ("nbf", json!(i64::MAX)),
        ("iat", json!(i64::MAX)),
        ("exp", json!(i64::MAX)),
        ("exp", json!("tomorrow")),
        ("sub", json!("nobody")),
    ] {
        let mut wrong = good_claims();
        wrong[claim] = value.clone();
        let outcome = signer().verify_access(&signed(&header, &wrong, SECRET), now());
        assert!(is_invalid(&outcome), "{claim}: {value}");
    }
}

#[test]
fn the_operators_token_is_good_for_an_hour_at_most_and_names_somebody() {
    let token = admin().sign("ann", now(), TimeDelta::hours(9)).unwrap();
    let hour = now() + AdminTokens::LONGEST;
    assert!(admin().verify_admin(token.expose(), hour - TimeDelta::seconds(1)).is_ok());
    assert!(matches!(admin().verify_admin(token.expose(), hour), Err(TokenError::Expired)));
    let body = token.expose().split('.').nth(1).unwrap();
    let good: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).unwrap()).unwrap();
    for (claim, value) in
        [("exp", json!(hour.timestamp() + 1)), ("sub", json!("")), ("sub", json!("two\nlines"))]
    {
        let mut wrong = good.clone();
        wrong[claim] = value;
        let token = signed(&Header::new(Algorithm::HS256), &wrong, SECRET);
        assert!(is_invalid(&admin().verify_admin(&token, now())), "{claim}");
    }
}
