//! Hostile files end in a diagnostic, quickly, and never in a panic.

mod base;

use author::{Catalogue, Compiled, Files};

fn compile(file: &str, text: impl Into<Vec<u8>>) -> Compiled {
    let mut files = base::files();
    files.insert(file.to_owned(), text.into());
    author::compile(&files, &Catalogue::default())
}

fn codes(compiled: &Compiled, file: &str) -> Vec<&'static str> {
    let of_file = compiled.diagnostics.iter().filter(|one| one.file == file);
    of_file.map(|one| one.rule.code).collect()
}

#[track_caller]
fn ends_in(file: &str, text: impl Into<Vec<u8>>, code: &str) {
    let compiled = compile(file, text);
    assert!(compiled.bot.is_none(), "{file} was taken");
    let found = codes(&compiled, file);
    assert!(found.contains(&code), "{file}: {found:?}");
}

#[test]
fn alias_bombs() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
    for level in 1..40 {
        let before = level - 1;
        bomb.push_str(&format!(
            "a{level}: &a{level} [*a{before}, *a{before}, *a{before}, *a{before}]\n"
        ));
    }
    ends_in("flows/bomb.yaml", bomb, "SB037");
}

#[test]
fn deep_nesting() {
    ends_in(
        "flows/deep.yaml",
        "a: ".to_owned() + &"[".repeat(100_000),
        "SB009",
    );
    ends_in(
        "flows/deep.yaml",
        "a: ".to_owned() + &"[".repeat(10_000),
        "SB009",
    );
    ends_in(
        "flows/deep.yaml",
        "a: ".to_owned() + &"[\n ".repeat(100_000),
        "SB009",
    );
    ends_in("flows/deep.yaml", "{\na: ".repeat(10_000), "SB009");
    ends_in("flows/deep.yaml", "- ".repeat(5_000) + "a", "SB009");
    let steps: String = (0..1_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    ends_in("flows/deep.yaml", steps, "SB009");
}

#[test]
fn a_hundred_megabytes() {
    let large = vec![b'a'; 100 << 20];
    ends_in("flows/large.yaml", large.clone(), "SB009");
    ends_in("intents/en/large.yaml", large, "SB009");
}

#[test]
fn many_small_values() {
    let line = " ".to_owned() + &"a,".repeat(5_000) + "\n";
    ends_in(
        "flows/many.yaml",
        "a: [".to_owned() + &line.repeat(90) + " a]",
        "SB009",
    );
    let keys: String = (0..60_000)
        .map(|number| format!("k{number}: 1\n"))
        .collect();
    ends_in("flows/many.yaml", keys, "SB005");
    let slots: String = (0..20_000)
        .map(|number| format!("  s{number}: {{ type: text }}\n"))
        .collect();
    ends_in(
        "flows/many.yaml",
        format!("flow: many\nslots:\n{slots}initial: a\n"),
        "SB005",
    );
    let states: String = (0..5_000)
        .map(|number| format!("  s{number}: {{ always: s{} }}\n", number + 1))
        .collect();
    ends_in(
        "flows/many.yaml",
        format!("flow: many\ninitial: s0\nstates:\n{states}"),
        "SB009",
    );
}

#[test]
fn what_is_no_text() {
    ends_in("flows/bad.yaml", b"flow: \xff\xfe\n".to_vec(), "SB009");
    ends_in("templates/en/bad.yaml", vec![0, 159, 146, 150], "SB009");
    ends_in("flows/bad.yaml", "flow: a\u{0}b\nstates: {}\n", "SB001");
    for rubbish in [
        "%YAML 9.9\n---\n",
        "--- ---",
        "? ? ? ?",
        "&a &b &c",
        "!!",
        "|",
        ">",
        "'",
        "\"",
        "{",
        "[",
        "- -",
        "\u{feff}",
        ":",
        "@",
        "`",
        "%",
    ] {
        let compiled = compile("flows/bad.yaml", rubbish);
        assert!(compiled.diagnostics.len() < 100, "{rubbish}");
    }
}

#[test]
fn huge_numbers() {
    let zeros = "9".repeat(5_000);
    let flow = |attempts: &str, time: &str| {
        format!(
            "flow: numbers\nstart: {{ intent: help }}\ninitial: a\nstates:\n  a:\n    say: sorry\n    attempts: {{ max: {attempts}, then: b }}\n    after: {{ {time}: b }}\n  b: {{ final: true }}\n"
        )
    };
    ends_in("flows/numbers.yaml", flow(&zeros, "5m"), "SB006");
    ends_in(
        "flows/numbers.yaml",
        flow("3", &format!("{zeros}h")),
        "SB006",
    );
    ends_in("flows/numbers.yaml", flow("-1", "5m"), "SB006");
    ends_in("flows/numbers.yaml", flow("1e9", "5m"), "SB006");
}

fn guarded(guard: &str) -> String {
    format!(
        "flow: guarded\nstart: {{ intent: help }}\ninitial: a\nstates:\n  a:\n    say: sorry\n    always:\n      - guard: '{guard}'\n        target: b\n    on: {{ no_match: b }}\n  b: {{ final: true }}\n"
    )
}

#[test]
fn hostile_expressions() {
    ends_in(
        "flows/guarded.yaml",
        guarded(&("(".repeat(5_000) + "1" + &")".repeat(5_000))),
        "SB040",
    );
    ends_in(
        "flows/guarded.yaml",
        guarded(&("(".repeat(33) + "true" + &")".repeat(33))),
        "SB040",
    );
    ends_in(
        "flows/guarded.yaml",
        guarded(&("!".repeat(3_000) + "true")),
        "SB040",
    );
    ends_in(
        "flows/guarded.yaml",
        guarded(&("1+".repeat(1_900) + "1 == 1")),
        "SB040",
    );
    ends_in(
        "flows/guarded.yaml",
        guarded(&("a.".repeat(2_000) + "a")),
        "SB040",
    );
    ends_in("flows/guarded.yaml", guarded(&"-".repeat(4_000)), "SB040");
    ends_in(
        "flows/guarded.yaml",
        guarded("99999999999999999999999 == 1"),
        "SB040",
    );
    ends_in(
        "flows/guarded.yaml",
        guarded("[[1].map(x, [x].map(y, y))] == []"),
        "SB040",
    );
    let deep = "(".repeat(31) + "true" + &")".repeat(31);
    let compiled = compile("flows/guarded.yaml", guarded(&deep));
    assert_eq!(codes(&compiled, "flows/guarded.yaml"), Vec::<&str>::new());
    let long: Vec<&str> = vec!["now == now"; 60];
    let compiled = compile("flows/guarded.yaml", guarded(&long.join(" && ")));
    assert_eq!(codes(&compiled, "flows/guarded.yaml"), Vec::<&str>::new());
}

#[test]
fn hostile_patterns_and_templates() {
    let pattern = "flow: p\nslots: { a: { type: text, pattern: '((a{100}){100}){100}' } }\ninitial: a\nstates: { a: { final: true } }\n";
    ends_in("flows/p.yaml", pattern, "SB006");
    let deep = format!(
        "deep: |\n{}{}",
        "  {{#if slots.known}}\n".repeat(1_000),
        "  {{/if}}\n".repeat(1_000)
    );
    ends_in("templates/en/deep.yaml", deep, "SB050");
    let open = format!("open: \"{{{{plural {}\"\n", "(".repeat(5_000));
    ends_in("templates/en/open.yaml", open, "SB050");
}

#[test]
fn cycles_of_references() {
    let flow = "flow: round\nstart: { intent: help }\ninitial: a\nstates:\n  a: { flow: round, done: b, error: b }\n  b: { final: true }\n";
    ends_in("flows/round.yaml", flow, "SB084");
    let slots = "flow: items\nslots: { a: { item_of: b }, b: { item_of: a } }\ninitial: x\nstates: { x: { final: true } }\n";
    ends_in("flows/items.yaml", slots, "SB013");
    let roles = "entities: { a: { is: b, cue: [x] }, b: { is: a, cue: [y] } }\n";
    ends_in("intents/en/roles.yaml", roles, "SB015");
}

#[test]
fn an_empty_folder_and_empty_files() {
    let compiled = author::compile(&Files::new(), &Catalogue::default());
    assert_eq!(codes(&compiled, "bot.yaml"), ["SB005"]);
    for file in [
        "bot.yaml",
        "tools.yaml",
        "flows/track.yaml",
        "templates/en/all.yaml",
        "intents/en/parcels.yaml",
    ] {
        let compiled = compile(file, "");
        assert!(compiled.bot.is_none(), "an empty {file} was taken");
    }
}
