//! Names of the environment that are not set where the bot is to be served.

use std::collections::BTreeSet;

use super::Checked;
use crate::decode::environment_names;
use crate::files::FileKind;
use crate::rule;
use crate::yaml::{Node, NodeKind, place_within};

pub(super) fn check(checked: &Checked<'_>) {
    let Some(set) = &checked.catalogue.environment else {
        return;
    };
    for tree in checked.trees {
        if matches!(tree.kind, FileKind::Bot | FileKind::Tools)
            && let Some(root) = &tree.root
        {
            node(checked, root, set);
        }
    }
}

fn node(checked: &Checked<'_>, at: &Node, set: &BTreeSet<String>) {
    match &at.kind {
        NodeKind::Scalar(scalar) => {
            for (name, has_default) in environment_names(&scalar.text) {
                if !has_default && !set.contains(name) {
                    report(checked, at, &scalar.text, name);
                }
            }
        }
        NodeKind::List(items) => items.iter().for_each(|item| node(checked, item, set)),
        NodeKind::Map(entries) => entries
            .iter()
            .for_each(|(_, value)| node(checked, value, set)),
        NodeKind::Broken => {}
    }
}

fn report(checked: &Checked<'_>, at: &Node, text: &str, name: &str) {
    let byte = text.find(&format!("${{{name}}}")).unwrap_or(0);
    let offset = text[..byte].chars().count();
    checked.cx.findings.add_with_help(
        &rule::MISSING_ENVIRONMENT,
        place_within(checked.cx.sources, at, offset, name.chars().count() + 3),
        format!("`{name}` is not set in the environment"),
        format!("set it, or give a default: ${{{name}:-…}}"),
    );
}
