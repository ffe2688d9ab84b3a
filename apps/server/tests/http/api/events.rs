//! `GET /api/v1/tenants/{tenant_id}/events`

use serde_json::{Value, json};

use crate::support::{Answer, Business, Webhook, World, faulty_fields};

/// An event as a reader of server-sent events has it.
struct Read {
    id: String,
    event: String,
    data: Value,
}

/// Reads a stream as the standard says; what has no data is not shown, and its id is kept all the same.
fn read(answer: &Answer) -> (Vec<Read>, String) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let (mut shown, mut last) = (Vec::new(), String::new());
    for block in answer.text().split("\n\n") {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        last = field("id: ").unwrap_or(last);
        if let Some(data) = field("data: ") {
            let data = serde_json::from_str(&data).unwrap();
            shown.push(Read { id: last.clone(), event: field("event: ").unwrap(), data });
        }
    }
    (shown, last)
}

async fn stream(world: &World, business: &Business, after: Option<&str>) -> Answer {
    let call = world.get(&business.path("/events")).key(&business.key);
    match after {
        Some(id) => call.header("Last-Event-ID", id).send().await,
        None => call.send().await,
    }
}

/// Reads from a position until so many events are there: one that is under way elsewhere may hold them up.
async fn read_from(world: &World, business: &Business, after: &str, count: usize) -> Vec<Read> {
    for _ in 0..100 {
        let (found, _) = read(&stream(world, business, Some(after)).await);
        if found.len() >= count {
            return found;
        }
    }
    panic!("there are no {count} events");
}

fn names(events: &[Read]) -> Vec<&str> {
    events.iter().map(|event| event.event.as_str()).collect()
}

#[actix_web::test]
async fn a_stream_begins_now_and_goes_on_from_where_its_reader_was() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    read_from(&world, &business, "0-0", 4).await;
    let begun = stream(&world, &business, None).await;
    assert_eq!(begun.header("content-type"), "text/event-stream");
    assert_eq!(begun.header("cache-control"), "no-store");
    let (shown, now) = read(&begun);
    assert_eq!(names(&shown), Vec::<&str>::new(), "what was before is not shown");
    let conversation = business.conversation_id(&world).await;
    for step in ["pause", "resume", "close"] {
        let path = format!("/api/v1/conversations/{conversation}/{step}");
        world.post(&path).key(&business.key).send().await.expect(200);
    }
    let expected = ["conversation.paused", "conversation.resumed", "conversation.closed"];
    let all = read_from(&world, &business, &now, 3).await;
    assert_eq!(names(&all), expected);
    for event in &all {
        assert_eq!(event.data["name"], event.event.as_str());
        assert_eq!(event.data["version"], 1);
        assert_eq!(event.data["facts"], json!({"conversation_id": conversation}));
        assert_eq!(event.data["at"], "2026-11-02T15:00:00Z");
    }
    let rest = read_from(&world, &business, &all[0].id, 2).await;
    assert_eq!(names(&rest), expected[1..]);
}

#[actix_web::test]
async fn consent_that_a_person_changes_is_told_by_its_line_of_the_ledger() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let known = read_from(&world, &business, "0-0", 4).await;
    let call = world.put("/api/v1/consent?address=%2B15557654321").key(&business.key);
    call.json(&json!({"state": "opted_out"})).send().await.expect(200);
    let told = read_from(&world, &business, &known.last().unwrap().id, 1).await;
    let line = &business.items(&world, "/api/v1/consent/ledger?address=%2B15557654321").await[0];
    assert_eq!(names(&told), ["consent.changed"]);
    assert_eq!(told[0].data["version"], 1);
    assert_eq!(told[0].data["facts"], json!({"consent_id": line["id"]}));
}

