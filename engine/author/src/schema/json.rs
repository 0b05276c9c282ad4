//! The keys as JSON Schema, for editors and for `switchboard schema`.

use serde_json::{Map, Value, json};

use super::{ANSWERS, BOT, FLOW, INTENTS, SAY, Shape, TEMPLATE, TOOLS, TRANSITION, Wanted};

/// A JSON Schema (draft 2020-12) of every file of a bot, one definition a kind of file.
pub fn json_schema() -> Value {
    let mut definitions = Map::new();
    for shape in [
        &BOT,
        &FLOW,
        &ANSWERS,
        &TOOLS,
        &INTENTS,
        &TEMPLATE,
        &TRANSITION,
        &SAY,
    ] {
        define(shape, &mut definitions);
    }
    definitions.insert("type".into(), value_type());
    definitions.insert("say".into(), say());
    definitions.insert("transitions".into(), transitions());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The bot language",
        "oneOf": [reference(&BOT), reference(&FLOW), reference(&ANSWERS), reference(&TOOLS), reference(&INTENTS)],
        "$defs": definitions,
    })
}

fn reference(shape: &Shape) -> Value {
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}

fn define(shape: &'static Shape, definitions: &mut Map<String, Value>) {
    if definitions.contains_key(shape.name) {
        return;
    }
    definitions.insert(shape.name.into(), Value::Null);
    let mut properties = Map::new();
    for key in shape.keys {
        let mut value = schema(&key.value, definitions);
        if let Some(object) = value.as_object_mut() {
            object.insert("description".into(), key.doc.into());
        }
        properties.insert(key.name.into(), value);
    }
    definitions.insert(
        shape.name.into(),
        json!({ "type": "object", "properties": properties, "additionalProperties": false }),
    );
}

fn schema(wanted: &'static Wanted, definitions: &mut Map<String, Value>) -> Value {
    match wanted {
        Wanted::Text => json!({ "type": "string" }),
        Wanted::Name(of) => json!({ "type": "string", "title": format!("the name of a {of}") }),
        Wanted::Duration => {
            json!({ "type": "string", "title": "a length of time", "examples": ["30s", "5m", "24h"] })
        }
        Wanted::Expression => json!({ "type": ["string", "boolean", "number"] }),
        Wanted::Bool => json!({ "type": "boolean" }),
        Wanted::Int => json!({ "type": "integer" }),
        Wanted::Number => json!({ "type": "number" }),
        Wanted::Type => json!({ "$ref": "#/$defs/type" }),
        Wanted::Say => json!({ "$ref": "#/$defs/say" }),
        Wanted::Transitions => json!({ "$ref": "#/$defs/transitions" }),
        Wanted::Words(words) => json!({ "enum": words }),
        Wanted::List(item) => json!({ "type": "array", "items": schema(item, definitions) }),
        Wanted::Map(value) => {
            json!({ "type": "object", "additionalProperties": schema(value, definitions) })
        }
        Wanted::Shape(shape) => {
            define(shape, definitions);
            reference(shape)
        }
        Wanted::OneOf(forms) => {
            let forms: Vec<Value> = forms.iter().map(|form| schema(form, definitions)).collect();
            json!({ "anyOf": forms })
        }
        Wanted::Any => json!({}),
    }
}

fn value_type() -> Value {
    json!({ "anyOf": [
        { "enum": crate::decode::TYPE_NAMES },
        { "type": "array", "items": { "type": "string" } },
        { "type": "object", "additionalProperties": { "anyOf": [{ "$ref": "#/$defs/type" }, { "type": "integer" }] } },
    ] })
}

fn say() -> Value {
    let one = json!({ "anyOf": [{ "type": "string" }, reference(&SAY)] });
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}

fn transitions() -> Value {
    let one = json!({ "anyOf": [{ "type": "string" }, reference(&TRANSITION)] });
    json!({ "anyOf": [one, { "type": "array", "items": one }] })
}
