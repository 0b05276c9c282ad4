//! A turn's trace as lines for people.

use dialog::Understanding;
use jiff::Timestamp;
use runtime::TurnTrace;
use serde_json::Value as Any;

/// How many intents of a message are shown.
const INTENTS_SHOWN: usize = 3;

/// The lines of a turn: what happened, then a row for each thing that is known of it.
pub(super) fn of(
    turn: &TurnTrace,
    before: Option<Timestamp>,
    taken: &[String],
    understanding: Option<&Understanding>,
    shown: &Any,
) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}  {}",
        turn.turn,
        shown["event"].as_str().unwrap_or_default(),
        when(turn, before)
    )];
    let mut row = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push(format!("   {name:<11} {text}"));
        }
    };
    if let Some(understanding) = understanding {
        row("understood", understood(understanding));
        row("found", found(understanding));
    }
    if let Some(support) = shown["knowledge"].as_f64() {
        row("knowledge", format!("support {support:.2}"));
    }
    row(
        "rests on",
        array(&shown["sources"])
            .filter_map(Any::as_str)
            .collect::<Vec<_>>()
            .join("; "),
    );
    row(
        "taken by",
        shown["route"].as_str().unwrap_or_default().to_owned(),
    );
    row("answered", turn.trace.answered.join(", "));
    row("transitions", taken.join("; "));
    for (index, one) in array(&shown["considered"]).enumerate() {
        row(if index == 0 { "considered" } else { "" }, considered(one));
    }
    row("entered", turn.trace.entered.join(" → "));
    row("said", turn.trace.says.join(", "));
    row("note", turn.trace.notes.join("; "));
    for sentence in doubts(&shown["replay"]) {
        row("replay", sentence);
    }
    lines
}

/// The time, how long after the turn before, and what it goes back to.
fn when(turn: &TurnTrace, before: Option<Timestamp>) -> String {
    let mut text = format!("at {}", turn.at);
    if let Some(before) = before {
        let passed = turn.at.duration_since(before).as_secs_f64();
        text.push_str(&format!(", {passed:.3} s after the turn before"));
    }
    if turn.root != turn.turn {
        text.push_str(&format!(", goes back to turn {}", turn.root));
    }
    text
}

fn understood(understanding: &Understanding) -> String {
    let ranked = understanding.intents.iter().take(INTENTS_SHOWN);
    let ranked: Vec<String> = ranked
        .map(|one| format!("{} {:.2}", one.intent, one.confidence.0))
        .collect();
    format!(
        "{} (in scope {:.2})",
        ranked.join(", "),
        understanding.in_scope.0
    )
}

fn found(understanding: &Understanding) -> String {
    let entities = understanding.entities.iter();
    let entities: Vec<String> = entities
        .map(|one| format!("{} = {}", one.entity, one.value.to_json()))
        .collect();
    entities.join(", ")
}

/// `enter.door always #1 (flows/enter.yaml:9): refused, its guard was false: slots.age >= 18`.
fn considered(one: &Any) -> String {
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let place = match one["line"].as_u64() {
        Some(line) => format!(" ({}:{line})", text("file")),
        None => String::new(),
    };
    let guard = text("guard");
    let outcome = match one["refused"]["why"].as_str() {
        None if guard.is_empty() => "taken".to_owned(),
        None => format!("taken, its guard held: {guard}"),
        Some(why) if guard.is_empty() => format!("refused, {why}"),
        Some(why) => format!("refused, {why}: {guard}"),
    };
    format!("{}{place}: {outcome}", text("transition"))
}

/// What keeps the reader from believing what was considered.
fn doubts(replay: &Any) -> Vec<String> {
    match replay["outcome"].as_str() {
        Some("differs") => {
            let differences = array(&replay["differences"]);
            let differences: Vec<&str> = differences.filter_map(Any::as_str).collect();
            vec![format!(
                "came out otherwise than then, so what was considered then may have been otherwise, too: {}",
                differences.join("; ")
            )]
        }
        Some("impossible") => vec![format!(
            "what was considered can't be told: {}",
            replay["why"].as_str().unwrap_or_default()
        )],
        _ => Vec::new(),
    }
}

fn array(list: &Any) -> impl Iterator<Item = &Any> {
    list.as_array().into_iter().flatten()
}
