//! `GET /Messages.json`: lists messages, newest first, filtered and paged.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::api_error::ApiError;
use crate::{
    FakeCarrier, Fault,
    message::{API_VERSION, CarrierMessage},
};

const DEFAULT_PAGE_SIZE: usize = 50;
const MAX_PAGE_SIZE: usize = 1000;

pub(crate) async fn handle(
    carrier: Data<FakeCarrier>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    carrier.authenticate(&request)?;
    match carrier.next_look_up_fault() {
        Some(Fault::Status { status, code, retry_after }) => {
            return Err(ApiError::Scripted { status, code, retry_after });
        }
        Some(Fault::Hang(wait) | Fault::AcceptThenHang(wait)) => tokio::time::sleep(wait).await,
        Some(Fault::Garbage) => return Ok(HttpResponse::Ok().body("{")),
        // A question takes nothing, so the faults of taking do not concern it.
        Some(Fault::AcceptThenDrop | Fault::AcceptThenStatus(_) | Fault::OptedOut) | None => {}
    }
    let query = Query::read(request.query_string());
    let traffic = carrier.traffic();
    let found: Vec<_> = traffic.messages().iter().rev().filter(|message| query.matches(message)).collect();
    Ok(HttpResponse::Ok().json(query.page_of(&found, carrier.account_sid())))
}

/// What is asked for.
struct Query {
    filters: Vec<(String, String)>,
    page: usize,
    page_size: usize,
}

impl Query {
    /// Reads the query. `DateSent>=2026-11-21` arrives as a field named `DateSent>`.
    fn read(query: &str) -> Self {
        let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let number = |name: &str| {
            fields.iter().find(|(field, _)| field == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let (page, page_size) =
            (number("Page").unwrap_or(0), number("PageSize").unwrap_or(DEFAULT_PAGE_SIZE));
        let filters = fields
            .into_iter()
            .filter(|(name, _)| !matches!(name.as_str(), "Page" | "PageSize" | "PageToken"));
        Self { filters: filters.collect(), page, page_size: page_size.clamp(1, MAX_PAGE_SIZE) }
    }

    fn matches(&self, message: &CarrierMessage) -> bool {
        let day = message.sent_at.unwrap_or(message.created_at).date_naive();
        self.filters.iter().all(|(name, value)| match name.as_str() {
            "To" => message.to == *value,
            "From" => message.from == *value,
            "DateSent" => read_day(value).is_none_or(|asked| day == asked),
            "DateSent>" => read_day(value).is_none_or(|asked| day >= asked),
            "DateSent<" => read_day(value).is_none_or(|asked| day <= asked),
            _ => true,
        })
    }

    fn page_of(&self, found: &[&CarrierMessage], account_sid: &str) -> Value {
        let start = self.page.saturating_mul(self.page_size);
        let shown: Vec<Value> = found
            .iter()
            .skip(start)
            .take(self.page_size)
            .map(|message| message.resource(account_sid))
            .collect();
        let end = start.saturating_add(shown.len());
        let uri = |page: usize| self.uri(account_sid, page);
        let has_next = end < found.len();
        json!({
            "end": end.saturating_sub(1),
            "first_page_uri": uri(0),
            "next_page_uri": has_next.then(|| uri(self.page.saturating_add(1))),
            "page": self.page,
            "page_size": self.page_size,
            "previous_page_uri": self.page.checked_sub(1).map(uri),
            "messages": shown,
            "start": start,
            "uri": uri(self.page),
        })
    }

    fn uri(&self, account_sid: &str, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.filters);
        query.append_pair("PageSize", &self.page_size.to_string());
        query.append_pair("Page", &page.to_string());
        format!("/{API_VERSION}/Accounts/{account_sid}/Messages.json?{}", query.finish())
    }
}

/// Reads the day of a date, or of a date with a time.
fn read_day(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}
