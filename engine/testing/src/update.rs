//! `--update`: what differs is rewritten in the tests' files, in place, so that comments and order stay.

use std::collections::BTreeMap;

use author::Files;

use crate::compare::Mismatch;
use crate::report::Report;

/// The files that change, with their new content. Only values that can be written in place of the old ones are: not texts,
/// and nothing of a step that could not be played.
pub fn update(report: &Report, files: &Files) -> Files {
    let mut by_file: BTreeMap<&str, Vec<&Mismatch>> = BTreeMap::new();
    for failure in report.outcomes.iter().flat_map(|one| &one.failures) {
        let replaceable = failure.mismatches.iter().filter(|one| one.is_replaceable);
        by_file
            .entry(&failure.file)
            .or_default()
            .extend(replaceable);
    }
    by_file
        .into_iter()
        .filter_map(|(file, mismatches)| {
            let old = std::str::from_utf8(files.get(file)?).ok()?;
            let new = rewritten(old, mismatches);
            (new != old).then(|| (file.to_owned(), new.into_bytes()))
        })
        .collect()
}

fn rewritten(text: &str, mut mismatches: Vec<&Mismatch>) -> String {
    // From the end, so that places before stay true.
    mismatches.sort_by_key(|one| std::cmp::Reverse(one.at));
    let mut text = text.to_owned();
    for mismatch in mismatches {
        if let Some((start, end)) = span(&text, mismatch) {
            text.replace_range(start..end, &mismatch.got);
        }
    }
    text
}

/// From where to where the value stands, in bytes; none for a value over several lines.
fn span(text: &str, mismatch: &Mismatch) -> Option<(usize, usize)> {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(mismatch.at.line.checked_sub(1)? as usize)
        .map(str::len)
        .sum();
    let line = text[line_start..].lines().next()?;
    let column = mismatch.at.column.checked_sub(1)? as usize;
    let (offset, first) = line.char_indices().nth(column)?;
    let rest = &line[offset..];
    let length = match first {
        '[' | '{' => closing(rest)?,
        '"' => 2 + rest[1..].find('"')?,
        '\'' => 2 + rest[1..].find('\'')?,
        _ => plain_length(rest),
    };
    Some((line_start + offset, line_start + offset + length))
}

/// The length of a bracketed value.
fn closing(rest: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.checked_sub(1)?,
            (None, _) => {}
        }
        if depth == 0 {
            return Some(at + c.len_utf8());
        }
    }
    None
}

/// The length of a value without quotes within `{ a: value, b: … }`, or up to a comment or the line's end.
fn plain_length(rest: &str) -> usize {
    let end = rest
        .char_indices()
        .find(|(at, c)| matches!(c, ',' | '}' | ']') || *c == '#' && rest[..*at].ends_with(' '));
    let end = end.map_or(rest.len(), |(at, _)| at);
    rest[..end].trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::At;

    fn mismatch(line: u32, column: u32, got: &str) -> Mismatch {
        Mismatch {
            at: At { line, column },
            key: "says".to_owned(),
            expected: String::new(),
            got: got.to_owned(),
            is_replaceable: true,
        }
    }

    #[test]
    fn values_change_and_comments_stay() {
        let text = "a: 1\n    expect: { says: [old, \"]\"], slots: { n: 4, m: x } }   # why\n";
        let changes = [
            mismatch(2, 21, "[new]"),
            mismatch(2, 45, "unset"),
            mismatch(1, 4, "2"),
        ];
        assert_eq!(
            rewritten(text, changes.iter().collect()),
            "a: 2\n    expect: { says: [new], slots: { n: unset, m: x } }   # why\n"
        );
    }

    #[test]
    fn a_value_over_several_lines_is_left_alone() {
        let text = "says: [a,\n  b]\n";
        assert_eq!(rewritten(text, vec![&mismatch(1, 7, "[c]")]), text);
    }
}
