//! Every operation of the description is called with another tenant's ids in every place that takes any.

use std::{cell::RefCell, collections::BTreeMap};

use server::http::idempotency::REPLAYED;
use uuid::Uuid;

use super::{
    party::{Party, world},
    places::{At, Names, Place, places},
};
use crate::support::{Answer, Operation, Webhook, World, operations, text};

/// The word that the other tenant uses in everything.
const CANARY: &str = "kanarienvogel";

type Ids = BTreeMap<&'static str, String>;

#[actix_web::test]
async fn row_47_a_foreign_id_in_any_place_answers_like_a_random_one_and_changes_nothing() {
    let world = world();
    let own = Party::new(&world, "sparrow", "+15551230000").await;
    let party = Party::new(&world, CANARY, "+15551230001").await;
    let other = Other::of(&world, &party, party.ids(&world).await);
    let (mut met, mut covered) = (Vec::new(), Vec::new());
    let kept = own.ids(&world).await;
    let mut asked = operations();
    // What shows things comes first: later the caller has told of the other's phone itself.
    asked.sort_by_key(|operation| operation.method != "get");
    for operation in asked {
        covered.push(operation.id().to_owned());
        if operation.is_webhook() {
            continue;
        }
        for scheme in schemes(&operation) {
            let ids = if uses_up(&operation) { own.ids(&world).await } else { kept.clone() };
            let caller = Caller { world: &world, own: &own, ids: &ids, operation: &operation, scheme };
            let mut places = places(&operation);
            places.retain(|place| place.names != Names::Request);
            // What is refused comes first: it leaves the caller's own things as they are.
            places.sort_by_key(|place| !matches!(place.names, Names::Thing(_)));
            for place in &places {
                caller.names_a_foreign(place, &other).await;
                met.push((place.at, place.names));
            }
            if operation.has_id() {
                caller.names_nothing_but_foreign(&other).await;
            }
            for header in ["X-Business-ID", "X-Tenant-Id"] {
                let names = Names::Subject("tenant_id");
                let place = Place { at: At::Header, name: header.to_owned(), names };
                caller.is_harmless(&place, &other).await;
            }
            other.reveals_nothing(&caller.say(None).await, "");
            other.is_as_it_was(operation.id());
        }
    }
    covered.extend(webhooks_name_foreign_things(&world, &own, &other).await);
    for operation in operations() {
        assert!(covered.contains(&operation.id().to_owned()), "{} is not covered", operation.id());
    }
    let at = |at: At| met.iter().filter(|(place, _)| *place == at).count();
    assert!(at(At::Path) > 100 && at(At::Query) > 30 && at(At::Body) > 10 && at(At::Header) > 0, "{met:?}");
    assert!(met.iter().any(|(_, names)| *names == Names::Cursor), "{met:?}");
    what_was_named_was_there(&world, &other).await;
}

#[actix_web::test]
async fn an_idempotency_key_of_another_tenant_brings_nothing_of_its_answer() {
    let world = world();
    let own = Party::new(&world, "sparrow", "+15551230000").await;
    let other = Party::new(&world, CANARY, "+15551230001").await;
    let kept = own.ids(&world).await;
    let mut asked = 0;
    for operation in operations() {
        let mut places = places(&operation);
        places.retain(|place| place.names == Names::Request);
        let Some(place) = places.first() else { continue };
        let scheme = *schemes(&operation).first().unwrap();
        let key = format!("key-{}", Uuid::now_v7());
        let ids = other.ids(&world).await;
        other.call(&world, (&operation, scheme), &ids, Some((place, &key))).await;
        let other = Other::of(&world, &other, ids);
        let answer = own.call(&world, (&operation, scheme), &kept, Some((place, &key))).await;
        assert_eq!(answer.header(REPLAYED), "", "{}", operation.id());
        assert!(answer.status < 500, "{}: {}", operation.id(), answer.text());
        other.reveals_nothing(&answer, &key);
        other.is_as_it_was(operation.id());
        asked += 1;
    }
    assert!(asked > 30, "the walk found {asked}");
}

