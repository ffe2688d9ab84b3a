//! Addresses that tenants have, of which every incoming message asks whether its sender's is one.

use diesel::{ExpressionMethods as _, QueryDsl as _, dsl::exists, select};
use diesel_async::RunQueryDsl as _;
use kernel::StoreError;
use tenancy::{BlindIndex, Channel, PlatformScope};

use crate::{db::Database, errors::store_error, schema::channel_bindings};

/// Nothing is kept: a look takes microseconds.
pub(crate) struct Addresses;

impl Addresses {
    /// Does nothing.
    #[expect(clippy::unused_self, reason = "where something is kept, it is forgotten")]
    pub(crate) fn forget(&self) {}
}

impl Database {
    /// Tells whether any tenant has an address.
    pub(crate) async fn has_address(
        &self,
        platform: &PlatformScope,
        channel: Channel,
        index: &BlindIndex,
    ) -> Result<bool, StoreError> {
        let mut tx = self.read_platform(platform).await?;
        let bound = channel_bindings::table
            .filter(channel_bindings::channel.eq(channel.as_str()))
            .filter(channel_bindings::address_index.eq(index.0.as_slice()));
        select(exists(bound)).get_result(&mut *tx).await.map_err(store_error)
    }
}
