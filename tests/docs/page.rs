//! The pages of the documentation and the code that stands in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A page of Markdown.
pub(crate) struct Page {
    /// From the repository's root.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What stands between two fences.
pub(crate) struct Block {
    /// The word after the fence: `yaml`, `sh`; empty where code is indented.
    pub(crate) language: String,
    pub(crate) text: String,
    /// Of its first line, counted from 1.
    pub(crate) line: usize,
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Folders of the repository that hold no pages of ours.
const NOT_OURS: &[&str] = &["target", "node_modules", ".git", ".switchboard"];

/// Every page in the repository.
pub(crate) fn every_page() -> Vec<Page> {
    let root = root();
    let mut found = Vec::new();
    collect(&root, &mut found);
    found.sort();
    let page = |file: &PathBuf| Page {
        path: file
            .strip_prefix(&root)
            .expect("it lies below the root")
            .display()
            .to_string(),
        text: fs::read_to_string(file).expect("a page is a text"),
    };
    found.iter().map(page).collect()
}

/// The documentation. Without the pages of the checks: their examples are wrong on purpose, and the author's crate tests them.
pub(crate) fn documentation() -> Vec<Page> {
    let mut pages = every_page();
    pages.retain(|page| {
        let path = page.path.as_str();
        matches!(path, "README.md" | "CONTRIBUTING.md")
            || (path.starts_with("docs/") && !path.starts_with("docs/checks/"))
    });
    pages
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str());
        if path.is_dir() && !name.is_some_and(|name| NOT_OURS.contains(&name)) {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

impl Page {
    /// The fenced blocks, those in HTML comments too: what a reader need not see, but the compiler must.
    pub(crate) fn fenced(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (number, line) in self.text.lines().enumerate() {
            match (&mut open, line.strip_prefix("```")) {
                (None, Some(language)) => {
                    open = Some(Block {
                        language: language.to_owned(),
                        text: String::new(),
                        line: number + 2,
                    });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(block), None) => {
                    block.text += line;
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.path);
        blocks
    }

    /// The lines of code that are indented instead of fenced, each with its number.
    pub(crate) fn indented(&self) -> Vec<(usize, String)> {
        let mut fenced = false;
        let mut lines = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            fenced ^= line.starts_with("```");
            if let (false, Some(code)) = (fenced, line.strip_prefix("    ")) {
                lines.push((number + 1, code.to_owned()));
            }
        }
        lines
    }

    /// The text between backticks, each with the number of its line.
    pub(crate) fn spans(&self) -> Vec<(usize, String)> {
        let mut fenced = false;
        let mut spans = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            fenced ^= line.starts_with("```");
            if !fenced {
                let inside = line.split('`').skip(1).step_by(2);
                spans.extend(inside.map(|code| (number + 1, code.to_owned())));
            }
        }
        spans
    }
}
