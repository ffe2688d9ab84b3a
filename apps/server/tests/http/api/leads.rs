//! `/api/v1/leads`

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Business, World, faulty_fields, text};

const LEADS: &str = "/api/v1/leads";

async fn world() -> (World, Business) {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    (world, business)
}

impl Business {
    async fn lead(&self, world: &World, fields: Value) -> Value {
        let made = world.post(LEADS).key(&self.key).json(&fields).send().await.expect(201);
        world.pass(1);
        made
    }

    async fn listed(&self, world: &World, query: &str) -> Vec<String> {
        let items = self.items(world, &format!("{LEADS}{query}")).await;
        items.iter().map(|lead| text(&lead["id"])).collect()
    }
}

fn path(lead: &Value, below: &str) -> String {
    format!("{LEADS}/{}{below}", text(&lead["id"]))
}

fn one_field(lead: &Value, list: &str, field: &str) -> Value {
    lead[list].as_array().unwrap().iter().find(|fact| fact["field"] == field).unwrap()["value"].clone()
}

#[actix_web::test]
async fn a_lead_is_made_of_what_a_form_says() {
    let (world, business) = world().await;
    let form = json!({
        "name": "Ann", "email": "Ann@Example.com", "phone": "(555) 777-0000", "need": "a tap", "urgency": "high",
        "zip": "10001", "service_address": "5 High St", "preferred_time": "mornings", "language": ""
    });
    let answer = world.post(LEADS).key(&business.key).json(&form).send().await;
    let lead = answer.expect(201);
    assert_eq!(answer.header("location"), path(&lead, ""));
    for (field, value) in [
        ("name", "Ann"),
        ("email", "ann@example.com"),
        ("phone", "+15557770000"),
        ("need", "a tap"),
        ("urgency", "high"),
        ("zip", "10001"),
        ("service_address", "5 High St"),
        ("preferred_time", "mornings"),
        ("status", "new"),
        ("source", "api"),
    ] {
        assert_eq!(lead[field], value, "{field}");
    }
    for field in ["language", "conversation_id", "merged_into"] {
        assert_eq!(lead[field], Value::Null, "{field}");
    }
    assert_eq!(lead["score"], 90);
    let points = lead["score_parts"].as_array().unwrap().iter().map(|part| part["points"].as_i64().unwrap());
    assert_eq!(points.sum::<i64>(), 90);
    assert_eq!(world.get(&path(&lead, "")).key(&business.key).send().await.expect(200), lead);
}

