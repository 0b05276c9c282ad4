//! A flow as a Mermaid state diagram, which GitHub, GitLab and many editors draw.

use std::fmt::Write as _;

use super::{Diagram, NodeKind};

/// Mermaid text (`stateDiagram-v2`).
pub fn mermaid(diagram: &Diagram) -> String {
    let mut out = String::from("stateDiagram-v2\n");
    for node in &diagram.nodes {
        let text = if node.does.is_empty() {
            node.path.clone()
        } else {
            format!("{}: {}", node.path, node.does)
        };
        let _ = writeln!(
            out,
            "    state \"{}\" as {}",
            quoted(&text),
            name(&node.path)
        );
        match node.kind {
            NodeKind::Initial => _ = writeln!(out, "    [*] --> {}", name(&node.path)),
            NodeKind::Final => _ = writeln!(out, "    {} --> [*]", name(&node.path)),
            NodeKind::Waits | NodeKind::Works | NodeKind::Person | NodeKind::Compound => {}
        }
    }
    for edge in &diagram.edges {
        let label = if edge.label.is_empty() {
            String::new()
        } else {
            format!(" : {}", quoted(&edge.label))
        };
        let _ = writeln!(
            out,
            "    {} --> {}{label}",
            name(&edge.from),
            name(&edge.to)
        );
    }
    out
}

/// A path as an id: Mermaid's ids know no dots and spaces.
fn name(path: &str) -> String {
    path.replace(['.', ' '], "_")
}

fn quoted(text: &str) -> String {
    text.replace('"', "'").replace(['\n', ';'], " ")
}
