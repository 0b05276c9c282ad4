//! A small bot without a mistake, and ways to put mistakes into it.
#![allow(dead_code, reason = "each test file uses some of this")]

use std::path::Path;

use author::{Catalogue, Files};

/// The bot's files.
pub(crate) fn files() -> Files {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/base");
    author::read(&root).expect("the bot lies beside its tests")
}

/// Puts a text in the place of another, which must be there once.
pub(crate) fn replace(files: &mut Files, file: &str, anchor: &str, text: &str) {
    let bytes = files.get(file).cloned().unwrap_or_default();
    let before = String::from_utf8(bytes).expect("the bot's files are texts");
    assert_eq!(
        before.matches(anchor).count(),
        1,
        "{file} has `{anchor}` not once"
    );
    files.insert(
        file.to_owned(),
        before.replacen(anchor, text, 1).into_bytes(),
    );
}

/// Takes the marks `«»` out of all files; where they stood comes back as file, line, column.
pub(crate) fn unmark(mut files: Files) -> (Files, Vec<(String, u32, u32)>) {
    let mut places = Vec::new();
    for (path, bytes) in &mut files {
        let Ok(text) = String::from_utf8(bytes.clone()) else {
            continue;
        };
        if !text.contains('«') {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let mut rest = line;
            let mut column = 1;
            while let Some((before, after)) = rest.split_once('«') {
                column += before.chars().filter(|c| *c != '»').count();
                places.push((path.clone(), number as u32 + 1, column as u32));
                rest = after;
            }
        }
        *bytes = text.replace(['«', '»'], "").into_bytes();
    }
    (files, places)
}

/// How often a rule finds something.
pub(crate) fn count(code: &str, files: &Files, catalogue: &Catalogue) -> usize {
    let compiled = author::compile(files, catalogue);
    compiled
        .diagnostics
        .iter()
        .filter(|one| one.rule.code == code)
        .count()
}
