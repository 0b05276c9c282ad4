//! `switchboard eval`: the real binary says what a bot misunderstands, because of which lines, and what customers wrote.

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use support::{Server, bot_of, switchboard};
use tempfile::TempDir;

const BOT: &str = "bot: shop\nlocales: [en]\nunderstanding: { accept: 0.6, confirm: 0.3, encoder: sparse }\ndesks: { d: { via: console } }\n\
    router:\n  - { do: say, say: please_rephrase, times: 9 }\n  - { do: handoff, to: d, why: lost }\n";

const INTENTS: &str = "intents:
  opening_hours:
    examples: |
      when are you open
      what are your opening hours
      how late are you open today
      are you open on Sunday
      until when can I come
      at what time do you close
      opening times please
      do you close at noon
  send_back:
    examples: |
      how can I send it back
      I want to return a kettle
      can I give this back
      the return of my order
      I would like to return something
      please take it back
      return label please
      send the parcel back to you
  stock:
    examples: |
      is the kettle in stock
      do you have blue cups
      have you got large plates
      are there any kettles left
      is it available
      what do you have in stock
      do you still have the grinder
      Are you open on Sunday?
  wrapping:
    examples: |
      do you wrap presents
      can you wrap it as a gift
      gift wrapping please
      I need it wrapped
      is there wrapping paper
      wrap it nicely please
      present paper around it
      could it be gift wrapped
";

const ANSWERS: &str = "answers:
  opening_hours: { say: told }
  send_back: { say: told }
  stock: { say: told }
  wrapping: { say: told }
";

const TEMPLATES: &str = "told: Told.\nplease_rephrase: Please say it in other words.\nlabels:\n  intents: { opening_hours: a, send_back: b, stock: c, wrapping: d }\n";

fn shop(intents: &str) -> TempDir {
    bot_of(&[
        ("bot.yaml", BOT),
        ("intents/en/shop.yaml", intents),
        ("flows/answers.yaml", ANSWERS),
        ("templates/en/shop.yaml", TEMPLATES),
    ])
}

fn eval(bot: &Path, words: &[&str]) -> Output {
    let mut command = switchboard();
    command.arg("eval").arg(bot).args(words);
    command.output().expect("it runs")
}

fn text(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&text(output)).expect("JSON")
}

#[test]
fn a_bot_s_report_names_the_lines_to_look_at() {
    let bot = shop(INTENTS);
    let report = json_of(&eval(bot.path(), &["--json"]));
    let place = |line: u64| json!({ "file": "intents/en/shop.yaml", "line": line });
    let twins = report["advice"]["twins"].as_array().expect("a list");
    let twin = twins
        .iter()
        .find(|twin| twin["second"]["intent"] == "stock");
    let twin = twin.expect("the two sentences about Sunday are found");
    assert_eq!(twin["same"], true);
    assert_eq!(
        (&twin["first"]["place"], &twin["second"]["place"]),
        (&place(7), &place(31))
    );
    let scarce = report["advice"]["scarce"].as_array().expect("a list");
    assert_eq!(scarce.len(), 4, "each has eight examples");
    let confusions = report["confusions"].as_array().expect("a list");
    let sunday = confusions
        .iter()
        .flat_map(|one| one["examples"].as_array().expect("a list"));
    let sunday: Vec<&Value> = sunday.filter(|one| one["place"] == place(31)).collect();
    assert_eq!(sunday[0]["nearest"][0]["place"], place(7));
    assert_eq!(report["cross_validated"], true);
    let human = text(&eval(bot.path(), &[]));
    for line in [
        "(intents/en/shop.yaml:31)",
        "nearly the same example under two intents",
        "few examples",
        "accuracy  ",
    ] {
        assert!(human.contains(line), "`{line}` is not in:\n{human}");
    }
}

#[test]
fn a_message_s_way_through_the_bot_is_foreseen() {
    let bot = shop(INTENTS);
    let foreseen = json_of(&eval(
        bot.path(),
        &["--json", "--message", "I want to return a kettle!"],
    ));
    assert_eq!(foreseen["intents"][0]["intent"], "send_back");
    assert_eq!(
        (&foreseen["band"], &foreseen["route"]),
        (&json!("accepted"), &json!("answer"))
    );
    assert_eq!(foreseen["answered"], json!(["send_back"]));
    assert_eq!(foreseen["nearest"][0]["place"]["line"], 15);
    let strange = json_of(&eval(
        bot.path(),
        &["--json", "--message", "quantum chromodynamics"],
    ));
    assert_eq!(strange["route"], "router_say");
    let human = text(&eval(bot.path(), &["--message", "quantum chromodynamics"]));
    assert!(human.contains("says that it did not understand"), "{human}");
}

