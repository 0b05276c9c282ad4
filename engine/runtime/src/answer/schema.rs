//! What a model may give a tool: as JSON Schema, and read by the declared types.

use std::collections::{BTreeMap, BTreeSet};

use dialog::{ArgDeclaration, Value, ValueType};
use llm::Arguments;
use serde_json::{Map, Value as Json, json};

/// Arguments as the tool declares them.
pub(super) fn arguments(
    declared: &[ArgDeclaration],
    given: &Arguments,
) -> Result<BTreeMap<String, Value>, String> {
    let Arguments::Object(given) = given else {
        return Err("the arguments are no JSON object".to_owned());
    };
    // A model has no secrets.
    let may_give = |arg: &&ArgDeclaration| !arg.secret;
    let known: BTreeSet<&str> = declared
        .iter()
        .filter(may_give)
        .map(|arg| arg.name.as_str())
        .collect();
    if let Some(unknown) = given.keys().find(|name| !known.contains(name.as_str())) {
        return Err(format!("there is no argument `{unknown}`"));
    }
    let mut args = BTreeMap::new();
    for arg in declared.iter().filter(may_give) {
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
pub(super) fn parameters(args: &[ArgDeclaration]) -> Json {
    let may_give = |arg: &&ArgDeclaration| !arg.secret;
    let properties: Map<String, Json> = args
        .iter()
        .filter(may_give)
        .map(|arg| (arg.name.clone(), schema(&arg.value_type)))
        .collect();
    let required: Vec<&str> = args
        .iter()
        .filter(|arg| !arg.optional)
        .map(|arg| arg.name.as_str())
        .collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

pub(super) fn schema(value_type: &ValueType) -> Json {
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
        ValueType::Money => json!({
            "type": "object",
            "properties": {
                "amount": { "type": "number" },
                "currency": { "type": "string", "description": "its three letters, such as EUR" },
            },
            "required": ["amount", "currency"],
            "additionalProperties": false,
        }),
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
