//! Asking Twilio for an account itself: that costs nothing, and tells whether Twilio is reached, whether it knows the
//! account's token, and what time it has there.

use chrono::DateTime;
use kernel::{GatewayError, Timestamp};
use reqwest::{Client, Response, header::DATE};
use serde::Deserialize;

use crate::{
    accounts::PlatformAccount,
    api::{account_url, read_json},
};

/// How an account stands with Twilio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStanding {
    /// It may send.
    Active,
    /// Twilio has suspended it.
    Suspended,
    /// It was closed.
    Closed,
    /// The token is not the account's.
    WrongToken,
    /// Twilio has no such account.
    Unknown,
    /// Twilio answered, with this HTTP status, and did not say.
    Unclear(u16),
}

/// What Twilio said of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountAnswer {
    /// How the account stands.
    pub standing: AccountStanding,
    /// What time Twilio has, to the second.
    pub carrier_time: Option<Timestamp>,
}

#[derive(Deserialize)]
struct AccountResource {
    status: String,
}

/// Asks Twilio for an account.
///
/// # Errors
/// [`GatewayError::Unavailable`] when Twilio was not reached, [`GatewayError::TimedOut`] when it did not answer within
/// the client's time.
pub async fn ask_for_account(
    http: &Client,
    account: &PlatformAccount,
) -> Result<AccountAnswer, GatewayError> {
    let request =
        http.get(account_url(account)?).basic_auth(&account.account_sid, Some(account.auth_token.expose()));
    let response = request.send().await.map_err(|error| {
        if error.is_timeout() {
            GatewayError::TimedOut
        } else {
            GatewayError::Unavailable(error.without_url().into())
        }
    })?;
    let carrier_time = time_of(&response);
    Ok(AccountAnswer { standing: standing_of(response).await, carrier_time })
}

fn time_of(response: &Response) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.to_utc())
}

async fn standing_of(response: Response) -> AccountStanding {
    match response.status().as_u16() {
        200 => match read_json::<AccountResource>(response).await {
            Ok(account) => match account.status.as_str() {
                "active" => AccountStanding::Active,
                "suspended" => AccountStanding::Suspended,
                "closed" => AccountStanding::Closed,
                _ => AccountStanding::Unclear(200),
            },
            Err(_) => AccountStanding::Unclear(200),
        },
        401 => AccountStanding::WrongToken,
        404 => AccountStanding::Unknown,
        status => AccountStanding::Unclear(status),
    }
}
