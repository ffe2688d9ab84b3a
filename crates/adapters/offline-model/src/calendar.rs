//! Days as people write them: "tomorrow", "next Tuesday", "March 3rd", "3/14".

use crate::words::listed;

/// A day, in the words to repeat it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    /// Today or a part of it: often told of the past.
    Today(String),
    /// Any other.
    Other(String),
}

/// Reads a day at the start of `words`; returns it with the number of words read.
pub(crate) fn read(words: &[&str]) -> Option<(Day, usize)> {
    let other = |said: String, used| Some((Day::Other(said), used));
    match words {
        ["the", "day", "after", "tomorrow", ..] => other("the day after tomorrow".to_owned(), 4),
        ["day", "after", "tomorrow", ..] => other("the day after tomorrow".to_owned(), 3),
        ["the", "weekend", ..] => other("the weekend".to_owned(), 2),
        ["the", number, ..] if number.len() > 2 && day_of_month(number).is_some() => {
            other(format!("the {number}"), 2)
        }
        [which @ ("next" | "this" | "coming"), what, ..] => relative(which, what).map(|day| (day, 2)),
        [name, number, ..] if month(name).is_some() => {
            let (month, number) = (month(name)?, day_of_month(number)?);
            other(format!("{month} {number}"), 2)
        }
        [date, unit, ..] if is_date(date) && listed("inch inches mile miles ton cup", unit) => None,
        [word, ..] if listed("tomorrow tomorow tommorow tommorrow tmrw tmr 2morrow", word) => {
            other("tomorrow".to_owned(), 1)
        }
        [today @ ("today" | "tonight"), ..] => Some((Day::Today((*today).to_owned()), 1)),
        [date, ..] if is_date(date) => other((*date).to_owned(), 1),
        [name, ..] => weekday(name).and_then(|weekday| other(weekday.to_owned(), 1)),
        [] => None,
    }
}

/// Returns the day of the week that a word names. "Sat" and "sun" are words of their own.
pub(crate) fn weekday(word: &str) -> Option<&'static str> {
    match word {
        "monday" | "mondays" | "mon" => Some("Monday"),
        "tuesday" | "tuesdays" | "tue" | "tues" => Some("Tuesday"),
        "wednesday" | "wednesdays" | "weds" => Some("Wednesday"),
        "thursday" | "thursdays" | "thu" | "thur" | "thurs" => Some("Thursday"),
        "friday" | "fridays" | "fri" => Some("Friday"),
        "saturday" | "saturdays" => Some("Saturday"),
        "sunday" | "sundays" => Some("Sunday"),
        _ => None,
    }
}

/// "Next Tuesday", "this afternoon".
fn relative(which: &str, what: &str) -> Option<Day> {
    match weekday(what) {
        Some(weekday) => Some(Day::Other(format!("{which} {weekday}"))),
        None if listed("week weekend month", what) => Some(Day::Other(format!("{which} {what}"))),
        None if listed("morning afternoon evening", what) => Some(Day::Today(format!("{which} {what}"))),
        None => None,
    }
}

fn month(word: &str) -> Option<&'static str> {
    let months = "January February March April May June July August September October November December";
    months.split(' ').find(|month| {
        month.eq_ignore_ascii_case(word) || month.get(..3).is_some_and(|m| m.eq_ignore_ascii_case(word))
    })
}

fn day_of_month(word: &str) -> Option<u8> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn is_date(word: &str) -> bool {
    // "24/7" is no day of July.
    let parts: Vec<Option<u16>> = word.split('/').map(|part| part.parse().ok()).collect();
    word != "24/7" && matches!(*parts, [Some(1..=31), Some(1..=31)] | [Some(1..=31), Some(1..=31), Some(_)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, said) in [
            ("tmrw", "tomorrow"),
            ("day after tomorrow", "the day after tomorrow"),
            ("next tues", "next Tuesday"),
            ("mar 3rd", "March 3"),
            ("the 15th", "the 15th"),
            ("3/14", "3/14"),
            ("saturdays", "Saturday"),
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(read(&words), Some((Day::Other(said.to_owned()), words.len())), "{text}");
        }
        assert_eq!(read(&["this", "evening"]), Some((Day::Today("this evening".to_owned()), 2)));
    }

    #[test]
    fn other_words_and_numbers_are_no_days() {
        for text in ["the sink", "may I", "march on", "1/2 inch", "24/7", "sat", "next door", "3"] {
            assert_eq!(read(&text.split(' ').collect::<Vec<_>>()), None, "{text}");
        }
    }
}
