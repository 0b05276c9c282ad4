//! The tools that a model may call while it looks for an answer: each call checked, made and bounded.

use std::collections::BTreeMap;

use dialog::{EffectId, Made, ToolDeclaration, ToolOutcome, Value};
use llm::{Message, ToolCall, ToolSchema};
use tools::{Call, Toolbox};

use super::schema::{arguments, parameters};

/// Calls of one answer: more is a model that goes in circles.
const CALLS_MAX: usize = 12;
/// Bytes of a result that a model is shown; what agents' runtimes keep to.
const RESULT_BYTES_MAX: usize = 12_288;
/// The same call with the same result so often, and the model is told that no more will come.
const REPEATS_MAX: usize = 3;
/// Calls of a model are numbered behind all effects that a turn can have: their ids are keys outside.
const FIRST_INDEX: u32 = 1_000_000;
/// Calls of ours for an answer, such as its moderation, are numbered from here: behind those that the model may make.
pub(super) const OWN_CALLS: u32 = 900;

/// Calls that a customer agreed to, for one question: a model that wants more asks for the same in other words.
const AGREED_MAX: usize = 3;

/// The id of a call that is made for an answer.
pub(super) fn call_id(answer: &EffectId, number: u32) -> EffectId {
    let index = answer.index.saturating_mul(1_000);
    EffectId {
        index: index.saturating_add(FIRST_INDEX + number),
        ..answer.clone()
    }
}

/// What a model may call, and what it has.
pub(super) struct Tools<'a> {
    toolbox: &'a Toolbox,
    declared: Vec<&'a ToolDeclaration>,
    effect: &'a EffectId,
    calls: usize,
    /// How often each call gave each result.
    seen: BTreeMap<(String, String), usize>,
    stuck: bool,
    /// Those that were made before.
    before: &'a [Made],
    /// Those that were made now.
    pub(super) made: Vec<Made>,
    /// What came back: facts, for the check.
    pub(super) results: Vec<String>,
}

/// A call that only the customer may allow.
pub(super) struct Wish {
    pub(super) tool: String,
    pub(super) args: BTreeMap<String, Value>,
}

/// Why a call gave no result.
enum NotMade {
    /// The model is told so.
    Refused(String),
    /// The customer is asked.
    Asks(Wish),
}

impl From<String> for NotMade {
    fn from(why: String) -> Self {
        Self::Refused(why)
    }
}

impl From<&str> for NotMade {
    fn from(why: &str) -> Self {
        Self::Refused(why.to_owned())
    }
}

impl<'a> Tools<'a> {
    pub(super) fn new(
        toolbox: &'a Toolbox,
        declared: Vec<&'a ToolDeclaration>,
        effect: &'a EffectId,
        before: &'a [Made],
    ) -> Self {
        Self {
            before,
            made: Vec::new(),
            toolbox,
            declared,
            effect,
            calls: 0,
            seen: BTreeMap::new(),
            stuck: false,
            results: Vec::new(),
        }
    }

    /// What the model is told of them; nothing when it may call no more.
    pub(super) fn schemas(&self) -> Vec<ToolSchema> {
        if self.stuck || self.calls >= CALLS_MAX {
            return Vec::new();
        }
        let agreed = self.before.iter().filter(|made| made.agreed).count();
        let may_ask = agreed < AGREED_MAX;
        let all = self.declared.iter();
        all.filter(|tool| may_ask || !tool.confirm)
            .map(|tool| ToolSchema {
                name: outside_name(&tool.name),
                description: described(tool),
                parameters: parameters(&tool.args),
            })
            .collect()
    }

    /// Makes the calls of one round, one after another, and gives their results in order. Those that can't be made are told to the
    /// model, and the others are made all the same. The first that the customer has to agree to ends it.
    ///
    /// # Errors
    /// The call to ask the customer for.
    pub(super) async fn run(&mut self, calls: &[ToolCall]) -> Result<Vec<Message>, Wish> {
        let mut messages = Vec::with_capacity(calls.len());
        for call in calls {
            let made = self.one(call).await;
            let (content, is_error) = match made {
                Ok(result) => (result, false),
                Err(NotMade::Refused(why)) => (why, true),
                Err(NotMade::Asks(wish)) => return Err(wish),
            };
            self.note(call, &content);
            messages.push(Message::Result {
                call: call.id.clone(),
                tool: call.tool.clone(),
                content: capped(&content),
                is_error,
            });
        }
        Ok(messages)
    }

