//! The traps of YAML: texts that look harmless and mean something else. Each gets a sentence of its own, because the
//! parser's own message names what it expected and not what the author meant.

use saphyr_parser::Span;

use crate::diagnostic::Findings;
use crate::place::{FileId, Place, Sources, number};
use crate::rule::{self, Rule};

/// Reports a file that is no YAML: as the trap that its line falls into, else with the parser's words.
pub(super) fn report_syntax(
    sources: &Sources,
    file: FileId,
    (line, column): (u32, u32),
    info: &str,
    findings: &Findings,
) {
    for number in [line, line.saturating_sub(1)] {
        if let Some(trap) = find(sources.line(file, number)) {
            let place = Place {
                file,
                line: number,
                column: trap.column,
                length: trap.length,
            };
            return findings.add_with_help(trap.rule, place, trap.sentence, trap.help);
        }
    }
    let place = Place {
        file,
        line: line.max(1),
        column: column.max(1),
        length: 1,
    };
    let indent = sources.line(file, line);
    if indent.trim_start_matches(' ').starts_with('\t') {
        return findings.add_with_help(
            &rule::YAML_SYNTAX,
            place,
            "this line is indented with a tab",
            "indent with spaces",
        );
    }
    if info.contains("recursion limit") {
        return findings.add(&rule::FILE_BOUNDS, place, "values are nested too deep here");
    }
    if info.contains("unknown anchor") {
        return report_alias(place, findings);
    }
    findings.add(&rule::YAML_SYNTAX, place, in_words(info));
}

/// The parser's message in an author's words, where we know them.
fn in_words(info: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        (
            "flow mapping, did not find expected",
            "a `{` before this is not closed, or a comma is missing",
        ),
        (
            "flow sequence, did not find expected",
            "a `[` before this is not closed, or a comma is missing",
        ),
        (
            "quoted scalar, found unexpected end",
            "a quote before this is not closed",
        ),
        (
            "quoted scalar, invalid indentation",
            "a quote before this is not closed, or its text is not indented",
        ),
        (
            "block mapping, did not find expected key",
            "a key is wanted here: look at the indentation",
        ),
        (
            "block collection",
            "this is indented neither like the line before nor like one above",
        ),
        (
            "simple key",
            "a `:` is missing, or a text goes on where a key is wanted",
        ),
        (
            "mapping values are not allowed",
            "a `:` stands where no key can be",
        ),
        (
            "control character",
            "here is a character that cannot be seen and cannot stand in a file",
        ),
    ];
    let known = WORDS.iter().find(|(part, _)| info.contains(part));
    known.map_or_else(
        || format!("this cannot be read as YAML: {info}"),
        |(_, words)| (*words).to_owned(),
    )
}

/// Reports `*name`.
pub(super) fn report_alias(place: Place, findings: &Findings) {
    findings.add_with_help(
        &rule::ALIAS,
        place,
        "`*name` repeats another part of the file (a YAML alias), which the bot language does not have",
        "write the value out, or put quotes around a text that starts with `*`",
    );
}

/// Reports a `!tag`.
pub(super) fn report_tag(sources: &Sources, place: Place, findings: &Findings) {
    let line = sources.line(place.file, place.line);
    let before: String = line.chars().take(place.column as usize).collect();
    let column = before
        .rfind('!')
        .map_or(place.column, |at| number(before[..at].chars().count() + 1));
    findings.add_with_help(
        &rule::TAG_TRAP,
        Place { column, ..place },
        "a value that starts with `!` is a tag to YAML, not a \"not\"",
        "put quotes around the whole value: '!…'",
    );
}

/// Reports a key that is a map or a list, most often an unquoted `{{…}}`.
pub(super) fn report_key(sources: &Sources, place: Place, findings: &Findings) {
    let rest = &sources.text(place.file)[sources.byte(place)..];
    if rest.starts_with('{') {
        findings.add_with_help(&rule::BRACE_TRAP, place, BRACE_SENTENCE, BRACE_HELP);
    } else {
        findings.add(&rule::WRONG_SHAPE, place, "a key must be a text");
    }
}

const BRACE_SENTENCE: &str = "a value that starts with `{{` is a map to YAML, not a text";
const BRACE_HELP: &str = "put quotes around the whole text: \"{{…}}\"";

/// Reports a key without a value between braces: what stands behind a comma in an unquoted text.
pub(super) fn report_comma(place: Place, key: &str, findings: &Findings) {
    findings.add_with_help(
        &rule::COMMA_TRAP,
        place,
        format!("`{key}` has no value: inside braces a comma ends a text and a new key begins"),
        "put quotes around a text with a comma: \"Yes, please\"",
    );
}

/// How far to the right a cut-off text is looked for: nobody reads on beyond, and looking costs the more the longer a line is.
const COMMENT_COLUMN_MAX: usize = 500;

