//! What came out of a replay beside what was stored. Values of the state are never told: a secret may be among them.

use dialog::{Bot, Trace, TransitionId};
use serde::Serialize;
use serde_json::Value as Json;

use crate::feed::FeedKind;

/// How a secret shows in a text: this, and its last two characters. A marker's last one is `›`.
const HIDDEN: &str = "••";
const MARKER_END: char = '›';
pub(super) const MARKER_START: char = '‹';
/// Places of the state that are named when they differ; more are no help.
const PLACES_SHOWN: usize = 5;

/// What differs between two traces, a sentence a part.
pub(super) fn traces(then: &Trace, now: &Trace, bot: &Bot) -> Vec<String> {
    let taken = |trace: &Trace| labels(&trace.taken, bot);
    let parts = [
        part("route", &then.route, &now.route),
        part("transitions taken", &taken(then), &taken(now)),
        part("states entered", &then.entered, &now.entered),
        part("answers", &then.answered, &now.answered),
        part("templates said", &then.says, &now.says),
        part("notes", &then.notes, &now.notes),
    ];
    parts.into_iter().flatten().collect()
}

fn part<T: PartialEq + Serialize>(name: &str, then: &T, now: &T) -> Option<String> {
    let shown = |value: &T| serde_json::to_string(value).unwrap_or_default();
    (then != now).then(|| format!("{name}: {} then, {} now", shown(then), shown(now)))
}

/// Transitions by the names that people know; one that the bot doesn't have by its number.
fn labels(taken: &[TransitionId], bot: &Bot) -> Vec<String> {
    let label = |id: &TransitionId| match bot.transitions.get(id.index()) {
        Some(info) => info.label.clone(),
        None => format!("number {}", id.index()),
    };
    taken.iter().map(label).collect()
}

/// What differs between what subscribers were told and what they would be told now.
pub(super) fn feeds(then: &[Vec<u8>], now: &[FeedKind]) -> Vec<String> {
    if then.len() != now.len() {
        return vec![format!(
            "{} messages or notices then, {} now",
            then.len(),
            now.len()
        )];
    }
    let pairs = then.iter().zip(now).enumerate();
    pairs
        .filter(|(_, (then, now))| !is_same_entry(then, now))
        .map(|(index, (_, now))| {
            format!(
                "number {} of what was told ({}) reads otherwise now",
                index + 1,
                now.name()
            )
        })
        .collect()
}

fn is_same_entry(then: &[u8], now: &FeedKind) -> bool {
    let then = serde_json::from_slice::<Json>(then).ok();
    let now = serde_json::to_value(now).ok();
    match then.zip(now) {
        Some((then, now)) => places(&then, &now, "").is_empty(),
        None => false,
    }
}

/// Where two records of a conversation differ.
pub(super) fn states(then: &Json, now: &Json) -> Vec<String> {
    let mut differing = places(then, now, "");
    differing.truncate(PLACES_SHOWN);
    match differing.is_empty() {
        true => Vec::new(),
        false => vec![format!("the state differs at {}", differing.join(", "))],
    }
}

/// The JSON pointers at which two values differ, but for secrets.
fn places(then: &Json, now: &Json, path: &str) -> Vec<String> {
    match (then, now) {
        (Json::Object(a), Json::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let below = names.into_iter().flat_map(|name| {
                let path = format!("{path}/{name}");
                match a.get(name).zip(b.get(name)) {
                    Some((then, now)) => places(then, now, &path),
                    None => vec![path],
                }
            });
            below.collect()
        }
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs
                .flat_map(|(index, (then, now))| places(then, now, &format!("{path}/{index}")))
                .collect()
        }
        (Json::String(then), Json::String(now)) if is_same_text(then, now) => Vec::new(),
        (_, Json::String(now)) if is_marker(now) => Vec::new(),
        _ if then == now => Vec::new(),
        _ => vec![path.to_owned()],
    }
}

fn is_marker(text: &str) -> bool {
    text.starts_with(MARKER_START) && text.ends_with(MARKER_END)
}

/// Whether two texts are the same but for secrets, of which the later one has the markers.
fn is_same_text(then: &str, now: &str) -> bool {
    let Some((before, after)) = now.split_once(HIDDEN) else {
        return then == now;
    };
    let Some(then) = then
        .strip_prefix(before)
        .and_then(|rest| rest.strip_prefix(HIDDEN))
    else {
        return false;
    };
    let mut shown = after.chars();
    let is_marker = shown.next().is_some() && shown.next() == Some(MARKER_END);
    match is_marker {
        true => (0..=2).any(|count| is_same_text(skip(then, count), shown.as_str())),
        false => is_same_text(then, after),
    }
}

/// The text without its first characters.
fn skip(text: &str, count: usize) -> &str {
    text.char_indices()
        .nth(count)
        .map_or("", |(at, _)| &text[at..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_the_same_but_for_its_secrets() {
        assert!(is_same_text("The word is ••21.", "The word is ••d›."));
        assert!(is_same_text("••, then ••56", "••d›, then ••n›"));
        assert!(!is_same_text("The word is ••21!", "The word is ••d›."));
        assert!(!is_same_text("The word is 654321.", "The word is ••d›."));
        assert!(!is_same_text("Hello.", "Hello"));
        assert!(is_same_text("•• x", "•• x"));
    }

    #[test]
    fn a_state_is_the_same_but_for_its_secrets_and_differences_are_places() {
        let then = json!({ "slots": { "pin": "654321", "n": 1 }, "frames": [1, 2] });
        let now = json!({ "slots": { "pin": "‹pin›", "n": 1 }, "frames": [1, 2] });
        assert_eq!(states(&then, &now), Vec::<String>::new());
        let now = json!({ "slots": { "n": 2 }, "frames": [1, 2] });
        assert_eq!(
            states(&then, &now),
            ["the state differs at /slots/n, /slots/pin"]
        );
    }
}
