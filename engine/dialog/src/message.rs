//! What the bot says: a response before rendering, a message after it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{ChoiceId, Locale, Value};

/// What the core wants said: a template and the values of exactly the variables that it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The template's name.
    pub template: String,
    /// The locale to say it in.
    pub locale: Locale,
    /// Which of the template's variants: a hash of conversation and turn. `render` takes it modulo their number.
    pub variant: u32,
    /// The values, by the template's top-level names (`slots`, `result`, `event` …); secrets are masked.
    pub values: BTreeMap<String, Value>,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<OfferedChoice>,
    /// How long to wait before it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<SignedDuration>,
}

/// A choice before its label is rendered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfferedChoice {
    /// What a click sends.
    pub id: ChoiceId,
    /// Where its label comes from.
    pub label: Label,
}

/// Where a label comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// A template, rendered with these top-level names (`item` among them).
    Template {
        /// The template's name.
        template: String,
        /// Its values.
        values: BTreeMap<String, Value>,
    },
    /// `labels.<name>`, for a choice that the author named; the name itself if there is none.
    Choice(String),
    /// `labels.<group>.<value>`, for a value of an enum; the value itself if there is none.
    Value {
        /// The slot's, field's or entity's name; `intents` for an intent.
        group: String,
        /// The enum's value.
        value: String,
    },
    /// Text as it is.
    Text(String),
}

/// A rendered message, in the form of its channel. After the commit nothing is rendered any more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The text, in the channel's format.
    pub text: String,
    /// What can be chosen, with labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Cards, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Images and files, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What it rests on, where it quotes or sums up articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// How long to wait before it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<SignedDuration>,
}

/// An article, or a section of one, that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its title, and the headings above the section.
    pub title: String,
    /// Where a customer can read it, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A choice that a customer sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What a click sends.
    pub id: ChoiceId,
    /// What it says.
    pub label: String,
}

/// A card: a title, more text, a picture, links.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The heading.
    pub title: String,
    /// The text below it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The picture's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Links: label and address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
}

/// A link with its label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// An image or file, by address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// Where it is: an address, or a path under `media/`.
    pub url: String,
    /// What it shows, for those who can't see it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alt: String,
}
