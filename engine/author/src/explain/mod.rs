//! The long text of every rule: what it finds, why, an example, and what to write instead.
//!
//! The pages in `docs/checks/` are made of it. Every example is a change of one file of a small bot, `tests/base`; a test
//! makes both changes and looks that only the first is reported.

mod expressions;
mod flows;
mod meaning;
mod references;
mod templates;
mod writing;

use crate::rule::{RULES, Rule};

/// The long text of one rule.
#[derive(Debug)]
pub struct Page {
    /// The rule's code.
    pub code: &'static str,
    /// What it finds.
    pub finds: &'static str,
    /// Why that is worth knowing.
    pub why: &'static str,
    /// The file of the example.
    pub file: &'static str,
    /// The text of that file which the example stands instead of.
    pub anchor: &'static str,
    /// The mistake; `«»` marks where it is reported.
    pub wrong: &'static str,
    /// What to write instead.
    pub right: &'static str,
}

/// All pages, by code.
pub fn pages() -> Vec<&'static Page> {
    let mut pages: Vec<&Page> = [
        writing::PAGES,
        references::PAGES,
        expressions::PAGES,
        templates::PAGES,
        flows::PAGES,
        meaning::PAGES,
    ]
    .into_iter()
    .flatten()
    .collect();
    pages.sort_by_key(|page| page.code);
    pages
}

fn page(rule: &Rule) -> Option<&'static Page> {
    pages().into_iter().find(|page| page.code == rule.code)
}

/// One sentence: what a rule finds.
pub fn finds(rule: &Rule) -> &'static str {
    page(rule).map_or(rule.name, |page| page.finds)
}

/// Everything about a rule, as Markdown.
pub fn explain(rule: &Rule) -> String {
    let Some(page) = page(rule) else {
        return format!("# {} {}\n", rule.code, rule.name);
    };
    format!(
        "# {} {}\n\nSeverity: {}.\n\n## What it finds\n\n{}\n\n## Why\n\n{}\n\n## Example\n\n{}\n## Instead\n\n{}",
        rule.code,
        rule.name,
        rule.severity.name(),
        page.finds,
        page.why,
        snippet(page.file, &unmarked(page.wrong)),
        snippet(page.file, page.right),
    )
}

fn snippet(file: &str, text: &str) -> String {
    format!("```yaml\n# {file}\n{}\n```\n", text.trim_end())
}

/// An example without the marks of its place.
pub fn unmarked(text: &str) -> String {
    text.replace(['«', '»'], "")
}

/// The list of all rules, as Markdown: the beginning of `docs/checks/`.
pub fn index() -> String {
    let mut text = String::from(
        "# What `switchboard check` finds\n\nEvery diagnostic has a code that keeps its meaning. `switchboard explain CODE` prints the page of one.\n\n| code | name | severity | what it finds |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        text.push_str(&format!(
            "| [{0}]({0}.md) | {1} | {2} | {3} |\n",
            rule.code,
            rule.name,
            rule.severity.name(),
            finds(rule)
        ));
    }
    text
}
