//! Each command line in the pages is one that the program takes.

use std::process::Command;

use crate::page::{Page, documentation};

/// What stands before our arguments where a page shows how to run a clone.
const FROM_SOURCE: &str = "cargo run --release -- ";
const PROGRAM: &str = "switchboard ";

/// A command line in a page.
struct Line {
    number: usize,
    text: String,
    /// It stands in a block of code, to be run as it is; between backticks a command may be named without its arguments.
    whole: bool,
}

/// The command lines of a page: in code, alone or after `&&`, `|` and `;`, and between backticks.
fn lines(page: &Page) -> Vec<Line> {
    let mut code = page.indented();
    for block in page.fenced() {
        let numbered = block.text.lines().enumerate();
        code.extend(numbered.map(|(number, line)| (block.line + number, line.to_owned())));
    }
    let found = |whole: bool| {
        move |(number, line): &(usize, String)| {
            let number = *number;
            let all: Vec<String> = commands(line).collect();
            let lines = all.into_iter();
            lines.map(move |text| Line {
                number,
                text,
                whole,
            })
        }
    };
    let mut lines: Vec<Line> = code.iter().flat_map(found(true)).collect();
    lines.extend(page.spans().iter().flat_map(found(false)));
    lines
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
pub(crate) fn split(line: &str) -> Vec<String> {
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

/// What is wrong with a command line. `--help` keeps it from being done.
fn refused(args: &[String], whole: bool) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(args)
        .arg("--help")
        .output()
        .expect("the binary starts");
    if !output.status.success() {
        return Some(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let help = String::from_utf8_lossy(&output.stdout);
    (whole && lacks_argument(args, &help)).then(|| "an argument is missing".to_owned())
}

/// Whether fewer arguments are given than the help's line of usage wants: `Usage: switchboard explain <CODE>`.
fn lacks_argument(args: &[String], help: &str) -> bool {
    let usage = help.lines().find_map(|line| line.strip_prefix("Usage: "));
    let words = usage.unwrap_or_default().split_whitespace().skip(1);
    let wanted = words.filter(|word| !word.starts_with('[')).count();
    let takes_value = |flag: &String| help.contains(&format!("{flag} <"));
    let mut given = 0;
    let mut of_flag = false;
    for arg in args {
        let is_flag = arg.starts_with('-');
        given += usize::from(!is_flag && !of_flag);
        of_flag = is_flag && takes_value(arg);
    }
    given < wanted
}

#[test]
fn each_command_line_is_taken() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in documentation() {
        for line in lines(&page) {
            seen += 1;
            if let Some(said) = refused(&split(&line.text), line.whole) {
                wrong.push(format!(
                    "{}:{}: `{}`: {said}",
                    page.path, line.number, line.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 40, "the command lines are found, but only {seen}");
}

#[test]
fn a_wrong_command_line_is_noticed() {
    let refused = |line: &str| refused(&split(line), true).is_some();
    assert!(refused("check shop --formatt json"));
    assert!(refused("chek shop"));
    assert!(refused("store export --data DIR"));
    assert!(!refused("store export FILE --data DIR"));
    let found: Vec<String> = commands("time switchboard check . # all").collect();
    assert_eq!(found, ["check ."]);
}
