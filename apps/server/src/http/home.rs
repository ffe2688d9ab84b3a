//! `GET /`: a page that says what this is.

use actix_web::{HttpResponse, http::header::ContentType};

/// Shows what this is and where to go on.
pub(super) async fn home() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::html()).body(include_str!("home.html"))
}

/// Leads to the documentation's index, whose own links are relative to a folder.
pub(super) async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()
}
