//! What an author wrote, before it is compiled, and what can be wrong with it.

use std::collections::BTreeMap;

use dialog::Locale;

/// One template in one language. Every text in it is Handlebars.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateSource {
    /// Its name, as `say:` uses it.
    pub name: String,
    /// Its language.
    pub locale: Locale,
    /// Its variants: one of them is said. Never empty in a template that compiles.
    pub variants: Vec<Form>,
    /// Forms for single channels, by the channel's name; each again with its variants.
    pub channels: BTreeMap<String, Vec<Form>>,
}

impl TemplateSource {
    /// A template with these texts as its variants.
    pub fn texts(name: &str, locale: &str, texts: &[&str]) -> Self {
        Self {
            name: name.to_owned(),
            locale: locale.into(),
            variants: texts.iter().map(|text| Form::text(text)).collect(),
            channels: BTreeMap::new(),
        }
    }
}

/// One way of saying it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// The text.
    pub text: String,
    /// Cards below it.
    pub cards: Vec<CardForm>,
    /// Images and files.
    pub attachments: Vec<AttachmentForm>,
}

impl Form {
    /// A form that is only a text.
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }
}

/// A card, before its texts are rendered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CardForm {
    /// The heading.
    pub title: String,
    /// The text below it; may be empty.
    pub text: String,
    /// The picture's address; one that renders to nothing is left out.
    pub image: Option<String>,
    /// Links, in order.
    pub links: Vec<LinkForm>,
}

/// A card's link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkForm {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// An image or file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttachmentForm {
    /// The file's name.
    pub name: String,
    /// Its MIME type.
    pub mime: String,
    /// Where it is: an address, or a path under `media/`.
    pub url: String,
    /// What it shows, for those who can't see it.
    pub alt: String,
}

/// The words of one language for values and choices. Plain text, not Handlebars.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// By slot, field or entity (`intents` for intents), then by value.
    pub groups: BTreeMap<String, BTreeMap<String, String>>,
    /// By the choice's name.
    pub choices: BTreeMap<String, String>,
}

/// A mistake in a template, with its place inside the field: `author` knows where the field stands in its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateProblem {
    /// The template's name.
    pub name: String,
    /// Its language.
    pub locale: Locale,
    /// The channel whose form it is; none = the form for all.
    pub channel: Option<String>,
    /// The variant, from 0.
    pub variant: usize,
    /// The field: `text`, `cards[0].title`, `attachments[1].url` ….
    pub field: String,
    /// The line inside the field's text, from 1.
    pub line: usize,
    /// The column in that line, in characters, from 1.
    pub column: usize,
    /// What is wrong, for a person who does not program.
    pub sentence: String,
}
