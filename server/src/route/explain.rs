//! A turn's trace as people read it: names instead of numbers, and the same as lines.

use dialog::{Bot, EventKind, Understanding};
use runtime::TurnTrace;
use serde_json::{Value as Any, json};

/// How many intents of a message are shown.
const INTENTS_SHOWN: usize = 3;

/// A turn as JSON; `lines` is the same for people.
pub(crate) fn turn(turn: &TurnTrace, bot: &Bot) -> Any {
    let taken: Vec<&str> = turn
        .trace
        .taken
        .iter()
        .filter_map(|id| bot.transitions.get(id.index()))
        .map(|one| one.label.as_str())
        .collect();
    let understanding = match &turn.event.kind {
        EventKind::Message(message) => Some(&message.understanding),
        _ => None,
    };
    json!({
        "turn": turn.turn,
        "root": turn.root,
        "at": turn.at,
        "event": event(&turn.event.kind),
        "understanding": understanding,
        "route": turn.trace.route,
        "entered": turn.trace.entered,
        "taken": taken,
        "answered": turn.trace.answered,
        "says": turn.trace.says,
        "notes": turn.trace.notes,
        "messages": turn.messages,
        "lines": lines(turn, &taken, understanding),
    })
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
        EventKind::Sentence { n, .. } => format!("sentence {n} of an answer"),
        EventKind::Generated { .. } => "a model answered".to_owned(),
        EventKind::TimerFired { timer } => {
            format!("timer {:?} of entry {}", timer.kind, timer.entry.0)
        }
        EventKind::Outside { name, .. } => format!("event {name}"),
        EventKind::Desk(event) => format!("desk: {}", desk(event)),
        EventKind::DeliveryFailed { why, .. } => format!("delivery failed: {why}"),
        EventKind::End => "end".to_owned(),
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

fn lines(turn: &TurnTrace, taken: &[&str], understanding: Option<&Understanding>) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", turn.turn, event(&turn.event.kind))];
    if let Some(understanding) = understanding {
        let ranked = understanding.intents.iter().take(INTENTS_SHOWN);
        let ranked: Vec<String> = ranked
            .map(|one| format!("{} {:.2}", one.intent, one.confidence.0))
            .collect();
        lines.push(format!(
            "   understood  {} (in scope {:.2})",
            ranked.join(", "),
            understanding.in_scope.0
        ));
        let found: Vec<String> = understanding
            .entities
            .iter()
            .map(|one| format!("{} = {}", one.entity, one.value.to_json()))
            .collect();
        if !found.is_empty() {
            lines.push(format!("   found       {}", found.join(", ")));
        }
    }
    if let Some(route) = turn.trace.route {
        lines.push(format!(
            "   taken by    {}",
            serde_json::to_value(route)
                .ok()
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default()
        ));
    }
    let rows = [
        ("answered", turn.trace.answered.join(", ")),
        ("transitions", taken.join("; ")),
        ("entered", turn.trace.entered.join(" → ")),
        ("said", turn.trace.says.join(", ")),
        ("note", turn.trace.notes.join("; ")),
    ];
    lines.extend(
        rows.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| format!("   {name:<11} {text}")),
    );
    lines
}
