//! Feature flags.

use serde_json::json;

use crate::support::World;

#[actix_web::test]
async fn flags_have_the_safest_value_until_somebody_sets_them() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let other = world.business("Exeter", "+15551230001").await;
    let unset = json!([
        {"flag": "allow_ai_booking", "enabled": false, "is_set": false},
        {"flag": "enable_rag", "enabled": false, "is_set": false},
        {"flag": "require_human_review", "enabled": true, "is_set": false},
    ]);
    assert_eq!(json!(business.items(&world, &business.path("/feature-flags")).await), unset);
    let path = business.path("/feature-flags/require_human_review");
    let set = world.put(&path).key(&business.key).json(&json!({"enabled": false})).send().await.expect(200);
    assert_eq!(set, json!({"flag": "require_human_review", "enabled": false, "is_set": true}));
    assert_eq!(business.items(&world, &business.path("/feature-flags")).await[2], set);
    assert_eq!(json!(other.items(&world, &other.path("/feature-flags")).await), unset);
    let unknown = world.put(&business.path("/feature-flags/fly")).key(&business.key);
    unknown.json(&json!({"enabled": true})).send().await.expect_problem(404, "not_found");
}
