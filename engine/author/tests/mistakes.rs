//! Seeded mistakes: each is found at its place with its sentence, alone and all in one run.

mod base;

use std::collections::BTreeSet;

use author::explain;
use author::{Catalogue, Files};
use expect_test::expect_file;

/// A mistake: its code, the file, the text that it stands instead of, and the text with `«»` around the place.
struct Mistake(&'static str, &'static str, &'static str, &'static str);

const TRACK: &str = "flows/track.yaml";
const BACK: &str = "flows/give_back.yaml";
const BOT: &str = "bot.yaml";
const TOOLS: &str = "tools.yaml";
const INTENTS: &str = "intents/en/parcels.yaml";
const ANSWERS: &str = "flows/answers.yaml";

/// Beside the examples of the rules' pages.
const MISTAKES: &[Mistake] = &[
    Mistake("SB003", BOT, "router:\n", "«routr»: []\nrouter:\n"),
    Mistake(
        "SB003",
        TOOLS,
        "    repeat: safe\n",
        "    «repeats»: safe\n",
    ),
    Mistake(
        "SB003",
        TRACK,
        "      intent.affirm: back\n",
        "      «affirm»: back\n",
    ),
    Mistake(
        "SB004",
        ANSWERS,
        "{ say: opening_hours }",
        "«opening_hours»",
    ),
    Mistake("SB006", BOT, "accept: 0.75", "accept: «75»"),
    Mistake("SB006", BOT, "tz: Europe/Berlin", "tz: «Europe/Berlyn»"),
    Mistake(
        "SB006",
        BOT,
        "\"Mon-Fri 08:00-20:00\"",
        "«\"»Mon-Fri 8-20\"",
    ),
    Mistake("SB006", BOT, "[2026-12-25]", "[«25.12.2026»]"),
    Mistake("SB006", BOT, "via: console", "via: «consol»"),
    Mistake("SB006", BOT, "idle: 24h", "idle: «a day»"),
    Mistake("SB006", BOT, "cost_max: 0.02 USD", "cost_max: «2 cents»"),
    Mistake(
        "SB006",
        BOT,
        "check: { bands:",
        "check: { samples: «9», bands:",
    ),
    Mistake(
        "SB006",
        BOT,
        "check: { bands:",
        "check: { samples: «1», bands:",
    ),
    Mistake(
        "SB019",
        BOT,
        "check: { bands:",
        "check: { judge: «writr», bands:",
    ),
    Mistake(
        "SB016",
        BOT,
        "on_fail: { say: sorry }\ndesks:",
        "on_fail: { say: sorry }\n    moderation: «find_parsel»\ndesks:",
    ),
    Mistake(
        "SB080",
        BOT,
        "    check: { bands:",
        "    tools: [«send_back»]\n    check: { bands:",
    ),
    Mistake(
        "SB005",
        TOOLS,
        "    repeat: safe\n",
        "    repeat: safe\n    «ask»: sorry\n",
    ),
    Mistake(
        "SB011",
        TOOLS,
        "    repeat: safe\n",
        "    repeat: safe\n    confirm: user\n    ask: «sory»\n",
    ),
    Mistake(
        "SB085",
        BOT,
        "on_fail: { say: sorry }\ndesks:",
        "on_fail: { say: sorry }\n    moderation: «find_parcel»\ndesks:",
    ),
    Mistake(
        "SB085",
        BOT,
        "on_fail: { say: sorry }\ndesks:",
        "on_fail: { say: sorry }\n    moderation: «send_back»\ndesks:",
    ),
    Mistake(
        "SB006",
        TOOLS,
        "\"POST ${PARCEL_URL}/returns\"",
        "«\"»SEND ${PARCEL_URL}/returns\"",
    ),
    Mistake(
        "SB006",
        TRACK,
        "attempts: { max: 3, then: person }",
        "attempts: { max: «0», then: person }",
    ),
    Mistake(
        "SB006",
        TRACK,
        "pattern: '[A-Z]{2}[0-9]{6}'",
        "pattern: «'»[A-Z{2}'",
    ),
    Mistake(
        "SB007",
        TRACK,
        "speed: { type: [normal, express]",
        "speed: { type: [normal, express, «normal»]",
    ),
    Mistake("SB013", TRACK, "clear: [number]", "clear: [«nummer»]"),
    Mistake(
        "SB015",
        INTENTS,
        "my [express](speed) parcel",
        "my [express](«sped») parcel",
    ),
    Mistake(
        "SB016",
        BOT,
        "may_see: [nickname]",
        "tools: [«find_parsel»]\n    may_see: [nickname]",
    ),
    Mistake(
        "SB017",
        TRACK,
        "      no_match: { say: yes_or_no }",
        "      «desk.left»: given_up\n      no_match: { say: yes_or_no }",
    ),
    Mistake(
        "SB022",
        TOOLS,
        "\"GET ${PARCEL_URL}/parcels/{number}\"",
        "«\"»GET ${PARCEL_URL}/parcels/{nummer}\"",
    ),
    Mistake(
        "SB042",
        BACK,
        "accept: size(value) < 200",
        "accept: «size(value)»",
    ),
    Mistake("SB043", TRACK, "guard: result.ok,", "guard: «number» == 1,"),
    Mistake(
        "SB043",
        BACK,
        "return: { ok: true }",
        "return: { ok: «yes» }",
    ),
    Mistake(
        "SB045",
        TRACK,
        "when: 'slots.number != \"AA000000\"'",
        "when: '«sise(slots.number)» > 1'",
    ),
    Mistake(
        "SB054",
        BACK,
        "attempts: { max: 3, then: no }",
        "choices: [«later»]\n    on: { choice.later: no }\n    attempts: { max: 3, then: no }",
    ),
    Mistake(
        "SB080",
        BOT,
        "secret: \"${PARCEL_KEY}\"",
        "secret: «k»-4711",
    ),
    Mistake(
        "SB080",
        BACK,
        "reason: slots.reason, pin",
        "reason: «slots.pin», pin",
    ),
    Mistake(
        "SB075",
        INTENTS,
        "      weight of a parcel\n",
        "      weight of a parcel\n      «What can you do?»\n",
    ),
    Mistake(
        "SB077",
        INTENTS,
        "      can I send twenty kilos\n",
        "      can I send twenty kilos\n      «how does work this»\n",
    ),
    Mistake(
        "SB006",
        INTENTS,
        "  opening_hours:\n",
        "  opening_hours:\n    built_in: «false»\n",
    ),
];

