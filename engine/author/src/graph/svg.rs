//! A flow as a picture for a browser. The layout is the `layout-rs` crate's.

use layout::backends::svg::SVGWriter;
use layout::gv::{DotParser, GraphBuilder};

use super::{Diagram, dot};

/// An SVG document.
///
/// # Errors
/// The layout's, as a sentence: it reads what [`dot`] wrote, so this is a mistake of ours.
pub fn svg(diagram: &Diagram) -> Result<String, String> {
    let graph = DotParser::new(&dot(diagram)).process()?;
    let mut builder = GraphBuilder::new();
    builder.visit_graph(&graph);
    let mut writer = SVGWriter::new();
    builder.get().do_it(false, false, false, &mut writer);
    Ok(writer.finalize())
}