/// As whom an operation is called: whoever a tenant can send.
fn schemes(operation: &Operation) -> Vec<&'static str> {
    let described = operation.schemes().concat();
    let mut schemes = ["member", "api_key", "widget_token", "visitor_token"].to_vec();
    schemes.retain(|scheme| described.iter().any(|one| one == scheme));
    // With the token of a session, the body names none.
    if operation.id() == "chat" {
        schemes.retain(|scheme| *scheme != "visitor_token");
    }
    match (schemes.is_empty(), described.is_empty()) {
        (true, true) => vec!["nobody"],
        // What is the operator's is refused to every member.
        (true, false) => vec!["member", "api_key"],
        (false, _) => schemes,
    }
}

/// Tells whether what it names is gone, or another, once it has been called.
fn uses_up(operation: &Operation) -> bool {
    operation.method == "delete"
        || ["merge_leads", "unmerge_leads", "rotate_api_key"].contains(&operation.id())
}

fn is_the_operators(operation: &Operation) -> bool {
    let schemes = operation.schemes().concat();
    !schemes.is_empty() && schemes.iter().all(|scheme| scheme.starts_with("admin_") || scheme == "tenant_id")
}

/// The tenant that must not be seen.
struct Other<'test> {
    world: &'test World,
    party: &'test Party,
    ids: Ids,
    /// What nobody else's answer may contain.
    secrets: Vec<String>,
    rows: RefCell<String>,
}

impl<'test> Other<'test> {
    fn of(world: &'test World, party: &'test Party, ids: Ids) -> Self {
        let business = &party.business;
        let digits = |phone: &str| phone.trim_start_matches('+').to_owned();
        let mut secrets = vec![CANARY.to_owned(), digits(&business.number), digits(&business.customer)];
        secrets
            .extend(ids.iter().filter(|(name, _)| !["flag", "tag"].contains(name)).map(|(_, id)| id.clone()));
        let rows = world.rows_of(&business.id);
        assert!(rows.lines().count() > 30 && rows.contains("messages: "), "{rows}");
        Self { world, party, ids, secrets, rows: RefCell::new(rows) }
    }

    /// Makes sure that an answer shows nothing of it but what the caller has said.
    fn reveals_nothing(&self, answer: &Answer, said: &str) {
        let said = said.to_lowercase();
        let mut shown = answer.fingerprint().to_lowercase();
        if !said.is_empty() {
            shown = shown.replace(&said, "").replace(said.trim_start_matches('+'), "");
        }
        for secret in self.secrets.iter().filter(|secret| !said.contains(*secret)) {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }

    fn is_as_it_was(&self, after: &str) {
        let rows = self.world.rows_of(&self.party.business.id);
        let before = self.rows.borrow();
        let changed: Vec<_> = rows.lines().filter(|row| !before.lines().any(|one| one == *row)).collect();
        assert!(rows == *before, "after {after}: {changed:#?}");
    }

    /// Returns what it would name in a place itself.
    async fn says(&self, operation: &Operation, place: &Place) -> String {
        let id = |name: &str| self.ids.get(name).cloned();
        let said = match place.names {
            Names::Thing(name) | Names::Subject(name) => id(name),
            Names::Phone => Some(self.party.business.customer.clone()),
            Names::Claimed("number") => Some(self.party.business.number.clone()),
            Names::Claimed(_) => Some(self.party.account_sid.clone()),
            Names::Session => Some(self.party.session.clone()),
            Names::Cursor => Some(self.cursor(operation).await),
            Names::Position => Some(self.position().await),
            Names::Request | Names::Nothing => None,
        };
        if place.names == Names::Cursor {
            // It may have had to sign in.
            self.rows.replace(self.world.rows_of(&self.party.business.id));
        }
        said.unwrap_or_else(|| {
            panic!("{}: say in this test what the other tenant has for {place:?}", operation.id())
        })
    }

    /// Returns where the second page of a list begins, or where that of a list begins that has one.
    async fn cursor(&self, operation: &Operation) -> String {
        let limit = Place { at: At::Query, name: "limit".into(), names: Names::Nothing };
        let mut first = serde_json::Value::Null;
        if !is_the_operators(operation) {
            let scheme = *schemes(operation).first().unwrap();
            let call = self.party.call(self.world, (operation, scheme), &self.ids, Some((&limit, "1")));
            first = call.await.expect(200);
        }
        let found = ["next_cursor", "cursor"].iter().find_map(|name| first[name].as_str());
        if let Some(cursor) = found {
            return cursor.to_owned();
        }
        let leads = self.world.get("/api/v1/leads?limit=1").key(&self.party.business.key);
        text(&leads.send().await.expect(200)["next_cursor"])
    }

    /// Returns the position of its newest event.
    async fn position(&self) -> String {
        let stream = self.world.get(&self.party.business.path("/events")).key(&self.party.business.key);
        let events = stream.header("Last-Event-ID", "0-0").send().await.text();
        events.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned()
    }
}

/// A tenant's caller of an operation.
struct Caller<'test> {
    world: &'test World,
    own: &'test Party,
    ids: &'test Ids,
    operation: &'test Operation,
    scheme: &'static str,
}

