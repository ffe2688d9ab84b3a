//! An attempt to sign in: guessing is slow, and nothing is verified for who must wait.

use actix_web::HttpRequest;
use tenancy::{AccessError, TenancyError};

use super::{extract::calling_address, problem::Problem};
use crate::{limits::SignInName, services::Services};

/// Makes an attempt under a name, unless whoever makes it has to wait.
///
/// # Errors
/// As the attempt; and when there were too many that failed.
pub(super) async fn attempt<T>(
    services: &Services,
    request: &HttpRequest,
    name: SignInName,
    signing_in: impl Future<Output = Result<T, TenancyError>>,
) -> Result<T, Problem> {
    let (sign_in, address) = (&services.limits.sign_in, calling_address(request));
    sign_in.check(&name, address).await?;
    let outcome = signing_in.await;
    match &outcome {
        // Whoever is told that the business is suspended, or must be named, knew the password.
        Ok(_) | Err(TenancyError::Access(AccessError::Suspended) | TenancyError::Invalid { .. }) => {
            sign_in.succeeded(&name, address).await;
        }
        Err(TenancyError::Access(AccessError::Unauthorized)) => sign_in.failed(&name, address).await,
        // Nothing was found out; the attempt counts until one succeeds.
        Err(_) => {}
    }
    Ok(outcome?)
}
