//! A flow in Graphviz's language.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Diagram, NodeKind};

/// DOT text.
pub fn dot(diagram: &Diagram) -> String {
    let mut out = format!("digraph {} {{\n    rankdir=TB;\n", quoted(&diagram.title));
    for node in &diagram.nodes {
        let label = if node.does.is_empty() {
            node.path.clone()
        } else {
            format!("{}\n{}", node.path, node.does)
        };
        let (shape, color) = look(node.kind);
        let _ = writeln!(
            out,
            "    {} [label={}, shape={shape}, fillcolor=\"{color}\", style=filled];",
            quoted(&node.path),
            quoted(&label)
        );
    }
    for outside in outside(diagram) {
        let _ = writeln!(out, "    {0} [label={0}, shape=ellipse];", quoted(outside));
    }
    for edge in &diagram.edges {
        let _ = writeln!(
            out,
            "    {} -> {} [label={}];",
            quoted(&edge.from),
            quoted(&edge.to),
            quoted(&edge.label)
        );
    }
    out.push_str("}\n");
    out
}

/// What edges lead to that is no state of the flow.
fn outside(diagram: &Diagram) -> BTreeSet<&str> {
    let states: BTreeSet<&str> = diagram
        .nodes
        .iter()
        .map(|node| node.path.as_str())
        .collect();
    diagram
        .edges
        .iter()
        .map(|edge| edge.to.as_str())
        .filter(|to| !states.contains(to))
        .collect()
}

fn look(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Initial => ("box", "#d0ebff"),
        NodeKind::Waits => ("box", "#ffffff"),
        NodeKind::Works => ("box", "#fff3bf"),
        NodeKind::Person => ("box", "#ffd8a8"),
        NodeKind::Compound => ("box", "#f1f3f5"),
        NodeKind::Final => ("ellipse", "#d3f9d8"),
    }
}

fn quoted(text: &str) -> String {
    format!(
        "\"{}\"",
        text.replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
    )
}
