//! The runner finds what is wrong, and lets pass what is right: shown on a small shop's bot.

mod support;

use support::shop;
use testing::{Options, Report};

fn run(test: &str) -> Report {
    shop(test).run(&Options::default())
}

/// Passes, or prints why not.
fn holds(test: &str) {
    let report = run(test);
    assert_eq!(
        (report.passed(), report.failed()),
        (1, 0),
        "{}",
        report.print()
    );
}

/// What the only failure prints.
fn fails(test: &str) -> String {
    let report = run(test);
    assert_eq!(report.failed(), 1, "it should have failed");
    report.print()
}

const TOOLS: &str = "test: t\ntools:\n  find: [ { returns: { paid: true } } ]\n  refund: [ { returns: {} } ]\nsteps:\n";
const ORDER: &str = "  - user: I want my money back\n    expect: { intent: money_back, says: [ask_order], state: refund.which }\n";

#[test]
fn a_conversation_is_played_to_its_end() {
    holds(&format!(
        "{TOOLS}{ORDER}  - user: \"4711\"\n    expect: {{ slots: {{ last4: 4711 }}, entered: [lookup, confirm], says: [ask_sure], text: order 4711, choices: [affirm, deny], calls: {{ find: 1 }} }}\n  \
         - choose: affirm\n    expect: {{ calls: {{ refund: 1 }}, says: [paid_back], entered: [refund.paying, left], route: choice, owner: bot, not_says: unclear }}\n"
    ));
}

#[test]
fn a_wrong_expectation_says_where_and_what_came_instead() {
    let printed = fails(&format!(
        "{TOOLS}{ORDER}  - user: \"4711\"\n    expect: {{ says: [paid_back] }}\n"
    ));
    for part in [
        "tests/conversations/one.yaml:8:5  user: 4711",
        "- [paid_back]",
        "+ [ask_sure]",
        "ask_sure: \"Pay back order 4711?\"",
        "entered    refund.lookup, refund.confirm",
        "0 passed, 1 failed",
    ] {
        assert!(printed.contains(part), "`{part}` is missing in:\n{printed}");
    }
}

#[test]
fn time_passes_through_every_timer() {
    holds(&format!(
        "{TOOLS}{ORDER}  - advance: 4m\n    expect: {{ says: [] }}\n  - advance: 1m\n    expect: {{ says: [still_there] }}\n  \
         - advance: 15m\n    expect: {{ says: [], state: left }}\n"
    ));
}

#[test]
fn a_failed_attempt_is_made_again_as_the_tool_declares() {
    holds(&format!(
        "test: t\ntools:\n  find: [ {{ error: {{ kind: timeout }} }}, {{ returns: {{ paid: true }}, delay: 2s }} ]\nsteps:\n{ORDER}  \
         - user: \"4711\"\n    expect: {{ says: [ask_sure], calls: {{ find: 1 }} }}\n"
    ));
}

#[test]
fn a_call_slower_than_its_time_out_has_timed_out() {
    holds(&format!(
        "test: t\ntools:\n  find: [ {{ returns: {{ paid: true }}, delay: 6s }} ]\nsteps:\n{ORDER}  \
         - user: \"4711\"\n    expect: {{ says: [not_paid], state: left }}\n"
    ));
}

#[test]
fn a_crash_between_turns_changes_nothing() {
    holds(&format!(
        "{TOOLS}{ORDER}  - crash: true\n    expect: {{ says: [] }}\n  - user: \"4711\"\n    expect: {{ says: [ask_sure] }}\n"
    ));
}

#[test]
fn a_crash_during_a_call_leaves_its_outcome_unknown_where_it_must_not_be_repeated() {
    holds(&format!(
        "{TOOLS}{ORDER}  - user: \"4711\"\n  - choose: affirm\n    during: [ {{ crash: true, expect: {{ says: [unclear] }} }} ]\n    expect: {{ calls: {{ refund: 1 }}, says: [], state: left }}\n"
    ));
}

#[test]
fn a_crash_during_a_call_that_may_be_repeated_is_not_noticed() {
    holds(&format!(
        "{TOOLS}{ORDER}  - user: \"4711\"\n    during: [ {{ crash: true }} ]\n    expect: {{ says: [ask_sure], calls: {{ find: 1 }} }}\n"
    ));
}

#[test]
fn a_message_during_a_call_is_told_to_wait() {
    holds(&format!(
        "{TOOLS}{ORDER}  - user: \"4711\"\n  - choose: affirm\n    during:\n      - user: what is going on\n        expect: {{ says: [busy] }}\n    expect: {{ says: [paid_back] }}\n"
    ));
}

