//! Visitors of web pages have sessions that only they go on with.

use serde_json::{Value, json};

use crate::support::{Business, World, text};

async fn widget_token(world: &World, business: &Business, origins: Value) -> String {
    let body = json!({"name": "site", "allowed_origins": origins});
    let path = business.path("/widget-tokens");
    text(&world.post(&path).key(&business.key).json(&body).send().await.expect(201)["token"])
}

async fn open(world: &World, token: &str) -> Value {
    world.post("/api/v1/chat/sessions").header("X-Widget-Token", token).send().await.expect(201)
}

#[actix_web::test]
async fn a_visitor_reads_what_was_said_by_a_person_too() {
    let world = World::new();
    world.model.then_says("We open at eight.");
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business, json!(["*"])).await;
    let session = open(&world, &page).await;
    let visitor = text(&session["visitor_token"]);
    let read = async |cursor: &str| {
        let path = format!("/api/v1/chat/messages?cursor={cursor}");
        world.get(&path).header("X-Visitor-Token", &visitor).send().await.expect(200)
    };
    assert_eq!(read("").await, json!({"items": [], "cursor": null}));
    let said = world.post("/api/v1/chat").header("X-Visitor-Token", &visitor);
    let answer = said.json(&json!({"text": "When do you open?"})).send().await.expect(200);
    world.pass(1);
    let path = format!("/api/v1/conversations/{}/messages", text(&answer["conversation_id"]));
    let person = json!({"text": "Ann here, I can help."});
    world.post(&path).key(&business.key).json(&person).send().await.expect(201);
    let all = read("").await;
    let lines: Vec<_> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["author"]), text(&one["text"])))
        .collect();
    assert_eq!(lines.first().unwrap(), &("contact".to_owned(), "When do you open?".to_owned()));
    assert_eq!(lines.last().unwrap(), &("human".to_owned(), "Ann here, I can help.".to_owned()));
    let cursor = text(&all["cursor"]);
    let since = read(&cursor).await;
    assert_eq!(since, json!({"items": [], "cursor": cursor}), "nothing has been said since");
}

/// A visitor who has said something, and had an answer: its token, what it has read up to, and its conversation.
async fn visitor_who_read(world: &World, business: &Business) -> (String, String, String) {
    let page = widget_token(world, business, json!(["*"])).await;
    let visitor = text(&open(world, &page).await["visitor_token"]);
    let said = world.post("/api/v1/chat").header("X-Visitor-Token", &visitor);
    let answer = said.json(&json!({"text": "When do you open?"})).send().await.expect(200);
    let read =
        world.get("/api/v1/chat/messages").header("X-Visitor-Token", &visitor).send().await.expect(200);
    (visitor, text(&read["cursor"]), text(&answer["conversation_id"]))
}

async fn read_after(world: &World, visitor: &str, cursor: &str) -> Vec<String> {
    let path = format!("/api/v1/chat/messages?cursor={cursor}");
    let read = world.get(&path).header("X-Visitor-Token", visitor).send().await.expect(200);
    read["items"].as_array().unwrap().iter().map(|one| text(&one["text"])).collect()
}

#[actix_web::test]
async fn what_was_said_in_a_conversation_that_is_closed_is_still_read() {
    let world = World::new();
    world.model.then_says("We open at eight.");
    world.model.then_says("Hello again.");
    let business = world.business("Bristol", "+15551230000").await;
    let (visitor, cursor, conversation) = visitor_who_read(&world, &business).await;
    world.pass(1);
    let path = format!("/api/v1/conversations/{conversation}");
    let answer = json!({"text": "Ann here: at eight, yes."});
    world.post(&format!("{path}/messages")).key(&business.key).json(&answer).send().await.expect(201);
    world.post(&format!("{path}/close")).key(&business.key).send().await.expect(200);
    world.pass(1);
    let said = world.post("/api/v1/chat").header("X-Visitor-Token", &visitor);
    let after = said.json(&json!({"text": "And on Sunday?"})).send().await.expect(200);
    assert_ne!(text(&after["conversation_id"]), conversation);
    assert_eq!(
        read_after(&world, &visitor, &cursor).await,
        ["Ann here: at eight, yes.", "And on Sunday?", "Hello again."]
    );
    assert_eq!(read_after(&world, &visitor, "").await.len(), 5);
    let first_two = world.get("/api/v1/chat/messages?limit=2").header("X-Visitor-Token", &visitor);
    let first_two = first_two.send().await.expect(200);
    assert_eq!(first_two["items"].as_array().unwrap().len(), 2);
    assert_eq!(read_after(&world, &visitor, &text(&first_two["cursor"])).await.len(), 3);
}

