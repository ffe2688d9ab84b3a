//! Bad inputs of [docs/bad-inputs.md] that no single endpoint owns.
//!
//! [docs/bad-inputs.md]: ../../../../docs/bad-inputs.md

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use crate::support::{Answer, Business, Webhook, World, faulty_fields, text};

/// A business with a page on which visitors chat.
struct Page {
    world: World,
    business: Business,
    token: String,
}

impl Page {
    async fn open() -> Self {
        let world = World::new();
        let business = world.business("Bristol", "+15551230000").await;
        let body = json!({"name": "site", "allowed_origins": ["*"]});
        let made = world.post(&business.path("/widget-tokens")).operator().json(&body).send().await;
        let token = text(&made.expect(201)["token"]);
        Self { world, business, token }
    }

    /// Lets the visitor write, and returns the whole answer.
    async fn say(&self, words: &str) -> Value {
        self.ask(words).await.expect(200)
    }

    /// Lets the visitor write, whatever comes of it.
    async fn ask(&self, words: &str) -> Answer {
        let body = json!({"session_id": "visitor-1", "text": words});
        let call = self.world.post("/api/v1/chat").header("X-Widget-Token", &self.token);
        call.json(&body).send().await
    }

    /// Lets the customer write by text message.
    async fn text(&self, sid: &str, words: &str) {
        assert_eq!(self.business.text_from_customer(&self.world, sid, words).await, 200, "{words:?}");
    }

    /// Returns whether the customer may be written to.
    async fn consent(&self) -> String {
        let path = format!("/api/v1/consent?address=%2B{}", self.business.customer.trim_start_matches('+'));
        text(&self.world.get(&path).key(&self.business.key).send().await.expect(200)["state"])
    }
}

fn is_fallback(answer: &Value) -> bool {
    answer["reply_text"].as_str().is_some_and(|text| text.starts_with("Sorry, I cannot answer right now"))
}

/// The signature was worked out apart: over the URL and each different field once, in order of name and value.
#[actix_web::test]
async fn row_7_a_field_that_comes_twice_is_signed_as_the_carrier_signs_it() {
    const SIGNATURE: &str = "K/6m7MB8r0A2PyOD3MXwd2XXvU0=";
    let page = Page::open().await;
    let send = async |fields: &[(&str, &str)]| {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let call = page.world.post("/webhooks/twilio/sms").header("X-Twilio-Signature", SIGNATURE);
        call.body("application/x-www-form-urlencoded", body).send().await.status
    };
    let signed = [
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("MessageSid", "SM7"),
        ("From", "+15561230000"),
        ("To", "+15551230000"),
        ("Body", "second"),
        ("Body", "first"),
        ("Body", "first"),
    ];
    assert_eq!(send(&signed).await, 200);
    assert_eq!(page.business.messages(&page.world).await.last().unwrap()["text"], "second");
    assert_eq!(send(&signed[..5]).await, 403, "without one of its values the signature is another");
}

#[actix_web::test]
async fn row_33_an_answer_over_1600_characters_is_split_and_no_character_is_torn_or_lost() {
    let page = Page::open().await;
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let long = format!("{} {}", "word ".repeat(400).trim(), family.repeat(120));
    let path = format!("/api/v1/conversations/{}/messages", page.business.conversation_id(&page.world).await);
    let call = page.world.post(&path).key(&page.business.key).json(&json!({"text": long}));
    let written = call.send().await.expect(201);
    let more = written["more"].as_array().unwrap();
    let parts: Vec<_> = std::iter::once(&written).chain(more).map(|part| text(&part["text"])).collect();
    assert!(parts.len() > 1, "{parts:?}");
    for part in &parts {
        assert!(part.encode_utf16().count() <= 1_600, "{part}");
        assert!(!part.starts_with('\u{200d}') && !part.ends_with('\u{200d}'), "a family was torn: {part}");
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeeze(&parts.concat()), squeeze(&long));
}

