//! The carrier: whether it is reached, whether it knows the account, and whether the two have the same time.

use chrono::TimeDelta;
use kernel::{Clock as _, GatewayError, Timestamp};

use super::{Finding, PATIENCE, Patient};
use crate::{
    compose::inspection::{self, AccountStanding, SenderAccount},
    system::SystemClock,
};

const CHECK: &str = "carrier";
const CLOCK: &str = "clock";
/// Signatures and tokens with a time in them allow for little more.
const MOST_SKEW: TimeDelta = TimeDelta::seconds(5);

pub(super) async fn look(patient: &Patient, is_reached: bool) -> Vec<Finding> {
    let account = match inspection::sender_account(&patient.config, patient.keys.as_ref()) {
        Ok(Some(account)) => account,
        Ok(None) => return vec![without_account(patient)],
        Err(error) => {
            return vec![Finding::fail(CHECK, format!("{error:#}"), "see that DATA_DIR/keys can be read")];
        }
    };
    if account.is_in_the_box() && !is_reached {
        return vec![Finding::skip(
            CHECK,
            "the carrier in the box is part of the server, which does not run here",
        )];
    }
    match account.ask(PATIENCE).await {
        Ok(answer) => {
            let mut findings = vec![standing(&account, answer.standing)];
            findings.extend(answer.carrier_time.map(|theirs| skew(SystemClock.now(), theirs)));
            findings
        }
        Err(error) => vec![unreached(&account, &error)],
    }
}

fn without_account(patient: &Patient) -> Finding {
    if patient.config.environment.is_deployed() {
        let mend =
            "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, unless every tenant has an account of its own";
        Finding::warn(CHECK, "this installation has no account of its own", mend)
    } else {
        Finding::skip(CHECK, "the carrier in the box is made at the first start")
    }
}

fn standing(account: &SenderAccount, standing: AccountStanding) -> Finding {
    let at = account.host();
    match standing {
        AccountStanding::Active => Finding::ok(CHECK, format!("{at} knows the account and its token")),
        AccountStanding::WrongToken => Finding::fail(
            CHECK,
            "TWILIO_AUTH_TOKEN is not this account's",
            "copy the auth token that the carrier's console shows beside TWILIO_ACCOUNT_SID",
        ),
        AccountStanding::Unknown => Finding::fail(
            CHECK,
            format!("{at} has no such account"),
            "copy TWILIO_ACCOUNT_SID from the carrier's console; see that TWILIO_API_BASE is the carrier's own",
        ),
        AccountStanding::Suspended | AccountStanding::Closed => Finding::fail(
            CHECK,
            "the carrier has suspended or closed the account",
            "ask the carrier why; nothing is sent until it is open again",
        ),
        AccountStanding::Unclear(status) => Finding::fail(
            CHECK,
            format!("{at} answers with HTTP status {status}, and not as the carrier does"),
            "see that TWILIO_API_BASE is the carrier's own, and look at the carrier's status page",
        ),
    }
}

fn unreached(account: &SenderAccount, error: &GatewayError) -> Finding {
    let why = match error {
        GatewayError::TimedOut => "does not answer in time",
        _ => "cannot be reached",
    };
    let mend = "see that this machine may connect to it (name resolution, firewall), and that TWILIO_API_BASE is right";
    Finding::fail(CHECK, format!("{} {why}", account.host()), mend)
}

fn skew(ours: Timestamp, theirs: Timestamp) -> Finding {
    let skew = ours - theirs;
    if skew.abs() <= MOST_SKEW {
        return Finding::ok(CLOCK, "agrees with the carrier's");
    }
    let direction = if skew > TimeDelta::zero() { "ahead of" } else { "behind" };
    let detail = format!("is {} s {direction} the carrier's", skew.num_seconds().abs());
    Finding::warn(CLOCK, detail, "let the machine set its clock by NTP")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    #[test]
    fn a_clock_that_is_off_by_more_than_five_seconds_is_named_with_its_direction() {
        let theirs = Timestamp::default();
        let found = |seconds| skew(theirs + TimeDelta::seconds(seconds), theirs);
        assert_eq!([-5, 0, 5].map(|seconds| found(seconds).status), [Status::Ok; 3]);
        assert_eq!(found(6).detail, "is 6 s ahead of the carrier's");
        assert_eq!(
            (found(-90).status, found(-90).detail),
            (Status::Warn, "is 90 s behind the carrier's".into())
        );
    }
}
