//! Checks over the whole bot, one file each.

use std::collections::BTreeMap;

use dialog::Bot;

use crate::Catalogue;
use crate::context::Cx;
use crate::decode::{Channel, Declared, Records};
use crate::files::Files;

/// What a check looks at.
pub(crate) struct Checked<'a> {
    /// Files, findings, names.
    pub(crate) cx: Cx<'a>,
    /// The bot, whole but perhaps wrong.
    pub(crate) bot: &'a Bot,
    /// What is declared, with places.
    pub(crate) declared: &'a Declared<'a>,
    /// What is said and read where.
    pub(crate) records: &'a Records,
    /// The compiled templates, if they compile.
    pub(crate) templates: Option<&'a render::Templates>,
    /// What the place can do.
    pub(crate) catalogue: &'a Catalogue,
    /// The bot's channels.
    pub(crate) channels: &'a BTreeMap<String, Channel>,
    /// All files.
    pub(crate) files: &'a Files,
}

/// Runs every check.
pub(crate) fn all(_checked: &Checked<'_>) {}
