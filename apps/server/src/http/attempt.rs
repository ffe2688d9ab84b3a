//! An attempt to say a password: guessing is slow, and nothing is verified for who must wait.

use actix_web::HttpRequest;
use tenancy::{AccessError, TenancyError};

use super::{extract::calling_address, problem::Problem};
use crate::{limits::SignInName, services::Services};

/// Makes an attempt under a name, unless whoever makes it has to wait. Earlier failures under the name are forgotten
/// where its outcome `proves` that whoever made it is the one whom the name means, and nobody else.
///
/// # Errors
/// As the attempt; and when there were too many that failed.
pub(super) async fn attempt<T>(
    services: &Services,
    request: &HttpRequest,
    name: SignInName,
    trying: impl Future<Output = Result<T, TenancyError>>,
    proves: impl FnOnce(&T) -> bool,
) -> Result<T, Problem> {
    let (sign_in, address) = (&services.limits.sign_in, calling_address(request));
    sign_in.check(&name, address).await?;
    let outcome = trying.await;
    match &outcome {
        Ok(done) if proves(done) => sign_in.succeeded(&name, address).await,
        // The password was somebody's, and perhaps tried on others too: for them it counts as a guess.
        Ok(_) | Err(TenancyError::Access(AccessError::Suspended)) => sign_in.right(address).await,
        // It counts as a failure since it began.
        Err(TenancyError::Access(AccessError::Unauthorized) | TenancyError::WrongPassword) => {}
        // No password turned out to be wrong.
        Err(_) => sign_in.withdrawn(&name, address).await,
    }
    Ok(outcome?)
}
