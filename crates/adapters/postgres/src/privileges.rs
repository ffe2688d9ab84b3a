//! That a role which serves is held to row-level security, and that nothing it may use leads around it.

use diesel::{
    dsl::sql,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::RunQueryDsl as _;

use crate::{OpenError, types::Conn};

/// Superuser, bypassing, or an owner: itself, or as a member of another role.
const IS_PRIVILEGED: &str = "EXISTS (SELECT FROM pg_roles r WHERE pg_has_role(r.oid, 'MEMBER') AND (r.rolsuper OR \
     r.rolbypassrls OR EXISTS ( \
         SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm'))))";

/// A view that works with its owner's rights on a table of tenants, whatever other views lie between.
const AN_OPEN_VIEW: &str = "(WITH RECURSIVE shown (view, relation) AS ( \
         SELECT v.oid, v.oid FROM pg_class v WHERE v.relkind IN ('v', 'm') \
         AND (has_any_column_privilege(v.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(v.oid, 'DELETE')) \
         AND NOT EXISTS ( \
             SELECT FROM pg_options_to_table(v.reloptions) o \
             WHERE o.option_name = 'security_invoker' AND o.option_value::boolean) \
         UNION \
         SELECT s.view, d.refobjid FROM shown s \
         JOIN pg_rewrite w ON w.ev_class = s.relation \
         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid \
             AND d.refclassid = 'pg_class'::regclass) \
     SELECT s.view::regclass::text FROM shown s JOIN pg_class t ON t.oid = s.relation AND t.relrowsecurity LIMIT 1)";

/// A function that works with its owner's rights. Those that Postgres brings are not meant.
const AN_OPEN_FUNCTION: &str = "(SELECT p.oid::regprocedure::text FROM pg_proc p \
     JOIN pg_namespace n ON n.oid = p.pronamespace \
     WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
     AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE') LIMIT 1)";

/// Makes sure that the role that a connection works as sees its tenant's rows and no others.
pub(crate) async fn check(role: &'static str, conn: &mut Conn) -> Result<(), OpenError> {
    let unusable = |error: diesel::result::Error| OpenError::Unusable(error.into());
    let is_privileged = diesel::select(sql::<Bool>(IS_PRIVILEGED)).get_result::<bool>(conn).await;
    if is_privileged.map_err(unusable)? {
        return Err(OpenError::Privileged { role });
    }
    let found =
        diesel::select((sql::<Nullable<Text>>(AN_OPEN_VIEW), sql::<Nullable<Text>>(AN_OPEN_FUNCTION)));
    let found = found.get_result::<(Option<String>, Option<String>)>(conn).await;
    match found.map_err(unusable)? {
        (Some(view), _) => Err(OpenError::OpenView { view }),
        (None, Some(function)) => Err(OpenError::OpenFunction { function }),
        (None, None) => Ok(()),
    }
}
