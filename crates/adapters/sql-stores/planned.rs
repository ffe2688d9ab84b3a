//! Statements that a connection keeps prepared, whatever they do.
//!
//! Diesel prepares a statement anew for each use where a program could write it in too many ways to keep them all: every update,
//! every insertion with values that may be left out, every upsert. The stores write theirs in a few ways each. Preparing one
//! takes SQLite longer than running it, and Postgres a round trip more.

use diesel::{
    QueryResult, RunQueryDsl,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
};

/// A statement that is kept prepared under its text.
pub(crate) struct Planned<Q>(pub(crate) Q);

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Planned<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Two statements of one type can differ in their texts, so the text alone tells them apart.
impl<Q> QueryId for Planned<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Planned<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, Conn> RunQueryDsl<Conn> for Planned<Q> {}
