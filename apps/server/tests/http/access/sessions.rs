//! Members sign in, stay signed in, and sign out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use cheetah_jwt::JwtSigner;
use chrono::TimeDelta;
use kernel::SessionId;
use serde_json::{Value, json};

use tenancy::{RefreshClaims, SecretText, TokenSigner as _};

use crate::support::{Answer, JWT_SECRET, MEMBER_PASSWORD, World, text};

async fn refresh(world: &World, token: &Value) -> Answer {
    world.post("/api/v1/auth/refresh").json(&json!({"refresh_token": token})).send().await
}

async fn me(world: &World, access: &Value) -> u16 {
    let bearer = format!("Bearer {}", text(access));
    world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await.status
}

#[actix_web::test]
async fn a_member_signs_in_and_sees_who_they_are() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = world.add_member(&business, "staff").await;
    let signed_in = world.sign_in_with("Staff@Example.com", MEMBER_PASSWORD).await.expect(200);
    assert_eq!((&signed_in["token_type"], &signed_in["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(signed_in["member"]["role"], "staff");
    let bearer = format!("Bearer {}", text(&signed_in["access_token"]));
    let me = world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await.expect(200);
    assert_eq!((&me["member"]["id"], &me["member"]["tenant_id"]), (&json!(id), &json!(business.id)));
    let permissions = me["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("conversations:write")));
    assert!(!permissions.contains(&json!("members:write")));
    let shown = world.get("/api/v1/conversations").header("Authorization", &bearer).send().await;
    assert!(shown.text().contains(&business.customer));
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_sign_in_answers_alike() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = world.add_member(&business, "staff").await;
    let wrong = world.sign_in_with("staff@example.com", "wrong").await;
    wrong.expect_problem(401, "unauthorized");
    let unknown = world.sign_in_with("nobody@example.com", MEMBER_PASSWORD).await;
    let path = business.path(&format!("/members/{id}"));
    world.patch(&path).operator().json(&json!({"status": "disabled"})).send().await.expect(200);
    let disabled = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await;
    for other in [&unknown, &disabled] {
        assert_eq!(other.fingerprint(), wrong.fingerprint());
    }
}

#[actix_web::test]
async fn row_46_a_refresh_token_used_twice_logs_the_whole_family_out() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let first = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    let apart = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    let second = refresh(&world, &first["refresh_token"]).await.expect(200);
    assert_eq!(me(&world, &second["access_token"]).await, 200);
    refresh(&world, &first["refresh_token"]).await.expect_problem(401, "unauthorized");
    for family in [&first, &second] {
        assert_eq!(me(&world, &family["access_token"]).await, 401);
        refresh(&world, &family["refresh_token"]).await.expect_problem(401, "unauthorized");
    }
    assert_eq!(me(&world, &apart["access_token"]).await, 200);
    let key = &business.key;
    let path = business.path("/audit-log?action=session.reused");
    let lines = world.get(&path).key(key).send().await.expect(200);
    assert_eq!(lines["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn a_refresh_token_that_was_never_given_out_ends_nothing() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let mut last = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    let path = business.path("/audit-log?action=session.opened");
    let lines = world.get(&path).key(&business.key).send().await.expect(200);
    let session = text(&lines["items"][0]["resource_id"]);
    let signed = |secret: &str| {
        let claims = RefreshClaims {
            session: SessionId::new(session.parse().unwrap()),
            secret: "x".into(),
            issued_at: world.now(),
            expires_at: world.now() + TimeDelta::days(30),
        };
        JwtSigner::new(&SecretText::new(secret)).sign_refresh(&claims).unwrap().expose().to_owned()
    };
    let given = text(&last["refresh_token"]);
    let (head, signature) = given.rsplit_once('.').unwrap();
    let said = URL_SAFE_NO_PAD.encode(format!(r#"{{"sid":"{session}"}}"#));
    for forged in [
        format!("cc_refresh_{}_x", session.replace('-', "")),
        format!("{}.{said}.{signature}", head.split_once('.').unwrap().0),
        signed("another secret that signs tokens"),
        text(&last["access_token"]),
    ] {
        refresh(&world, &json!(forged)).await.expect_problem(401, "unauthorized");
        assert_eq!(me(&world, &last["access_token"]).await, 200, "{forged}");
        last = refresh(&world, &last["refresh_token"]).await.expect(200);
    }
    refresh(&world, &json!(signed(JWT_SECRET))).await.expect_problem(401, "unauthorized");
    assert_eq!(me(&world, &last["access_token"]).await, 401, "the session is the one that was named");
}

#[actix_web::test]
async fn an_access_token_ends_with_time_and_with_signing_out() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let first = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    world.pass(900);
    assert_eq!(me(&world, &first["access_token"]).await, 401);
    let second = refresh(&world, &first["refresh_token"]).await.expect(200);
    let bearer = format!("Bearer {}", text(&second["access_token"]));
    let left = world.post("/api/v1/auth/logout").header("Authorization", &bearer).send().await;
    assert_eq!(left.status, 204);
    assert_eq!(me(&world, &second["access_token"]).await, 401);
    refresh(&world, &second["refresh_token"]).await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_member_changes_the_password_and_signs_in_anew() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let bearer = format!("Bearer {}", world.sign_in("staff@example.com").await);
    let change = async |present: &str, new: &str| {
        let body = json!({"current_password": present, "new_password": new});
        world.put("/api/v1/auth/password").header("Authorization", &bearer).json(&body).send().await
    };
    change("wrong", "another long password").await.expect_problem(400, "invalid_request");
    change(MEMBER_PASSWORD, "short").await.expect_problem(400, "invalid_request");
    assert_eq!(change(MEMBER_PASSWORD, "another long password").await.status, 204);
    change(MEMBER_PASSWORD, "another long password").await.expect_problem(401, "unauthorized");
    world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect_problem(401, "unauthorized");
    world.sign_in_with("staff@example.com", "another long password").await.expect(200);
}

#[actix_web::test]
async fn a_member_of_a_suspended_business_signs_out_for_good() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let signed_in = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    let bearer = format!("Bearer {}", text(&signed_in["access_token"]));
    let set = async |status: &str| {
        world.patch(&business.path("")).operator().json(&json!({"status": status})).send().await.expect(200)
    };
    let leave = async |header: &str, value: &str| {
        world.post("/api/v1/auth/logout").header(header, value).send().await
    };
    set("suspended").await;
    leave("X-API-Key", &business.key).await.expect_problem(403, "tenant_suspended");
    leave("Authorization", "Bearer forged").await.expect_problem(401, "unauthorized");
    leave("Authorization", &bearer).await.expect(204);
    leave("Authorization", &bearer).await.expect_problem(401, "unauthorized");
    set("active").await;
    assert_eq!(me(&world, &signed_in["access_token"]).await, 401);
    refresh(&world, &signed_in["refresh_token"]).await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_suspended_business_is_told_so() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    world.add_member(&business, "staff").await;
    let signed_in = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await.expect(200);
    let (access, token) = (text(&signed_in["access_token"]), &signed_in["refresh_token"]);
    let set = async |status: &str| {
        world.patch(&business.path("")).operator().json(&json!({"status": status})).send().await.expect(200)
    };
    set("suspended").await;
    let answer = world.sign_in_with("staff@example.com", MEMBER_PASSWORD).await;
    answer.expect_problem(403, "tenant_suspended");
    refresh(&world, token).await.expect_problem(403, "tenant_suspended");
    let bearer = format!("Bearer {access}");
    let answer = world.get("/api/v1/contacts").header("Authorization", &bearer).send().await;
    answer.expect_problem(403, "tenant_suspended");
    set("active").await;
    let token = &refresh(&world, token).await.expect(200)["refresh_token"];
    set("deleted").await;
    refresh(&world, token).await.expect_problem(401, "unauthorized");
}