impl Caller<'_> {
    async fn say(&self, said: Option<(&Place, &str)>) -> Answer {
        let answer = self.own.call(self.world, (self.operation, self.scheme), self.ids, said).await;
        assert!(answer.status < 500, "{}: {}", self.operation.id(), answer.text());
        answer
    }

    /// Names another tenant's things in a place, and what nobody has.
    async fn names_a_foreign(&self, place: &Place, other: &Other<'_>) {
        let foreign = other.says(self.operation, place).await;
        let answer = self.say(Some((place, &foreign))).await;
        other.reveals_nothing(&answer, &foreign);
        if self.operation.method != "get" {
            other.is_as_it_was(&format!("{} with {place:?}", self.operation.id()));
        }
        let what = format!("{} by {} with {place:?}", self.operation.id(), self.scheme);
        let unlike = |random: &str| format!("{what}: unlike {random}");
        for random in nobodys(place) {
            let unknown = self.say(Some((place, &random))).await;
            let (one, two) = (masked(&answer, &foreign), masked(&unknown, &random));
            assert_eq!(one, two, "{}", unlike(&random));
        }
        match (place.at, place.names) {
            (At::Path, Names::Thing(_)) if !is_the_operators(self.operation) => {
                answer.expect_problem(404, "not_found");
            }
            (_, Names::Thing(_)) => assert!(answer.status >= 400, "{what}: {}", answer.text()),
            _ => {}
        }
    }

    /// Names nothing but another tenant's things in the path, as somebody would who has seen its addresses.
    async fn names_nothing_but_foreign(&self, other: &Other<'_>) {
        let (pair, world) = ((self.operation, self.scheme), self.world);
        let answer = self.own.call(world, pair, &other.ids, None).await;
        let path = self.operation.path_with(&other.ids);
        other.reveals_nothing(&answer, &path);
        let random: Ids = other.ids.keys().map(|name| (*name, nobodys_id(name))).collect();
        let unknown = self.own.call(world, pair, &random, None).await;
        assert_eq!(answer.fingerprint(), unknown.fingerprint(), "{path}");
        let is_refused = answer.status == 404 || is_the_operators(self.operation) && answer.status == 403;
        assert!(is_refused, "{path}: {}", answer.text());
    }

    /// Names another tenant where that must count for nothing.
    async fn is_harmless(&self, place: &Place, other: &Other<'_>) {
        let foreign = other.says(self.operation, place).await;
        let answer = self.say(Some((place, &foreign))).await;
        other.reveals_nothing(&answer, &foreign);
        if self.operation.method == "get" {
            let without = self.say(None).await;
            assert_eq!(answer.status, without.status, "{} with {place:?}", self.operation.id());
        }
    }
}

/// Returns what nobody has, and what is no id at all, where an answer must not tell them from another tenant's.
fn nobodys(place: &Place) -> Vec<String> {
    match (place.at, place.names) {
        (At::Path, Names::Thing(name)) => vec![nobodys_id(name), "no-such-thing".to_owned()],
        (_, Names::Thing(_) | Names::Subject(_)) => vec![Uuid::now_v7().to_string()],
        (At::Query, Names::Phone) => vec!["+15569999999".to_owned()],
        _ => Vec::new(),
    }
}