#[test]
fn a_tool_without_an_answer_is_a_failure() {
    let printed = fails(&format!("test: t\nsteps:\n{ORDER}  - user: \"4711\"\n"));
    assert!(
        printed.contains("the bot called `find`, for which the test has no answer"),
        "{printed}"
    );
}

#[test]
fn a_desk_takes_over_and_gives_back() {
    holds(&format!(
        "{TOOLS}{ORDER}  - user: I want to talk to a human\n    expect: {{ says: [handing_over], owner: queued }}\n  - desk: joined\n    expect: {{ owner: person }}\n  \
         - desk: {{ said: Hi }}\n    expect: {{ text: Hi, says: [] }}\n  - user: I want my money back\n    expect: {{ says: [] }}\n  - desk: returned\n    expect: {{ owner: bot }}\n"
    ));
}

#[test]
fn customers_are_greeted_and_remembered() {
    holds("test: t\nsteps:\n  - open: first\n    expect: { says: [hello] }\n");
    holds("test: t\nsteps:\n  - open: returning\n    expect: { says: [hello_again] }\n");
    holds(
        "test: t\nuser: { nickname: Ana }\nsteps:\n  - open: returning\n    expect: { says: [hello_again], memory: { nickname: Ana } }\n",
    );
}

#[test]
fn mistakes_in_a_test_have_places() {
    let place = shop(
        "test: t\ntools:\n  find: [ { returns: { paid: maybe } } ]\n  fetch: []\nsteps:\n  - user: hi\n    expect: { sais: [hello], says: [helo], intent: monney }\n  - jump: 3\n",
    );
    let (_, wrong) = testing::decode(&place.files, &place.deployment.bot);
    let at: Vec<(u32, u32, &str)> = wrong
        .iter()
        .map(|one| (one.line, one.column, one.rule.name))
        .collect();
    let expected = [
        (3, 22, "wrong-value"),
        (4, 3, "unknown-tool"),
        (7, 15, "unknown-key"),
        (7, 37, "unknown-template"),
        (7, 52, "unknown-intent"),
        (8, 5, "unknown-key"),
        (8, 5, "conflicting-keys"),
    ];
    assert_eq!(at, expected, "{wrong:#?}");
}

#[test]
fn what_differs_is_rewritten_in_place() {
    let place = shop(&format!(
        "{TOOLS}  # the beginning\n  - user: I want my money back\n    expect: {{ says: [hello], state: confirm }}   # to be looked at\n"
    ));
    let options = Options {
        keep_going: true,
        ..Options::default()
    };
    let report = place.run(&options);
    let changed = testing::update(&report, &place.files);
    let text = String::from_utf8(changed["tests/conversations/one.yaml"].clone()).unwrap();
    assert_eq!(
        text,
        format!(
            "{TOOLS}  # the beginning\n  - user: I want my money back\n    expect: {{ says: [ask_order], state: refund.which }}   # to be looked at\n"
        )
    );
    holds(&text);
}

#[test]
fn what_no_test_went_through_is_listed() {
    let place = shop(&format!("{TOOLS}{ORDER}"));
    let report = place.run(&Options::default());
    let summary = report.coverage.summary(&place.deployment.bot, &place.files);
    let states = summary
        .rows
        .iter()
        .find(|row| row.flow == "refund")
        .unwrap()
        .states;
    assert_eq!((states.covered, states.total), (1, 5));
    let missed: Vec<&str> = summary.missed.iter().map(|one| one.what.as_str()).collect();
    assert!(
        missed.contains(&"refund.paying: never entered"),
        "{missed:?}"
    );
    assert!(
        summary
            .missed
            .iter()
            .any(|one| one.file == "flows/refund.yaml" && one.line > 10)
    );
}

#[test]
fn reports_are_well_formed_for_others() {
    let report = run(&format!(
        "{TOOLS}  - user: \"<&>\"\n    expect: {{ text: \"<&>\" }}\n"
    ));
    let xml = testing::junit(&report);
    assert!(
        xml.contains("<testsuites tests=\"1\" failures=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains("user: &lt;&amp;&gt;") && !xml.contains("<&>"),
        "{xml}"
    );
}

#[test]
fn random_conversations_of_a_seed_are_the_same_again() {
    let place = shop("test: t\nsteps: [ { user: hi } ]\n");
    let fuzz = |seed| testing::fuzz(&place.deployment, &place.training, seed, 100);
    let first = fuzz(7);
    assert_eq!(first.failed, 0, "{first}");
    assert_eq!(first.events, fuzz(7).events);
    assert_ne!(first.events, fuzz(8).events);
}