#[actix_web::test]
async fn row_34_markup_in_a_message_and_a_sender_stays_text_and_is_answered_by_nothing_of_it() {
    let page = Page::open().await;
    let markup = "</Message></Say><Dial>+15550009999</Dial>";
    for from in [page.business.customer.as_str(), "</Say><Dial>"] {
        let webhook = Webhook::sms(&format!("SM{}", from.len()), from, &page.business.number, markup);
        let answer = webhook.send(&page.world).await;
        assert_eq!(answer.text(), r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#, "{from}");
    }
    for conversation in page.business.conversations(&page.world).await {
        let path = format!("/api/v1/conversations/{}/messages", text(&conversation["id"]));
        let said = page.business.items(&page.world, &path).await;
        assert_eq!(said.last().unwrap()["text"], markup, "{conversation}");
    }
}

#[actix_web::test]
async fn row_35_control_characters_of_the_model_do_not_reach_the_visitor() {
    let page = Page::open().await;
    page.world.model.then_says("We\u{0} open\u{7} at\u{1b} nine\u{b}.\nSee you!");
    assert_eq!(page.say("When do you open?").await["reply_text"], "We open at nine.\nSee you!");
}

#[actix_web::test]
async fn row_47_another_tenants_id_in_a_path_is_404_and_the_same_as_a_random_one() {
    let world = World::new();
    let [own, other] =
        [world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await];
    let theirs = other.conversation_id(&world).await;
    for below in ["", "/messages", "/refused-sends"] {
        let ask = async |id: &str| {
            world.get(&format!("/api/v1/conversations/{id}{below}")).key(&own.key).send().await
        };
        let (foreign, random) = (ask(&theirs).await, ask(&Uuid::now_v7().to_string()).await);
        foreign.expect_problem(404, "not_found");
        assert_eq!(foreign.fingerprint(), random.fingerprint(), "{below}");
        assert_eq!(ask(&own.conversation_id(&world).await).await.status, 200, "{below}");
    }
}

#[actix_web::test]
async fn row_48_another_tenants_id_in_a_body_is_404_and_the_same_as_a_random_one() {
    let world = World::new();
    let [own, other] =
        [world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await];
    let lead = async |business: &Business| {
        let body = json!({"email": format!("{}@example.com", Uuid::now_v7().simple())});
        text(&world.post("/api/v1/leads").key(&business.key).json(&body).send().await.expect(201)["id"])
    };
    let (ours, theirs) = (lead(&own).await, lead(&other).await);
    let conversation = other.conversation_id(&world).await;
    let merge = format!("/api/v1/leads/{ours}/merge");
    let from_conversation = own.path("/examples/from-conversation");
    let expected = json!([{"kind": "must_mention", "text": "sinks"}]);
    for (path, field, foreign) in
        [(&merge, "lead_id", &theirs), (&from_conversation, "conversation_id", &conversation)]
    {
        let ask = async |id: &str| {
            let mut body = json!({field: id});
            if field == "conversation_id" {
                body["name"] = json!("Sinks");
                body["expectations"] = expected.clone();
            }
            world.post(path).key(&own.key).json(&body).send().await
        };
        let (foreign, random) = (ask(foreign).await, ask(&Uuid::now_v7().to_string()).await);
        foreign.expect_problem(404, "not_found");
        assert_eq!(foreign.fingerprint(), random.fingerprint(), "{path}");
    }
    let theirs = world.get(&format!("/api/v1/leads/{theirs}")).key(&other.key).send().await.expect(200);
    assert!(theirs["merged_into"].is_null(), "{theirs}");
}

#[actix_web::test]
async fn row_57_a_visitor_who_echoes_is_no_longer_answered() {
    let page = Page::open().await;
    let mut answers = 0;
    let mut said = "Hello".to_owned();
    let mut last = Value::Null;
    for _ in 0..12 {
        last = page.say(&said).await;
        let Some(reply) = last["reply_text"].as_str() else { continue };
        (answers, said) = (answers + 1, reply.to_owned());
    }
    assert!((1..=4).contains(&answers), "{answers} answers to an echo");
    let path = format!("/api/v1/conversations/{}/refused-sends", text(&last["conversation_id"]));
    assert_eq!(page.business.items(&page.world, &path).await[0]["reason"], "loop_guard");
}

#[actix_web::test]
async fn row_58_every_spelling_of_stop_opts_out_and_words_around_it_do_not() {
    for (words, state) in [
        ("SToP", "opted_out"),
        (" stop. ", "opted_out"),
        ("stop texting me", "opted_out"),
        ("don't stop", "unknown"),
        ("my bus stop is closed", "unknown"),
    ] {
        let page = Page::open().await;
        page.text("SM58", words).await;
        assert_eq!(page.consent().await, state, "{words}");
    }
}

#[actix_web::test]
async fn row_61_of_stop_and_start_the_last_one_wins() {
    for (words, state) in [(["STOP", "START"], "opted_in"), (["START", "STOP"], "opted_out")] {
        let page = Page::open().await;
        for (number, words) in words.iter().enumerate() {
            page.text(&format!("SM61{number}"), words).await;
        }
        assert_eq!(page.consent().await, state, "{words:?}");
    }
}

#[actix_web::test]
async fn row_63_whatever_the_model_returns_the_visitor_gets_one_usable_reply() {
    let nothing = ["", "  \n\t", "\u{0}"].map(str::to_owned).to_vec();
    for replies in [nothing, vec!["blah ".repeat(200_000); 3]] {
        let mut page = Page::open().await;
        for reply in &replies {
            page.world.model.then_says(reply);
        }
        // The clock stands still, so the visitor does not wait while the turn rests, and asks again.
        Arc::get_mut(&mut page.world.services.chat).unwrap().patience = Duration::ZERO;
        for pause in [2, 4] {
            page.ask("Do you fix boilers?").await.expect_problem(503, "answer_pending");
            page.world.pass(pause);
        }
        let answer = page.say("Do you fix boilers?").await;
        assert!(is_fallback(&answer), "{answer}");
    }
    for (tool, arguments) in [("no_such_tool", json!({})), ("capture_lead", json!("no object"))] {
        let page = Page::open().await;
        page.world.model.then_calls(tool, arguments);
        page.world.model.then_says("Yes, we fix boilers.");
        let answer = page.say("Do you fix boilers?").await;
        let reply = answer["reply_text"].as_str().unwrap_or_default();
        assert!(reply == "Yes, we fix boilers." || is_fallback(&answer), "{tool}: {answer}");
    }
}

#[actix_web::test]
async fn row_51_a_limit_or_cursor_that_is_none_is_400_wherever_there_are_pages() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    for path in ["/api/v1/conversations", "/api/v1/contacts", "/api/v1/leads"] {
        for (query, field) in [
            ("limit=-1", "limit"),
            ("limit=1000000000", "limit"),
            ("limit=NaN", "limit"),
            ("cursor=Zm9yZ2Vk", "cursor"),
        ] {
            let answer = world.get(&format!("{path}?{query}")).key(&business.key).send().await;
            assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), [field], "{path}");
        }
    }
}
