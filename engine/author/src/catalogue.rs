//! What the place where a bot runs can do, as plain data: filled by whoever starts it.

use std::collections::{BTreeMap, BTreeSet};

use dialog::ToolDeclaration;

/// The connectors and settings of a place. The default knows nothing in particular and complains of nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// What each channel's connector can show, by `via`.
    pub channels: BTreeMap<String, ChannelLimits>,
    /// The desks' connectors that this build has; empty = not known, nothing is reported.
    pub desks: BTreeSet<String>,
    /// The names in the environment that are set; `None` = the bot is only checked, not served, so none is missed.
    pub environment: Option<BTreeSet<String>>,
    /// Operations that were read elsewhere (a server was asked), by the tool's name.
    pub operations: BTreeMap<String, Vec<ToolDeclaration>>,
}

/// What a channel can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelLimits {
    /// The most choices as buttons; 0 = none, they become numbered lines.
    pub choices_max: usize,
    /// The longest text in characters.
    pub text_max: usize,
    /// Whether it shows cards.
    pub cards: bool,
}