#[test]
fn two_versions_are_compared_on_what_both_have() {
    let before = shop(INTENTS);
    let now = shop(&INTENTS.replace(
        "      Are you open on Sunday?\n",
        "      are there white cups\n",
    ));
    let other = before.path().to_str().expect("a path is text");
    let compared = json_of(&eval(now.path(), &["--json", "--compare", other]));
    assert_eq!(
        (&compared["only_now"], &compared["only_before"]),
        (&json!(1), &json!(1))
    );
    assert!(compared["messages"].as_u64().expect("a number") > 31);
    assert_eq!(compared["more_than_chance"], false);
    let same = json_of(&eval(before.path(), &["--json", "--compare", other]));
    assert_eq!((&same["flips"], &same["chance"]), (&json!([]), &json!(1.0)));
    let human = text(&eval(now.path(), &["--compare", other]));
    assert!(
        human.contains("→") && human.contains("not compared        1 only now"),
        "{human}"
    );
}

#[test]
fn a_bot_is_measured_on_messages_of_its_author_s() {
    let bot = shop(INTENTS);
    let file = bot.path().join("messages.jsonl");
    let line = |text: &str, intent: &str| json!({ "text": text, "intent": intent }).to_string();
    let lines = [
        line("when do you open", "opening_hours"),
        line("quantum physics", "none"),
        line("gift wrap it", "send_back"),
    ];
    std::fs::write(&file, lines.join("\n")).expect("a file");
    let name = file.to_str().expect("a path is text");
    let report = json_of(&eval(
        bot.path(),
        &["--json", "--on", name, "--oos-label", "none"],
    ));
    assert_eq!(
        (&report["messages"], &report["accuracy"]),
        (&json!(2), &json!(0.5))
    );
    assert_eq!(report["out_of_scope"]["messages"], 1);
    assert_eq!(
        report["confusions"][0]["examples"][0]["place"],
        json!({ "file": name, "line": 3 })
    );
    std::fs::write(&file, "{\"text\": \"a\", \"intent\": \"b\"}\nno json").expect("a file");
    let wrong = eval(bot.path(), &["--on", name]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success() && said.contains("line 2"), "{said}");
}

#[test]
fn the_page_needs_nothing_and_keeps_texts_texts() {
    let hostile =
        "      <script>alert(1)</script> open on \"Sunday\"\n      until when can I come\n";
    let bot = shop(&INTENTS.replace("      until when can I come\n", hostile));
    let file = bot.path().join("report.html");
    text(&eval(
        bot.path(),
        &["--html", file.to_str().expect("a path is text")],
    ));
    let page = std::fs::read_to_string(&file).expect("it was written");
    for never in [
        "<script", "http:", "https:", "src=", "href=", "url(", "style=", "@import",
    ] {
        assert!(!page.contains(never), "`{never}` is in the page");
    }
    assert!(page.contains("default-src 'none'") && page.matches("<svg").count() > 3);
    assert!(page.contains("intents/en/shop.yaml:"), "places are told");
}

#[tokio::test]
async fn what_customers_wrote_becomes_intents_whether_the_folder_is_served_or_not() {
    let bot = shop(INTENTS);
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(bot.path(), data.path(), &[]);
    let one = server.open(json!({})).await;
    let written = [
        "zinc marmalade subscription",
        "a zinc marmalade subscription",
        "when are you open",
        "ZINC marmalade subscription!",
        "[glorp](blip) - # fnord",
    ];
    for (number, text) in written.iter().enumerate() {
        server.say(&one, &format!("m{number}"), text).await;
    }
    let folder = data.path().to_str().expect("a path is text");
    let served = text(&eval(bot.path(), &["--inbox", folder]));
    drop(server);
    assert_eq!(text(&eval(bot.path(), &["--inbox", folder])), served);
    assert!(
        served.contains("# 4 messages were not understood"),
        "{served}"
    );
    assert!(served.contains("  # 3 messages; nearest to "), "{served}");
    assert!(
        served.contains("      zinc marmalade subscription\n")
            || served.contains("      ZINC marmalade subscription!\n"),
        "{served}"
    );
    assert!(!served.contains("when are you open"), "{served}");
    let grouped = json_of(&eval(bot.path(), &["--json", "--inbox", folder]));
    assert_eq!(
        (&grouped["messages"], &grouped["groups"][0]["messages"]),
        (&json!(4), &json!(3))
    );
    // Its author puts it among the bot's intents, and the bot still compiles.
    let file = bot.path().join("intents/en/inbox.yaml");
    text(&eval(
        bot.path(),
        &[
            "--inbox",
            folder,
            "--write",
            file.to_str().expect("a path is text"),
        ],
    ));
    let checked = switchboard()
        .arg("check")
        .arg(bot.path())
        .output()
        .expect("it runs");
    assert!(text(&checked).contains("0 errors"));
}
