//! The stored form: small, stable, and read by later programs.

use dialog::*;
use expect_test::expect_file;
use serde_json::{Value as Json, json};

use crate::support::{Player, bot};

fn bank() -> Bot {
    bot(include_str!("bots/bank.yaml"))
}

fn confirming(bot: &Bot) -> Player<'_> {
    let mut player = Player::new(bot);
    for line in [
        "open",
        "user: I [lost](reason) my [visa](card_type=credit) | lost_or_stolen_card",
        "user: rates? | exchange_rate",
        "user: 4711 |",
        r#"result: find_cards {"cards":[{"id":"c9","label":"Visa","status":"active"}]}"#,
        "user: 123456 |",
        r#"result: verify_customer {"ok":true}"#,
    ] {
        player.line(line);
    }
    player
}

/// Records of version 1 are read for ever: this file is only ever joined by others.
#[test]
fn the_record_of_version_1() {
    let bot = bank();
    let record = confirming(&bot).conversation.to_record(&bot);
    let text = serde_json::to_string_pretty(&record).expect("JSON");
    expect_file!["golden/record_v1.json"].assert_eq(&format!("{text}\n"));
    assert!(
        record.to_string().len() < 2_000,
        "a state row is about 2 kB"
    );
}

#[test]
fn a_record_of_version_1_is_taken_up() {
    let bot = bank();
    let golden: Json = serde_json::from_str(include_str!("golden/record_v1.json")).expect("JSON");
    let mut player = Player::new(&bot);
    player.conversation = Conversation::from_record(&bot, &golden).expect("a record");
    player.line("user: yes | affirm");
    assert!(
        player
            .log
            .contains(r#"call order_card {"card_id":"c9","reason":"lost"}"#),
        "{}",
        player.log
    );
}

#[test]
fn what_is_no_record_is_refused() {
    let bot = bank();
    let golden: Json = serde_json::from_str(include_str!("golden/record_v1.json")).expect("JSON");
    let with = |key: &str, value: Json| {
        let mut record = golden.clone();
        record[key] = value;
        Conversation::from_record(&bot, &record)
            .expect_err("no record")
            .to_string()
    };
    assert_eq!(
        with("v", json!(99)),
        "the record has version 99; this program reads up to 1"
    );
    assert_eq!(
        with("v", Json::Null),
        "the record is damaged: it has no version"
    );
    assert!(with("frames", json!(7)).starts_with("the record is damaged"));
    let stranded = with("frames", json!([{ "flow": "gone" }]));
    assert_eq!(stranded, "this version of the bot has no flow `gone`");
}

/// Any damage to a record ends in an error or in a conversation that still steps.
#[test]
fn damaged_records_do_no_harm() {
    let bot = bank();
    let golden: Json = serde_json::from_str(include_str!("golden/record_v1.json")).expect("JSON");
    let mut places = Vec::new();
    collect(&golden, String::new(), &mut places);
    for replacement in [
        Json::Null,
        json!([]),
        json!({}),
        json!(0),
        json!("x"),
        json!(1_000_000),
    ] {
        for place in &places {
            let mut damaged = golden.clone();
            *damaged.pointer_mut(place).expect("a place of the record") = replacement.clone();
            step_if_read(&bot, &damaged);
        }
    }
}

fn step_if_read(bot: &Bot, record: &Json) {
    let Ok(conversation) = Conversation::from_record(bot, record) else {
        return;
    };
    if conversation.check(bot).is_ok() {
        let end = Event {
            at: Player::new(bot).now,
            kind: EventKind::End,
            user: None,
            desks: Default::default(),
            secrets: Default::default(),
        };
        step(bot, conversation, &end);
    }
}

fn collect(json: &Json, at: String, pointers: &mut Vec<String>) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{at}/{key}"), pointers);
            }
        }
        Json::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(at);
}