#[actix_web::test]
async fn a_message_is_told_with_the_conversation_that_it_opened_and_the_consent_that_it_gave() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    Webhook::sms("SM77", "+15557654321", &business.number, "STOP").send(&world).await;
    let told = read_from(&world, &business, "0-0", 7).await;
    let names = names(&told);
    assert_eq!(names[..3], ["tenant.created", "channel.bound", "conversation.opened"], "{names:?}");
    let of_second = &told[names.len() - 3..];
    let expected = ["conversation.opened", "message.received", "consent.changed"];
    assert_eq!(of_second.iter().map(|event| event.event.as_str()).collect::<Vec<_>>(), expected);
    let [opened, received, consent] = of_second else { panic!("three") };
    assert_eq!(opened.data["facts"]["channel"], "sms");
    let conversation = &opened.data["facts"]["conversation_id"];
    assert_eq!(conversation, &received.data["facts"]["conversation_id"]);
    assert_eq!(conversation, &consent.data["facts"]["conversation_id"]);
    assert_eq!(opened.data["id"], *conversation);
    let listed = business.items(&world, "/api/v1/conversations?contact_address=%2B15557654321").await;
    assert_eq!(&listed[0]["id"], conversation);
    let contact = &opened.data["facts"]["contact_id"];
    assert_eq!(&listed[0]["contact"]["id"], contact);
    let raw = stream(&world, &business, Some("0-0")).await.text();
    for personal in ["5557654321", "STOP", "Do you fix sinks"] {
        assert!(!raw.contains(personal), "{personal} is in {raw}");
    }
}

#[actix_web::test]
async fn a_repeated_webhook_tells_nothing_anew() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let before = read_from(&world, &business, "0-0", 4).await.len();
    let sid = format!("SM{}", business.number.trim_start_matches('+'));
    assert_eq!(business.text_from_customer(&world, &sid, "Do you fix sinks?").await, 200);
    let path = format!("/api/v1/conversations/{}/close", business.conversation_id(&world).await);
    world.post(&path).key(&business.key).send().await.expect(200);
    let after = read_from(&world, &business, "0-0", before + 1).await;
    assert_eq!(names(&after).last(), Some(&"conversation.closed"));
    assert_eq!(after.len(), before + 1);
}

#[actix_web::test]
async fn nobody_reads_what_happens_to_others() {
    let world = World::new();
    let (own, other) =
        (world.business("Bristol", "+15551230000").await, world.business("Exeter", "+15551230001").await);
    let told = read_from(&world, &own, "0-0", 4).await;
    read_from(&world, &other, "0-0", 4).await;
    let all = stream(&world, &own, Some("0-0")).await.text();
    assert_eq!(told[0].data["facts"]["tenant_id"], own.id);
    assert!(!all.contains(&other.id));
    for item in other.items(&world, "/api/v1/conversations").await {
        assert!(!all.contains(item["id"].as_str().unwrap()));
    }
    let foreign = world.get(&other.path("/events")).key(&own.key).send().await;
    foreign.expect_problem(404, "not_found");
}

#[actix_web::test]
async fn an_id_that_is_none_is_refused_and_one_from_nowhere_begins_anew() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    let answer = stream(&world, &business, Some("yesterday")).await;
    assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), ["Last-Event-ID"]);
    read_from(&world, &business, "0-0", 4).await;
    let (shown, now) = read(&stream(&world, &business, Some("9223372036854775807-1")).await);
    assert_eq!(names(&shown), ["reset"]);
    assert_eq!(shown[0].id, now);
    assert_ne!(now, "9223372036854775807-1");
}

#[actix_web::test]
async fn a_tenant_has_so_many_streams_and_no_more() {
    let world = World::with(|settings, _| settings.feed.of_tenant = 0);
    let business = world.business("Bristol", "+15551230000").await;
    let answer = stream(&world, &business, None).await;
    answer.expect_problem(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), "30");
}

#[actix_web::test]
async fn a_server_that_stops_ends_its_streams_and_opens_no_more() {
    let world = World::with(|settings, _| settings.feed.lasts = std::time::Duration::from_secs(3_600));
    let business = world.business("Bristol", "+15551230000").await;
    let feed = std::sync::Arc::clone(&world.services.events);
    let stopping = async {
        while feed.open_streams() == 0 {
            tokio::task::yield_now().await;
        }
        feed.stop();
    };
    let (answer, ()) = futures_util::future::join(stream(&world, &business, None), stopping).await;
    assert_eq!(answer.status, 200);
    stream(&world, &business, None).await.expect_problem(503, "unavailable");
}
