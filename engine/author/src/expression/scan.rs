//! Our own bounds, before the parser sees an expression: its stack and time are not ours to bound.

/// The longest expression in bytes: the longest useful ones are below 300.
const BYTES_MAX: usize = 4 * 1024;

/// How deep brackets may be nested.
const DEPTH_MAX: usize = 32;

/// The most operators and brackets: the parser recurses once for each operand of a long sum.
const OPERATORS_MAX: usize = 256;

/// Why an expression is not given to the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is too long, deep or has too many operators: a sentence.
    Bounds(String),
    /// A bracket or quote without its partner: a sentence and its offset in characters.
    Unbalanced(String, usize),
}

/// Checks an expression's bounds and brackets.
pub(crate) fn scan(source: &str) -> Result<(), Refusal> {
    if source.len() > BYTES_MAX {
        return Err(Refusal::Bounds(format!(
            "the expression is longer than {BYTES_MAX} bytes"
        )));
    }
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut operators = 0;
    let mut chars = source.chars().enumerate();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' | '"' => skip_text(c, at, &mut chars)?,
            '(' | '[' | '{' => open.push((c, at)),
            ')' | ']' | '}' => close(c, at, &mut open)?,
            '+' | '-' | '*' | '/' | '%' | '!' | '?' | '.' | '<' | '>' | '=' | '&' | '|' => {
                operators += 1;
            }
            _ => {}
        }
        if open.len() > DEPTH_MAX {
            return Err(Refusal::Bounds(format!(
                "brackets are nested more than {DEPTH_MAX} deep"
            )));
        }
    }
    if operators > OPERATORS_MAX {
        return Err(Refusal::Bounds(format!(
            "the expression has more than {OPERATORS_MAX} operators"
        )));
    }
    match open.pop() {
        Some((bracket, at)) => Err(Refusal::Unbalanced(
            format!("the bracket `{bracket}` is not closed"),
            at,
        )),
        None => Ok(()),
    }
}

fn skip_text(
    quote: char,
    at: usize,
    chars: &mut impl Iterator<Item = (usize, char)>,
) -> Result<(), Refusal> {
    while let Some((_, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return Ok(());
        }
    }
    Err(Refusal::Unbalanced(
        format!("the quote {quote} is not closed"),
        at,
    ))
}

fn close(c: char, at: usize, open: &mut Vec<(char, usize)>) -> Result<(), Refusal> {
    let wanted = match c {
        ')' => '(',
        ']' => '[',
        _ => '{',
    };
    match open.pop() {
        Some((bracket, _)) if bracket == wanted => Ok(()),
        _ => Err(Refusal::Unbalanced(
            format!("the bracket `{c}` closes nothing"),
            at,
        )),
    }
}