    async fn one(&mut self, call: &ToolCall) -> Result<String, NotMade> {
        if self.calls >= CALLS_MAX {
            return Err("no more calls are made for this answer".into());
        }
        let named = |tool: &&&ToolDeclaration| outside_name(&tool.name) == call.tool;
        let declaration = *self
            .declared
            .iter()
            .find(named)
            .ok_or_else(|| format!("there is no tool `{}`", call.tool))?;
        let args = arguments(&declaration.args, &call.arguments)?;
        let tool = self.toolbox.get(&declaration.name);
        let tool = tool.ok_or("this tool can't be reached from here")?;
        if declaration.confirm {
            return Err(self.ask_for(declaration, args));
        }
        self.calls += 1;
        let effect = call_id(self.effect, self.calls as u32);
        let sent = args.clone();
        match tool.call(Call { effect, args }).await {
            ToolOutcome::Returned { result } => {
                let text = result_text(&result);
                self.results.push(text.clone());
                if text.len() <= RESULT_BYTES_MAX {
                    self.made.push(Made {
                        tool: declaration.name.clone(),
                        args: sent,
                        result,
                        agreed: false,
                    });
                }
                Ok(text)
            }
            ToolOutcome::Failed(error) => {
                Err(format!("the call failed: {}", error.kind.name()).into())
            }
        }
    }

    /// What was agreed to and done once is not asked for again.
    fn ask_for(&self, tool: &ToolDeclaration, args: BTreeMap<String, Value>) -> NotMade {
        let is_same = |made: &Made| made.agreed && made.tool == tool.name && made.args == args;
        if self.before.iter().any(is_same) {
            return "this has just been done; its result stands in <done>".into();
        }
        if self.before.iter().filter(|made| made.agreed).count() >= AGREED_MAX {
            return "the customer is not asked again".into();
        }
        NotMade::Asks(Wish {
            tool: tool.name.clone(),
            args,
        })
    }

    fn note(&mut self, call: &ToolCall, result: &str) {
        let asked = format!("{} {}", call.tool, call.arguments.to_text());
        let times = self.seen.entry((asked, result.to_owned())).or_default();
        *times += 1;
        self.stuck |= *times >= REPEATS_MAX;
    }
}

/// What a tool does; a model need not ask by itself.
fn described(tool: &ToolDeclaration) -> String {
    let asks = if tool.confirm {
        " (Just call it: the customer is then asked, and it is done only after their yes.)"
    } else {
        ""
    };
    format!("{}{asks}", tool.description)
}

/// Providers take letters, digits, `_` and `-`.
fn outside_name(name: &str) -> String {
    name.replace(|one: char| !one.is_ascii_alphanumeric() && one != '-', "_")
}

/// A call that was made, as the model is told of it, and as a fact for the check.
pub(super) fn done(made: &Made) -> String {
    let args = facts("", &Value::Map(made.args.clone()));
    let agreed = if made.agreed {
        ", which the customer agreed to"
    } else {
        ""
    };
    let name = made.tool.replace(['_', '.'], " ");
    format!("{name}{agreed}\n{args}\n{}", result_text(&made.result))
}

/// A result in lines, without what gives orders.
fn result_text(result: &Value) -> String {
    knowledge::without_instructions(&facts("result", result)).0
}

/// What a value says, for the check: its names and values, a line each.
fn facts(name: &str, result: &Value) -> String {
    fn lines(name: &str, value: &Value, all: &mut Vec<String>) {
        if let Some(amount) = money(value) {
            return all.push(format!("{}: {amount}", name.replace('_', " ")));
        }
        match value {
            Value::Map(fields) => fields
                .iter()
                .for_each(|(name, value)| lines(name, value, all)),
            Value::List(items) => items.iter().for_each(|item| lines(name, item, all)),
            Value::Text(text) => all.push(format!("{}: {text}", name.replace('_', " "))),
            other => all.push(format!("{}: {}", name.replace('_', " "), other.to_json())),
        }
    }
    let mut all = Vec::new();
    lines(name, result, &mut all);
    all.join("\n")
}

/// An amount as people write it: the check knows a price by its currency.
pub(super) fn money(value: &Value) -> Option<String> {
    let Value::Map(fields) = value else {
        return None;
    };
    let (amount, currency) = (fields.get("amount")?, fields.get("currency")?);
    let is_money = fields.len() == 2 && amount.as_number().is_some();
    is_money.then_some(())?;
    Some(format!("{} {}", amount.to_json(), currency.as_text()?))
}

fn capped(text: &str) -> String {
    if text.len() <= RESULT_BYTES_MAX {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(RESULT_BYTES_MAX);
    format!(
        "{}\n(cut: {} of {} bytes are shown)",
        &text[..end],
        end,
        text.len()
    )
}

#[cfg(test)]
mod tests {
    use dialog::ValueType;
    use serde_json::json;

    use super::super::schema::schema;
    use super::*;

    /// What a model is told to write is what is read.
    #[test]
    fn a_price_is_asked_for_as_it_is_read_and_stands_in_the_facts_as_it_is_said() {
        let declared = schema(&ValueType::Money);
        assert_eq!(declared["required"], json!(["amount", "currency"]));
        let given = json!({ "amount": 90, "currency": "EUR" });
        let price = dialog::coerce(&given, &ValueType::Money).expect("an amount");
        let result = Value::Map(BTreeMap::from([("total_price".to_owned(), price)]));
        assert_eq!(facts("result", &result), "total price: 90.0 EUR");
    }
}
