//! What somebody left behind: paths of the machine a file was written on, and notes to finish something later.

use crate::{Breach, SourceFile};

// Written in two halves, or this file would break its own rules.
const MACHINE_FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/fa", "rm/"), concat!("/ro", "ot/")];
const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

/// Returns the lines that name a folder which exists only on somebody's machine.
pub fn machine_paths(files: &[SourceFile]) -> Vec<Breach> {
    find(files, |line| {
        let folder = MACHINE_FOLDERS.iter().find(|folder| names_path(line, folder))?;
        let rule = format!("no file names a path of one machine, such as `{folder}`");
        Some((rule, "use a path relative to the repository, or one from the configuration"))
    })
}

/// Returns the lines with a mark for unfinished work.
pub fn unfinished_marks(files: &[SourceFile]) -> Vec<Breach> {
    find(files, |line| {
        let mark = MARKS.iter().find(|mark| has_word(line, mark))?;
        Some((format!("no file says `{mark}`"), "do it now, or open an issue and say here what holds today"))
    })
}

fn find(files: &[SourceFile], check: impl Fn(&str) -> Option<(String, &'static str)>) -> Vec<Breach> {
    let lines = files.iter().flat_map(|file| file.text.lines().zip(1_usize..).map(move |line| (file, line)));
    lines
        .filter_map(|(file, (line, number))| {
            let (rule, mend) = check(line)?;
            Some(Breach::new(format!("{}:{number}", file.path), rule, mend))
        })
        .collect()
}

/// Tells whether the folder stands where a path begins; `net` in front of it makes another folder of it.
fn names_path(line: &str, folder: &str) -> bool {
    let is_part_of_path = |letter: char| letter.is_alphanumeric() || "_-})>]".contains(letter);
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|start| start.chars().next_back());
        !before.is_some_and(is_part_of_path)
    })
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> [SourceFile; 1] {
        [SourceFile::new("docs/a.md", text)]
    }

    #[test]
    fn a_path_of_a_machine_breaks_the_rule_with_its_line() {
        for folder in MACHINE_FOLDERS {
            let breaches = machine_paths(&file(&format!("fine\nsee `{folder}main/a.txt`\n")));

            assert_eq!(breaches[0].file, "docs/a.md:2", "{folder}");
        }
    }

    #[test]
    fn a_path_of_a_machine_is_found_at_the_start_and_after_a_scheme() {
        let folder = MACHINE_FOLDERS[0];

        assert_eq!(machine_paths(&file(&format!("{folder}a"))).len(), 1);
        assert_eq!(machine_paths(&file(&format!("file://{folder}a"))).len(), 1);
    }

    #[test]
    fn a_folder_inside_the_repository_may_have_the_same_name() {
        let folder = MACHINE_FOLDERS[0];

        assert_eq!(machine_paths(&file(&format!("apps/server{folder}a.rs and ${{BASE}}{folder}"))), []);
    }

    #[test]
    fn a_mark_of_unfinished_work_breaks_the_rule() {
        for mark in MARKS {
            assert_eq!(unfinished_marks(&file(&format!("// {mark}(me): later"))).len(), 1, "{mark}");
        }
    }

    #[test]
    fn a_mark_inside_a_word_is_no_mark() {
        let mark = MARKS[2];

        assert_eq!(unfinished_marks(&file(&format!("AC{mark}{mark} {mark}_1 todo"))), []);
    }
}
