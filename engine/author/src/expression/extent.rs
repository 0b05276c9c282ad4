//! Where a part of an expression begins and ends: the parser marks only the operator, the dot or the bracket.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, SourceInfo};

/// The first character of a part and the one behind it.
pub(super) fn extent(info: &SourceInfo, text: &str, part: &IdedExpr) -> (usize, usize) {
    let (start, stop) = info.offset_for(part.id).unwrap_or((0, 0));
    let (start, stop) = (start as usize, stop as usize + 1);
    match &part.expr {
        Expr::Ident(name) => (start, start + name.chars().count()),
        Expr::Select(select) => {
            let (first, _) = extent(info, text, &select.operand);
            (first.min(start), end_of_name(text, start, &select.field))
        }
        Expr::Call(call) => of_call(info, text, call, start, stop),
        Expr::List(list) => {
            let last = list.elements.last().map(|one| extent(info, text, one).1);
            (start, closed(text, last.unwrap_or(stop).max(stop)))
        }
        _ => (start, stop),
    }
}

fn of_call(
    info: &SourceInfo,
    text: &str,
    call: &CallExpr,
    start: usize,
    stop: usize,
) -> (usize, usize) {
    let parts = call.target.as_deref().into_iter().chain(&call.args);
    let (mut first, mut end) = (start, stop);
    for one in parts {
        let (from, to) = extent(info, text, one);
        first = first.min(from);
        end = end.max(to);
    }
    let named = call.func_name.starts_with(|c: char| c.is_alphabetic());
    if named && call.target.is_none() {
        let before: String = text.chars().take(first).collect();
        if before.ends_with(&call.func_name) {
            first -= call.func_name.chars().count();
        }
    }
    if named || call.func_name == "_[_]" {
        end = closed(text, end);
    }
    (first, end)
}

/// Behind the closing bracket that follows, if only blanks stand before it.
fn closed(text: &str, from: usize) -> usize {
    let mut rest = text
        .chars()
        .enumerate()
        .skip(from)
        .skip_while(|(_, c)| c.is_whitespace());
    match rest.next() {
        Some((at, ')' | ']')) => at + 1,
        _ => from,
    }
}

fn end_of_name(text: &str, from: usize, name: &str) -> usize {
    let rest: String = text.chars().skip(from).collect();
    rest.find(name).map_or(from + 1, |at| {
        from + rest[..at].chars().count() + name.chars().count()
    })
}
