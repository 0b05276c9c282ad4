//! The author's moderation: a tool that is asked about the question before anybody answers it, and about a model's answer before it
//! is said. Quotations are not shown to it: they are the author's own articles, word for word.

use std::collections::BTreeMap;

use dialog::{Doubt, EffectId, ToolOutcome, Value, Writer};
use tools::Call;
use tracing::info;

use super::tools::{OWN_CALLS, call_id};
use super::write::Writing;

/// A tool's word for what is wrong is kept if it is one, such as `self-harm/intent`: sentences may repeat what somebody wrote.
const CATEGORY_CHARS_MAX: usize = 40;

impl Writing<'_> {
    /// What the moderation has against a text, if anything.
    ///
    /// # Errors
    /// Why it can't be asked: then nothing is said.
    pub(super) async fn moderate(&self, text: &str, of: Writer) -> Result<Option<Doubt>, String> {
        let Some(tool) = self.declaration.moderation else {
            return Ok(None);
        };
        if text.trim().is_empty() {
            return Ok(None);
        }
        let name = &self.deployment.bot.tools[tool.index()].name;
        let tool = self.deployment.tools.get(name);
        let tool = tool.ok_or("the moderation can't be reached from here")?;
        let args = BTreeMap::from([
            ("text".to_owned(), Value::from(text)),
            ("by".to_owned(), Value::from(of.name())),
        ]);
        let effect = moderation_id(self.effect, of);
        let doubt = match tool.call(Call { effect, args }).await {
            ToolOutcome::Returned { result } => read(&result, of)?,
            ToolOutcome::Failed(error) => {
                return Err(format!("the moderation failed: {}", error.kind.name()));
            }
        };
        if doubt.is_some() {
            info!(
                model = self.declaration.name,
                of = of.name(),
                "The moderation does not allow it."
            );
        }
        Ok(doubt)
    }
}

/// The same text of the same answer has the same key outside.
fn moderation_id(effect: &EffectId, of: Writer) -> EffectId {
    let number = match of {
        Writer::Customer => OWN_CALLS,
        Writer::Model => OWN_CALLS + 1,
    };
    call_id(effect, number)
}

/// Only a clear yes is one.
fn read(result: &Value, of: Writer) -> Result<Option<Doubt>, String> {
    match result.field("allowed") {
        Some(Value::Bool(true)) => Ok(None),
        Some(Value::Bool(false)) => {
            let category = match result.field("why") {
                Some(Value::Text(why)) if is_word(why) => Some(why.clone()),
                _ => None,
            };
            Ok(Some(Doubt::Moderation { of, category }))
        }
        _ => Err("the moderation gave no `allowed`".to_owned()),
    }
}

fn is_word(text: &str) -> bool {
    let fits = |one: char| one.is_ascii_alphabetic() || "-_/.".contains(one);
    !text.is_empty() && text.chars().count() <= CATEGORY_CHARS_MAX && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(fields: &[(&str, Value)]) -> Value {
        let fields = fields.iter();
        Value::Map(
            fields
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn only_a_clear_yes_is_one_and_only_a_word_is_kept() {
        let of = Writer::Model;
        let doubt = |category: Option<&str>| {
            let category = category.map(str::to_owned);
            Ok(Some(Doubt::Moderation { of, category }))
        };
        let no = ("allowed", Value::Bool(false));
        let why = |text: &str| ("why", Value::from(text));
        assert_eq!(
            read(&result(&[("allowed", Value::Bool(true))]), of),
            Ok(None)
        );
        assert_eq!(read(&result(std::slice::from_ref(&no)), of), doubt(None));
        assert_eq!(
            read(&result(&[no.clone(), why("hate/threatening")]), of),
            doubt(Some("hate/threatening"))
        );
        assert_eq!(
            read(&result(&[no, why("they said that Ana stole 5 euros")]), of),
            doubt(None),
            "a sentence may repeat what somebody wrote"
        );
        assert!(read(&result(&[("allowed", Value::from("yes"))]), of).is_err());
        assert!(read(&Value::from("allowed"), of).is_err());
    }
}
