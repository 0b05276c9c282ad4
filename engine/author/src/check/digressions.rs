//! Digressions that are allowed but never fit: the depth counts the flow itself.

use dialog::Allow;

use super::Checked;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (id, flow) in checked.flows() {
        let Some(digressions) = &flow.digressions else {
            continue;
        };
        let flows = match &digressions.allow {
            Allow::Flows | Allow::All => true,
            Allow::Named { flows, .. } => !flows.is_empty(),
            Allow::None | Allow::Answers => false,
        };
        if flows && digressions.depth < 2 {
            checked.cx.findings.add_with_help(
                &rule::DIGRESSION_DEPTH,
                checked.cx.names.flows[id.index()].place,
                format!(
                    "`digressions` of `{}` lets other flows in, but at a depth of {} none ever fits on top",
                    flow.name, digressions.depth
                ),
                "make `depth` at least 2",
            );
        }
    }
}
