//! A helper's options: `style='long'`, `digits=2`. Each must be known, and a literal.

use std::collections::{BTreeMap, HashMap};

use dialog::Value;
use handlebars::template::Parameter;

use super::Lower;
use crate::suggest::did_you_mean;

/// The options that are not taken yet.
pub(super) struct Options<'t> {
    left: BTreeMap<&'t str, &'t Parameter>,
    taken: Vec<&'static str>,
}

impl<'t> Options<'t> {
    pub(super) fn new(hash: &'t HashMap<String, Parameter>) -> Self {
        Self {
            left: hash
                .iter()
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
            taken: Vec::new(),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<&'t Parameter> {
        self.taken.push(name);
        self.left.remove(name)
    }

    /// The text of an option: nothing said about it, or a text; none for a mistake.
    pub(super) fn text(
        &mut self,
        lower: &mut Lower<'_>,
        name: &'static str,
    ) -> Option<Option<String>> {
        match self.take(name) {
            None => Some(None),
            Some(Parameter::Literal(serde_json::Value::String(text))) => Some(Some(text.clone())),
            Some(_) => lower.mistake(format!("`{name}` is a text in quotes: `{name}='…'`.")),
        }
    }

    /// The whole number of an option.
    pub(super) fn digits(
        &mut self,
        lower: &mut Lower<'_>,
        name: &'static str,
    ) -> Option<Option<u8>> {
        let Some(parameter) = self.take(name) else {
            return Some(None);
        };
        let number = match parameter {
            Parameter::Literal(json) => json.as_u64().and_then(|number| u8::try_from(number).ok()),
            _ => None,
        };
        match number.filter(|number| *number <= DIGITS_MAX) {
            Some(number) => Some(Some(number)),
            None => lower.mistake(format!(
                "`{name}` is a number from 0 to {DIGITS_MAX}: `{name}=2`."
            )),
        }
    }

    /// The yes or no of an option.
    pub(super) fn flag(
        &mut self,
        lower: &mut Lower<'_>,
        name: &'static str,
    ) -> Option<Option<bool>> {
        match self.take(name) {
            None => Some(None),
            Some(Parameter::Literal(serde_json::Value::Bool(flag))) => Some(Some(*flag)),
            Some(_) => lower.mistake(format!("`{name}` is true or false: `{name}=true`.")),
        }
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        lower: &mut Lower<'_>,
        name: &'static str,
        words: &[(&str, T)],
    ) -> Option<Option<T>> {
        let Some(written) = self.text(lower, name)? else {
            return Some(None);
        };
        if let Some((_, choice)) = words.iter().find(|(word, _)| *word == written) {
            return Some(Some(*choice));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        lower.mistake(format!(
            "`{name}` is one of {}, not `{written}`{}",
            known.join(", "),
            did_you_mean(&written, known)
        ))
    }

    /// Whatever is left is a mistake.
    pub(super) fn finish(self, lower: &mut Lower<'_>, helper: &str) {
        for name in self.left.keys() {
            let hint = did_you_mean(name, self.taken.iter().copied());
            lower.mistake::<()>(format!("`{helper}` has no option `{name}`{hint}"));
        }
    }
}

/// More digits than any number here has.
const DIGITS_MAX: u8 = 15;

/// A literal's text, as it stands in the template.
pub(super) fn literal_text(parameter: &Parameter) -> Option<String> {
    match parameter {
        Parameter::Literal(json) => match Value::from_json(json)? {
            Value::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
