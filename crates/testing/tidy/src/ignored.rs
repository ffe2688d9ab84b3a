//! Which paths a `.gitignore` leaves out of the repository.
//!
//! It reads the part of the language that this repository uses: names, paths from the file's own folder, `*` within
//! a name, and a `/` at the end for folders. It knows neither `**` nor `!`.

/// One line of a `.gitignore`, bound to the folder it stands in.
#[derive(Debug, Clone)]
pub struct Pattern {
    folder: String,
    is_anchored: bool,
    glob: String,
}

impl Pattern {
    /// Returns the patterns in the text of a `.gitignore` that stands in `folder`, which is relative to the repository
    /// and empty for its root.
    pub fn read(folder: &str, text: &str) -> Vec<Self> {
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '!']));
        lines.map(|line| Self::from_line(folder, line)).collect()
    }

    fn from_line(folder: &str, line: &str) -> Self {
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let glob = line.trim_end_matches('/');
        let is_anchored = glob.contains('/');
        Self { folder, is_anchored, glob: glob.trim_start_matches('/').to_owned() }
    }

    /// Tells whether a file or folder, relative to the repository, is left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        let Some(inner) = path.strip_prefix(&self.folder) else {
            return false;
        };
        let candidate = if self.is_anchored { inner } else { inner.rsplit('/').next().unwrap_or(inner) };
        fits(&self.glob, candidate)
    }
}

/// Matches a text with a glob in which each `*` stands for any letters but `/`.
fn fits(glob: &str, text: &str) -> bool {
    let Some((start, rest)) = glob.split_once('*') else {
        return glob == text;
    };
    let Some(open) = text.strip_prefix(start) else {
        return false;
    };
    let reach = open.find('/').unwrap_or(open.len());
    let mut ends = open.char_indices().map(|(at, _)| at).chain([open.len()]).take_while(|at| *at <= reach);
    ends.any(|at| open.get(at..).is_some_and(|tail| fits(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves_out(folder: &str, line: &str, path: &str) -> bool {
        Pattern::read(folder, line).iter().any(|pattern| pattern.leaves_out(path))
    }

    #[test]
    fn a_slash_in_front_binds_a_name_to_the_folder() {
        assert!(leaves_out("", "/target", "target"));
        assert!(!leaves_out("", "/target", "apps/target"));
    }

    #[test]
    fn a_bare_name_is_left_out_everywhere_below() {
        assert!(leaves_out("", ".env", "apps/server/.env"));
        assert!(leaves_out("apps/dashboard", "node_modules/", "apps/dashboard/widget/node_modules"));
        assert!(!leaves_out("apps/dashboard", "node_modules/", "docs/node_modules"));
    }

    #[test]
    fn a_star_stays_within_a_name() {
        assert!(leaves_out("", "*.snap.new", "apps/server/tests/a.snap.new"));
        assert!(leaves_out("", "/docs/*/build", "docs/site/build"));
        assert!(!leaves_out("", "/docs/*/build", "docs/site/inner/build"));
    }

    #[test]
    fn comments_and_empty_lines_leave_nothing_out() {
        assert!(Pattern::read("", "# target\n\n  \n").is_empty());
    }
}