/// The examples of the pages and the mistakes above that leave the files readable.
fn all() -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let pages = explain::pages();
    let pages = pages
        .iter()
        .map(|page| (page.code, page.file, page.anchor, page.wrong));
    let further = MISTAKES.iter().map(|m| (m.0, m.1, m.2, m.3));
    pages.chain(further).collect()
}

#[test]
fn each_mistake_is_found_at_its_place_with_its_sentence() {
    let mut report = String::new();
    let mut missed = Vec::new();
    for Mistake(code, file, anchor, wrong) in MISTAKES.iter().filter(|m| m.3.contains('«')) {
        let mut files = base::files();
        base::replace(&mut files, file, anchor, wrong);
        let (files, places) = base::unmark(files);
        let compiled = author::compile(&files, &Catalogue::default());
        let hit = compiled.diagnostics.iter().find(|one| {
            one.rule.code == *code && places.contains(&(one.file.clone(), one.line, one.column))
        });
        match hit {
            Some(one) => report.push_str(&author::print::human(std::slice::from_ref(one), &files)),
            None => missed.push(format!("{code} {places:?}: {:#?}", texts(&compiled))),
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    expect_file!["mistakes.txt"].assert_eq(&report);
}

fn texts(compiled: &author::Compiled) -> Vec<String> {
    compiled
        .diagnostics
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_sentences_of_the_pages_are_these() {
    let mut report = String::new();
    for page in explain::pages() {
        let mut files = base::files();
        base::replace(&mut files, page.file, page.anchor, page.wrong);
        let (files, _) = base::unmark(files);
        let compiled = author::compile(&files, &Catalogue::default());
        let of_rule: Vec<_> = compiled
            .diagnostics
            .into_iter()
            .filter(|one| one.rule.code == page.code)
            .collect();
        report.push_str(&author::print::human(&of_rule, &files));
    }
    expect_file!["pages.txt"].assert_eq(&report);
}

/// Codes whose example makes its file unreadable from there on, or takes away what another example needs.
const ALONE: &[&str] = &[
    "SB084", "SB045", "SB047", "SB048", "SB051", "SB001", "SB009", "SB031", "SB032", "SB033",
    "SB076", "SB035", "SB037", "SB056", "SB073", "SB082", "SB055", "SB069", "SB083",
];

#[test]
fn sixty_mistakes_are_found_in_one_run() {
    let (files, wanted) = base::unmark(with_all());
    let compiled = author::compile(&files, &Catalogue::default());
    let found: BTreeSet<(String, u32, u32)> = compiled
        .diagnostics
        .iter()
        .map(|one| (one.file.clone(), one.line, one.column))
        .collect();
    let missed: Vec<_> = wanted
        .iter()
        .filter(|place| !found.contains(*place))
        .collect();
    assert_eq!(
        missed,
        Vec::<&(String, u32, u32)>::new(),
        "{:#?}",
        texts(&compiled)
    );
    assert!(
        wanted.len() >= 60,
        "only {} mistakes fit into one folder",
        wanted.len()
    );
}

/// The bot with as many mistakes as fit. Those of a flow's structure go into flows of their own, as a flow is only looked at as a
/// whole when everything in it could be read.
fn with_all() -> Files {
    let mut files = base::files();
    let mut copies = 0;
    for (code, file, anchor, wrong) in all() {
        if ALONE.contains(&code) || !wrong.contains('«') {
            continue;
        }
        let structure = ("SB060".."SB073").contains(&code) || code == "SB027" || code == "SB084";
        if structure && file.starts_with("flows/") {
            copies += 1;
            copy_of(&mut files, file, copies, anchor, wrong);
        } else if has_once(&files, file, anchor) {
            base::replace(&mut files, file, anchor, wrong);
        }
    }
    files
}

fn has_once(files: &Files, file: &str, anchor: &str) -> bool {
    let text = files
        .get(file)
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    text.is_some_and(|text| text.matches(anchor).count() == 1)
}

fn copy_of(files: &mut Files, file: &str, number: usize, anchor: &str, wrong: &str) {
    let clean = base::files();
    let text = String::from_utf8_lossy(&clean[file]).into_owned();
    let name = text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("flow: ")
        .to_owned();
    let text = text.replacen(anchor, wrong, 1).replacen(
        &format!("flow: {name}\n"),
        &format!("flow: {name}_{number}\n"),
        1,
    );
    files.insert(format!("flows/{name}_{number}.yaml"), text.into_bytes());
}

#[test]
fn an_intent_that_is_offered_needs_words() {
    let catalogue = Catalogue::default();
    let mut files = base::files();
    let before = base::count("SB054", &files, &catalogue);
    base::replace(
        &mut files,
        "templates/en/all.yaml",
        ", complaint: Complain",
        "",
    );
    assert_eq!(base::count("SB054", &files, &catalogue), before + 1);
    base::replace(
        &mut files,
        BOT,
        "  - { when: unsure, do: clarify, options_max: 3 }\n",
        "",
    );
    assert_eq!(base::count("SB054", &files, &catalogue), 0);
}
