//! Reading maps and plain values, with everything that can be wrong about them.

use jiff::SignedDuration;

use crate::context::Cx;
use crate::diagnostic::Findings;
use crate::names::did_you_mean;
use crate::place::Place;
use crate::rule;
use crate::schema::Shape;
use crate::yaml::{Key, Node, NodeKind, Style};

/// A map whose keys are known.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a> {
    entries: &'a [(Key, Node)],
    shape: &'static Shape,
    /// Where the map begins.
    pub(super) place: Place,
}

impl<'a> Keys<'a> {
    /// Reads a map; unknown keys are reported at once.
    pub(super) fn read(findings: &Findings, node: &'a Node, shape: &'static Shape) -> Option<Self> {
        let entries = map(findings, node, shape.name)?;
        for (key, _) in entries {
            if !shape.names().any(|name| name == key.text) {
                report_unknown(findings, key, shape);
            }
        }
        Some(Self {
            entries,
            shape,
            place: node.place,
        })
    }

    /// Reads a map whose keys were reported before.
    pub(super) fn quiet(node: &'a Node, shape: &'static Shape) -> Option<Self> {
        Some(Self {
            entries: node.as_map()?,
            shape,
            place: node.place,
        })
    }

    /// The value under a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        debug_assert!(
            self.shape.names().any(|name| name == key),
            "`{key}` is not in the table of {}",
            self.shape.name
        );
        self.entry(key).map(|(_, value)| value)
    }

    /// The key itself, for its place.
    pub(super) fn entry(&self, key: &str) -> Option<(&'a Key, &'a Node)> {
        self.entries
            .iter()
            .find(|(name, _)| name.text == key)
            .map(|(name, value)| (name, value))
    }

    /// The value under a key that must be there.
    pub(super) fn required(&self, findings: &Findings, key: &str) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            findings.add(
                &rule::MISSING_KEY,
                self.place,
                format!("{} needs the key `{key}`", self.shape.name),
            );
        }
        found
    }

    /// Those of the keys that are there.
    pub(super) fn present(&self, keys: &[&'static str]) -> Vec<&'a Key> {
        self.entries
            .iter()
            .filter(|(key, _)| keys.contains(&key.text.as_str()))
            .map(|(key, _)| key)
            .collect()
    }

    /// Reports all but the first of keys that exclude each other.
    pub(super) fn at_most_one(&self, findings: &Findings, keys: &[&'static str]) {
        let present = self.present(keys);
        for key in present.iter().skip(1) {
            findings.add(
                &rule::CONFLICTING_KEYS,
                key.place,
                format!("`{}` cannot stand beside `{}`", key.text, present[0].text),
            );
        }
    }
}

fn report_unknown(findings: &Findings, key: &Key, shape: &Shape) {
    let near = did_you_mean(&key.text, shape.names());
    let help = near.is_empty().then(|| {
        format!(
            "it can have: {}",
            shape.names().collect::<Vec<_>>().join(", ")
        )
    });
    findings.note(
        &rule::UNKNOWN_KEY,
        key.place,
        format!("{} has no key `{}`{near}", shape.name, key.text),
        help,
    );
}

/// The entries of a map.
pub(super) fn map<'a>(
    findings: &Findings,
    node: &'a Node,
    what: &str,
) -> Option<&'a [(Key, Node)]> {
    match &node.kind {
        NodeKind::Map(entries) => Some(entries),
        NodeKind::Broken => None,
        _ => {
            wrong_shape(
                findings,
                node,
                &format!("{what} is written as a map of keys"),
            );
            None
        }
    }
}

/// The items of a list.
pub(super) fn list<'a>(findings: &Findings, node: &'a Node, what: &str) -> Option<&'a [Node]> {
    match &node.kind {
        NodeKind::List(items) => Some(items),
        NodeKind::Broken => None,
        _ => {
            wrong_shape(
                findings,
                node,
                &format!("{what} is written as a list: [a, b]"),
            );
            None
        }
    }
}

/// A list, or one thing instead of it.
pub(super) fn one_or_many(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::List(items) => items,
        _ => std::slice::from_ref(node),
    }
}

/// A text.
pub(super) fn text<'a>(findings: &Findings, node: &'a Node, what: &str) -> Option<&'a str> {
    match &node.kind {
        NodeKind::Scalar(scalar) => Some(&scalar.text),
        NodeKind::Broken => None,
        _ => {
            wrong_shape(findings, node, &format!("{what} is a text"));
            None
        }
    }
}