fn nobodys_id(name: &str) -> String {
    match name {
        // What belongs to nobody has the same name everywhere.
        "flag" => "enable_rag".to_owned(),
        "tag" => "vip".to_owned(),
        _ => Uuid::now_v7().to_string(),
    }
}

/// Returns everything that two answers could be told apart by, but for what was said and for ids that are made anew.
fn masked(answer: &Answer, said: &str) -> String {
    let whole = answer.fingerprint();
    let whole = if said.is_empty() { whole } else { whole.replace(said, "<said>") };
    let (mut masked, mut rest) = (String::new(), whole.as_str());
    while let Some(letter) = rest.chars().next() {
        let id = rest.get(..36).filter(|id| Uuid::try_parse(id).is_ok());
        masked.push_str(id.map_or(&rest[..letter.len_utf8()], |_| "<id>"));
        rest = &rest[id.map_or(letter.len_utf8(), str::len)..];
    }
    masked
}

/// What a carrier says in the name of one tenant's account is about no other tenant.
async fn webhooks_name_foreign_things(world: &World, own: &Party, other: &Other<'_>) -> Vec<String> {
    let (number, customer) = (&other.party.business.number, &other.party.business.customer);
    let message = &other.ids["message_id"];
    let signed = |hook: Webhook| hook.account(&own.account_sid, &own.account_token);
    let sms = |sid: &str, to: &str| Webhook::sms(sid, customer, to, "who are they?");
    let status =
        |id: &str| Webhook::status(&format!("/webhooks/twilio/status?message={id}"), "SMx", "", "failed");
    let probe = || sms("SMp", number).path("/webhooks/twilio/probe");
    let nobodys = Uuid::now_v7().to_string();
    let (taken, free) = (other.party.account_sid.as_str(), "ACnobody");
    let pairs = [
        ("twilio_sms", signed(sms("SM1", number)), signed(sms("SM2", "+15559999999"))),
        // The number of a message that the other tenant already has.
        (
            "twilio_sms",
            signed(sms(&format!("SM{CANARY}"), &own.business.number)),
            signed(sms("SM3", &own.business.number)),
        ),
        (
            "twilio_sms",
            sms("SM4", number).account(taken, "forged"),
            sms("SM4", number).account(free, "forged"),
        ),
        ("twilio_status", signed(status(message)), signed(status(&nobodys))),
        ("twilio_status", status(message).account(taken, "forged"), status(message).account(free, "forged")),
        ("twilio_probe", probe().account(taken, "forged"), probe().account(free, "forged")),
        ("twilio_probe", signed(probe()), signed(sms("SMp", "+15559999999").path("/webhooks/twilio/probe"))),
    ];
    let mut covered = Vec::new();
    for (operation, foreign, random) in pairs {
        let (answer, unknown) = (foreign.send(world).await, random.send(world).await);
        assert_eq!(masked(&answer, ""), masked(&unknown, ""), "{operation}");
        other.reveals_nothing(&answer, "");
        other.is_as_it_was(operation);
        covered.push(operation.to_owned());
    }
    covered
}

/// The ids were right all along: the other tenant itself finds every one of them.
async fn what_was_named_was_there(world: &World, other: &Other<'_>) {
    let mut asked = operations();
    asked.retain(|operation| !is_the_operators(operation) && !operation.is_webhook());
    // What has the most in it is removed last.
    asked.sort_by_key(|operation| (operation.method == "delete", operation.id() == "delete_lead"));
    for operation in asked {
        let scheme = *schemes(&operation).first().unwrap();
        for place in places(&operation) {
            if !matches!(place.names, Names::Thing(_)) {
                continue;
            }
            let said = other.says(&operation, &place).await;
            let answer =
                other.party.call(world, (&operation, scheme), &other.ids, Some((&place, &said))).await;
            let what = format!("{} with {place:?}: {}", operation.id(), answer.text());
            assert!(![401, 403, 404].contains(&answer.status) && answer.status < 500, "{what}");
            if operation.method == "delete" {
                break;
            }
        }
    }
}
