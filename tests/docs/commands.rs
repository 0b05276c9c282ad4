//! Each command line in the pages is one that the program takes.

use std::process::Command;

use crate::page::{Page, documentation};

/// What stands before our arguments where a page shows how to run a clone.
const FROM_SOURCE: &str = "cargo run --release -- ";
const PROGRAM: &str = "switchboard ";

/// The command lines of a page: in code, alone or after `&&`, `|` and `;`, and between backticks.
fn lines(page: &Page) -> Vec<(usize, String)> {
    let mut code = page.indented();
    for block in page.fenced() {
        let numbered = block.text.lines().enumerate();
        code.extend(numbered.map(|(number, line)| (block.line + number, line.to_owned())));
    }
    code.extend(page.spans());
    code.iter()
        .flat_map(|(number, line)| commands(line).map(move |one| (*number, one)))
        .collect()
}

fn commands(line: &str) -> impl Iterator<Item = String> {
    let line = line.split(" #").next().unwrap_or_default();
    line.split(['|', ';', '&', '(', ')']).filter_map(|part| {
        let part = part
            .trim()
            .trim_start_matches("$ ")
            .trim_start_matches("time ");
        let args = part
            .strip_prefix(FROM_SOURCE)
            .or_else(|| part.strip_prefix(PROGRAM))?;
        let until = args.find(['<', '>']).unwrap_or(args.len());
        Some(args[..until].trim().to_owned())
    })
}

/// The arguments as a shell would split them; quotes keep words together.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().expect("there is one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What the program says against it; `--help` keeps it from being done.
fn refused(args: &[String]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(args)
        .arg("--help")
        .output()
        .expect("the binary starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then_some(said)
}

#[test]
fn each_command_line_is_taken() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in documentation() {
        for (number, line) in lines(&page) {
            seen += 1;
            if let Some(said) = refused(&split(&line)) {
                wrong.push(format!("{}:{number}: `{line}`: {said}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 20, "the command lines are found, but only {seen}");
}

#[test]
fn a_wrong_flag_is_noticed() {
    assert!(refused(&split("check shop --formatt json")).is_some());
    assert!(refused(&split("chek shop")).is_some());
    let found: Vec<String> = commands("time switchboard check . # all").collect();
    assert_eq!(found, ["check ."]);
}
