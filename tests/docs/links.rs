//! Each link to a file of the repository leads there, and to a heading that the page has.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::page::{Page, every_page, root};

/// The addresses of a page's links, each with the number of its line. Code is no link.
fn links(page: &Page) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (number, line) in page.text.lines().enumerate() {
        fenced ^= line.starts_with("```");
        if fenced || line.starts_with("    ") {
            continue;
        }
        let outside: String = line.split('`').step_by(2).collect();
        for rest in outside.split("](").skip(1) {
            let address = rest.split(')').next().unwrap_or_default();
            found.push((number + 1, address.to_owned()));
        }
    }
    found
}

/// A heading's anchor, as code hosts make it: lower case, hyphens for spaces, no punctuation.
fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

fn anchors(page: &Page) -> Vec<String> {
    let mut fenced = false;
    let mut found: Vec<String> = Vec::new();
    for line in page.text.lines() {
        fenced ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if fenced || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let own = anchor(heading);
        let before = found.iter().filter(|one| **one == own).count();
        found.push(if before == 0 {
            own
        } else {
            format!("{own}-{before}")
        });
    }
    found
}

/// `docs/guide/../http.md` → `docs/http.md`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::CurDir => {}
            other => parts.push(other),
        }
    }
    parts
}

/// What is wrong with a link, if anything.
fn broken(page: &Page, address: &str, pages: &BTreeMap<String, Vec<String>>) -> Option<String> {
    if address.contains("://") || address.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = address.split_once('#').unwrap_or((address, ""));
    let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let target = match path {
        "" => PathBuf::from(&page.path),
        path => normal(&folder.join(path)),
    };
    if !root().join(&target).exists() {
        return Some("there is no such file".to_owned());
    }
    let known = pages.get(&target.display().to_string());
    let has = known.is_some_and(|all| all.iter().any(|one| one == heading));
    (!heading.is_empty() && !has).then(|| format!("there is no such heading: {known:?}"))
}

#[test]
fn each_link_leads_somewhere() {
    let pages = every_page();
    let all: BTreeMap<String, Vec<String>> = pages
        .iter()
        .map(|page| (page.path.clone(), anchors(page)))
        .collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in &pages {
        for (line, address) in links(page) {
            seen += 1;
            if let Some(what) = broken(page, &address, &all) {
                wrong.push(format!("{}:{line}: {address}: {what}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 10, "links are found, but only {seen}");
}

#[test]
fn a_link_that_leads_nowhere_is_noticed() {
    let page = |text: &str| Page {
        path: "docs/templates.md".into(),
        text: text.into(),
    };
    let all = BTreeMap::from([(
        "docs/templates.md".to_owned(),
        anchors(&page("## Log-in, and `keys`\n")),
    )]);
    let wrong = |address: &str| broken(&page(""), address, &all).is_some();
    assert!(!wrong("#log-in-and-keys") && wrong("#keys"));
    assert!(!wrong("../README.md") && wrong("README.md"));
    assert_eq!(links(&page("`[a](b)` [c](d.md)")), [(1, "d.md".to_owned())]);
}
