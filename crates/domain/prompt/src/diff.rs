//! What is different between two versions.

use std::collections::BTreeMap;

use crate::{PromptContent, Section};

/// What became of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionChange {
    /// Only the second version has it.
    Added,
    /// Only the first version has it.
    Removed,
    /// Its content is another; it may stand elsewhere too.
    Changed,
    /// It stands elsewhere, and says the same.
    Moved,
}

/// One line of a text that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffLine {
    /// Both have it.
    Kept(String),
    /// Only the second has it.
    Added(String),
    /// Only the first has it.
    Removed(String),
}

/// What became of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionDiff {
    /// The section's key.
    pub key: String,
    /// What became of it.
    pub change: SectionChange,
    /// Its order in the first version.
    pub order_before: Option<i32>,
    /// Its order in the second version.
    pub order_after: Option<i32>,
    /// Its lines; none where only its place is another.
    pub lines: Vec<DiffLine>,
}

/// What is different between two versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PromptDiff {
    /// The sections that differ, by key.
    pub sections: Vec<SectionDiff>,
    /// The lines of the suffix, where it differs.
    pub suffix: Vec<DiffLine>,
}

impl PromptDiff {
    /// Compares two contents, section by section.
    pub fn between(before: &PromptContent, after: &PromptContent) -> Self {
        let (old, new) = (by_key(before), by_key(after));
        let mut keys: Vec<&str> = old.keys().chain(new.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let sections = keys
            .into_iter()
            .filter_map(|key| section_diff(key, old.get(key).copied(), new.get(key).copied()));
        let sections = sections.collect();
        let suffix = if before.suffix() == after.suffix() {
            Vec::new()
        } else {
            line_diff(before.suffix().unwrap_or_default(), after.suffix().unwrap_or_default())
        };
        Self { sections, suffix }
    }
}

fn by_key(content: &PromptContent) -> BTreeMap<&str, &Section> {
    content.sections().iter().map(|section| (section.key(), section)).collect()
}

fn section_diff(key: &str, before: Option<&Section>, after: Option<&Section>) -> Option<SectionDiff> {
    let (old, new) = (before.map(Section::content), after.map(Section::content));
    let change = match (before, after) {
        (None, _) => SectionChange::Added,
        (_, None) => SectionChange::Removed,
        _ if old != new => SectionChange::Changed,
        (Some(before), Some(after)) if before.order() != after.order() => SectionChange::Moved,
        _ => return None,
    };
    let lines = match change {
        SectionChange::Moved => Vec::new(),
        SectionChange::Added | SectionChange::Removed | SectionChange::Changed => {
            line_diff(old.unwrap_or_default(), new.unwrap_or_default())
        }
    };
    let (order_before, order_after) = (before.map(Section::order), after.map(Section::order));
    Some(SectionDiff { key: key.to_owned(), change, order_before, order_after, lines })
}

/// Beyond so many pairs of lines, what lies between the common beginning and end is shown as replaced: comparing all
/// pairs would take more time than anybody reads the answer.
const MOST_PAIRS: usize = 1_000_000;

/// Compares two texts line by line, by the longest common subsequence.
fn line_diff(before: &str, after: &str) -> Vec<DiffLine> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let middle = |lines: &[&str]| -> Vec<String> {
        lines.iter().take(lines.len() - tail).skip(head).map(|&line| line.to_owned()).collect()
    };
    let kept = |lines: &[&str]| -> Vec<DiffLine> {
        lines.iter().map(|&line| DiffLine::Kept(line.to_owned())).collect()
    };
    let mut lines = kept(old.get(..head).unwrap_or_default());
    lines.extend(replaced(&middle(&old), &middle(&new)));
    lines.extend(kept(old.get(old.len() - tail..).unwrap_or_default()));
    lines
}

