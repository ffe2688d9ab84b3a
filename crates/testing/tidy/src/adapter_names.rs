//! Only the server's `compose.rs` names adapters; everything else there speaks to ports.

use std::collections::BTreeSet;

use crate::rust_code::code_only;
use crate::{Breach, Layer, Package, SourceFile};

/// The folder the rule is about; the server's tests and benches lie beside it and are exempt.
pub const SCOPE: &str = "apps/server/src/";

/// The file that composes ports with adapters.
pub const COMPOSE: &str = "apps/server/src/compose.rs";

/// The folder with the parts of [`COMPOSE`].
pub const COMPOSE_PARTS: &str = "apps/server/src/compose/";

/// Files in [`SCOPE`] that may name adapters besides, each with its reason in a comment beside it.
pub const EXCEPTIONS: &[&str] = &[];

/// Returns the names by which the server's code can mention adapters: their own and those its manifest gives them.
pub fn adapter_crates(packages: &[Package]) -> BTreeSet<String> {
    let adapters: BTreeSet<&str> =
        packages.iter().filter(|one| one.layer == Layer::Adapter).map(|one| &*one.name).collect();
    let server = packages.iter().filter(|package| package.folder == "apps/server");
    let renamed = server
        .flat_map(|server| &server.dependencies)
        .filter(|used| used.is_ours && adapters.contains(used.name.as_str()))
        .filter_map(|used| used.rename.as_deref());
    adapters.iter().copied().chain(renamed).map(|name| name.replace('-', "_")).collect()
}

/// Returns the lines in the server, outside `compose.rs`, that name an adapter's crate.
pub fn named_outside_compose(files: &[SourceFile], adapters: &BTreeSet<String>) -> Vec<Breach> {
    let is_exempt = |file: &SourceFile| {
        file.path == COMPOSE
            || file.path.starts_with(COMPOSE_PARTS)
            || EXCEPTIONS.contains(&file.path.as_str())
    };
    let server = files.iter().filter(|file| file.path.starts_with(SCOPE) && file.is_rust());
    server.filter(|file| !is_exempt(file)).flat_map(|file| named_in(file, adapters)).collect()
}

fn named_in(file: &SourceFile, adapters: &BTreeSet<String>) -> Vec<Breach> {
    let code = code_only(&file.text);
    let lines = code.lines().zip(1_usize..);
    lines
        .filter_map(|(line, number)| {
            let adapter = adapters.iter().find(|adapter| names_crate(line, adapter))?;
            let rule = format!("only compose.rs names adapters, this line names `{adapter}`");
            let mend = "take the port (`Arc<dyn …>`) as an argument and let compose.rs pass the adapter in";
            Some(Breach::new(format!("{}:{number}", file.path), rule, mend))
        })
        .collect()
}

/// Tells whether the line uses the crate: `name::…`, `::name::…`, `use name` or `extern crate name`. A segment after
/// another name, as in `diesel::sqlite::…`, is somebody else's module.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, found)| {
        let (Some(before), Some(after)) = (line.get(..at), line.get(at + found.len()..)) else {
            return false;
        };
        let is_whole_word = !before.ends_with(is_word_letter) && !after.starts_with(is_word_letter);
        is_whole_word
            && !is_inner_segment(before)
            && (after.trim_start().starts_with("::") || follows_use(before))
    })
}

fn is_inner_segment(before: &str) -> bool {
    let path = before.trim_end().strip_suffix("::");
    path.is_some_and(|outer| outer.ends_with(|letter: char| is_word_letter(letter) || letter == '>'))
}

fn follows_use(before: &str) -> bool {
    let before = before.trim_end().trim_end_matches("::").trim_end();
    before.ends_with("extern crate")
        || before.split(|letter| !is_word_letter(letter)).next_back() == Some("use")
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dependency;

    fn breaches_of(path: &str, text: &str) -> Vec<Breach> {
        let adapters = ["sqlite", "twilio_sms"].map(str::to_owned).into();
        named_outside_compose(&[SourceFile::new(path, text)], &adapters)
    }

    #[test]
    fn adapters_go_by_their_own_name_and_by_the_one_the_server_gives_them() {
        let renamed = Dependency { rename: Some("twilio-sms".into()), ..Dependency::ours("cheetah-twilio") };
        let twilio = Package { name: "cheetah-twilio".into(), ..Package::made_up("crates/adapters/twilio") };
        let server = Package::made_up("apps/server").with(renamed).with(Dependency::ours("lead"));

        let names = adapter_crates(&[server, twilio, Package::made_up("crates/domain/lead")]);

        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["cheetah_twilio", "twilio_sms"]);
    }

    #[test]
    fn every_way_of_naming_an_adapter_breaks_the_rule() {
        for line in [
            "use sqlite::Stores;",
            "use sqlite as database;",
            "use ::sqlite::Stores;",
            "use {kernel::Clock, sqlite::Stores};",
            "let stores = sqlite::Stores::open();",
            "fn f(stores: &twilio_sms::Messenger) {}",
            "extern crate sqlite;",
        ] {
            let breaches = breaches_of("apps/server/src/http/mod.rs", &format!("//! Docs.\n{line}\n"));
            assert_eq!(breaches.len(), 1, "{line}");
            assert_eq!(breaches[0].file, "apps/server/src/http/mod.rs:2", "{line}");
        }
    }

    #[test]
    fn what_only_looks_like_an_adapter_is_fine() {
        for line in [
            "//! See [`sqlite::Stores`].",
            "const URL: &str = \"sqlite::memory:\";",
            "use diesel::sqlite::Sqlite;",
            "let sqlite = crate::config::sqlite();",
            "let x = my_sqlite::open();",
            "match sqlite { _ => reuse(sqlite) }",
        ] {
            assert_eq!(breaches_of("apps/server/src/config.rs", line), [], "{line}");
        }
    }

    #[test]
    fn compose_and_everything_outside_the_source_folder_may_name_adapters() {
        for path in
            [COMPOSE, "apps/server/tests/turn.rs", "apps/server/benches/turns.rs", "apps/xtask/src/main.rs"]
        {
            assert_eq!(breaches_of(path, "use sqlite::Stores;"), [], "{path}");
        }
    }
}