#[actix_web::test]
async fn visitors_of_a_page_that_names_every_request_alike_get_sessions_of_their_own() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business, json!(["*"])).await;
    let open = async || {
        let call = world.post("/api/v1/chat/sessions").header("X-Widget-Token", &page);
        call.header("Idempotency-Key", "1").send().await.expect(201)
    };
    let (one, other) = (open().await, open().await);
    assert_ne!(one["visitor_token"], other["visitor_token"]);
    assert_ne!(one["session_id"], other["session_id"]);
}

#[actix_web::test]
async fn only_who_has_the_session_reads_it() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business, json!(["*"])).await;
    let (mine, other) = (open(&world, &page).await, open(&world, &page).await);
    let say = world.post("/api/v1/chat").header("X-Visitor-Token", &text(&mine["visitor_token"]));
    say.json(&json!({"text": "my secret"})).send().await.expect(200);
    let read = async |header: &str, token: &str| {
        world.get("/api/v1/chat/messages").header(header, token).send().await
    };
    assert!(!read("X-Visitor-Token", &text(&other["visitor_token"])).await.text().contains("my secret"));
    read("X-Widget-Token", &page).await.expect_problem(403, "forbidden");
    read("X-Visitor-Token", "forged").await.expect_problem(401, "unauthorized");
    let named = json!({"text": "hi", "session_id": mine["session_id"]});
    let call = world.post("/api/v1/chat").header("X-Visitor-Token", &text(&other["visitor_token"]));
    call.json(&named).send().await.expect_problem(400, "invalid_request");
    world.pass(24 * 3_600);
    read("X-Visitor-Token", &text(&mine["visitor_token"])).await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_session_goes_with_its_widget_token_and_its_origins() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business, json!(["https://bristol.example"])).await;
    let visitor = text(&open(&world, &page).await["visitor_token"]);
    let from = async |origin: &str| {
        let call = world.get("/api/v1/chat/messages").header("X-Visitor-Token", &visitor);
        call.header("Origin", origin).send().await
    };
    from("https://bristol.example").await.expect(200);
    from("https://evil.example").await.expect_problem(403, "forbidden");
    let tokens = business.items(&world, &business.path("/widget-tokens")).await;
    let path = business.path(&format!("/widget-tokens/{}", text(&tokens[0]["id"])));
    assert_eq!(world.delete(&path).key(&business.key).send().await.status, 204);
    from("https://bristol.example").await.expect_problem(401, "unauthorized");
}

#[actix_web::test]
async fn the_pages_token_alone_lets_nobody_into_a_session_that_was_opened() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let page = widget_token(&world, &business, json!(["*"])).await;
    let session = open(&world, &page).await;
    let (id, visitor) = (text(&session["session_id"]), text(&session["visitor_token"]));
    let say = async |header: &str, token: &str, named: &str| {
        let body = json!({"text": "hi", "session_id": named});
        world.post("/api/v1/chat").header(header, token).json(&body).send().await
    };
    for named in [id.clone(), format!(" {id} ")] {
        say("X-Widget-Token", &page, &named).await.expect_problem(403, "forbidden");
    }
    assert!(!business.conversations(&world).await.iter().any(|one| one["channel"] == "web_chat"));
    say("X-Visitor-Token", &visitor, &id).await.expect(200);
    say("X-Widget-Token", &page, "made-up").await.expect(200);
}