fn replaced(old: &[String], new: &[String]) -> Vec<DiffLine> {
    let removed = |line: &String| DiffLine::Removed(line.clone());
    let added = |line: &String| DiffLine::Added(line.clone());
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return old.iter().map(removed).chain(new.iter().map(added)).collect();
    }
    let lengths = common_lengths(old, new);
    let common = |i: usize, j: usize| lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(one), Some(other)) if one == other => {
                lines.push(DiffLine::Kept(one.clone()));
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), other) if other.is_none() || common(i + 1, j) >= common(i, j + 1) => {
                lines.push(removed(one));
                i += 1;
            }
            (_, Some(other)) => {
                lines.push(added(other));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}

/// Returns, for each pair of places, how many lines the rests from there have in common.
fn common_lengths(old: &[String], new: &[String]) -> Vec<Vec<usize>> {
    let mut rows = vec![vec![0; new.len() + 1]];
    for one in old.iter().rev() {
        let mut row = vec![0];
        let below = rows.last().map(Vec::as_slice).unwrap_or_default();
        let pairs = new.iter().zip(below.windows(2)).rev();
        for (other, pair) in pairs {
            let (here, next) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            let right = row.last().copied().unwrap_or(0);
            row.push(if one == other { next + 1 } else { here.max(right) });
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RawSection;

    fn content(sections: &[(&str, i32, &str)], suffix: Option<&str>) -> PromptContent {
        let sections = sections.iter().map(|&(key, order, content)| RawSection {
            key: key.into(),
            order,
            content: content.into(),
        });
        PromptContent::from_stored(sections.collect(), suffix.map(str::to_owned))
    }

    fn show(lines: &[DiffLine]) -> String {
        let line = |line: &DiffLine| match line {
            DiffLine::Kept(text) => format!(" {text}"),
            DiffLine::Added(text) => format!("+{text}"),
            DiffLine::Removed(text) => format!("-{text}"),
        };
        lines.iter().map(line).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn sections_are_added_removed_changed_and_moved() {
        let before = content(&[("a", 1, "x"), ("b", 2, "y"), ("c", 3, "z"), ("e", 5, "same")], None);
        let after = content(&[("b", 2, "w"), ("c", 9, "z"), ("d", 4, "v"), ("e", 5, "same")], None);
        let diff = PromptDiff::between(&before, &after);
        let changes: Vec<_> = diff.sections.iter().map(|one| (one.key.as_str(), one.change)).collect();
        let expected = [
            ("a", SectionChange::Removed),
            ("b", SectionChange::Changed),
            ("c", SectionChange::Moved),
            ("d", SectionChange::Added),
        ];
        assert_eq!(changes, expected);
        assert_eq!((diff.sections[2].order_before, diff.sections[2].order_after), (Some(3), Some(9)));
        assert_eq!(diff.suffix, []);
    }

    #[test]
    fn lines_that_both_have_are_kept() {
        assert_eq!(show(&line_diff("a\nb\nc\nd\ne", "a\nc\nx\nd\ne")), " a|-b| c|+x| d| e");
        assert_eq!(show(&line_diff("", "a\nb")), "+a|+b");
        assert_eq!(show(&line_diff("a\na", "a")), " a|-a");
        assert_eq!(show(&line_diff("a\nb", "b\na")), "-a| b|+a");
    }

    #[test]
    fn a_suffix_is_compared_too() {
        let diff = PromptDiff::between(&content(&[], Some("Bye")), &content(&[], None));
        assert_eq!(show(&diff.suffix), "-Bye");
    }

    #[test]
    fn two_versions_that_say_the_same_do_not_differ() {
        let same = content(&[("a", 1, "x")], Some("Bye"));
        assert_eq!(PromptDiff::between(&same, &same), PromptDiff::default());
    }

    #[test]
    fn texts_too_long_to_compare_are_shown_as_replaced() {
        let text = |mark: &str| (0..2_000).map(|n| format!("{mark}{n}\n")).collect::<Vec<_>>().concat();
        let lines = line_diff(&format!("head\n{}", text("a")), &format!("head\n{}", text("b")));
        assert_eq!(lines.len(), 4_001);
        assert_eq!(lines[0], DiffLine::Kept("head".into()));
    }
}
