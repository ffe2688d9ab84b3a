//! `/api/v1/leads/export`

use std::sync::Arc;

use actix_web::{
    App,
    body::{BodySize, MessageBody as _, to_bytes},
    test,
};
use async_trait::async_trait;
use kernel::{LeadId, Page, PageRequest, StoreError, TenantId};
use lead::{Clues, Field, HeardBy, Lead, LeadChange, LeadFilter, LeadStore, Recognised};
use serde_json::json;
use server::http;
use tenancy::{TenantScope, testing::scope};

use crate::support::{Business, World};

/// Adds leads without the API, which would find that somebody asks very often.
async fn add_many(world: &World, business: &Business, count: usize) {
    let tenant = scope(TenantId::new(business.id.parse().unwrap()));
    for number in 0..count {
        let email = (Field::Email, format!("lead{number}-of-{count}@example.com"));
        world.services.leads.create(&tenant, &[email], &HeardBy::default()).await.unwrap();
    }
}

#[actix_web::test]
async fn an_export_gives_out_every_lead_in_pieces_and_harmless() {
    let world = World::new();
    let business = world.business("Bristol", "+15551230000").await;
    add_many(&world, &business, 449).await;
    let need = "=HYPERLINK(\"http://evil\",\"x\")";
    world.pass(1);
    let form = json!({"phone": "+15557770000", "name": "=1+Ann", "need": need});
    world.post("/api/v1/leads").key(&business.key).json(&form).send().await.expect(201);
    let answer = world.get("/api/v1/leads/export").key(&business.key).send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"leads.csv\"");
    let table = answer.text();
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert!(lines[0].starts_with("id,status,score,source,name,email,phone,need"), "{}", lines[0]);
    assert_eq!((lines.len(), lines[451]), (452, ""), "a header, 450 leads, and the end of the last line");
    for number in 0..449 {
        assert_eq!(table.matches(&format!(",lead{number}-of-449@example.com,")).count(), 1, "{number}");
    }
    let harmless = ",'=1+Ann,,'+15557770000,\"'=HYPERLINK(\"\"http://evil\"\",\"\"x\"\")\",";
    assert!(lines[1].contains(harmless), "{}", lines[1]);
    let one =
        world.get("/api/v1/leads/export?q=lead7-of-449@example.com").key(&business.key).send().await.text();
    assert_eq!(one.matches("@example.com").count(), 1);
    let log = business.items(&world, &business.path("/audit-log?action=lead.exported")).await;
    assert_eq!((log.len(), &log[0]["resource_id"]), (2, &json!(business.id)));
}

/// A store that fails as soon as it is asked for a page behind the first.
struct FailingAfterOnePage(Arc<dyn LeadStore>);

#[async_trait]
impl LeadStore for FailingAfterOnePage {
    async fn find(&self, scope: &TenantScope, id: LeadId) -> Result<Option<Lead>, StoreError> {
        self.0.find(scope, id).await
    }
    async fn recognise(&self, scope: &TenantScope, clues: &Clues) -> Result<Recognised, StoreError> {
        self.0.recognise(scope, clues).await
    }
    async fn list(
        &self,
        scope: &TenantScope,
        filter: &LeadFilter,
        page: &PageRequest,
    ) -> Result<Page<Lead>, StoreError> {
        match page.after() {
            None => self.0.list(scope, filter, page).await,
            Some(_) => Err(StoreError::Unavailable("it is down by now".into())),
        }
    }
    async fn save(&self, scope: &TenantScope, change: &LeadChange) -> Result<(), StoreError> {
        self.0.save(scope, change).await
    }
}

#[actix_web::test]
async fn an_export_is_given_out_as_it_is_read_and_breaks_off_where_the_store_fails() {
    let world = World::with(|_, ports| {
        ports.stores.leads = Arc::new(FailingAfterOnePage(Arc::clone(&ports.stores.leads)));
    });
    let business = world.business("Bristol", "+15551230000").await;
    let app = test::init_service(App::new().service(http::service(&world.services))).await;
    // As many as one page holds, and then one more.
    for (more, is_whole) in [(200, true), (1, false)] {
        add_many(&world, &business, more).await;
        let request = test::TestRequest::get().uri("/api/v1/leads/export");
        let request = request.insert_header(("X-API-Key", business.key.as_str())).to_request();
        let response = test::call_service(&app, request).await;
        assert_eq!(
            response.response().body().size(),
            BodySize::Stream,
            "nobody knows its length before its end"
        );
        assert_eq!(to_bytes(response.into_body()).await.is_ok(), is_whole);
    }
}