/// Warns of a text that ` #` cuts off: `Room #5`.
pub(super) fn report_comment(sources: &Sources, place: Place, span: Span, findings: &Findings) {
    if span.end.col() > COMMENT_COLUMN_MAX {
        return;
    }
    let line = sources.line(place.file, number(span.end.line()));
    let Some((at, _)) = line.char_indices().nth(span.end.col()) else {
        return;
    };
    let rest = line[at..].trim_start_matches(' ');
    let spaces = line[at..].len() - rest.len();
    if spaces > 1 || !rest.starts_with('#') || !rest[1..].starts_with(|c: char| c.is_alphanumeric())
    {
        return;
    }
    let place = Place {
        line: number(span.end.line()),
        column: number(span.end.col() + spaces + 1),
        length: number(rest.chars().count()),
        ..place
    };
    findings.add_with_help(
        &rule::COMMENT_TRAP,
        place,
        format!("the text ends before ` {rest}`: ` #` begins a comment"),
        "put quotes around the text, or a space after `#` if it is a comment",
    );
}

struct Trap {
    rule: &'static Rule,
    column: u32,
    length: u32,
    sentence: &'static str,
    help: &'static str,
}

/// The trap that a line falls into, if it is a known one.
fn find(line: &str) -> Option<Trap> {
    let trap = |rule, at: usize, length: usize, sentence, help| {
        Some(Trap {
            rule,
            column: number(line[..at].chars().count() + 1),
            length: number(length),
            sentence,
            help,
        })
    };
    for at in value_starts(line) {
        let value = &line[at..];
        if value.starts_with('!') {
            return trap(
                &rule::TAG_TRAP,
                at,
                1,
                "a value that starts with `!` is a tag to YAML, not a \"not\"",
                "put quotes around the whole value: '!…'",
            );
        }
        if value.starts_with('>') && !is_block_header(value) {
            return trap(
                &rule::FOLD_TRAP,
                at,
                1,
                "a value that starts with `>` begins a folded text to YAML, not a comparison",
                "put quotes around the whole value: '> …'",
            );
        }
        if value.starts_with("{{") {
            return trap(&rule::BRACE_TRAP, at, 2, BRACE_SENTENCE, BRACE_HELP);
        }
        if value.starts_with('[') && has_text_behind(value) {
            return trap(
                &rule::BRACKET_TRAP,
                at,
                1,
                "a value that starts with `[` is a list to YAML, and text stands behind its end",
                "put quotes around the whole value",
            );
        }
        if is_plain(value)
            && let Some(bracket) = bracket_in_braces(line, at)
        {
            return trap(
                &rule::BRACKET_TRAP,
                bracket,
                1,
                "inside braces `[` and `{` begin a list or a map, so this text ends here",
                "put quotes around the whole value: '…[0]…'",
            );
        }
    }
    let mut starts = value_starts(line)
        .into_iter()
        .filter(|at| line[..*at].trim_end().ends_with(':'));
    let (first, second) = (starts.next()?, starts.next()?);
    if is_plain(&line[first..]) && !line[..first].contains('{') {
        let colon = line[..second].rfind(':')?;
        return trap(
            &rule::COLON_TRAP,
            colon,
            1,
            "`: ` inside a text begins a new key to YAML",
            "put quotes around the whole text",
        );
    }
    None
}

fn is_plain(value: &str) -> bool {
    !value.starts_with(['"', '\'', '{', '[', '|', '>', '&', '*', '!', '#'])
}

/// The bytes at which values begin on a line: behind `: `, `- ` and the line's start.
fn value_starts(line: &str) -> Vec<usize> {
    let mut starts: Vec<usize> = line.match_indices(": ").map(|(at, _)| at + 2).collect();
    let indent = line.len() - line.trim_start().len();
    if line[indent..].starts_with("- ") {
        starts.insert(0, indent + 2);
    }
    starts
        .into_iter()
        .map(|at| at + (line[at..].len() - line[at..].trim_start().len()))
        .collect()
}

fn is_block_header(value: &str) -> bool {
    let rest =
        value[1..].trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    rest.trim().is_empty() || rest.trim_start().starts_with('#')
}

fn has_text_behind(value: &str) -> bool {
    let Some(end) = value.find(']') else {
        return false;
    };
    let rest = value[end + 1..].trim_start();
    !rest.is_empty() && !rest.starts_with(['#', ',', '}', ']'])
}

/// Where an unquoted text inside braces meets a bracket: `{ guard: slots.cards[0].ok }`.
fn bracket_in_braces(line: &str, value: usize) -> Option<usize> {
    if !line[..value].contains('{') {
        return None;
    }
    let end = line[value..]
        .find([',', '}'])
        .map_or(line.len(), |at| value + at);
    let found = line[value..end].find(['[', '{'])? + value;
    (found > value).then_some(found)
}
