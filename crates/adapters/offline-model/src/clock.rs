//! Times of day as people write them: "3", "3pm", "10:30 a.m.", "between 2 and 4".

use crate::words::listed;

/// A time of day as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    hour: u8,
    minute: u8,
    half: Option<Half>,
}

/// The half of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// Reads a time with what comes before it, as "at 3 pm" or "between 2 and 4 pm"; returns it with the number of
/// words read. `near_day` says that a day stands right before, so that a bare number is a time.
pub(crate) fn read(words: &[&str], near_day: bool) -> Option<(String, usize)> {
    match words {
        ["between" | "from", rest @ ..] => range(rest).map(|(said, used)| (said, used + 1)),
        [before, "about" | "around", rest @ ..] if listed("at by", before) => {
            one(rest, true).map(|(told, used)| (format!("around {}", said(told)), used + 2))
        }
        [before, rest @ ..] if listed("at around about by before after till until", before) => {
            let before = if *before == "about" { "around" } else { before };
            one(rest, true).map(|(told, used)| (format!("{before} {}", said(told)), used + 1))
        }
        rest => span(rest)
            .or_else(|| one(rest, near_day).map(|(told, used)| (format!("at {}", said(told)), used))),
    }
}

/// "2 and 4 pm" after "between".
fn range(words: &[&str]) -> Option<(String, usize)> {
    if let Some(found) = span(words) {
        return Some(found);
    }
    let (first, used) = number(words)?;
    let rest = words.get(used..)?;
    let [link, rest @ ..] = rest else { return None };
    let (second, more) = number(rest).filter(|_| listed("and to till until", link))?;
    Some((between(first, second), used + 1 + more))
}

/// "2-4pm" in one word.
fn span(words: &[&str]) -> Option<(String, usize)> {
    let [first, rest @ ..] = words else { return None };
    let (from, to) = first.split_once('-')?;
    let mut pair = vec![to];
    pair.extend(rest.iter().take(1));
    let (to, used) = number(&pair)?;
    Some((between(number(&[from])?.0, to), used))
}

fn between(from: Told, to: Told) -> String {
    let from =
        if from.half.is_none() && from.hour <= to.hour { Told { half: to.half, ..from } } else { from };
    format!("between {} and {}", said(from), said(to))
}

/// A time that stands alone. A bare number is one only where `marked`, and where no noun follows it.
fn one(words: &[&str], marked: bool) -> Option<(Told, usize)> {
    let (told, used) = number(words)?;
    let is_bare =
        told.half.is_none() && used == 1 && words.first().is_some_and(|word| !word.contains([':', '.']));
    let after = words.get(used).copied().unwrap_or("or");
    let is_free = listed(
        "or and on in tomorrow today tonight please if works work is for would ok we i you can could because so but \
         maybe next this thanks monday tuesday wednesday thursday friday saturday sunday instead sharp latest",
        after,
    );
    let is_named = words.first().is_some_and(|word| listed("noon midday midnight lunchtime", word));
    (!is_bare || is_named || (marked && is_free)).then_some((told, used))
}

/// Reads "3", "3pm", "3 pm", "3 o'clock", "10:30am", "noon".
fn number(words: &[&str]) -> Option<(Told, usize)> {
    let (first, rest) = words.split_first()?;
    if let Some(half) = twelve(first) {
        return Some((Told { hour: 12, minute: 0, half: Some(half) }, 1));
    }
    let digits = first.trim_end_matches(|c: char| c.is_alphabetic());
    let ending = first.get(digits.len()..).unwrap_or_default();
    let (hour, minute) = digits.split_once([':', '.']).unwrap_or((digits, "0"));
    let (hour, minute) = (hour.parse().ok()?, minute.parse().ok()?);
    let (half, used) =
        match (half(ending), rest.first().filter(|word| word.len() > 1).and_then(|word| half(word))) {
            (Some(half), _) => (Some(half), 1),
            (None, Some(half)) if ending.is_empty() => (Some(half), 2),
            (None, _) if !ending.is_empty() => return None,
            (None, _) => (None, if rest.first() == Some(&"oclock") { 2 } else { 1 }),
        };
    let fits = if half.is_some() { (1..=12).contains(&hour) } else { hour < 24 };
    (fits && minute < 60).then_some((Told { hour, minute, half }, used))
}

/// Reads a name of twelve o'clock.
fn twelve(word: &str) -> Option<Half> {
    match word {
        "noon" | "midday" | "lunchtime" => Some(Half::Afternoon),
        "midnight" => Some(Half::Morning),
        _ => None,
    }
}

fn half(word: &str) -> Option<Half> {
    match word {
        "am" | "a" => Some(Half::Morning),
        "pm" | "p" => Some(Half::Afternoon),
        _ => None,
    }
}

/// Says a time. Without a half of the day, one to six are in the afternoon: no business opens at three at night.
fn said(told: Told) -> String {
    let half = match (told.half, told.hour) {
        (Some(half), _) => Some(half),
        (None, 1..=6 | 12..) => Some(Half::Afternoon),
        (None, 8..=11 | 0) => Some(Half::Morning),
        (None, _) => None,
    };
    let hour = match told.hour {
        0 => 12,
        hour @ 13.. => hour - 12,
        hour => hour,
    };
    let clock = if told.minute == 0 { hour.to_string() } else { format!("{hour}:{:02}", told.minute) };
    match (half, clock.as_str()) {
        (Some(Half::Afternoon), "12") => "noon".to_owned(),
        (Some(Half::Morning), "12") => "midnight".to_owned(),
        (Some(Half::Morning), _) => format!("{clock} am"),
        (Some(Half::Afternoon), _) => format!("{clock} pm"),
        (None, _) => clock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (text, time) in [
            ("at 3", "at 3 pm"),
            ("at 3 pm", "at 3 pm"),
            ("3pm", "at 3 pm"),
            ("10:30am", "at 10:30 am"),
            ("at 10.30", "at 10:30 am"),
            ("15:00", "at 3 pm"),
            ("around 9", "around 9 am"),
            ("after 5 oclock", "after 5 pm"),
            ("noon", "at noon"),
            ("before noon", "before noon"),
            ("between 2 and 4pm", "between 2 pm and 4 pm"),
            ("2-4pm", "between 2 pm and 4 pm"),
            ("from 9 to 11", "between 9 am and 11 am"),
            ("at 7", "at 7"),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(read(&words, false), Some((time.to_owned(), words.len())), "{text}");
        }
    }

    #[test]
    fn a_number_of_something_is_no_time() {
        for text in
            ["3", "at 2 sinks", "about 3 weeks", "25:00", "13pm", "by 4 people", "3-d", "-", "at", "3rd"]
        {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(read(&words, false), None, "{text}");
        }
    }
}
