//! What one message would do: how it is understood, and which rule of the bot takes it as the first of a conversation.

use anyhow::Context;
use dialog::{
    Bot, Conversation, ConversationId, Entity, Event, EventKind, IncomingMessage, Part,
    RankedIntent, Route, Step, Trace, Understanding, UserId, Words, step,
};
use jiff::Timestamp;
use runtime::{Clock as _, SystemClock};
use serde::Serialize;
use understand::{Model, Near, Reading, nearest_examples};

use super::Args;
use super::report::{at, line};
use super::subject::Subject;
use crate::config::Config;
use crate::{folder, reader};

/// What a message would do.
#[derive(Serialize)]
pub(super) struct Foreseen {
    text: String,
    encoder: String,
    /// `accepted`, `unsure` or `not_understood`, by the bot's bands.
    band: &'static str,
    #[serde(flatten)]
    understanding: Understanding,
    /// The rule that takes it.
    route: Option<Route>,
    /// The transitions, with their places.
    taken: Vec<String>,
    answered: Vec<String>,
    entered: Vec<String>,
    says: Vec<String>,
    /// Why not more, in sentences.
    notes: Vec<String>,
    /// The examples that lie nearest to it.
    nearest: Vec<Near>,
}

/// Asks a bot's model and its rules. Nothing is called, said or kept.
pub(super) fn foresee(args: &Args, subject: &Subject, text: &str) -> anyhow::Result<Foreseen> {
    let bot = subject.bot.as_deref();
    let bot =
        bot.context("`--message` needs a bot's folder: a file has no rules that could take it")?;
    let config = Config::load(&subject.dir, &[])?;
    let models = folder::Models::of(&config, &subject.dir);
    let encoder = args.encoder.as_deref().unwrap_or(subject.encoder);
    let encoder = reader::open(encoder, &models.shelf)?;
    let model = models.model(&subject.data, encoder.clone())?;
    let now = SystemClock.now();
    let (understanding, trace) = take(bot, &model, text, now);
    let mut trainer = reader::trainer(encoder, &models.folder);
    Ok(Foreseen {
        text: text.to_owned(),
        encoder: model
            .encoder()
            .map_or("sparse", |encoder| encoder.fingerprint())
            .to_owned(),
        band: band(bot, &understanding),
        nearest: nearest_examples(&mut trainer, subject.examined(), text)?,
        understanding,
        route: trace.route,
        taken: trace
            .taken
            .iter()
            .map(|id| transition(bot, id.index()))
            .collect(),
        answered: trace.answered,
        entered: trace.entered,
        says: trace.says,
        notes: trace.notes,
    })
}

/// The message as the first of a conversation of somebody new.
fn take(bot: &Bot, model: &Model, text: &str, now: Timestamp) -> (Understanding, Trace) {
    let (id, user) = (ConversationId::from("c"), UserId::from("u"));
    let conversation =
        Conversation::new(id, user, "terminal".to_owned(), bot.locales[0].clone(), bot);
    let opened = step(
        bot,
        conversation,
        &event(now, EventKind::SessionStart { slots: [].into() }),
    );
    let expected = opened.conversation.expected(bot);
    let (masked, secrets) = dialog::mask(text, &expected);
    let reading = Reading {
        locale: &opened.conversation.locale,
        now: now.to_zoned(bot.tz.clone()),
        expected: &expected,
        bands: bot.bands,
    };
    let mut understanding = model.understand(&masked, &reading);
    dialog::drop_marked(&mut understanding, &masked);
    let message = IncomingMessage {
        id: "m".to_owned(),
        text: masked,
        understanding: understanding.clone(),
        attachments: Vec::new(),
        seen: None,
        knowledge: None,
    };
    let message = Event {
        secrets,
        ..event(now, EventKind::Message(message))
    };
    let Step { trace, .. } = step(bot, opened.conversation, &message);
    (understanding, trace)
}

