//! What the bot says, in words: a [`dialog::Response`] becomes a [`dialog::Message`] in the form of its channel.
//!
//! [`Templates::compile`] takes every template of a bot, parses its Handlebars once and lowers it to a small tree of our own;
//! [`Templates::render`] walks that tree over the response's values; [`fit`] divides a message by what a channel can show.
//! All of it is pure: no clock, no files, no chance. Which variables a template reads is known before it is ever said
//! ([`Templates::reads`]), so that `author` can prove that they are set.
//!
//! Not here: reading YAML (`author`), choosing a template (`dialog`), and a channel's wire format.

mod bounds;
mod built_in;
mod compile;
mod error;
mod escape;
mod evaluate;
mod fit;
mod lower;
mod partials;
mod path;
mod program;
mod reads;
mod render;
mod source;
mod spoken;
mod suggest;
mod templates;
mod words;

pub use bounds::{DEPTH_MAX, TAGS_MAX, TEMPLATE_BYTES_MAX};
pub use built_in::{built_in, built_in_labels};
pub use error::RenderError;
pub use escape::Format;
pub use fit::{Capabilities, fit};
pub use reads::{ReadPlace, ReadVariable};
pub use render::Target;
pub use source::{
    AttachmentForm, CardForm, Form, Labels, LinkForm, TemplateProblem, TemplateSource,
};
pub use templates::Templates;
