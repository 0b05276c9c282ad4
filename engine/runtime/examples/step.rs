//! What understanding a message takes, entities included, and what a step of the core takes, and nothing else:
//! `cargo run --release -p runtime --example step [BOT]`.
//!
//! A conversation with the demo bot is played once, with the messages below; each of its steps is repeated from the state before
//! it. Nothing is rendered or stored.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use dialog::{Conversation, Event, EventKind, IncomingMessage};
use tokio::time::Instant;
use understand::{Model, Reading};

/// How often each step is repeated.
const TIMES: usize = 500;
/// How often each message is understood: it takes far longer than a step.
const READINGS: usize = 50;

/// Questions that are answered, a flow with its questions, a digression, a correction, a way out.
const MESSAGES: &[&str] = &[
    "hello",
    "what is my exchange rate",
    "I lost my card",
    "it is a debit card",
    "where do you send it",
    "no, the credit card",
    "12345678",
    "cancel",
    "I want to top up 50 euros with my card",
    "make it 80",
    "how long does a transfer take",
    "cancel",
    "why was I charged a fee",
    "asdf jkl",
    "yes",
    "thank you",
];

fn main() {
    let folder = std::env::args()
        .nth(1)
        .map_or_else(|| PathBuf::from("."), PathBuf::from);
    let files = author::read(&folder).expect("the bot's folder can be read");
    let compiled = author::compile(&files, &author::Catalogue::default());
    let bot = compiled.bot.expect("the bot has no errors");
    let training = compiled.training.expect("the bot has no errors");
    let model = Model::train(&training, &mut |_| {});
    let (mut took, mut reading_took) = (Vec::new(), Vec::new());
    let mut conversation = Conversation::new(
        "c".into(),
        "u".into(),
        "http".to_owned(),
        bot.locales[0].clone(),
        &bot,
    );
    let start = EventKind::SessionStart {
        slots: Default::default(),
    };
    conversation = repeat(&bot, conversation, start, &mut took);
    for text in MESSAGES {
        let expected = conversation.expected(&bot);
        let (text, _) = dialog::mask(text, &expected);
        let reading = Reading {
            locale: &conversation.locale,
            now: at().to_zoned(bot.tz.clone()),
            expected: &expected,
            bands: bot.bands,
        };
        for _ in 0..READINGS {
            let began = Instant::now().into_std();
            black_box(model.understand(black_box(&text), &reading));
            reading_took.push(began.elapsed());
        }
        let understanding = model.understand(&text, &reading);
        let message = IncomingMessage {
            id: String::new(),
            text,
            understanding,
            attachments: Vec::new(),
            seen: None,
            knowledge: None,
        };
        conversation = repeat(&bot, conversation, EventKind::Message(message), &mut took);
    }
    print("understanding with entities", &mut reading_took);
    print("dialog step", &mut took);
}

fn print(what: &str, took: &mut [Duration]) {
    took.sort_unstable();
    let share = |part: usize| took[(took.len() - 1) * part / 100].as_secs_f64() * 1e6;
    println!(
        "{{\"what\":\"{what}\",\"times\":{},\"median_us\":{:.2},\"p99_us\":{:.2}}}",
        took.len(),
        share(50),
        share(99)
    );
}

/// All steps happen at the same moment.
fn at() -> jiff::Timestamp {
    jiff::Timestamp::from_second(1_800_000_000).expect("a moment of this century")
}

/// Times a step from the same state over and over; the conversation after it.
fn repeat(
    bot: &dialog::Bot,
    before: Conversation,
    kind: EventKind,
    took: &mut Vec<Duration>,
) -> Conversation {
    let event = Event {
        at: at(),
        kind,
        user: None,
        desks: Default::default(),
        secrets: Default::default(),
    };
    for _ in 0..TIMES {
        let conversation = before.clone();
        let began = Instant::now().into_std();
        let step = black_box(dialog::step(bot, conversation, black_box(&event)));
        took.push(began.elapsed());
        drop(step);
    }
    dialog::step(bot, before, &event).conversation
}
