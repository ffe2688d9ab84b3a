//! How Postgres keeps ids and times: `uuid` and `timestamptz`, which counts microseconds.

use std::{future::Future, pin::Pin};

use chrono::Utc;
use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    result::QueryResult,
    serialize::{self, Output, ToSql},
    sql_types::{Timestamptz, Uuid as UuidSql},
};
use diesel_async::{RunQueryDsl, methods::LoadQuery};
use kernel::Timestamp;
use uuid::Uuid;

/// The connection that the shared stores speak to.
pub(crate) type Conn = crate::patient::PatientConnection;
/// The column type of ids.
pub(crate) type IdSql = UuidSql;
/// The column type of times.
pub(crate) type TsSql = Timestamptz;

/// Reads rows as they come.
pub(crate) fn load_all<'a, R, Q>(
    query: Q,
    conn: &'a mut Conn,
) -> Pin<Box<dyn Future<Output = QueryResult<Vec<R>>> + Send + 'a>>
where
    Q: LoadQuery<'a, Conn, R> + Send + 'a,
    R: Send + 'a,
{
    Box::pin(RunQueryDsl::load(query, conn))
}

/// An id in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = UuidSql)]
pub(crate) struct Id(pub(crate) Uuid);

/// A time in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamptz)]
pub(crate) struct Ts(pub(crate) Timestamp);

impl ToSql<UuidSql, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<UuidSql, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<UuidSql, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<UuidSql, Pg>>::from_sql(value).map(Self)
    }
}

impl ToSql<Timestamptz, Pg> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl FromSql<Timestamptz, Pg> for Ts {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <chrono::DateTime<Utc> as FromSql<Timestamptz, Pg>>::from_sql(value).map(Self)
    }
}