#[actix_web::test]
async fn who_has_a_phone_that_a_lead_has_is_that_lead() {
    let (world, business) = world().await;
    let first = business.lead(&world, json!({"phone": "+15557770000", "name": "Ann"})).await;
    let again = json!({"phone": "555 777 0000", "name": "Anna", "zip": "10001"});
    let again = world.post(LEADS).key(&business.key).json(&again).send().await.expect(200);
    assert_eq!((&again["id"], &again["name"], &again["zip"]), (&first["id"], &json!("Ann"), &json!("10001")));
    assert_eq!(one_field(&again, "alternatives", "name"), "Anna");
    assert_eq!(one_field(&again, "facts", "name"), "Ann");
    assert_eq!(again["names"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn a_form_that_says_nothing_usable_is_400() {
    let (world, business) = world().await;
    for (form, field) in [
        (json!({}), "phone"),
        (json!({"name": "Ann"}), "phone"),
        (json!({"email": "nonsense"}), "email"),
        (json!({"phone": "12"}), "phone"),
        (json!({"email": "a@example.com", "urgency": "purple"}), "urgency"),
    ] {
        let answer = world.post(LEADS).key(&business.key).json(&form).send().await;
        assert_eq!(faulty_fields(&answer.expect_problem(400, "invalid_request")), [field], "{form}");
    }
    let unknown = world.post(LEADS).key(&business.key).json(&json!({"status": "won"})).send().await;
    unknown.expect_problem(400, "malformed_json");
    assert_eq!(business.listed(&world, "").await, Vec::<String>::new());
}

#[actix_web::test]
async fn leads_are_found_by_each_condition() {
    let (world, business) = world().await;
    business.lead(&world, json!({"phone": "+15557770000"})).await;
    let full = json!({"phone": "+15557770001", "email": "bob@example.com", "name": "Bob", "need": "a tap"});
    let lead = business.lead(&world, full).await;
    let id = text(&lead["id"]);
    let tagged = world.put(&path(&lead, "/tags/Big%20Job%2Fnow")).key(&business.key).send().await.expect(200);
    assert_eq!(tagged["tags"], json!(["big job/now"]));
    let won = json!({"status": "won"});
    world.put(&path(&lead, "/status")).key(&business.key).json(&won).send().await.expect(200);
    for query in [
        "?status=won",
        "?tag=BIG%20job/now",
        "?min_score=60",
        "?q=%2B15557770001",
        "?q=+15557770001",
        "?q=Bob@example.com",
        "?status=won&source=api&min_score=1&q=bob@example.com&tag=&limit=1",
    ] {
        assert_eq!(business.listed(&world, query).await, std::slice::from_ref(&id), "{query}");
    }
    assert_eq!(business.listed(&world, "?source=api").await.len(), 2);
    for query in [
        "?source=sms",
        "?status=lost",
        "?min_score=100",
        "?q=%2B15557770009",
        "?status=new&tag=big%20job/now",
    ] {
        assert_eq!(business.listed(&world, query).await, Vec::<String>::new(), "{query}");
    }
}

#[actix_web::test]
async fn a_condition_that_is_none_is_400() {
    let (world, business) = world().await;
    for (query, field) in [
        ("status=eaten", "status"),
        ("source=fax", "source"),
        ("min_score=101", "min_score"),
        ("min_score=NaN", "min_score"),
        ("q=Ann", "q"),
        ("q=%2B1555", "q"),
        ("tag=%20", "tag"),
        ("limit=0", "limit"),
    ] {
        for list in [LEADS, "/api/v1/leads/export"] {
            if (list, field) == ("/api/v1/leads/export", "limit") {
                continue;
            }
            let answer = world.get(&format!("{list}?{query}")).key(&business.key).send().await;
            assert_eq!(
                faulty_fields(&answer.expect_problem(400, "invalid_request")),
                [field],
                "{list} {query}"
            );
        }
    }
}

#[actix_web::test]
async fn pages_walk_every_lead_once_newest_first() {
    let (world, business) = world().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(text(&business.lead(&world, json!({"phone": format!("+1555777000{number}")})).await["id"]));
    }
    made.reverse();
    let (mut walked, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let page = world.get(&format!("{LEADS}{query}")).key(&business.key).send().await.expect(200);
        walked.extend(page["items"].as_array().unwrap().iter().map(|lead| text(&lead["id"])));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(walked, made);
}

#[actix_web::test]
async fn a_person_changes_what_is_known_whole_or_not_at_all() {
    let (world, business) = world().await;
    let lead = business.lead(&world, json!({"phone": "+15557770000", "zip": "10001"})).await;
    business.lead(&world, json!({"phone": "+15557770001"})).await;
    let change =
        async |body: Value| world.patch(&path(&lead, "")).key(&business.key).json(&body).send().await;
    let changed = change(json!({"name": "Ann", "zip": null, "status": "verified"})).await.expect(200);
    let shown = (&changed["name"], &changed["zip"], &changed["status"], &changed["phone"]);
    assert_eq!(shown, (&json!("Ann"), &Value::Null, &json!("verified"), &json!("+15557770000")));
    change(json!({"name": "Eve", "phone": "+15557770001"})).await.expect_problem(409, "already_exists");
    change(json!({"name": "Eve", "status": "new"})).await.expect_problem(409, "lead_status_step");
    let refused = change(json!({"name": "Eve", "email": "x"})).await.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&refused), ["email"]);
    let refused = change(json!({"status": "eaten"})).await.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&refused), ["status"]);
    assert_eq!(world.get(&path(&lead, "")).key(&business.key).send().await.expect(200), changed);
}

