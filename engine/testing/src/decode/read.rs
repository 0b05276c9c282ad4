//! Reading nodes of a test's file, noting every mistake with its place.

use std::collections::BTreeMap;

use author::place::Place;
use author::rule::RULES;
use author::yaml::{Node, NodeKind, Scalar, Style};
use author::{Diagnostic, Severity};
use dialog::Bot;
use serde_json::Value as Json;

use crate::test::At;

/// Reads one file.
pub(super) struct Reader<'a> {
    file: &'a str,
    bot: &'a Bot,
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, bot: &'a Bot, found: Vec<Diagnostic>) -> Self {
        Self { file, bot, found }
    }

    pub(super) fn file(&self) -> &'a str {
        self.file
    }

    pub(super) fn bot(&self) -> &'a Bot {
        self.bot
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Notes what is wrong with a value. `rule` is the name of one of the compiler's rules.
    pub(super) fn wrong(&mut self, node: &Node, rule: &str, sentence: &str) {
        self.wrong_at(node.place, rule, sentence);
    }

    /// Notes what is wrong at a place.
    pub(super) fn wrong_at(&mut self, place: Place, rule: &str, sentence: &str) {
        let rule = RULES
            .iter()
            .find(|one| one.name == rule)
            .unwrap_or(&RULES[0]);
        self.found.push(Diagnostic {
            rule,
            severity: Severity::Error,
            file: self.file.to_owned(),
            line: place.line,
            column: place.column,
            length: place.length,
            sentence: sentence.to_owned(),
            help: None,
        });
    }

    /// A map whose keys are known; unknown ones are noted.
    pub(super) fn keys<'n>(
        &mut self,
        node: &'n Node,
        what: &str,
        known: &[&str],
    ) -> Option<BTreeMap<&'n str, &'n Node>> {
        let NodeKind::Map(entries) = &node.kind else {
            let why = format!("{what} is a map of keys, and this is {}", node.describe());
            self.wrong(node, "wrong-shape", &why);
            return None;
        };
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                let known = known.join(", ");
                let why = format!("{what} has no key `{}`; it can have: {known}", key.text);
                self.wrong_at(key.place, "unknown-key", &why);
            }
        }
        Some(
            entries
                .iter()
                .map(|(key, value)| (key.text.as_str(), value))
                .collect(),
        )
    }

    /// A text.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        let text = node.as_text().map(str::to_owned);
        if text.is_none() {
            let why = format!("a text is wanted here, and this is {}", node.describe());
            self.wrong(node, "wrong-shape", &why);
        }
        text
    }

    /// A text, or a list of texts.
    pub(super) fn texts(&mut self, node: &Node) -> Vec<String> {
        match node.as_list() {
            Some(items) => items.iter().filter_map(|item| self.text(item)).collect(),
            None => self.text(node).into_iter().collect(),
        }
    }

    /// A list.
    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match node.as_list() {
            Some(items) => items,
            None => {
                let why = format!("a list is wanted here, and this is {}", node.describe());
                self.wrong(node, "wrong-shape", &why);
                &[]
            }
        }
    }

    /// A length of time.
    pub(super) fn duration(&mut self, node: &Node) -> Option<jiff::SignedDuration> {
        let found = node.as_text().and_then(dialog::parse_duration);
        if found.is_none() {
            let why = "a length of time is wanted here, such as 5m or 1h30m";
            self.wrong(node, "wrong-value", why);
        }
        found
    }

    /// Any value, by YAML's own rules.
    pub(super) fn json(&self, node: &Node) -> Json {
        json(node)
    }
}

/// Where a node is written.
pub(super) fn at(node: &Node) -> At {
    At {
        line: node.place.line,
        column: node.place.column,
    }
}

fn json(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Scalar(scalar) => json_scalar(scalar),
        NodeKind::List(items) => items.iter().map(json).collect(),
        NodeKind::Map(entries) => {
            let pairs = entries.iter();
            Json::Object(
                pairs
                    .map(|(key, value)| (key.text.clone(), json(value)))
                    .collect(),
            )
        }
        NodeKind::Broken => Json::Null,
    }
}

fn json_scalar(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain {
        return text.into();
    }
    match (text, text.parse::<i64>(), text.parse::<f64>()) {
        ("true", ..) => true.into(),
        ("false", ..) => false.into(),
        (_, Ok(int), _) => int.into(),
        (_, _, Ok(number)) if number.is_finite() => number.into(),
        _ => text.into(),
    }
}
