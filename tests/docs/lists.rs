//! The lists that the pages give are complete: keys of the language, settings, metrics, routes, problems, commands.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::page::root;
use crate::support::{Server, bench_bot};

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What the program prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(args)
        .output()
        .expect("the binary starts");
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).expect("its output is text")
}

/// Every match of the pattern's group in our sources.
fn in_sources(pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("the pattern can be read");
    let mut found = BTreeSet::new();
    for folder in ["server/src", "engine", "connectors"] {
        collect(&root().join(folder), &pattern, &mut found);
    }
    assert!(!found.is_empty(), "{pattern}: nothing is found");
    found
}

fn collect(folder: &Path, pattern: &Regex, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            // The demo's bank is another program, with problems of its own.
            if !path.ends_with("bank") {
                collect(&path, pattern, found);
            }
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("sources are texts");
            let all = pattern.captures_iter(&text);
            found.extend(all.map(|one| one[1].to_owned()));
        }
    }
}

fn assert_told(page: &str, names: impl IntoIterator<Item = String>) {
    let text = self::page(page);
    let missing: Vec<String> = names
        .into_iter()
        .filter(|name| !text.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{page} does not tell {missing:?}");
}

#[test]
fn the_reference_has_every_key_of_the_language() {
    let text = page("docs/guide/reference.md");
    let schema = author::json_schema();
    let mut missing = Vec::new();
    for (name, map) in schema["$defs"].as_object().expect("it has definitions") {
        let heading = format!("### {}{}\n", name[..1].to_uppercase(), &name[1..]);
        let section = text.split(&heading).nth(1).unwrap_or_default();
        let section = section.split("\n#").next().unwrap_or_default();
        let keys = map["properties"].as_object().into_iter().flatten();
        let absent = keys.filter(|(key, _)| !section.contains(&format!("| `{key}` |")));
        missing.extend(absent.map(|(key, _)| format!("{name}: {key}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_setting_is_told() {
    let settings = printed(&["config", &bench_bot().display().to_string()]);
    let names = settings
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    assert_told("docs/operations/README.md", names.map(str::to_owned));
}

#[test]
fn every_metric_is_told() {
    let names = in_sources(r#""(switchboard_[a-z_]+)""#);
    assert_told("docs/operations/metrics.md", names);
}

#[test]
fn every_command_is_told() {
    let help = printed(&["--help"]);
    let commands = help.split("Commands:").nth(1).expect("it lists commands");
    let commands = commands.split("\n\n").next().unwrap_or_default();
    let names = commands
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    assert_told(
        "docs/commands.md",
        names.map(|name| format!("switchboard {name}")),
    );
}

#[test]
fn every_problem_is_told() {
    let code =
        r#"(?:bad_request|forbidden|conflict|unprocessable|unavailable|refused)\(\s*"([a-z-]+)""#;
    let mut codes = in_sources(code);
    codes.extend(in_sources(r#"StatusCode::[A-Z_]+,\s*"([a-z-]+)""#));
    codes.extend(in_sources(r#"\bcode: "([a-z-]+)""#));
    assert_told("docs/http.md", codes);
}

#[tokio::test]
async fn every_route_is_told() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(&bench_bot(), data.path(), &[]);
    let answer = server.get("/openapi.json", None).await;
    let description: Value = answer.json().await.expect("JSON");
    let paths = description["paths"].as_object().expect("it lists paths");
    let routes = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
    });
    assert_told("docs/http.md", routes);
}

#[test]
fn the_picture_of_the_flow_is_what_the_program_draws() {
    let root = root();
    let bot = root.display().to_string();
    let drawn = printed(&["graph", &bot, "replace_card", "--format", "svg"]);
    assert_eq!(drawn, page("docs/images/replace_card.svg"));
}
