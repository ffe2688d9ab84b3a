//! How much of what was said before a model is shown.

use crate::model::Line;

/// What a line costs beside its words.
const PER_LINE: usize = 8;

/// What a model is shown of what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The last lines.
    pub(crate) lines: Vec<Line>,
    /// How many of them are to be answered; they are the last.
    pub(crate) unanswered: usize,
    /// How many are to be answered too and do not fit.
    pub(crate) left_out: usize,
    /// Whether a few more lines would not fit.
    pub(crate) is_full: bool,
}

/// Returns the last lines that fit into so many tokens. The very last is among them whatever it costs.
pub(crate) fn window(lines: Vec<Line>, unanswered: usize, tokens: usize) -> Window {
    let mut left = tokens;
    let fitting = lines.iter().rev().enumerate().take_while(|(from_end, line)| {
        let cost = estimate(&line.text) + PER_LINE;
        let fits = *from_end == 0 || cost <= left;
        left = left.saturating_sub(cost);
        fits
    });
    let kept = fitting.count();
    let skipped = lines.len() - kept;
    let shown = unanswered.min(kept);
    Window {
        lines: lines.into_iter().skip(skipped).collect(),
        unanswered: shown,
        left_out: unanswered - shown,
        is_full: skipped > 0 || left < tokens / 4,
    }
}

/// Estimates tokens: four letters of an alphabet make one, a sign of a wide script is one.
pub(crate) fn estimate(text: &str) -> usize {
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
        window(lines(texts), unanswered, tokens).lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_last_lines_that_fit_are_kept_without_a_gap() {
        let long = "x".repeat(400);
        assert_eq!(kept(&["one", "two", "now"], 1, 1_000), ["one", "two", "now"]);
        assert_eq!(kept(&["one", "two", "now"], 1, 18), ["two", "now"]);
        assert_eq!(kept(&["one", &long, "two", "now"], 1, 100), ["two", "now"]);
    }

    #[test]
    fn of_what_is_to_be_answered_the_last_is_kept_whatever_it_costs() {
        assert_eq!(kept(&["one", "two", "three"], 2, 0), ["three"]);
    }

    #[test]
    fn what_is_to_be_answered_and_does_not_fit_is_counted() {
        let counts = |unanswered, tokens| {
            let shown = window(lines(&["one", "two", "three", "four"]), unanswered, tokens);
            (shown.lines.len(), shown.unanswered, shown.left_out)
        };
        assert_eq!(counts(3, 28), (3, 3, 0));
        assert_eq!(counts(3, 27), (2, 2, 1));
        assert_eq!(counts(4, 0), (1, 1, 3));
        assert_eq!(counts(1, 27), (2, 1, 0));
    }

    #[test]
    fn a_wide_sign_counts_as_much_as_four_letters() {
        assert_eq!((estimate("abcd"), estimate("漏水了"), estimate("")), (1, 3, 0));
    }
}
