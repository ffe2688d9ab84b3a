//! `GET /api/v1/leads/export`

use std::{future::ready, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header::CONTENT_DISPOSITION,
    web::{Bytes, Data},
};
use futures_util::{Stream, StreamExt as _, stream};
use kernel::{Cursor, Workload};
use lead::{ExportLeads, LeadError, LeadFilter};
use tenancy::TenantScope;

use super::LeadQuery;
use crate::{
    http::{
        api::wire::Problems,
        extract::{Admitted, ApiQuery, TenantCaller},
        problem::Problem,
    },
    services::Services,
};

/// Gives out leads as comma-separated values, newest first, page by page as the caller reads.
///
/// # Errors
/// When a condition is none, the caller may not, or the store fails before anything is given out. One that fails later
/// breaks the answer off, so that nobody takes a part for the whole.
#[utoipa::path(
    get,
    path = "/api/v1/leads/export",
    tag = "leads",
    params(LeadQuery),
    responses(
        (status = 200, description = "A line for each lead, behind one that names the columns", body = String,
         content_type = "text/csv"),
        Problems
    )
)]
pub async fn export_leads(
    services: Data<Services>,
    asked: Admitted<TenantCaller, ApiQuery<LeadQuery>>,
) -> Result<HttpResponse, Problem> {
    let Admitted(TenantCaller(scope), ApiQuery(query)) = asked;
    let filter = LeadFilter::try_from(query)?;
    let export = Arc::clone(&services.lead_export);
    let header = export.begin(&scope).await?;
    let first = export.next(&scope, &filter, None).await?;
    let begun = stream::once(ready(Ok(Bytes::from(header + &first.lines))));
    let table = begun.chain(rest(export, scope, filter, first.next));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"leads.csv\""))
        .streaming(table))
}

/// Reads page after page. The request has left its lane by then, so each page says for whom it is read.
fn rest(
    export: Arc<ExportLeads>,
    scope: TenantScope,
    filter: LeadFilter,
    next: Option<Cursor>,
) -> impl Stream<Item = Result<Bytes, LeadError>> {
    stream::try_unfold(next, move |next| {
        let (export, scope, filter) = (Arc::clone(&export), scope.clone(), filter.clone());
        Workload::Api.run(async move {
            let Some(after) = next else { return Ok(None) };
            let page = export.next(&scope, &filter, Some(after)).await.inspect_err(|error| {
                tracing::error!(?error, "an export of leads broke off");
            })?;
            Ok(Some((Bytes::from(page.lines), page.next)))
        })
    })
}
