//! The map is true: which crate may use which, and what the core may bring along.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Allowed edges: a crate, and what it may use of ours. `ARCHITECTURE.md` shows the same table.
const EDGES: &[(&str, &[&str])] = &[
    ("dialog", &[]),
    ("understand", &["dialog"]),
    ("encode", &["understand"]),
    ("knowledge", &["dialog", "understand"]),
    ("llm", &[]),
    ("render", &["dialog"]),
    ("store", &["dialog"]),
    ("tools", &["dialog"]),
    ("author", &["dialog", "render", "understand"]),
    (
        "runtime",
        &[
            "dialog",
            "understand",
            "knowledge",
            "llm",
            "render",
            "store",
            "tools",
        ],
    ),
    (
        "testing",
        &[
            "author",
            "runtime",
            "dialog",
            "understand",
            "knowledge",
            "llm",
            "render",
            "store",
            "tools",
        ],
    ),
    (
        "server",
        &[
            "author",
            "runtime",
            "testing",
            "dialog",
            "understand",
            "encode",
            "knowledge",
            "llm",
            "render",
            "store",
            "tools",
        ],
    ),
];

/// What the core may use: everything else would bring I/O, a clock, or time to build.
const CORE_MAY_USE: &[&str] = &["jiff", "regex", "serde", "serde_json", "thiserror"];

/// Crates that belong to one crate of ours only, so that replacing them changes one place.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("sled", &["store"]),
    ("handlebars", &["render"]),
    ("icu", &["render"]),
    ("saphyr-parser", &["author"]),
    ("cel", &["author"]),
    ("axum", &["server"]),
    ("clap", &["server"]),
    ("reqwest", &["llm", "tools", "server"]),
    ("rten", &["encode"]),
    ("html5gum", &["knowledge"]),
    ("pdf-extract", &["knowledge"]),
    ("rust-bert", &["encode"]),
    ("tch", &["encode"]),
    ("zip", &["encode"]),
];

#[derive(serde::Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(serde::Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(serde::Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

#[derive(serde::Deserialize)]
struct Target {
    kind: Vec<String>,
}

fn workspace() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Metadata =
        serde_json::from_slice(&output.stdout).expect("cargo's metadata is JSON");
    metadata.packages
}

fn used(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|one| one.kind.is_none())
        .map(|one| one.name.as_str())
        .collect()
}

#[test]
fn crates_use_only_what_the_map_allows() {
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for package in workspace() {
        let allowed = edges
            .get(package.name.as_str())
            .unwrap_or_else(|| panic!("`{}` is not on the map", package.name));
        for name in used(&package) {
            let ours = edges.contains_key(name);
            assert!(
                !ours || allowed.contains(&name),
                "`{}` may not use `{name}`",
                package.name
            );
        }
    }
}

#[test]
fn the_core_stays_small() {
    for package in workspace().iter().filter(|one| one.name == "dialog") {
        for name in used(package) {
            assert!(
                CORE_MAY_USE.contains(&name),
                "the core may not use `{name}`"
            );
        }
    }
}

#[test]
fn each_library_has_its_one_place() {
    for package in workspace() {
        for (library, places) in ONLY_IN {
            let uses = used(&package).contains(library);
            assert!(
                !uses || places.contains(&package.name.as_str()),
                "`{}` may not use `{library}`",
                package.name
            );
        }
    }
}

#[test]
fn there_is_exactly_one_binary() {
    let binaries = workspace()
        .iter()
        .flat_map(|one| &one.targets)
        .filter(|one| one.kind == ["bin"])
        .count();
    assert_eq!(binaries, 1, "`cargo run` must know what to run");
}
