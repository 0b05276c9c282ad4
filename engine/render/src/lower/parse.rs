//! Handlebars' parser, kept within bounds: its errors as sentences with a place.

use handlebars::{Template, TemplateErrorReason};

use super::Mistake;
use crate::bounds::{self, Lines};
use crate::program::At;

/// The parser's tree of a text, or why there is none.
pub(super) fn parse(source: &str) -> Result<Template, Mistake> {
    bounds::check(source).map_err(|fault| {
        let at = Lines::of(source).place(fault.at);
        let sentence = fault.sentence;
        Mistake { at, sentence }
    })?;
    // The parser asserts and unwraps; a template that gets that far is a mistake in a file, never a panic of ours.
    let parsed = std::panic::catch_unwind(|| Template::compile(source));
    match parsed {
        Ok(Ok(tree)) => Ok(tree),
        Ok(Err(error)) => {
            let (line, column) = error.pos().unwrap_or((1, 1));
            Err(Mistake {
                at: At { line, column },
                sentence: syntax_sentence(error.reason()),
            })
        }
        Err(_) => Err(Mistake {
            at: At { line: 1, column: 1 },
            sentence:
                "Handlebars can't read this text; look for a tag that is written in an unusual way."
                    .to_owned(),
        }),
    }
}

fn syntax_sentence(reason: &TemplateErrorReason) -> String {
    match reason {
        TemplateErrorReason::MismatchingClosedHelper(open, close)
        | TemplateErrorReason::MismatchingClosedDecorator(open, close) => {
            format!(
                "`{{{{#{open}}}}}` is closed by `{{{{/{close}}}}}`; close it by `{{{{/{open}}}}}`."
            )
        }
        TemplateErrorReason::InvalidParam(param) => {
            format!("`{param}` can't be read as a value here.")
        }
        _ => "This is not Handlebars: is a tag, a quote or a `{{/…}}` missing or mistyped?"
            .to_owned(),
    }
}