#[actix_web::test]
async fn a_status_that_cannot_follow_is_409_and_says_which_can() {
    let (world, business) = world().await;
    let lead = business.lead(&world, json!({"phone": "+15557770000"})).await;
    let set = async |status: &str| {
        let body = json!({"status": status});
        world.put(&path(&lead, "/status")).key(&business.key).json(&body).send().await
    };
    let won = set("won").await.expect(200);
    assert_eq!((&won["status"], &won["next_statuses"]), (&json!("won"), &json!(["qualified"])));
    let problem = set("lost").await.expect_problem(409, "lead_status_step");
    assert_eq!(problem["detail"], "a lead that is won does not become lost");
    assert_eq!(problem["errors"], json!([{"field": "status", "message": "write one of qualified"}]));
    assert_eq!(set("won").await.expect(200)["status"], "won", "staying is no step");
    assert_eq!(set("qualified").await.expect(200)["status"], "qualified");
}

#[actix_web::test]
async fn notes_say_who_wrote_them_and_tags_come_off() {
    let (world, business) = world().await;
    let lead = business.lead(&world, json!({"phone": "+15557770000"})).await;
    world.add_member(&business, "staff").await;
    let bearer = format!("Bearer {}", world.sign_in("staff@example.com").await);
    let note = world.post(&path(&lead, "/notes")).header("Authorization", &bearer);
    let noted = note.json(&json!({"text": "call back\nafter six"})).send().await.expect(201);
    assert_eq!(noted["notes"][0]["text"], "call back\nafter six");
    assert!(text(&noted["notes"][0]["author"]).starts_with("member:"), "{noted}");
    let empty =
        world.post(&path(&lead, "/notes")).key(&business.key).json(&json!({"text": " "})).send().await;
    empty.expect_problem(400, "invalid_request");
    for number in 0..20 {
        world.put(&path(&lead, &format!("/tags/t{number}"))).key(&business.key).send().await.expect(200);
    }
    let full = world.put(&path(&lead, "/tags/more")).key(&business.key).send().await;
    assert_eq!(full.expect_problem(409, "lead_full")["detail"], "a lead has at most 20 tags");
    let off = world.delete(&path(&lead, "/tags/T7")).key(&business.key).send().await.expect(200);
    assert_eq!(off["tags"].as_array().unwrap().len(), 19);
    let long = world.put(&path(&lead, &format!("/tags/{}", "x".repeat(41)))).key(&business.key).send().await;
    assert_eq!(faulty_fields(&long.expect_problem(400, "invalid_request")), ["tag"]);
}

#[actix_web::test]
async fn leads_are_merged_and_taken_apart_again() {
    let (world, business) = world().await;
    let one = business.lead(&world, json!({"phone": "+15557770000", "name": "Ann"})).await;
    let other = business.lead(&world, json!({"email": "ann@example.com", "need": "a tap"})).await;
    let third = business.lead(&world, json!({"phone": "+15557770002"})).await;
    let post = async |lead: &Value, verb: &str, other: &Value| {
        let body = json!({"lead_id": other["id"]});
        world.post(&path(lead, verb)).key(&business.key).json(&body).send().await
    };
    let merged = post(&one, "/merge", &other).await.expect(200);
    assert_eq!((&merged["email"], &merged["need"]), (&json!("ann@example.com"), &json!("a tap")));
    assert_eq!(merged["merged"][0]["lead_id"], other["id"]);
    let ids = |leads: &[&Value]| leads.iter().map(|lead| text(&lead["id"])).collect::<Vec<_>>();
    assert_eq!(business.listed(&world, "").await, ids(&[&third, &one]));
    assert_eq!(business.listed(&world, "?q=ann@example.com").await, ids(&[&one]));
    let part = world.get(&path(&other, "")).key(&business.key).send().await.expect(200);
    assert_eq!(part["merged_into"], one["id"]);
    let noted =
        world.post(&path(&other, "/notes")).key(&business.key).json(&json!({"text": "x"})).send().await;
    let problem = noted.expect_problem(409, "lead_merged");
    assert!(text(&problem["detail"]).contains(&text(&one["id"])), "{problem}");
    post(&one, "/merge", &other).await.expect_problem(409, "lead_merged");
    let itself = post(&one, "/merge", &one).await.expect_problem(400, "invalid_request");
    assert_eq!(faulty_fields(&itself), ["lead_id"]);
    post(&third, "/unmerge", &other).await.expect_problem(409, "lead_not_merged");
    let apart = post(&one, "/unmerge", &other).await.expect(200);
    assert_eq!((&apart["lead"]["id"], &apart["lead"]["email"]), (&one["id"], &Value::Null));
    assert_eq!((&apart["unmerged"]["id"], &apart["unmerged"]["email"]), (&other["id"], &other["email"]));
    post(&one, "/unmerge", &other).await.expect_problem(409, "lead_not_merged");
    assert_eq!(business.listed(&world, "").await, ids(&[&third, &other, &one]));
}

