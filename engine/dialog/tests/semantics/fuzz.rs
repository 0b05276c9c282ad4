//! Random conversations: none is stuck, none is met with silence without a reason, never two handoffs, nothing is ordered
//! that was not confirmed. Every seed can be run again: `SEED=17 cargo test -p dialog --test semantics fuzz`.

use dialog::*;

use crate::support::{Player, bot};

/// How many conversations with each bot; `CONVERSATIONS=20000` for more.
const CONVERSATIONS: u64 = 1_000;
const LINES: usize = 30;

/// SplitMix64: the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const BANK: [&str; 14] = [
    "[visa](card_type=credit)",
    "[debit](card_type)",
    "[lost](reason)",
    "4711",
    "123456",
    "47",
    "[5](number)",
    "yes",
    "no",
    "hm",
    "[!credit](card_type) [debit](card_type)",
    "030 1234",
    "no the [debit](card_type) one",
    "[stolen](reason) 4712",
];

const DESK: [&str; 12] = [
    "[red](color)",
    "[blue](color)",
    "[3](number)",
    "yes",
    "no",
    "rome",
    "[rome](town)",
    "[!rome](town) [paris](town)",
    "hunter2",
    "Bo",
    "#1",
    "#1,2",
];

/// One line that may come now.
fn line(random: &mut Random, player: &Player<'_>, texts: &[&str]) -> String {
    let bot = player.bot;
    let outstanding = player.calls.first().map(|(name, _)| name.clone());
    match (random.below(20), outstanding) {
        (0..6, Some(name)) => answer(random, bot, &name),
        (6, _) => format!("advance: {}", random.pick(&["1m", "6m", "31m", "25h"])),
        (7, _) if !bot.events.is_empty() => {
            let event = random.pick(&bot.events);
            let fields: Vec<String> = event
                .fields
                .keys()
                .map(|name| format!(r#""{name}":"x""#))
                .collect();
            format!("event: {} {{{}}}", event.name, fields.join(","))
        }
        (8, _) => format!(
            "desk: {}",
            random.pick(&[
                "queued 1", "joined", "said hi", "returned", "closed", "gave_up", "failed x"
            ])
        ),
        (9, _) => format!(
            "choose: {}.{}",
            random.below(9),
            random.pick(&["affirm", "deny", "debit", "t1"])
        ),
        (10..13, _) => {
            let choices = player.conversation.expected(bot).choices;
            match choices.is_empty() {
                true => message(random, bot, texts),
                false => format!("choose: {}", random.pick(&choices).id),
            }
        }
        _ => message(random, bot, texts),
    }
}

fn message(random: &mut Random, bot: &Bot, texts: &[&str]) -> String {
    let text = random.pick(texts);
    let intent = &random.pick(&bot.intents).name;
    let second = &random.pick(&bot.intents).name;
    let usual = random.pick(&["affirm", "deny", "affirm", "cancel"]);
    let intents = match random.below(8) {
        0..3 => "none".to_owned(),
        3 => format!("{intent} 0.9; {second} 0.9"),
        4 => format!("unsure {intent} 0.6, {second} 0.3"),
        5 => (*usual).to_owned(),
        _ => intent.clone(),
    };
    let flag = random.pick(&["", "", "", " +negation", " +correction", " +seen=2"]);
    format!("user: {text} | {intents}{flag}")
}

fn answer(random: &mut Random, bot: &Bot, name: &str) -> String {
    if bot.model(name).is_some() {
        let outcome = random.pick(&[
            "sentence: One.",
            "generated: One. Two.",
            "generated: low",
            r#"generated: asks move {"amount":5,"to":"Ana"}"#,
            "generated: failed",
        ]);
        return (*outcome).to_owned();
    }
    if random.below(5) == 0 {
        return format!(
            "error: {name} {}",
            random.pick(&["timeout", "refused 404", "failed", "unknown"])
        );
    }
    let id = random.below(1_000);
    let data = match name {
        "find_cards" => match random.below(3) {
            0 => r#"{"cards":[]}"#.to_owned(),
            1 => format!(r#"{{"cards":[{{"id":"c{id}","label":"Visa","status":"active"}}]}}"#),
            _ => format!(
                r#"{{"cards":[{{"id":"c{id}","label":"Visa","status":"active"}},{{"id":"d{id}","label":"Giro","status":"active"}}]}}"#
            ),
        },
        "order_card" => format!(r#"{{"order_no":"A{id}"}}"#),
        "get_rate" => r#"{"rate":1.1}"#.to_owned(),
        "list" => r#"{"things":[{"id":"t1","label":"One"},{"id":"t2","label":"Two"}]}"#.to_owned(),
        "read" => r#"{"text":"x"}"#.to_owned(),
        _ => format!(r#"{{"ok":{}}}"#, random.below(3) > 0),
    };
    format!("result: {name} {data}")
}

/// What was read back last, and the order that must be that.
#[derive(Default)]
struct Confirmed {
    card: Option<Value>,
}

fn converse(bot: &Bot, texts: &[&str], seed: u64) {
    let mut random = Random(seed);
    let mut player = Player::new(bot);
    player.line("open");
    let mut confirmed = Confirmed::default();
    for _ in 0..LINES {
        let line = line(&mut random, &player, texts);
        let before = player.effects.len();
        let owner = player.conversation.owner.clone();
        player.line(&line);
        let effects = &player.effects[before..];
        let log = player.log.as_str();
        assert!(
            !is_silent(&line, &owner, &player, effects),
            "seed {seed}: silence\n{log}"
        );
        for effect in effects {
            confirmed.look(effect, &line, seed, log);
        }
    }
    let log = player.log.clone();
    assert!(
        gets_through(&mut player),
        "seed {seed}: stuck\n{log}\n---\n{}",
        player.log
    );
}

/// A message or a click that the bot should have answered, without a word, a call or a reason.
fn is_silent(line: &str, owner: &Owner, player: &Player<'_>, effects: &[Effect]) -> bool {
    let asks = line.starts_with("user") || line.starts_with("choose");
    let last = player.log.rsplit("\n> ").next().unwrap_or_default();
    let has_reason = last.contains('(');
    asks && *owner == Owner::Bot && effects.is_empty() && !has_reason && !last.contains("  enter ")
}

impl Confirmed {
    fn look(&mut self, effect: &Effect, line: &str, seed: u64, log: &str) {
        match &effect.kind {
            EffectKind::Send(Outgoing::Response(response))
                if response.template == "confirm_order" =>
            {
                let card = response
                    .values
                    .get("slots")
                    .and_then(|slots| slots.field("card"));
                self.card = card.and_then(|card| card.field("id")).cloned();
            }
            EffectKind::Call { tool, .. } if tool == "move" => {
                let says_yes = ["affirm", "yes", "user: #1 "];
                assert!(
                    says_yes.iter().any(|yes| line.contains(yes)),
                    "seed {seed}: the model called without a yes\n{log}"
                );
            }
            EffectKind::Call { tool, args } if tool == "order_card" => {
                assert_eq!(
                    args.get("card_id"),
                    self.card.as_ref(),
                    "seed {seed}: another card\n{log}"
                );
                assert!(
                    line.contains("affirm") || line.contains("yes"),
                    "seed {seed}: not confirmed\n{log}"
                );
                self.card = None;
            }
            _ => {}
        }
    }
}

/// From wherever it is, a customer who asks for a person gets one once the outside has answered.
fn gets_through(player: &mut Player<'_>) -> bool {
    for _ in 0..8 {
        match &player.conversation.owner {
            Owner::Bot => {}
            Owner::Queued { .. } | Owner::Person { .. } | Owner::Ended => return true,
        }
        player.line("user: a person | talk_to_person");
        while let Some((name, _)) = player.calls.first().cloned() {
            match player.bot.model(&name) {
                Some(_) => player.line("generated: failed"),
                None => player.line(&format!("error: {name} failed")),
            }
        }
    }
    false
}

fn converse_often(bot: &Bot, texts: &[&str]) {
    if let Some(seed) = wish("SEED") {
        return converse(bot, texts, seed);
    }
    for seed in 0..wish("CONVERSATIONS").unwrap_or(CONVERSATIONS) {
        converse(bot, texts, seed);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person reruns one seed, or many"
)]
fn wish(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn fuzz_the_bank() {
    converse_often(&bot(include_str!("bots/bank.yaml")), &BANK);
}

#[test]
fn fuzz_the_bank_with_flows_over_flows() {
    let text = include_str!("bots/bank.yaml").replace("allow: answers", "allow: all");
    converse_often(&bot(&text), &BANK);
}

#[test]
fn fuzz_the_desk() {
    converse_often(&bot(include_str!("bots/desk.yaml")), &DESK);
}
