//! The rows of versions of prompts. Tenants' and the platform's lie in two tables that are alike but for the tenant, so
//! what is done with them is written once.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, dsl::max,
};
use diesel_async::RunQueryDsl as _;
use kernel::{Page, PageRequest, PromptVersionId, StoreError, TenantId};
use prompt::{
    NewDraft, PromptChannel, PromptOwner, PromptVersion, Publication, VersionStatus, VersionSummary,
};

use crate::{
    conversation_store::{cursor, time_of},
    errors::{corrupt, store_error},
    locks::hold_prompts,
    prompt_schema::{base_prompt_versions, prompt_versions},
    submitted_contents::SubmittedContents,
    types::{Conn, Id, Ts},
    version_rows::{SummaryRow, VersionRow, sections_of, version_of},
};

/// The columns that a list shows.
macro_rules! summary_of {
    ($table:ident) => {
        (
            $table::id,
            $table::channel,
            $table::number,
            $table::status,
            $table::note,
            $table::based_on,
            $table::created_at,
            $table::changed_at,
            $table::published_at,
            $table::revision,
        )
    };
}

/// Writes what is done with the rows of one owner. A column that names the tenant narrows a table to the owner's.
macro_rules! versions_in {
    ($(#[$doc:meta])* $name:ident: $table:ident of $owner:expr $(, by $tenant:ident)?) => {
        $(#[$doc])*
        pub(crate) struct $name<'a> {
            conn: &'a mut Conn,
            owner: PromptOwner,
            $($tenant: Id,)?
        }

        impl<'a> $name<'a> {
            /// Goes to the rows on this connection.
            pub(crate) fn on(conn: &'a mut Conn $(, $tenant: TenantId)?) -> Self {
                Self { conn, owner: $owner, $($tenant: Id($tenant.uuid()),)? }
            }

            /// Writes a draft with the next number of its channel.
            pub(crate) async fn insert(&mut self, draft: &NewDraft) -> Result<PromptVersion, StoreError> {
                hold_prompts(self.conn, self.owner, draft.channel).await?;
                let highest = $table::table
                    $(.filter($table::$tenant.eq(self.$tenant)))?
                    .filter($table::channel.eq(draft.channel.as_str()))
                    .select(max($table::number))
                    .first::<Option<i32>>(self.conn)
                    .await
                    .map_err(store_error)?;
                let number = highest.unwrap_or(0).saturating_add(1);
                let counted = u32::try_from(number).map_err(|_| corrupt("number of a version"))?;
                let based_on = draft.based_on.map(i32::try_from).transpose();
                diesel::insert_into($table::table)
                    .values((
                        $($table::$tenant.eq(self.$tenant),)?
                        $table::id.eq(Id(draft.id.uuid())),
                        $table::channel.eq(draft.channel.as_str()),
                        $table::number.eq(number),
                        $table::status.eq(VersionStatus::Draft.as_str()),
                        $table::sections.eq(sections_of(&draft.content)?),
                        $table::suffix.eq(draft.content.suffix()),
                        $table::note.eq(&draft.note),
                        $table::based_on.eq(based_on.map_err(|_| corrupt("number of a version"))?),
                        $table::created_at.eq(Ts(draft.created_at)),
                        $table::changed_at.eq(Ts(draft.created_at)),
                        $table::revision.eq(0),
                    ))
                    .execute(self.conn)
                    .await
                    .map_err(store_error)?;
                Ok(PromptVersion::draft(self.owner, counted, draft.clone()))
            }

            /// Returns a version.
            pub(crate) async fn find(
                &mut self,
                id: PromptVersionId,
            ) -> Result<Option<PromptVersion>, StoreError> {
                let row = $table::table
                    $(.filter($table::$tenant.eq(self.$tenant)))?
                    .filter($table::id.eq(Id(id.uuid())))
                    .select((summary_of!($table), $table::sections, $table::suffix))
                    .first::<VersionRow>(self.conn)
                    .await
                    .optional()
                    .map_err(store_error)?;
                row.map(|row| row.read(self.owner)).transpose()
            }

            /// Returns versions, newest first.
            pub(crate) async fn list(
                &mut self,
                channel: Option<PromptChannel>,
                page: &PageRequest,
            ) -> Result<Page<VersionSummary>, StoreError> {
                let mut query = $table::table
                    $(.filter($table::$tenant.eq(self.$tenant)))?
                    .select(summary_of!($table))
                    .into_boxed();
                if let Some(channel) = channel {
                    query = query.filter($table::channel.eq(channel.as_str()));
                }
                if let Some(after) = page.after() {
                    let (at, id) = (Ts(time_of(after)?), Id(after.id));
                    query = query.filter(
                        $table::created_at.le(at).and($table::created_at.lt(at).or($table::id.lt(id))),
                    );
                }
                let rows = query
                    .order(($table::created_at.desc(), $table::id.desc()))
                    .limit(i64::from(page.limit()) + 1)
                    .load::<SummaryRow>(self.conn)
                    .await
                    .map_err(store_error)?;
                let found = rows.into_iter().map(SummaryRow::read).collect::<Result<Vec<_>, _>>()?;
                Ok(Page::from_rows(found, page, |version| cursor(version.created_at, version.id.uuid())))
            }

            /// Writes what a draft says and how far it has come.
            pub(crate) async fn save(&mut self, version: &PromptVersion) -> Result<(), StoreError> {
                let stored = version.stored();
                let draft = $table::table
                    $(.filter($table::$tenant.eq(self.$tenant)))?
                    .filter($table::id.eq(Id(stored.id.uuid())))
                    .filter($table::status.eq(VersionStatus::Draft.as_str()))
                    .filter($table::revision.eq(stored.revision));
                let saved = diesel::update(draft)
                    .set((
                        $table::sections.eq(sections_of(&stored.content)?),
                        $table::suffix.eq(stored.content.suffix()),
                        $table::note.eq(&stored.note),
                        $table::status.eq(stored.status.as_str()),
                        $table::changed_at.eq(Ts(stored.changed_at)),
                        $table::revision.eq(stored.revision + 1),
                    ))
                    .execute(self.conn)
                    .await
                    .map_err(store_error)?;
                if saved == 0 { Err(StoreError::Conflict) } else { Ok(()) }
            }

            /// Retires what is in production for the version's channel, and brings the version there.
            pub(crate) async fn publish(
                &mut self,
                version: &PromptVersion,
                publication: Publication,
            ) -> Result<(), StoreError> {
                let stored = version.stored();
                hold_prompts(self.conn, self.owner, stored.channel).await?;
                let of_channel = || {
                    $table::table
                        $(.filter($table::$tenant.eq(self.$tenant)))?
                        .filter($table::channel.eq(stored.channel.as_str()))
                };
                // The former one goes first: at no moment may two be in production.
                let former = of_channel().filter($table::status.eq(VersionStatus::Production.as_str()));
                diesel::update(former)
                    .set((
                        $table::status.eq(VersionStatus::Retired.as_str()),
                        $table::changed_at.eq(Ts(stored.changed_at)),
                        $table::revision.eq($table::revision + 1),
                    ))
                    .execute(self.conn)
                    .await
                    .map_err(store_error)?;
                let next = of_channel()
                    .filter($table::id.eq(Id(stored.id.uuid())))
                    .filter($table::status.eq(before(publication).as_str()))
                    .filter($table::revision.eq(stored.revision));
                let published = diesel::update(next)
                    .set((
                        $table::status.eq(VersionStatus::Production.as_str()),
                        $table::changed_at.eq(Ts(stored.changed_at)),
                        $table::published_at.eq(Ts(stored.changed_at)),
                        $table::revision.eq(stored.revision + 1),
                    ))
                    .execute(self.conn)
                    .await
                    .map_err(store_error)?;
                if published == 0 { Err(StoreError::Conflict) } else { Ok(()) }
            }

            /// Returns what is in production for all channels, and for this one. What each says is read once.
            pub(crate) async fn in_production(
                &mut self,
                channel: PromptChannel,
                contents: &SubmittedContents,
            ) -> Result<[Option<PromptVersion>; 2], StoreError> {
                let rows = $table::table
                    $(.filter($table::$tenant.eq(self.$tenant)))?
                    .filter($table::channel.eq_any([PromptChannel::All.as_str(), channel.as_str()]))
                    .filter($table::status.eq(VersionStatus::Production.as_str()))
                    .select(summary_of!($table))
                    .load::<SummaryRow>(self.conn)
                    .await
                    .map_err(store_error)?;
                let mut found = [None, None];
                for row in rows {
                    let summary = row.read()?;
                    let content = match contents.find(summary.id) {
                        Some(content) => content,
                        None => match self.find(summary.id).await? {
                            Some(version) => {
                                contents.keep(summary.id, version.content());
                                version.content().clone()
                            }
                            None => continue,
                        },
                    };
                    let [all, one] = &mut found;
                    let place = if summary.channel == PromptChannel::All { all } else { one };
                    *place = Some(version_of(self.owner, summary, content));
                }
                Ok(found)
            }
        }
    };
}

versions_in! {
    /// A tenant's versions, on a connection that has the right to them.
    TenantVersions: prompt_versions of PromptOwner::Tenant(tenant_id), by tenant_id
}
versions_in! {
    /// The platform's versions: all on a connection of the platform, those in production on a tenant's.
    BaseVersions: base_prompt_versions of PromptOwner::Platform
}

/// Returns the status from which a version comes into production.
fn before(publication: Publication) -> VersionStatus {
    match publication {
        Publication::Published => VersionStatus::Testing,
        Publication::RolledBack => VersionStatus::Retired,
    }
}