#[actix_web::test]
async fn a_deleted_lead_is_gone_and_who_comes_again_is_somebody_new() {
    let (world, business) = world().await;
    let lead = business.lead(&world, json!({"phone": "+15557770000", "name": "Ann"})).await;
    let gone = world.delete(&path(&lead, "")).key(&business.key).send().await;
    assert_eq!((gone.status, gone.text()), (204, String::new()));
    for below in ["", "/notes"] {
        let answer = match below {
            "" => world.get(&path(&lead, below)).key(&business.key).send().await,
            _ => world.post(&path(&lead, below)).key(&business.key).json(&json!({"text": "x"})).send().await,
        };
        answer.expect_problem(404, "not_found");
    }
    world.delete(&path(&lead, "")).key(&business.key).send().await.expect_problem(404, "not_found");
    assert_eq!(business.listed(&world, "").await, Vec::<String>::new());
    let next = business.lead(&world, json!({"phone": "+15557770000"})).await;
    assert_ne!(next["id"], lead["id"]);
    assert_eq!(next["name"], Value::Null);
}

#[actix_web::test]
async fn another_businesss_lead_is_as_if_it_were_not_there() {
    let (world, business) = world().await;
    let other = world.business("Exeter", "+15551230001").await;
    let (own, foreign) = (
        business.lead(&world, json!({"phone": "+15557770000"})).await,
        other.lead(&world, json!({"phone": "+15557770000"})).await,
    );
    assert_ne!(own["id"], foreign["id"], "both may know the same phone");
    for verb in ["/merge", "/unmerge"] {
        let mut answers = Vec::new();
        for id in [foreign["id"].clone(), json!(Uuid::now_v7())] {
            let body = json!({"lead_id": id});
            let answer = world.post(&path(&own, verb)).key(&business.key).json(&body).send().await;
            answer.expect_problem(404, "not_found");
            answers.push(answer.fingerprint());
        }
        assert_eq!(answers[0], answers[1], "{verb}");
    }
    assert_eq!(business.listed(&world, "?q=%2B15557770000").await, [text(&own["id"])]);
    let table = world.get("/api/v1/leads/export").key(&business.key).send().await.text();
    assert!(table.contains(&text(&own["id"])) && !table.contains(&text(&foreign["id"])), "{table}");
}

#[actix_web::test]
async fn a_viewer_looks_and_changes_nothing() {
    let (world, business) = world().await;
    let lead = business.lead(&world, json!({"phone": "+15557770000"})).await;
    world.add_member(&business, "viewer").await;
    let bearer = format!("Bearer {}", world.sign_in("viewer@example.com").await);
    for shown in [LEADS.to_owned(), path(&lead, ""), format!("{LEADS}/export")] {
        assert_eq!(world.get(&shown).header("Authorization", &bearer).send().await.status, 200, "{shown}");
    }
    let refused = world.patch(&path(&lead, "")).header("Authorization", &bearer);
    refused.json(&json!({"name": "Eve"})).send().await.expect_problem(403, "forbidden");
    let refused = world.delete(&path(&lead, "")).header("Authorization", &bearer).send().await;
    refused.expect_problem(403, "forbidden");
}
