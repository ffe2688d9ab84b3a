//! Making the demo tenant, once.

use kernel::{PhoneNumber, TenantId};
use tenancy::{
    Address, Channel, KeyMode, NewApiKey, Plan, PlatformScope, Provider, TenancyError, TenantScope,
    WidgetToken,
};

use super::{BUSINESS_NUMBER, Demo, profile};
use crate::{local_keys::LocalKeys, services::Services};

/// Returns the demo tenant, making it if it is not there. Where the operator has a number at a carrier, it answers that one
/// too.
///
/// # Errors
/// When a store fails or the local keys cannot be written.
pub async fn seed(
    services: &Services,
    keys: &LocalKeys,
    local_url: &str,
    own_number: Option<PhoneNumber>,
) -> anyhow::Result<Demo> {
    let platform = services.gate.system();
    let known = Demo::read(keys)?;
    let mut demo = match known {
        Some(demo) if is_there(services, &platform, &demo).await? => demo,
        _ => make(services, &platform).await?,
    };
    if let Some(own_number) = own_number {
        let scope = platform.tenant(TenantId::new(demo.tenant_id));
        bind(services, &scope, Address::Phone(own_number)).await?;
    }
    local_url.clone_into(&mut demo.local_url);
    services.public_base_url.as_str().clone_into(&mut demo.public_url);
    demo.write(keys)?;
    Ok(demo)
}

/// The database may have been deleted since, or the keys belong to another one.
async fn is_there(services: &Services, platform: &PlatformScope, demo: &Demo) -> anyhow::Result<bool> {
    let tenant = services.gate.select(platform, TenantId::new(demo.tenant_id)).await?;
    Ok(tenant.is_some() && services.gate.by_api_key(&demo.api_key).await.is_ok())
}

async fn make(services: &Services, platform: &PlatformScope) -> anyhow::Result<Demo> {
    let scope = match find_by_number(services).await? {
        Some(scope) => scope,
        None => make_tenant(services, platform).await?,
    };
    let key = NewApiKey { mode: KeyMode::Test, ..NewApiKey::named("demo") };
    let api_key = services.credentials.mint_api_key(&scope, key).await?;
    // From whatever page somebody tries it out.
    let origins = [WidgetToken::ANY_ORIGIN.to_owned()];
    let widget_token = services.credentials.mint_widget_token(&scope, "demo", &origins, None).await?;
    Ok(Demo {
        tenant_id: scope.tenant_id().uuid(),
        api_key: api_key.secret.expose().to_owned(),
        widget_token: widget_token.secret.expose().to_owned(),
        local_url: String::new(),
        public_url: String::new(),
    })
}

/// The tenant may be there and only its keys be lost.
async fn find_by_number(services: &Services) -> anyhow::Result<Option<TenantScope>> {
    let found = services.gate.by_channel(Channel::Sms, &number()?, None).await?;
    Ok(found.map(|(scope, _)| scope))
}

async fn make_tenant(services: &Services, platform: &PlatformScope) -> anyhow::Result<TenantScope> {
    let tenant = services.tenants.create(platform, profile::NAME, Plan::Starter, &profile::profile()).await?;
    let scope = platform.tenant(tenant.id());
    bind(services, &scope, number()?).await?;
    Ok(scope)
}

/// The number may be the tenant's already, or that of one which was made by hand; then it stays so.
async fn bind(services: &Services, scope: &TenantScope, number: Address) -> anyhow::Result<()> {
    match services.channels.bind(scope, Channel::Sms, Provider::Twilio, number).await {
        Ok(_) | Err(TenancyError::Taken { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn number() -> anyhow::Result<Address> {
    Ok(Address::Phone(PhoneNumber::parse(BUSINESS_NUMBER)?))
}
