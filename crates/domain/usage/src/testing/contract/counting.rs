//! That what was used is shown: each day and model apart, each tenant alone.

use chrono::NaiveDate;
use kernel::Timestamp;

use super::stores::{UsageStores, Used, line};
use crate::{Counts, Days, Standing, UsageLine};

const FLASH: Used = Used::Turn { model: "gemini-2.5-flash", tokens: (100, 20), cost: (80, 0) };
const UNKNOWN: Used = Used::Turn { model: "llama3", tokens: (7, 5), cost: (0, 12) };
const BOX: Used = Used::Turn { model: "", tokens: (0, 0), cost: (0, 0) };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

async fn lines(stores: &UsageStores, first: &str, last: &str) -> Vec<UsageLine> {
    stores.usage.lines(&stores.tenant, Days::new(day(first), day(last)).unwrap()).await.unwrap()
}

pub async fn nothing_used_has_no_line(stores: &UsageStores) {
    assert_eq!(lines(stores, "2026-01-01", "2026-12-31").await, []);
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!(standing, Standing::default());
}

pub async fn turns_of_a_day_and_model_add_up(stores: &UsageStores) {
    for time in ["2026-11-28T00:00:00Z", "2026-11-28T12:00:00.000001Z"] {
        (stores.using)(&stores.tenant, at(time), FLASH).await;
    }
    let counts = Counts {
        turns: 2,
        turns_answered: 2,
        messages_in: 2,
        messages_out: 2,
        tokens_in: 200,
        tokens_out: 40,
        cost_micros: 160,
        unpriced_tokens: 0,
    };
    let expected = UsageLine { day: day("2026-11-28"), model: "gemini-2.5-flash".to_owned(), counts };
    assert_eq!(lines(stores, "2026-11-28", "2026-11-28").await, [expected]);
}

pub async fn days_and_models_have_lines_of_their_own_in_order(stores: &UsageStores) {
    for (time, used) in [
        ("2026-11-28T10:00:00Z", UNKNOWN),
        ("2026-11-28T11:00:00Z", FLASH),
        ("2026-11-27T11:00:00Z", FLASH),
        ("2026-11-28T12:00:00Z", BOX),
    ] {
        (stores.using)(&stores.tenant, at(time), used).await;
    }
    let expected = [
        line(day("2026-11-27"), &FLASH),
        line(day("2026-11-28"), &BOX),
        line(day("2026-11-28"), &FLASH),
        line(day("2026-11-28"), &UNKNOWN),
    ];
    assert_eq!(lines(stores, "2026-11-01", "2026-11-30").await, expected);
}

pub async fn only_the_days_that_are_asked_for_are_shown(stores: &UsageStores) {
    for time in
        ["2026-11-27T10:00:00Z", "2026-11-28T10:00:00Z", "2026-11-29T10:00:00Z", "2026-11-30T10:00:00Z"]
    {
        (stores.using)(&stores.tenant, at(time), FLASH).await;
    }
    let shown: Vec<_> = lines(stores, "2026-11-28", "2026-11-29").await.iter().map(|line| line.day).collect();
    assert_eq!(shown, [day("2026-11-28"), day("2026-11-29")]);
}

pub async fn a_day_ends_at_midnight_in_utc(stores: &UsageStores) {
    for time in ["2026-11-30T23:59:59.999999Z", "2026-12-01T00:00:00Z"] {
        (stores.using)(&stores.tenant, at(time), FLASH).await;
    }
    let expected = [line(day("2026-11-30"), &FLASH), line(day("2026-12-01"), &FLASH)];
    assert_eq!(lines(stores, "2026-11-30", "2026-12-01").await, expected);
}

pub async fn a_persons_reply_counts_as_a_message_and_as_no_turn(stores: &UsageStores) {
    (stores.using)(&stores.tenant, at("2026-11-28T10:00:00Z"), Used::PersonsReply).await;
    let shown = lines(stores, "2026-11-28", "2026-11-28").await;
    assert_eq!(shown, [line(day("2026-11-28"), &Used::PersonsReply)]);
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!(standing.turns_this_month, 0);
}

pub async fn a_turn_that_says_nothing_is_counted_and_not_held_against_the_limit(stores: &UsageStores) {
    (stores.using)(&stores.tenant, at("2026-11-28T10:00:00Z"), Used::SilentTurn).await;
    let shown = lines(stores, "2026-11-28", "2026-11-28").await;
    assert_eq!(shown, [line(day("2026-11-28"), &Used::SilentTurn)]);
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!(standing.turns_this_month, 0);
}

pub async fn the_standing_has_the_months_answered_turns_and_the_days_cost(stores: &UsageStores) {
    for (time, used) in [
        ("2026-10-31T23:00:00Z", FLASH),
        ("2026-11-01T00:00:00Z", FLASH),
        ("2026-11-27T10:00:00Z", BOX),
        ("2026-11-28T10:00:00Z", FLASH),
        ("2026-11-28T11:00:00Z", UNKNOWN),
        ("2026-11-29T00:00:00Z", FLASH),
    ] {
        (stores.using)(&stores.tenant, at(time), used).await;
    }
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!((standing.turns_this_month, standing.spent_today_micros), (4, 80));
}

pub async fn what_is_used_outside_of_turns_is_no_turn_and_counts_for_the_budget(stores: &UsageStores) {
    (stores.using)(&stores.tenant, at("2026-11-28T10:00:00Z"), FLASH).await;
    let counts =
        Counts { tokens_in: 10, tokens_out: 2, cost_micros: 8, unpriced_tokens: 1, ..Counts::default() };
    let of = |model: &str| UsageLine { day: day("2026-11-28"), model: model.to_owned(), counts };
    for (scope, model) in
        [(&stores.tenant, "gemini-2.5-flash"), (&stores.tenant, "llama3"), (&stores.other, "llama3")]
    {
        stores.usage.count(scope, &of(model)).await.unwrap();
    }
    let mut both = line(day("2026-11-28"), &FLASH);
    both.counts += counts;
    assert_eq!(lines(stores, "2026-11-01", "2026-11-30").await, [both, of("llama3")]);
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!((standing.turns_this_month, standing.spent_today_micros), (1, 96));
}

pub async fn another_tenants_usage_is_not_seen(stores: &UsageStores) {
    (stores.using)(&stores.other, at("2026-11-28T10:00:00Z"), FLASH).await;
    assert_eq!(lines(stores, "2026-11-01", "2026-11-30").await, []);
    let standing = stores.usage.standing(&stores.tenant, day("2026-11-28")).await.unwrap();
    assert_eq!(standing, Standing::default());
    let theirs = stores.usage.standing(&stores.other, day("2026-11-28")).await.unwrap();
    assert_eq!((theirs.turns_this_month, theirs.spent_today_micros), (1, 80));
}
