//! The people who work for a tenant.

use serde_json::{Value, json};

use crate::support::{World, text};

#[actix_web::test]
async fn a_member_is_added_found_listed_and_changed() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body =
        json!({"email": "Ann@Example.com", "name": "Ann", "role": "staff", "password": "a long password"});
    let answer = world.post(&business.path("/members")).operator().json(&body).send().await;
    let added = answer.expect(201);
    assert_eq!((&added["email"], &added["status"]), (&json!("ann@example.com"), &json!("active")));
    assert!(!answer.text().contains("password"));
    let path = answer.header("location").to_owned();
    let changed = json!({"name": "Ann B.", "role": "admin"});
    let changed = world.patch(&path).operator().json(&changed).send().await.expect(200);
    assert_eq!((&changed["name"], &changed["role"]), (&json!("Ann B."), &json!("admin")));
    assert_eq!(world.get(&path).operator().send().await.expect(200), changed);
    let listed = world.get(&business.path("/members")).operator().send().await.expect(200);
    assert_eq!(listed["items"], json!([changed]));
    let again = world.post(&business.path("/members")).operator().json(&body).send().await;
    again.expect_problem(409, "already_exists");
    let other = world.business("Exeter", "+15551230001").await;
    world.post(&other.path("/members")).operator().json(&body).send().await.expect(201);
}

#[actix_web::test]
async fn what_is_no_member_is_refused_and_a_role_is_not_mass_assigned() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let good = json!({"email": "a@example.com", "name": "A", "role": "staff", "password": "a long password"});
    for (field, value) in [
        ("email", json!("nobody")),
        ("name", json!("")),
        ("role", json!("king")),
        ("password", json!("short")),
        ("tenant_id", json!(business.id)),
        ("status", json!("active")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = world.post(&business.path("/members")).operator().json(&body).send().await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text());
        assert!(answer.text().contains(field), "{field}: {}", answer.text());
    }
    world.add_member(&business, "staff").await;
    let bearer = format!("Bearer {}", world.sign_in("staff@example.com").await);
    let raise = json!({"role": "owner"});
    let me = world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await.expect(200);
    let path = business.path(&format!("/members/{}", text(&me["member"]["id"])));
    let answer = world.patch(&path).header("Authorization", &bearer).json(&raise).send().await;
    answer.expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn an_admin_makes_no_owner_and_the_last_owner_stays() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let owner = world.add_member(&business, "owner").await;
    let admin = world.add_member(&business, "admin").await;
    let as_admin = format!("Bearer {}", world.sign_in("admin@example.com").await);
    let as_owner = format!("Bearer {}", world.sign_in("owner@example.com").await);
    let change = async |bearer: &str, id: &str, body: Value| {
        let path = business.path(&format!("/members/{id}"));
        world.patch(&path).header("Authorization", bearer).json(&body).send().await
    };
    change(&as_admin, &admin, json!({"role": "owner"})).await.expect_problem(403, "forbidden");
    change(&as_admin, &owner, json!({"status": "disabled"})).await.expect_problem(403, "forbidden");
    change(&as_owner, &owner, json!({"role": "viewer"})).await.expect_problem(409, "last_owner");
    change(&as_owner, &admin, json!({"role": "owner"})).await.expect(200);
    change(&as_owner, &owner, json!({"role": "viewer"})).await.expect(200);
    // The role counts at once, whatever the token was signed for.
    change(&as_owner, &admin, json!({"role": "viewer"})).await.expect_problem(403, "forbidden");
}

#[actix_web::test]
async fn a_new_password_signs_the_member_out() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let id = world.add_member(&business, "staff").await;
    let bearer = format!("Bearer {}", world.sign_in("staff@example.com").await);
    let path = business.path(&format!("/members/{id}/password"));
    let new = json!({"password": "another long password"});
    assert_eq!(world.put(&path).operator().json(&new).send().await.status, 204);
    let answer = world.get("/api/v1/auth/me").header("Authorization", &bearer).send().await;
    answer.expect_problem(401, "unauthorized");
    world.sign_in_with("staff@example.com", "another long password").await.expect(200);
}
