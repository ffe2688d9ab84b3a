//! Which leads are asked for.

use lead::{LeadFilter, LeadSource, Tag};
use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::{ObjectBuilder, Schema, Type},
};

use super::status;
use crate::http::{
    api::wire::{one_of, or_nothing},
    extract::address_in_query,
    problem::Problem,
};

/// Which leads are asked for. Every condition that is there must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LeadQuery {
    /// Only with this status.
    status: Option<String>,
    /// Only with this tag.
    tag: Option<String>,
    /// Only first heard of there: `sms`, `whatsapp`, `voice`, `web_chat` or `api`.
    source: Option<String>,
    /// Only with this score or a greater one.
    #[param(schema_with = score_or_nothing)]
    min_score: Option<String>,
    /// Only recognised by this: a whole phone as in `+15551230000`, or a whole e-mail address.
    q: Option<String>,
}

impl TryFrom<LeadQuery> for LeadFilter {
    type Error = Problem;

    fn try_from(query: LeadQuery) -> Result<Self, Problem> {
        let is_said = |text: &String| !text.is_empty();
        let source = |name: String| one_of("source", &name, LeadSource::ALL, LeadSource::as_str);
        let filter = Self {
            status: query.status.filter(is_said).map(|name| status(&name)).transpose()?,
            tag: query.tag.filter(is_said).map(|text| Tag::parse(&text)).transpose()?,
            source: query.source.filter(is_said).map(source).transpose()?,
            min_score: query.min_score.filter(is_said).map(|text| score(&text)).transpose()?,
            identity: None,
        };
        match query.q.filter(is_said) {
            Some(text) => Ok(filter.search(&address_in_query(&text))?),
            None => Ok(filter),
        }
    }
}

fn score(text: &str) -> Result<i16, Problem> {
    let score = text.parse().ok().filter(|score| (0..=100).contains(score));
    score.ok_or_else(|| Problem::invalid_field("min_score", "write a whole number from 0 to 100"))
}

fn score_or_nothing() -> Schema {
    or_nothing(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(100)))
}
