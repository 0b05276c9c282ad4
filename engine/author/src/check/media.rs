//! Images and files that templates name but the folder does not have.

use super::Checked;
use crate::names::did_you_mean;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (field, node) in &checked.declared.templates.fields {
        let text = node.as_text().unwrap_or_default();
        let is_address = field.name.ends_with(".url") || field.name.ends_with(".image");
        if !is_address || !text.starts_with("media/") || text.contains("{{") {
            continue;
        }
        if !checked.files.contains_key(text) {
            let known = checked
                .files
                .keys()
                .filter(|path| path.starts_with("media/"))
                .map(String::as_str);
            checked.cx.findings.add(
                &rule::UNKNOWN_FILE,
                node.place,
                format!("there is no file `{text}`{}", did_you_mean(text, known)),
            );
        }
    }
}
