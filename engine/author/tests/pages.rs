//! Every rule has a page; its example is found where the page says, what stands instead is not; the pages in `docs/checks` are
//! what the registry gives. `UPDATE_EXPECT=1 cargo test -p author --test pages` writes them.

mod base;

use std::fs;
use std::path::{Path, PathBuf};

use author::explain::{self, Page};
use author::rule::{self, RULES};
use author::{Catalogue, ChannelLimits, Files};

/// Where the bot of the examples is served.
fn catalogue(code: &str) -> Catalogue {
    let limits = ChannelLimits {
        choices_max: 3,
        text_max: 1_000,
        cards: false,
    };
    let set = ["PARCEL_URL", "PARCEL_KEY"].map(str::to_owned);
    Catalogue {
        channels: [("widget".to_owned(), limits)].into(),
        environment: (code == "SB083").then(|| set.into()),
        ..Catalogue::default()
    }
}

fn changed(page: &Page, text: &str) -> Files {
    let mut files = base::files();
    base::replace(&mut files, page.file, page.anchor, text);
    if page.code == "SB069" {
        let depth = if text.contains('«') || page.wrong == text {
            1
        } else {
            2
        };
        let digressions =
            format!("digressions: {{ allow: all, depth: {depth}, on_resume: back_to_return }}");
        base::replace(
            &mut files,
            page.file,
            "digressions: { allow: answers, on_resume: back_to_return }",
            &digressions,
        );
    }
    files
}

#[test]
fn every_rule_has_a_page() {
    let without: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.code)
        .filter(|code| !explain::pages().iter().any(|page| page.code == *code))
        .collect();
    assert_eq!(without, Vec::<&str>::new());
}

#[test]
fn every_example_is_found_at_its_place_and_its_correction_is_not() {
    let mut wrong = Vec::new();
    for page in explain::pages() {
        let catalogue = catalogue(page.code);
        let (files, places) = base::unmark(changed(page, page.wrong));
        let compiled = author::compile(&files, &catalogue);
        let found: Vec<String> = compiled
            .diagnostics
            .iter()
            .map(ToString::to_string)
            .collect();
        let of_rule = compiled
            .diagnostics
            .iter()
            .filter(|one| one.rule.code == page.code);
        let at_place = of_rule.clone().any(|one| {
            places.is_empty() || places.contains(&(one.file.clone(), one.line, one.column))
        });
        if !at_place {
            wrong.push(format!(
                "{} is not found at {places:?}, but: {found:#?}",
                page.code
            ));
        }
        let corrected = author::compile(&changed(page, page.right), &catalogue);
        let before = base::count(page.code, &base::files(), &catalogue);
        let left = corrected
            .diagnostics
            .iter()
            .filter(|one| one.rule.code == page.code)
            .count();
        if left > before {
            wrong.push(format!(
                "{} is still found in what should stand instead: {:#?}",
                page.code, corrected.diagnostics
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/checks")
}

#[test]
fn the_pages_in_docs_are_those_of_the_registry() {
    let mut pages = vec![("README.md".to_owned(), explain::index())];
    for rule in RULES {
        pages.push((format!("{}.md", rule.code), author::explain(rule)));
    }
    for (name, text) in pages {
        let path = docs().join(&name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::create_dir_all(docs()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(
            written, text,
            "{name}: run with UPDATE_EXPECT=1 to write it"
        );
    }
}

#[test]
fn a_rule_is_found_by_code_and_by_name() {
    assert_eq!(
        rule::find("sb012").map(|rule| rule.name),
        Some("unknown-state")
    );
    assert_eq!(
        rule::find("unknown-state").map(|rule| rule.code),
        Some("SB012")
    );
    assert_eq!(rule::find("SB999").map(|rule| rule.code), None);
}
