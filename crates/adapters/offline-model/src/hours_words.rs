//! Puts opening hours into words.

use chrono::{Datelike as _, Days, NaiveDateTime, NaiveTime, Timelike as _, Weekday};
use tenancy::{OpeningHours, Span, WEEKDAYS};

/// What is asked about the hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HoursQuestion {
    /// The whole week.
    Week,
    /// Whether it is open at this moment.
    Now,
    /// One day: so many days from now, as "today" or "tomorrow".
    InDays(u8),
    /// One day of the week.
    On(Weekday),
}

/// Answers a question about hours that are known; `local` is the present moment where the business is.
pub(crate) fn answer(hours: &OpeningHours, question: HoursQuestion, local: NaiveDateTime) -> String {
    match question {
        HoursQuestion::Week => format!("We are open {}.", week(hours)),
        HoursQuestion::Now => now(hours, local),
        HoursQuestion::InDays(days) => {
            let day = local.checked_add_days(Days::new(days.into())).unwrap_or(local).weekday();
            let called = if days == 0 { "today" } else { "tomorrow" };
            one_day(hours, day, &format!("{called} ({})", name(day)))
        }
        HoursQuestion::On(day) => one_day(hours, day, &format!("on {}", name(day))),
    }
}

/// Returns the day of the week that "tomorrow" or "next Friday" means.
pub(crate) fn day_of(said: &str, local: NaiveDateTime) -> Option<Weekday> {
    match said {
        "today" | "tonight" => Some(local.weekday()),
        "tomorrow" => Some(local.weekday().succ()),
        _ => WEEKDAYS
            .into_iter()
            .find(|day| said.split(' ').next_back() == Some(name(*day)) && !said.contains(" or ")),
    }
}

/// Returns a day's name.
pub(crate) fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// "Monday to Friday 8 am–5 pm, Saturday 9 am–12 noon".
fn week(hours: &OpeningHours) -> String {
    let mut stretches: Vec<(Weekday, Weekday, &[Span])> = Vec::new();
    for day in WEEKDAYS {
        let spans = hours.on(day);
        match stretches.last_mut() {
            Some((_, last, same)) if *same == spans && last.succ() == day => *last = day,
            _ if !spans.is_empty() => stretches.push((day, day, spans)),
            _ => {}
        }
    }
    let said = stretches.iter().map(|(first, last, spans)| {
        let days = match (first == last, first.succ() == *last) {
            (true, _) => name(*first).to_owned(),
            (false, true) => format!("{} and {}", name(*first), name(*last)),
            (false, false) => format!("{} to {}", name(*first), name(*last)),
        };
        format!("{days} {}", said(spans))
    });
    said.collect::<Vec<_>>().join(", ")
}

fn now(hours: &OpeningHours, local: NaiveDateTime) -> String {
    let today = hours.on(local.weekday());
    if let Some(span) = today.iter().find(|span| span.opens() <= local.time() && local.time() < span.closes())
    {
        return format!("Yes, we are open now, until {}.", clock(span.closes()));
    }
    if let Some(span) = today.iter().find(|span| span.opens() > local.time()) {
        return format!("We are closed right now. We open today at {}.", clock(span.opens()));
    }
    let next = (1..=7).find_map(|days| {
        let day = local.checked_add_days(Days::new(days))?.weekday();
        let opens = hours.on(day).first()?.opens();
        Some((if days == 1 { "tomorrow".to_owned() } else { format!("on {}", name(day)) }, opens))
    });
    match next {
        Some((day, opens)) => format!("We are closed right now. We open {day} at {}.", clock(opens)),
        None => "We are closed right now.".to_owned(),
    }
}

fn one_day(hours: &OpeningHours, day: Weekday, called: &str) -> String {
    match hours.on(day) {
        [] => format!("We are closed {called}. We are open {}.", week(hours)),
        spans => format!("We are open {called} {}.", said(spans)),
    }
}

fn said(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| format!("{}–{}", clock(span.opens()), clock(span.closes())));
    spans.collect::<Vec<_>>().join(" and ")
}

fn clock(time: NaiveTime) -> String {
    match (time.hour(), time.minute(), time.hour12()) {
        (0, 0, _) | (23, 59, _) => "midnight".to_owned(),
        (12, 0, _) => "12 noon".to_owned(),
        (_, 0, (is_pm, hour)) => format!("{hour} {}", half(is_pm)),
        (_, minute, (is_pm, hour)) => format!("{hour}:{minute:02} {}", half(is_pm)),
    }
}

fn half(is_pm: bool) -> &'static str {
    if is_pm { "pm" } else { "am" }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::testing::hours;

    fn at(day: u32, hour: u32) -> NaiveDateTime {
        // 2 November 2026 is a Monday.
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 30, 0).unwrap()
    }

    #[test]
    fn the_week_is_told_in_stretches() {
        let week = "We are open Monday to Friday 8 am–5 pm, Saturday 9 am–12 noon.";
        assert_eq!(answer(&hours(), HoursQuestion::Week, at(2, 9)), week);
    }

    #[test]
    fn a_day_is_told_by_name() {
        let today = answer(&hours(), HoursQuestion::InDays(0), at(2, 9));
        assert_eq!(today, "We are open today (Monday) 8 am–5 pm.");
        let sunday = answer(&hours(), HoursQuestion::On(Weekday::Sun), at(2, 9));
        assert!(sunday.starts_with("We are closed on Sunday."), "{sunday}");
        assert!(
            answer(&hours(), HoursQuestion::InDays(1), at(6, 9)).contains("tomorrow (Saturday) 9 am–12 noon")
        );
    }

    #[test]
    fn whether_it_is_open_now_depends_on_the_clock() {
        for (local, told) in [
            (at(2, 9), "Yes, we are open now, until 5 pm."),
            (at(2, 6), "We are closed right now. We open today at 8 am."),
            (at(2, 18), "We are closed right now. We open tomorrow at 8 am."),
            (at(7, 13), "We are closed right now. We open on Monday at 8 am."),
        ] {
            assert_eq!(answer(&hours(), HoursQuestion::Now, local), told);
        }
    }
}
