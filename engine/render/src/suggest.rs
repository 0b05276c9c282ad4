//! "Did you mean …?"

/// The nearest of the known names, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = written.chars().count().div_ceil(3).max(1);
    known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, name)| name)
}

/// The end of a sentence: `; did you mean `x`?`, or a full stop.
pub(crate) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(written, known) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => ".".to_owned(),
    }
}

/// Edits from one name to the other; two letters exchanged are one.
fn distance(from: &str, to: &str) -> usize {
    strsim::osa_distance(from, to)
}
