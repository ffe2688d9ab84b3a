//! `/api/v1/chat`

use serde_json::{Value, json};

use crate::support::{Answer, Business, Call, World, faulty_fields, text};

/// Makes a widget token for pages of these origins.
pub(super) async fn widget_token(world: &World, business: &Business, origins: &[&str]) -> String {
    let body = json!({"name": "site", "allowed_origins": origins});
    text(
        &world.post(&business.path("/widget-tokens")).operator().json(&body).send().await.expect(201)["token"],
    )
}

fn chat<'world>(world: &'world World, token: &str, session: &str, text: &str) -> Call<'world> {
    let body = json!({"session_id": session, "text": text});
    world.post("/api/v1/chat").header("X-Widget-Token", token).json(&body)
}

/// Lets a visitor write, and returns the answer.
pub(super) async fn say(world: &World, token: &str, session: &str, text: &str) -> Value {
    chat(world, token, session, text).send().await.expect(200)
}

#[actix_web::test]
async fn a_visitor_is_answered_and_finds_the_conversation_again() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    world.model.then_says("Yes, we fix sinks.");
    let first = say(&world, &token, "visitor-1", "Do you fix sinks?").await;
    assert_eq!(first["reply_text"], "Yes, we fix sinks.");
    let second = say(&world, &token, "visitor-1", "Today?").await;
    assert_eq!(second["conversation_id"], first["conversation_id"]);
    let other = say(&world, &token, "visitor-2", "Hello").await;
    assert_ne!(other["conversation_id"], first["conversation_id"]);
    let path = "/api/v1/conversations?contact_address=visitor-1";
    assert_eq!(business.items(&world, path).await[0]["id"], first["conversation_id"]);
}

#[actix_web::test]
async fn rows_26_to_28_odd_words_are_answered() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    let combining = format!("e{}", "\u{301}".repeat(5_000));
    let odd = [
        "\u{1f600}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "",
        "   ",
        "\u{202e}olleh",
        &combining,
        "a\0b",
    ];
    for (number, words) in odd.iter().enumerate() {
        let answer = say(&world, &token, &format!("visitor-{number}"), words).await;
        assert!(answer["conversation_id"].is_string(), "{words:?}");
    }
}

#[actix_web::test]
async fn a_session_that_is_none_is_400() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    for session in ["", "  ", "a\nb", &"x".repeat(129)] {
        let answer = chat(&world, &token, session, "hi").send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["session_id"]);
    }
}

#[actix_web::test]
async fn a_page_that_is_not_on_the_list_is_403() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["https://bristol.example"]).await;
    let from = async |origin: &str| -> Answer {
        chat(&world, &token, "visitor-1", "hi").header("Origin", origin).send().await
    };
    let open = widget_token(&world, &business, &["*"]).await;
    for origin in ["https://bristol.example", "https://evil.example"] {
        chat(&world, &open, "visitor-1", "hi").header("Origin", origin).send().await.expect(200);
    }
    let allowed = from("https://bristol.example").await;
    allowed.expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://bristol.example");
    for origin in ["https://evil.example", "https://bristol.example.evil.example", "null"] {
        let refused = from(origin).await;
        refused.expect_problem(403, "forbidden");
        assert_eq!(refused.header("access-control-allow-origin"), origin, "the page may read why");
    }
}

#[actix_web::test]
async fn a_browser_may_ask_first() {
    let call = World::new();
    let call = Call::new(&call, "OPTIONS", "/api/v1/chat").header("Origin", "https://bristol.example");
    let answer = call.header("Access-Control-Request-Method", "POST").send().await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "https://bristol.example");
    assert_eq!(answer.header("access-control-allow-methods"), "GET, POST");
    assert!(answer.header("access-control-allow-headers").contains("x-widget-token"));
}

#[actix_web::test]
async fn an_api_key_is_no_widget_token() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let body = json!({"session_id": "s", "text": "hi"});
    let answer = world.post("/api/v1/chat").key(&business.key).json(&body).send().await;
    answer.expect_problem(403, "forbidden");
    let answer = chat(&world, &business.key, "s", "hi").send().await;
    answer.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_suspended_tenants_visitors_are_403() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    let suspend = json!({"status": "suspended"});
    world.patch(&business.path("")).operator().json(&suspend).send().await.expect(200);
    chat(&world, &token, "s", "hi").send().await.expect_problem(403, "tenant_suspended");
}

#[actix_web::test]
async fn while_a_person_answers_the_bot_is_silent() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    let id = text(&say(&world, &token, "visitor-1", "hi").await["conversation_id"]);
    world.post(&format!("/api/v1/conversations/{id}/pause")).key(&business.key).send().await.expect(200);
    assert!(say(&world, &token, "visitor-1", "hello?").await["reply_text"].is_null());
}

#[actix_web::test]
async fn a_web_chat_that_is_off_is_409() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let token = widget_token(&world, &business, &["*"]).await;
    let channels = business.items(&world, &business.path("/channels")).await;
    let web = channels.iter().find(|channel| channel["channel"] == "web_chat").unwrap();
    let path = format!("{}/{}", business.path("/channels"), text(&web["id"]));
    world.patch(&path).operator().json(&json!({"is_active": false})).send().await.expect(200);
    chat(&world, &token, "s", "hi").send().await.expect_problem(409, "channel_inactive");
}