/// A text that is a name.
pub(super) fn name<'a>(findings: &Findings, node: &'a Node, what: &str) -> Option<&'a str> {
    text(findings, node, what).filter(|text| {
        if text.is_empty() {
            findings.add(&rule::EMPTY_VALUE, node.place, format!("{what} is empty"));
        }
        !text.is_empty()
    })
}

/// `true` or `false`.
pub(super) fn bool(findings: &Findings, node: &Node, what: &str) -> Option<bool> {
    match text(findings, node, what)? {
        "true" if is_plain(node) => Some(true),
        "false" if is_plain(node) => Some(false),
        other => {
            findings.add(
                &rule::WRONG_VALUE,
                node.place,
                format!("`{what}` is `true` or `false`, not `{other}`"),
            );
            None
        }
    }
}

fn is_plain(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar(scalar) if scalar.style == Style::Plain)
}

/// A whole number from a smallest value on.
pub(super) fn whole(findings: &Findings, node: &Node, what: &str, min: u32) -> Option<u32> {
    let text = text(findings, node, what)?;
    let number = text.parse::<u32>().ok().filter(|number| *number >= min);
    if number.is_none() {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{what}` is a whole number from {min} on, not `{text}`"),
        );
    }
    number
}

/// A number between 0 and 1.
pub(super) fn share(findings: &Findings, node: &Node, what: &str) -> Option<f32> {
    let text = text(findings, node, what)?;
    let number = text
        .parse::<f32>()
        .ok()
        .filter(|number| (0.0..=1.0).contains(number));
    if number.is_none() {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{what}` is a number between 0 and 1, not `{text}`"),
        );
    }
    number
}

/// A positive number.
pub(super) fn amount(findings: &Findings, node: &Node, what: &str) -> Option<f64> {
    let text = text(findings, node, what)?;
    let number = text
        .parse::<f64>()
        .ok()
        .filter(|number| number.is_finite() && *number >= 0.0);
    if number.is_none() {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{what}` is a number that is not negative, not `{text}`"),
        );
    }
    number
}

/// A length of time.
pub(super) fn duration(findings: &Findings, node: &Node, what: &str) -> Option<SignedDuration> {
    let text = text(findings, node, what)?;
    duration_text(findings, node.place, text, what)
}

/// A length of time that stands as a key.
pub(super) fn duration_text(
    findings: &Findings,
    place: Place,
    text: &str,
    what: &str,
) -> Option<SignedDuration> {
    let found = dialog::parse_duration(text).filter(|found| !found.is_negative());
    if found.is_none() {
        findings.add(
            &rule::WRONG_VALUE,
            place,
            format!("`{what}` is a length of time like `30s`, `5m` or `24h`, not `{text}`"),
        );
    }
    found
}

/// One of some words.
pub(super) fn word<T: Copy>(
    findings: &Findings,
    node: &Node,
    what: &str,
    words: &[(&str, T)],
) -> Option<T> {
    let text = text(findings, node, what)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let near = did_you_mean(text, all.iter().copied());
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{what}` is one of {}, not `{text}`{near}", all.join(", ")),
        );
    }
    found.map(|(_, value)| *value)
}

fn wrong_shape(findings: &Findings, node: &Node, wanted: &str) {
    findings.add(
        &rule::WRONG_SHAPE,
        node.place,
        format!("{wanted}, not as {}", node.describe()),
    );
}

/// What a name of the language may look like, so that expressions can read it.
pub(super) fn check_name(findings: &Findings, key: &Key, what: &str) -> bool {
    let good = key
        .text
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && key
            .text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_');
    let reserved = RESERVED.contains(&key.text.as_str());
    if !good || reserved {
        let why = if reserved {
            "means something in expressions"
        } else {
            "has to be made of letters, digits and `_`, and must not begin with a digit"
        };
        findings.add(
            &rule::BAD_NAME,
            key.place,
            format!("`{}` cannot be the name of {what}: it {why}", key.text),
        );
    }
    good && !reserved
}

/// Words that CEL keeps to itself.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Reports a reference to nothing, unless it may stand in a file that could not be read.
pub(super) fn report_unknown_name<'n>(
    cx: Cx<'_>,
    rule: &'static rule::Rule,
    place: Place,
    sentence: String,
    wrong: &str,
    names: impl IntoIterator<Item = &'n str>,
) {
    let near = did_you_mean(wrong, names);
    cx.findings.add(rule, place, format!("{sentence}{near}"));
}
