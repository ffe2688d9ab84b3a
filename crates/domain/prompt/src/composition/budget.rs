//! How long instructions may become, and what is left out when they are longer.

use super::{Origin, Part};

/// How many tokens a prompt may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBudget {
    /// Of what the model is told beforehand.
    pub instructions: usize,
    /// Of what was said, for whoever takes the transcript in.
    pub history: usize,
}

impl Default for TokenBudget {
    fn default() -> Self {
        Self { instructions: 24_000, history: 8_000 }
    }
}

/// Returns about how many tokens a text has: one for each four characters, rounded up, and one for each character of the
/// wide scripts, such as Chinese. It reads no vocabulary, so that it costs little and is the same for each model.
pub fn estimate_tokens(text: &str) -> usize {
    if text.is_ascii() {
        return text.len().div_ceil(4);
    }
    let wide = text.chars().filter(|&c| is_wide(c)).count();
    let narrow = text.chars().count() - wide;
    wide + narrow.div_ceil(4)
}

/// Counts a part, and what stands between it and the next.
pub(super) fn tokens_of(part: &Part) -> usize {
    estimate_tokens(&part.text) + 1
}

/// Leaves whole parts out until the rest fits: knowledge from the last, then sections from the last. The others always
/// stay.
pub(super) fn fit(parts: Vec<Part>, budget: TokenBudget) -> (Vec<Part>, Vec<Origin>) {
    let mut total: usize = parts.iter().map(tokens_of).sum();
    if total <= budget.instructions {
        return (parts, Vec::new());
    }
    let mut is_kept = vec![true; parts.len()];
    let mut dropped = Vec::new();
    let is_knowledge = |origin: &Origin| matches!(origin, Origin::Knowledge { .. });
    let is_section = |origin: &Origin| matches!(origin, Origin::Section { .. });
    let passes: [&dyn Fn(&Origin) -> bool; 2] = [&is_knowledge, &is_section];
    for is_due in passes {
        for (part, kept) in parts.iter().zip(is_kept.iter_mut()).rev() {
            if total > budget.instructions && is_due(&part.origin) {
                total -= tokens_of(part);
                *kept = false;
                dropped.push(part.origin.clone());
            }
        }
    }
    let kept = parts.into_iter().zip(is_kept).filter_map(|(part, kept)| kept.then_some(part));
    (kept.collect(), dropped)
}

/// Scripts whose characters are about a token each: from the radicals of Chinese up to Hangul, and full-width forms.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
        || matches!(c, '\u{1f000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_rounds_up_and_counts_wide_characters_singly() {
        assert_eq!(estimate_tokens(""), 0);
        assert_eq!(estimate_tokens("abcde"), 2);
        assert_eq!(estimate_tokens("水道工事"), 4);
        assert_eq!(estimate_tokens("水 ab"), 2);
    }
}
