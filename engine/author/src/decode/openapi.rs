//! Operations of an OpenAPI 3 document → tools. Read are the parts that a call needs: servers, paths, parameters, a JSON body,
//! a JSON answer; schemas are followed through `$ref` into `components`.

use dialog::ToolDeclaration;

use super::declare::Tree;
use super::keys::Keys;
use crate::diagnostic::Findings;
use crate::rule;

/// The operations that a tool offers.
pub(super) fn operations(
    findings: &Findings,
    _trees: &[Tree],
    keys: Keys<'_>,
    _common: &ToolDeclaration,
) -> Vec<ToolDeclaration> {
    if let Some((key, _)) = keys.entry("openapi") {
        findings.add(
            &rule::NOT_CONNECTED,
            key.place,
            "OpenAPI documents cannot be read yet: write the operations as `http` tools",
        );
    }
    Vec::new()
}
