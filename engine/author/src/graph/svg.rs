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
    Ok(in_order(&writer.finalize()))
}

/// The drawing with its styles in order: the library writes them in the order of a hash map, another one each time.
fn in_order(drawn: &str) -> String {
    const BEGIN: &str = "<style>\n";
    const END: &str = "</style>";
    let styles = drawn
        .split_once(BEGIN)
        .and_then(|(head, rest)| Some((head, rest.split_once(END)?)));
    let Some((head, (styles, tail))) = styles else {
        return drawn.to_owned();
    };
    let mut styles: Vec<&str> = styles.lines().collect();
    styles.sort_unstable();
    format!("{head}{BEGIN}{}\n{END}{tail}", styles.join("\n"))
}

#[test]
fn styles_come_in_order() {
    let drawn = "<svg><style>\n.b {}\n.a {}\n</style><g/></svg>";
    assert_eq!(
        in_order(drawn),
        "<svg><style>\n.a {}\n.b {}\n</style><g/></svg>"
    );
}
