//! How SQLite keeps ids and times: ids as 16 bytes, times as microseconds since 1970.

use chrono::DateTime;
use diesel::{
    SqliteConnection,
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    query_dsl::LoadQuery,
    result::QueryResult,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Binary},
    sqlite::Sqlite,
};
use kernel::Timestamp;
use uuid::Uuid;

pub(crate) use crate::connection::Conn;

/// The column type of ids.
pub(crate) type IdSql = Binary;
/// The column type of times.
pub(crate) type TsSql = BigInt;

/// Reads rows as they come. [`diesel_async::RunQueryDsl::load`] first copies every value of every row, because it may read them
/// on another thread; where there are many rows that costs as much as reading them.
pub(crate) async fn load_all<R, Q>(query: Q, conn: &mut Conn) -> QueryResult<Vec<R>>
where
    Q: for<'a> LoadQuery<'a, SqliteConnection, R> + Send + 'static,
    R: Send + 'static,
{
    conn.run(move |conn| query.internal_load(conn)?.collect()).await
}

/// An id in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Binary)]
pub(crate) struct Id(pub(crate) Uuid);

/// A time in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(crate) struct Ts(pub(crate) Timestamp);

impl ToSql<Binary, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        ToSql::<Binary, Sqlite>::to_sql(self.0.as_bytes().as_slice(), out)
    }
}

impl FromSql<Binary, Sqlite> for Id {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<BigInt, Sqlite> for Ts {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.timestamp_micros());
        Ok(serialize::IsNull::No)
    }
}

impl FromSql<BigInt, Sqlite> for Ts {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        let time = DateTime::from_timestamp_micros(micros).ok_or("a time out of range")?;
        Ok(Self(time))
    }
}
