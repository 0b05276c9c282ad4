//! Each YAML in the pages is compiled, and each conversation in them is played.
//!
//! A block begins with a comment that names its file: `# flows/order.yaml`. The blocks of a page together, laid over the bot
//! that `switchboard new` makes, are a bot without errors.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use author::{Catalogue, Files, Severity};

use crate::overlay::lay_over;
use crate::page::{Page, documentation};

/// The file that says where a bot runs; it is no part of the bot.
const PLACE: &str = "switchboard.yaml";

/// What the pages tell of a page's files.
pub(crate) struct Shown {
    page: String,
    files: BTreeMap<String, String>,
}

pub(crate) fn shown(page: &Page, starter: &BTreeMap<String, String>) -> Shown {
    let mut files = starter.clone();
    for block in page.fenced().iter().filter(|one| one.language == "yaml") {
        let place = format!("{}:{}", page.path, block.line);
        let first = block.text.lines().next().unwrap_or_default();
        let name = first
            .strip_prefix("# ")
            .and_then(|rest| rest.split_whitespace().next())
            .filter(|name| name.ends_with(".yaml"))
            .unwrap_or_else(|| panic!("{place}: the first line does not name the file"));
        let file = files.entry(name.to_owned()).or_default();
        *file = lay_over(file, &block.text);
    }
    Shown {
        page: page.path.clone(),
        files,
    }
}

/// The media that the files name: a page shows a picture's path, not the picture.
fn media(files: &BTreeMap<String, String>) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "\"'},{".contains(c);
    let texts = files.values().flat_map(|text| text.split(ends));
    let named = texts.filter(|word| word.starts_with("media/"));
    named.map(str::to_owned).collect()
}

/// The bot that `switchboard new` makes.
pub(crate) fn starter() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let bot = folder.path().join("shop");
    let made = switchboard(&["new", &bot.display().to_string()]);
    assert!(made.status.success());
    let mut files = BTreeMap::new();
    collect(&bot, "", &mut files);
    files.retain(|path, _| !path.starts_with("tests/"));
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = format!("{prefix}{}", name.expect("names are texts"));
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(&path).expect("files are texts"));
        }
    }
}

fn switchboard(args: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(args)
        .output()
        .expect("the binary starts")
}

impl Shown {
    fn compile(&self) -> author::Compiled {
        let bytes = |(path, text): (&String, &String)| (path.clone(), text.clone().into_bytes());
        let mut files: Files = self.files.iter().map(bytes).collect();
        files.extend(
            media(&self.files)
                .into_iter()
                .map(|path| (path, Vec::new())),
        );
        let catalogue = Catalogue {
            desks: ["console".to_owned()].into(),
            ..Catalogue::default()
        };
        author::compile(&files, &catalogue)
    }

    fn errors(&self) -> Vec<String> {
        let found = self.compile().diagnostics;
        let errors = found.iter().filter(|one| one.severity == Severity::Error);
        errors.map(|one| format!("{}: {one}", self.page)).collect()
    }

    /// The page's files in a folder.
    pub(crate) fn write(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in &self.files {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().expect("it is in the folder")).expect("a folder");
            fs::write(file, text).expect("it can be written");
        }
        folder
    }

    fn has(&self, begin: &str) -> bool {
        self.files.keys().any(|path| path.starts_with(begin))
    }
}

fn all() -> Vec<Shown> {
    let starter = starter();
    documentation()
        .iter()
        .map(|page| shown(page, &starter))
        .collect()
}

#[test]
fn the_yaml_of_each_page_compiles() {
    let wrong: Vec<String> = all().iter().flat_map(Shown::errors).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_conversations_in_the_pages_hold() {
    for page in all().iter().filter(|page| page.has("tests/")) {
        let folder = page.write();
        let played = switchboard(&["test", &folder.path().display().to_string()]);
        let said = String::from_utf8_lossy(&played.stdout);
        assert!(played.status.success(), "{}\n{said}", page.page);
    }
}

#[test]
fn the_settings_in_the_pages_are_known() {
    for page in all().iter().filter(|page| page.has(PLACE)) {
        let folder = page.write();
        let read = switchboard(&["config", &folder.path().display().to_string()]);
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(read.status.success(), "{}\n{said}", page.page);
    }
}

#[test]
fn the_mistake_in_the_readme_looks_as_it_says() {
    let page = documentation()
        .into_iter()
        .find(|page| page.path == "README.md");
    let page = page.expect("there is a README");
    let mut shown = shown(&page, &starter());
    let flow = shown.files.get_mut("flows/return_item.yaml");
    let flow = flow.expect("the README shows the flow");
    assert_eq!(flow.matches("done: check").count(), 1);
    *flow = flow.replace("done: check", "done: chekc");
    let compiled = shown.compile();
    let printed = author::print::human(&compiled.diagnostics, &compiled.files);
    let block = page.fenced().into_iter().find(|one| one.language == "text");
    let text = block.expect("the README shows the mistake").text;
    assert!(printed.contains(&text), "{printed}\n{text}");
}
