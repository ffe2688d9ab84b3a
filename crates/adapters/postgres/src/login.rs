//! What the login itself may do, beyond the two roles that its connections take on.

use std::time::Duration;

use diesel::{dsl::sql, sql_types::Bool};
use diesel_async::RunQueryDsl as _;

use crate::{Connection, OpenError, patient::PatientConnection};

/// How long each question may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

const IS_SUPERUSER: &str =
    "EXISTS (SELECT FROM pg_roles WHERE rolname = session_user AND (rolsuper OR rolbypassrls))";
const OWNS_TABLES: &str = "EXISTS (SELECT FROM pg_class WHERE relkind IN ('r', 'p') \
     AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) \
     AND pg_has_role(session_user, relowner, 'MEMBER'))";

/// What a login may do that serving does not need. Each connection steps down, and whoever gets hold of one steps up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginExcess {
    /// Everything: it is superuser, or bypasses row-level security.
    Superuser,
    /// Change tables and their policies: they are its own.
    OwnsTables,
}

impl Connection {
    /// Connects as the login itself and asks what it may do.
    ///
    /// # Errors
    /// When there is no connection, or the database does not answer.
    pub async fn login_excess(&self) -> Result<Option<LoginExcess>, OpenError> {
        let mut conn = PatientConnection::new(self.connect().await?, ANSWERS_WITHIN);
        for (question, excess) in
            [(IS_SUPERUSER, LoginExcess::Superuser), (OWNS_TABLES, LoginExcess::OwnsTables)]
        {
            let answer = diesel::select(sql::<Bool>(question)).get_result::<bool>(&mut conn).await;
            if answer.map_err(|error| OpenError::Unusable(error.into()))? {
                return Ok(Some(excess));
            }
        }
        Ok(None)
    }
}
