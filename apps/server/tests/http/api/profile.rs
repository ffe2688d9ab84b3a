//! `/api/v1/tenants/{tenant_id}/profile`

use serde_json::json;

use crate::support::{World, faulty_fields};

#[actix_web::test]
async fn a_new_tenants_profile_says_nothing_yet() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let profile = world.get(&business.path("/profile")).key(&business.key).send().await.expect(200);
    assert_eq!(profile["time_zone"], "UTC");
    assert_eq!(profile["hours"], json!({}));
    assert_eq!(profile["reminder_lead_hours"], 24);
}

#[actix_web::test]
async fn what_is_put_is_shown() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({
        "description": "Plumbing", "target_audience": "homes", "communication_style": "short",
        "time_zone": "America/New_York", "hours": {"mon": [{"opens": "08:00", "closes": "17:00"}]},
        "services": ["repairs"], "service_area": "Bristol", "address": "1 Main St", "greeting": "Hi!",
        "languages": ["en", "es"], "links": ["https://bristol.example/book"],
        "owner": {"phone": "+15551239999", "email": "ann@example.com"},
        "emergency_words": ["geyser"], "emergency_number": "911", "reminder_lead_hours": 12,
        "capacity": {"max_jobs_per_day": 4, "reserve_mornings_for_emergencies": true, "travel_buffer_minutes": 30},
        "calendar_id": "ann@example.com"
    });
    let path = business.path("/profile");
    let put = world.put(&path).key(&business.key).json(&body).send().await.expect(200);
    assert_eq!(put, body);
    assert_eq!(world.get(&path).operator().send().await.expect(200), body);
}

#[actix_web::test]
async fn all_that_is_wrong_is_told_at_once() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"time_zone": "Mars/Base", "hours": {"sun": [{"opens": "09:00", "closes": "08:00"}]}});
    let answer = world.put(&business.path("/profile")).key(&business.key).json(&body).send().await;
    let problem = answer.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&problem), ["time_zone", "hours.sun[0]"]);
}

#[actix_web::test]
async fn a_day_that_does_not_exist_is_refused() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"hours": {"someday": []}});
    let answer = world.put(&business.path("/profile")).key(&business.key).json(&body).send().await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "malformed_json")), ["hours.someday"]);
}
