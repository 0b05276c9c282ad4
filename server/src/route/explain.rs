//! A turn's trace as people read it: names instead of numbers, and the same as lines.

mod lines;

use dialog::{Bot, Considered, EventKind, GenerateOutcome, Refusal};
use jiff::Timestamp;
use runtime::{Replay, Runtime, TurnTrace};
use serde_json::{Map, Value as Any, json};

/// Turns as JSON, in order; `lines` is the same for people.
pub(crate) fn turns(turns: &[TurnTrace], runtime: &Runtime) -> Vec<Any> {
    let before = turns.iter().map(|turn| Some(turn.at));
    let before = std::iter::once(None).chain(before);
    turns
        .iter()
        .zip(before)
        .map(|(one, before)| turn(one, before, runtime))
        .collect()
}

fn turn(turn: &TurnTrace, before: Option<Timestamp>, runtime: &Runtime) -> Any {
    let deployment = turn.version.as_ref().and_then(|one| runtime.version(one));
    let bot = deployment.as_deref().map(|deployment| &*deployment.bot);
    let taken = turn.trace.taken.iter();
    let taken: Vec<String> = taken.map(|id| label(bot, id.index())).collect();
    let understanding = match &turn.event.kind {
        EventKind::Message(message) => Some(&message.understanding),
        _ => None,
    };
    let mut shown = json!({
        "turn": turn.turn,
        "root": turn.root,
        "at": turn.at,
        "version": turn.version,
        "event": event(&turn.event.kind),
        "understanding": understanding,
        "knowledge": support(&turn.event.kind),
        "sources": sources(&turn.event.kind),
        "route": turn.trace.route,
        "entered": turn.trace.entered,
        "taken": taken,
        "answered": turn.trace.answered,
        "says": turn.trace.says,
        "notes": turn.trace.notes,
        "messages": turn.messages,
    });
    let replayed = turn.replay.as_ref().map(|replay| replayed(replay, bot));
    if let (Some(fields), Some(replayed)) = (shown.as_object_mut(), replayed) {
        fields.extend(replayed);
    }
    shown["lines"] = lines::of(turn, before, &taken, understanding, &shown).into();
    shown
}

/// A turn's lines, of what [`turns`] gave.
pub(crate) fn lines_of(turn: &Any) -> impl Iterator<Item = &str> {
    let lines = turn["lines"].as_array().into_iter().flatten();
    lines.filter_map(Any::as_str)
}

/// What replay found out: `replay` says how far it is to be believed, `considered` what it saw.
fn replayed(replay: &Replay, bot: Option<&Bot>) -> Map<String, Any> {
    let (how, considered) = match replay {
        Replay::Same(considered) => (json!({ "outcome": "same" }), considered.as_slice()),
        Replay::Differs {
            considered,
            how: differences,
        } => (
            json!({ "outcome": "differs", "differences": differences }),
            considered.as_slice(),
        ),
        Replay::Impossible(why) => (json!({ "outcome": "impossible", "why": why }), &[][..]),
    };
    let considered = considered.iter().map(|one| transition(one, bot)).collect();
    Map::from_iter([
        ("replay".to_owned(), how),
        ("considered".to_owned(), Any::Array(considered)),
    ])
}

fn transition(considered: &Considered, bot: Option<&Bot>) -> Any {
    let index = considered.transition.index();
    let info = bot.and_then(|bot| bot.transitions.get(index));
    json!({
        "transition": label(bot, index),
        "file": info.map(|info| &info.file),
        "line": info.map(|info| info.line),
        "guard": info.and_then(|info| info.guard.as_deref()),
        "refused": considered.refused.as_ref().map(refusal),
    })
}

fn refusal(refusal: &Refusal) -> Any {
    match refusal {
        Refusal::Guard => json!({ "code": "guard", "why": "its guard was false" }),
        Refusal::Evaluation(why) => {
            json!({ "code": "evaluation", "why": format!("it could not be evaluated: {why}") })
        }
        Refusal::Confidence => {
            json!({ "code": "confidence", "why": "the intent was not sure enough" })
        }
        Refusal::NoFlow => {
            json!({ "code": "no-flow", "why": "no flow runs that could be cancelled" })
        }
    }
}

/// A transition's name; where its version of the bot is gone, its number.
fn label(bot: Option<&Bot>, index: usize) -> String {
    match bot.and_then(|bot| bot.transitions.get(index)) {
        Some(info) => info.label.clone(),
        None => format!("transition {index}"),
    }
}

/// What happened, without what a customer wrote: that is in the transcript.
fn event(kind: &EventKind) -> String {
    match kind {
        EventKind::SessionStart { .. } => "session start".to_owned(),
        EventKind::Message(_) => "message".to_owned(),
        EventKind::Choice { choice } => format!("choice {}", choice.key),
        EventKind::ToolReturned { effect, outcome } => match outcome {
            dialog::ToolOutcome::Returned { .. } => format!("call {effect} returned"),
            dialog::ToolOutcome::Failed(error) => {
                format!("call {effect} failed: {}", error.kind.name())
            }
        },
        EventKind::Sentence {
            effect, n, score, ..
        } => {
            format!("sentence {n} of the answer {effect}, support {score:.2}")
        }
        EventKind::Generated { effect, outcome } => format!("answer {effect} {}", answer(outcome)),
        EventKind::TimerFired { timer } => {
            format!("timer {:?} of entry {}", timer.kind, timer.entry.0)
        }
        EventKind::Outside { name, .. } => format!("event {name}"),
        EventKind::Desk(event) => format!("desk: {}", desk(event)),
        EventKind::DeliveryFailed { why, .. } => format!("delivery failed: {why}"),
        EventKind::End => "end".to_owned(),
    }
}

fn answer(outcome: &GenerateOutcome) -> String {
    match outcome {
        GenerateOutcome::Answered { score, .. } => format!("came, support {score:.2}"),
        GenerateOutcome::Low { because } => format!("was not said: {because}"),
        GenerateOutcome::Asks { tool, .. } => {
            format!("wants to call `{tool}`, which the customer has to agree to")
        }
        GenerateOutcome::Failed { why } => format!("failed: {why}"),
    }
}

/// What an answer rests on, by title.
fn sources(kind: &EventKind) -> Vec<&str> {
    match kind {
        EventKind::Generated {
            outcome: GenerateOutcome::Answered { sources, .. },
            ..
        } => sources.iter().map(|source| source.title.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// How far the articles support an answer to a message, where the router was to know.
fn support(kind: &EventKind) -> Option<f32> {
    match kind {
        EventKind::Message(message) => message.knowledge.as_ref().map(|known| known.support),
        _ => None,
    }
}

fn desk(event: &dialog::DeskEvent) -> &'static str {
    use dialog::DeskEvent::{
        Closed, Ended, Failed, GaveUp, Joined, Queued, Requested, Returned, Said,
    };
    match event {
        Requested { .. } => "requested",
        Queued { .. } => "queued",
        Joined { .. } => "joined",
        Said { .. } => "said",
        Returned => "returned",
        Ended => "ended",
        Closed => "closed",
        GaveUp => "gave up",
        Failed { .. } => "failed",
    }
}
