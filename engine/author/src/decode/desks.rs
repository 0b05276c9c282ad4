//! Desks: where people answer.

use dialog::{DeskDeclaration, Hours, OpeningHours, Transitions};

use super::keys::{self, Keys};
use super::record::Decoder;
use super::transition::{Site, transitions_under};
use crate::diagnostic::Findings;
use crate::expression::Scope;
use crate::names::did_you_mean;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// Connectors that the language knows.
pub(super) const CONNECTORS: &[&str] = &[
    "console",
    "chatwoot",
    "sunshine",
    "intercom",
    "slack",
    "email",
    "webhook",
    "matrix",
    "django-helpdesk",
];

/// What a desk gets when the author does not say.
const PACKAGE: &[&str] = &["transcript", "slots", "why", "summary"];

/// Reads all desks, in the author's order.
pub(super) fn desks(decoder: &Decoder<'_>, node: Option<&Node>) -> Vec<DeskDeclaration> {
    let entries = node.and_then(Node::as_map).unwrap_or_default();
    entries
        .iter()
        .map(|(key, value)| desk(decoder, key, value))
        .collect()
}

fn desk(decoder: &Decoder<'_>, key: &Key, node: &Node) -> DeskDeclaration {
    let findings = decoder.cx.findings;
    let scope = Scope::bot();
    let mut desk = DeskDeclaration {
        name: key.text.clone(),
        via: "console".to_owned(),
        hours: None,
        package: PACKAGE.iter().map(|one| (*one).to_owned()).collect(),
        announce_every: None,
        give_up_after: None,
        closed: Transitions::new(),
        gave_up: Transitions::new(),
        after: Transitions::new(),
    };
    let Some(keys) = Keys::read(findings, node, &schema::DESK) else {
        return desk;
    };
    if let Some(node) = keys.get("via") {
        let words: Vec<(&str, &str)> = CONNECTORS.iter().map(|one| (*one, *one)).collect();
        desk.via = keys::word(findings, node, "via", &words)
            .unwrap_or("console")
            .to_owned();
    }
    desk.hours = keys.get("hours").and_then(|node| hours(findings, node));
    if let Some(node) = keys.get("package") {
        desk.package = package(findings, node);
    }
    queue(findings, keys, &mut desk);
    let outcome = |key: &'static str| {
        let site = Site {
            scope: &scope,
            state: None,
            label: format!("desks.{} {key}", desk.name),
        };
        transitions_under(decoder, keys, key, &site)
    };
    let (closed, gave_up, after) = (outcome("closed"), outcome("gave_up"), outcome("after"));
    DeskDeclaration {
        closed,
        gave_up,
        after,
        ..desk
    }
}

fn package(findings: &Findings, node: &Node) -> Vec<String> {
    let words: Vec<(&str, &str)> = PACKAGE.iter().map(|one| (*one, *one)).collect();
    keys::list(findings, node, "`package`")
        .unwrap_or_default()
        .iter()
        .filter_map(|node| keys::word(findings, node, "package", &words))
        .map(str::to_owned)
        .collect()
}

fn queue(findings: &Findings, keys: Keys<'_>, desk: &mut DeskDeclaration) {
    let Some(queue) = keys
        .get("queue")
        .and_then(|node| Keys::read(findings, node, &schema::QUEUE))
    else {
        return;
    };
    let time = |key| {
        queue
            .get(key)
            .and_then(|node| keys::duration(findings, node, key))
    };
    desk.announce_every = time("announce_every");
    desk.give_up_after = time("give_up_after");
}

fn hours(findings: &Findings, node: &Node) -> Option<Hours> {
    let keys = Keys::read(findings, node, &schema::HOURS)?;
    let open = keys
        .required(findings, "open")
        .map(keys::one_or_many)
        .unwrap_or_default()
        .iter()
        .flat_map(|node| stretches(findings, node))
        .collect();
    let holidays = keys
        .get("holidays")
        .and_then(|node| keys::list(findings, node, "`holidays`"))
        .unwrap_or_default()
        .iter()
        .filter_map(|node| holiday(findings, node))
        .collect();
    Some(Hours { open, holidays })
}

fn holiday(findings: &Findings, node: &Node) -> Option<String> {
    let text = keys::text(findings, node, "a holiday")?;
    if text.parse::<jiff::civil::Date>().is_err() {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{text}` is not a day like `2026-12-25`"),
        );
    }
    Some(text.to_owned())
}

/// `Mon-Fri 08:00-20:00`, several separated by `,`.
fn stretches(findings: &Findings, node: &Node) -> Vec<OpeningHours> {
    let Some(text) = keys::text(findings, node, "opening hours") else {
        return Vec::new();
    };
    let mut open = Vec::new();
    for part in text.split(',') {
        match stretch(part.trim()) {
            Some(stretches) => open.extend(stretches),
            None => findings.add(
                &rule::WRONG_VALUE,
                node.place,
                format!(
                    "`{}` is no opening hours; write `Mon-Fri 08:00-20:00`{}",
                    part.trim(),
                    did_you_mean(
                        part.split_whitespace().next().unwrap_or_default(),
                        DAYS.iter().copied()
                    )
                ),
            ),
        }
    }
    open
}

const DAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn stretch(text: &str) -> Option<Vec<OpeningHours>> {
    let (days, times) = text.split_once(' ')?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let day = |name: &str| DAYS.iter().position(|day| *day == name);
    let (first, last) = (day(first)?, day(last)?);
    let (from, until) = times.trim().split_once('-')?;
    let (from_minute, until_minute) = (minute(from)?, minute(until)?);
    if from_minute >= until_minute {
        return None;
    }
    let count = (last + 7 - first) % 7;
    Some(
        (0..=count)
            .map(|offset| OpeningHours {
                weekday: u8::try_from((first + offset) % 7).unwrap_or(0),
                from_minute,
                until_minute,
            })
            .collect(),
    )
}

/// Minutes from midnight; `24:00` is the day's end.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let sum = hour * 60 + minute;
    (hour <= 24 && minute < 60 && sum <= 1440).then_some(sum)
}