fn event(at: Timestamp, kind: EventKind) -> Event {
    Event {
        at,
        kind,
        user: None,
        desks: [].into(),
        secrets: [].into(),
    }
}

fn band(bot: &Bot, understanding: &Understanding) -> &'static str {
    let best = understanding
        .intents
        .first()
        .map_or(0.0, |best| best.confidence.0);
    if best < bot.bands.confirm || understanding.in_scope.0 < bot.bands.confirm {
        "not_understood"
    } else if best < bot.bands.accept {
        "unsure"
    } else {
        "accepted"
    }
}

fn transition(bot: &Bot, index: usize) -> String {
    bot.transitions.get(index).map_or_else(String::new, |info| {
        format!("{} ({}:{})", info.label, info.file, info.line)
    })
}

pub(super) fn text(foreseen: &Foreseen, bot: &Bot) -> String {
    let mut out = String::new();
    let understanding = &foreseen.understanding;
    line!(out, "“{}”, read with {}", foreseen.text, foreseen.encoder);
    for (name, value) in [
        ("understood", ranked(&understanding.intents)),
        ("in scope", format!("{:.2}", understanding.in_scope.0)),
        ("band", said(foreseen.band, bot)),
        ("wishes", parts(&understanding.parts, &foreseen.text)),
        ("found", entities(&understanding.entities)),
        ("taken by", route(foreseen.route).to_owned()),
        ("answered", foreseen.answered.join(", ")),
        ("transitions", foreseen.taken.join("; ")),
        ("entered", foreseen.entered.join(" → ")),
        ("says", foreseen.says.join(", ")),
        ("note", foreseen.notes.join("; ")),
    ] {
        if !value.is_empty() {
            line!(out, "  {name:<12} {value}");
        }
    }
    line!(out, "\nnearest examples");
    for near in &foreseen.nearest {
        line!(
            out,
            "  {:.2}  {:<28} “{}”{}",
            near.cosine,
            near.intent,
            near.text,
            at(near.place.as_ref())
        );
    }
    out
}

fn ranked(intents: &[RankedIntent]) -> String {
    let all = intents
        .iter()
        .map(|one| format!("{} {:.2}", one.intent, one.confidence.0));
    all.collect::<Vec<_>>().join(", ")
}

/// `unsure (accepted from 0.75 on, not understood below 0.40)`.
fn said(band: &str, bot: &Bot) -> String {
    let (band, bands) = (band.replace('_', " "), bot.bands);
    format!(
        "{band} (accepted from {:.2} on, not understood below {:.2})",
        bands.accept, bands.confirm
    )
}

fn parts(parts: &[Part], text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let one = |part: &Part| {
        let Words { start, end } = part.words;
        let words = words.get(usize::from(start)..usize::from(end));
        let words = words.map_or_else(String::new, |words| format!("“{}” ", words.join(" ")));
        format!(
            "{words}{}",
            ranked(&part.intents[..part.intents.len().min(1)])
        )
    };
    parts.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn entities(entities: &[Entity]) -> String {
    let all = entities
        .iter()
        .map(|one| format!("{} = {}", one.entity, one.value.to_json()));
    all.collect::<Vec<_>>().join(", ")
}

/// The rule in words.
fn route(route: Option<Route>) -> &'static str {
    match route {
        Some(Route::Answer) => "an answer",
        Some(Route::FlowStart) => "a flow that begins",
        Some(Route::Anywhere) => "a handler of `anywhere`",
        Some(Route::State | Route::Exact | Route::Fill | Route::Verbatim | Route::Text) => {
            "the state it is in"
        }
        Some(Route::Clarify) => "the router, which asks what is meant",
        Some(Route::Generate) => "the router, which lets a model answer",
        Some(Route::RouterSay) => "the router, which says that it did not understand",
        Some(Route::RouterHandoff) => "the router, which calls a person",
        Some(_) => "another rule",
        None => "nothing",
    }
}
