//! The types of the language, and how JSON from outside is read by them.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};

/// A declared type: the same in slots, arguments, returns and events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A day, `2026-03-02`.
    Date,
    /// A time of day, `09:00` or `09:00:30`.
    Time,
    /// A moment, RFC 3339.
    Datetime,
    /// A length of time.
    Duration,
    /// An amount with its currency.
    Money,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An address on the web.
    Url,
    /// An international bank account number.
    Iban,
    /// An attachment: fields name, mime, size (bytes), ref.
    File {
        /// Accepted MIME types, `image/*` included; empty = all.
        accept: Vec<String>,
        /// The largest size in bytes.
        size_max: Option<u64>,
    },
    /// One of these texts.
    Enum(Vec<String>),
    /// Several of one type.
    List {
        /// The items' type.
        of: Box<ValueType>,
        /// The most items.
        max: usize,
    },
    /// Named fields.
    Map(BTreeMap<String, ValueType>),
}

impl ValueType {
    /// Whether a message can be matched against the type's values without being asked for: every type but free text.
    pub fn is_closed(&self) -> bool {
        !matches!(self, ValueType::Text)
    }
}

/// A regular expression of the author's, compiled once, with a size limit.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// The largest compiled program, in bytes: a larger one is a mistake or an attack.
    pub const PROGRAM_BYTES_MAX: usize = 1 << 20;

    /// Compiles a pattern.
    ///
    /// # Errors
    /// The regex crate's, when the source is no regular expression or too large.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        regex::RegexBuilder::new(source)
            .size_limit(Self::PROGRAM_BYTES_MAX)
            .build()
            .map(Self)
    }

    /// The compiled expression.
    pub fn regex(&self) -> &Regex {
        &self.0
    }

    /// Whether the whole text matches.
    pub fn matches_whole(&self, text: &str) -> bool {
        self.0
            .find_iter(text)
            .any(|found| found.start() == 0 && found.end() == text.len())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}
