//! Tokens that were not signed here, or not for this, let nobody in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cheetah_jwt::{AdminTokens, JwtSigner};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use kernel::{MemberId, SessionId, TenantId};
use serde_json::Value;
use tenancy::{AccessClaims, SecretText, TokenSigner as _};
use uuid::Uuid;

use crate::support::{ADMIN_PRIVATE_KEY, JWT_SECRET, World, text};

/// A member's good token, and what it says.
async fn good(world: &World) -> (String, AccessClaims) {
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "owner").await;
    let token = world.sign_in("owner@example.com").await;
    let body = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let said: Value = serde_json::from_slice(&body).unwrap();
    let id = |name: &str| text(&said[name]).parse::<Uuid>().unwrap();
    let claims = AccessClaims {
        member: MemberId::new(id("sub")),
        tenant: TenantId::new(id("tenant_id")),
        session: SessionId::new(id("sid")),
        issued_at: world.now(),
        expires_at: world.now() + TimeDelta::minutes(15),
    };
    (token, claims)
}

async fn status(world: &World, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await.status
}

fn signed(secret: &str, claims: &AccessClaims) -> String {
    JwtSigner::new(&SecretText::new(secret)).sign_access(claims).unwrap().expose().to_owned()
}

#[actix_web::test]
async fn rows_41_to_45_none_wrong_key_wrong_audience_and_expired_are_401() {
    let world = World::new();
    let (token, claims) = good(&world).await;
    assert_eq!(status(&world, &token).await, 200);
    assert_eq!(status(&world, &signed(JWT_SECRET, &claims)).await, 200, "the claims are the good ones");

    let body = token.split('.').nth(1).unwrap();
    let header = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signature = token.rsplit('.').next().unwrap();
    let expired = AccessClaims { expires_at: world.now(), ..claims.clone() };
    let said = |audience: &str| {
        let said = URL_SAFE_NO_PAD.decode(body).unwrap();
        let mut said: Value = serde_json::from_slice(&said).unwrap();
        said["aud"] = audience.into();
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        encode(&Header::new(Algorithm::HS256), &said, &key).unwrap()
    };
    assert_eq!(status(&world, &said("chatter-cheetah/api")).await, 200, "nothing but the audience is wrong");
    for (why, forged) in [
        ("none", format!("{}.{body}.", header(r#"{"alg":"none","typ":"JWT"}"#))),
        ("none with a signature", format!("{}.{body}.{signature}", header(r#"{"alg":"none"}"#))),
        ("another algorithm", format!("{}.{body}.{signature}", header(r#"{"alg":"RS256"}"#))),
        ("an unknown key", format!("{}.{body}.{signature}", header(r#"{"alg":"HS256","kid":"x"}"#))),
        ("wrong key", signed("another secret that signs tokens", &claims)),
        ("expired", signed(JWT_SECRET, &expired)),
        ("wrong audience", said("chatter-cheetah/chat")),
        ("no token", String::new()),
    ] {
        assert_eq!(status(&world, &forged).await, 401, "{why}");
    }
}

#[actix_web::test]
async fn a_token_whose_session_or_tenant_is_another_lets_nobody_in() {
    let world = World::new();
    let (_, claims) = good(&world).await;
    let other = world.business("Exeter", "+15551230001").await;
    let elsewhere = AccessClaims { tenant: other.id.parse().map(TenantId::new).unwrap(), ..claims.clone() };
    let never = AccessClaims { session: SessionId::new(Uuid::now_v7()), ..claims };
    assert_eq!(status(&world, &signed(JWT_SECRET, &elsewhere)).await, 401);
    assert_eq!(status(&world, &signed(JWT_SECRET, &never)).await, 401);
}

#[actix_web::test]
async fn the_command_lines_token_lets_the_operator_in_for_its_time() {
    let world = World::new();
    let list = async |token: &str| {
        let bearer = format!("Bearer {token}");
        world.get("/api/v1/tenants").header("Authorization", &bearer).send().await.status
    };
    let sign = |key: &str| {
        let tokens = AdminTokens::new(&SecretText::new(key));
        tokens.sign("ann", world.now(), TimeDelta::minutes(5)).unwrap().expose().to_owned()
    };
    let token = sign(ADMIN_PRIVATE_KEY);
    assert_eq!(list(&token).await, 200);
    assert_eq!(list(&sign(JWT_SECRET)).await, 401, "signed with the key of members' tokens");
    let bearer = format!("Bearer {token}");
    let shown = world.get("/api/v1/admin/auth").header("Authorization", &bearer).send().await.expect(200);
    assert_eq!(shown["actor"], "operator:token:ann");
    world.pass(300);
    assert_eq!(list(&token).await, 401);
    let closed = World::with(|settings, _| settings.admin_private_key = None);
    let bearer = format!("Bearer {}", sign(ADMIN_PRIVATE_KEY));
    let answer = closed.get("/api/v1/tenants").header("Authorization", &bearer).send().await;
    answer.expect_problem(401, "unauthorized");
}
