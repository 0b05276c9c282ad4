//! The tools that a model may call while it looks for an answer: their schemas, and each call checked, made and bounded.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{ArgDeclaration, EffectId, ToolDeclaration, ToolOutcome, Value, ValueType};
use llm::{Arguments, Message, ToolCall, ToolSchema};
use serde_json::{Map, Value as Json, json};
use tools::{Call, Toolbox};

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
    /// What came back: facts, for the check.
    pub(super) results: Vec<String>,
}

impl<'a> Tools<'a> {
    pub(super) fn new(
        toolbox: &'a Toolbox,
        declared: Vec<&'a ToolDeclaration>,
        effect: &'a EffectId,
    ) -> Self {
        Self {
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
        let all = self.declared.iter();
        all.map(|tool| ToolSchema {
            name: outside_name(&tool.name),
            description: tool.description.clone(),
            parameters: parameters(&tool.args),
        })
        .collect()
    }

    /// Makes the calls of one round, one after another, and gives their results in order. Those that can't be made are told to the
    /// model, and the others are made all the same.
    pub(super) async fn run(&mut self, calls: &[ToolCall]) -> Vec<Message> {
        let mut messages = Vec::with_capacity(calls.len());
        for call in calls {
            let made = self.one(call).await;
            let (content, is_error) = match made {
                Ok(result) => (result, false),
                Err(why) => (why, true),
            };
            self.note(call, &content);
            messages.push(Message::Result {
                call: call.id.clone(),
                tool: call.tool.clone(),
                content: capped(&content),
                is_error,
            });
        }
        messages
    }

    async fn one(&mut self, call: &ToolCall) -> Result<String, String> {
        if self.calls >= CALLS_MAX {
            return Err("no more calls are made for this answer".to_owned());
        }
        let named = |tool: &&&ToolDeclaration| outside_name(&tool.name) == call.tool;
        let declaration = *self
            .declared
            .iter()
            .find(named)
            .ok_or_else(|| format!("there is no tool `{}`", call.tool))?;
        if declaration.confirm {
            return Err(
                "the customer has to agree to this first; tell them what it would do and ask them"
                    .to_owned(),
            );
        }
        let args = arguments(&declaration.args, &call.arguments)?;
        let tool = self.toolbox.get(&declaration.name);
        let tool = tool.ok_or("this tool can't be reached from here")?;
        self.calls += 1;
        let effect = call_id(self.effect, self.calls as u32);
        match tool.call(Call { effect, args }).await {
            ToolOutcome::Returned { result } => {
                let (text, _) = knowledge::without_instructions(&facts(&result));
                self.results.push(text.clone());
                Ok(text)
            }
            ToolOutcome::Failed(error) => Err(format!("the call failed: {}", error.kind.name())),
        }
    }

    fn note(&mut self, call: &ToolCall, result: &str) {
        let asked = format!("{} {}", call.tool, call.arguments.to_text());
        let times = self.seen.entry((asked, result.to_owned())).or_default();
        *times += 1;
        self.stuck |= *times >= REPEATS_MAX;
    }
}

/// Providers take letters, digits, `_` and `-`.
fn outside_name(name: &str) -> String {
    name.replace(|one: char| !one.is_ascii_alphanumeric() && one != '-', "_")
}

/// Arguments as the tool declares them.
fn arguments(
    declared: &[ArgDeclaration],
    given: &Arguments,
) -> Result<BTreeMap<String, Value>, String> {
    let Arguments::Object(given) = given else {
        return Err("the arguments are no JSON object".to_owned());
    };
    let known: BTreeSet<&str> = declared.iter().map(|arg| arg.name.as_str()).collect();
    if let Some(unknown) = given.keys().find(|name| !known.contains(name.as_str())) {
        return Err(format!("there is no argument `{unknown}`"));
    }
    let mut args = BTreeMap::new();
    for arg in declared {
        match given.get(&arg.name).filter(|json| !json.is_null()) {
            Some(json) => {
                let value = dialog::coerce(json, &arg.value_type).map_err(|wrong| {
                    format!("the argument `{}` can't be that: {wrong}", arg.name)
                })?;
                args.insert(arg.name.clone(), value);
            }
            None if arg.optional => {}
            None => return Err(format!("the argument `{}` is missing", arg.name)),
        }
    }
    Ok(args)
}

/// A tool's arguments as JSON Schema. A model has no secrets, so it can't give any.
fn parameters(args: &[ArgDeclaration]) -> Json {
    let properties: Map<String, Json> = args
        .iter()
        .map(|arg| (arg.name.clone(), schema(&arg.value_type)))
        .collect();
    let required: Vec<&str> = args
        .iter()
        .filter(|arg| !arg.optional)
        .map(|arg| arg.name.as_str())
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn schema(value_type: &ValueType) -> Json {
    let text = |format: &str| json!({ "type": "string", "description": format });
    match value_type {
        ValueType::Bool => json!({ "type": "boolean" }),
        ValueType::Int => json!({ "type": "integer" }),
        ValueType::Number => json!({ "type": "number" }),
        ValueType::Text => json!({ "type": "string" }),
        ValueType::Date => text("a day: 2026-03-02"),
        ValueType::Time => text("a time of day: 09:00"),
        ValueType::Datetime => text("a moment: 2026-03-02T09:00:00+01:00"),
        ValueType::Duration => text("a length of time: 1h30m"),
        ValueType::Money => text("an amount with its currency: 12.50 EUR"),
        ValueType::Email => text("an e-mail address"),
        ValueType::Phone => text("a telephone number"),
        ValueType::Url => text("an address on the web"),
        ValueType::Iban => text("an IBAN"),
        ValueType::File { .. } => text("a file's reference"),
        ValueType::Enum(values) => json!({ "type": "string", "enum": values }),
        ValueType::List { of, max } => {
            json!({ "type": "array", "items": schema(of), "maxItems": max })
        }
        ValueType::Map(fields) => {
            let properties: Map<String, Json> = fields
                .iter()
                .map(|(name, field)| (name.clone(), schema(field)))
                .collect();
            json!({ "type": "object", "properties": properties })
        }
    }
}

/// What a result says, for the check: its names and values, a line each.
fn facts(result: &Value) -> String {
    fn lines(name: &str, value: &Value, all: &mut Vec<String>) {
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
    lines("result", result, &mut all);
    all.join("\n")
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
