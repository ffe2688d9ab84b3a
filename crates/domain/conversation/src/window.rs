//! How much of what was said before a model is shown.

use crate::model::Line;

/// What a line costs beside its words.
const PER_LINE: usize = 8;

/// Returns the last lines that fit into so many tokens. What is to be answered is always among them.
pub(crate) fn window(lines: Vec<Line>, unanswered: usize, tokens: usize) -> Vec<Line> {
    let mut left = tokens;
    let fitting = lines.iter().rev().enumerate().take_while(|(from_end, line)| {
        let cost = estimate(&line.text) + PER_LINE;
        let fits = *from_end < unanswered || cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    let kept = fitting.count();
    let skipped = lines.len() - kept;
    lines.into_iter().skip(skipped).collect()
}

/// Estimates tokens: four letters of an alphabet make one, a sign of a wide script is one.
fn estimate(text: &str) -> usize {
    let wide = text.chars().filter(|c| u32::from(*c) >= 0x2E80).count();
    let others = text.chars().count() - wide;
    wide + others.div_ceil(4)
}

#[cfg(test)]
mod tests {
    use kernel::{Clock as _, testing::ManualClock};

    use super::*;
    use crate::Author;

    fn lines(texts: &[&str]) -> Vec<Line> {
        let at = ManualClock::default().now();
        let line =
            |text: &&str| Line { author: Author::Contact, text: (*text).to_owned(), attachments: 0, at };
        texts.iter().map(line).collect()
    }

    fn kept(texts: &[&str], unanswered: usize, tokens: usize) -> Vec<String> {
        window(lines(texts), unanswered, tokens).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_last_lines_that_fit_are_kept_without_a_gap() {
        let long = "x".repeat(400);
        assert_eq!(kept(&["one", "two", "now"], 1, 1_000), ["one", "two", "now"]);
        assert_eq!(kept(&["one", "two", "now"], 1, 18), ["two", "now"]);
        assert_eq!(kept(&["one", &long, "two", "now"], 1, 100), ["two", "now"]);
    }

    #[test]
    fn what_is_to_be_answered_is_kept_whatever_it_costs() {
        assert_eq!(kept(&["one", "two", "three"], 2, 0), ["two", "three"]);
    }

    #[test]
    fn a_wide_sign_counts_as_much_as_four_letters() {
        assert_eq!((estimate("abcd"), estimate("漏水了"), estimate("")), (1, 3, 0));
    }
}
