//! What every kind of file is read into: headings and paragraphs, in order.

/// A part of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Heading {
        level: u8,
        text: String,
        anchor: Option<String>,
    },
    /// A paragraph, an item of a list, a row of a table.
    Line(String),
}

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) title: Option<String>,
    pub(super) link: Option<String>,
    pub(super) pieces: Vec<Piece>,
}

/// White space made one space.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A row of a table as a line that can stand alone: `Express delivery: €15.00`, `Germany: standard up to 5 days; express 2 days`.
pub(super) fn row(heads: &[String], cells: &[String]) -> Option<String> {
    let (first, rest) = cells.split_first()?;
    let named = rest
        .iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(at, cell)| {
            let head = heads.get(at + 1).map(String::as_str).unwrap_or_default();
            if rest.len() < 2 || head.is_empty() {
                cell.clone()
            } else {
                format!("{head} {cell}")
            }
        });
    let rest = named.collect::<Vec<_>>().join("; ");
    match (first.is_empty(), rest.is_empty()) {
        (true, true) => None,
        (false, true) => Some(first.clone()),
        (true, false) => Some(rest),
        (false, false) => Some(format!("{first}: {rest}")),
    }
}

/// A heading as it is in a link, in the way most sites make them: `Where is my card?` → `where-is-my-card`.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter_map(|one| match one {
        ' ' | '-' => Some('-'),
        one if one.is_alphanumeric() || one == '_' => Some(one),
        _ => None,
    });
    kept.collect()
}
