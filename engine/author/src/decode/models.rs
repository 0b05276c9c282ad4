//! Models.

use dialog::{Allowance, AnswerCheck, Cite, ModelDeclaration, ModelLimits, ToolId, Transitions};
use jiff::SignedDuration;

use super::actions;
use super::keys::{self, Keys};
use super::record::Decoder;
use super::review;
use super::say::template_under;
use super::transition::{Site, transitions_under};
use crate::expression::Scope;
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// How many passages a model gets when the author does not say.
const PASSAGES: u32 = 5;

/// Bounds of one answer when the author does not say.
const LIMITS: ModelLimits = ModelLimits {
    turns_max: 6,
    tokens_max: 4_000,
    deadline: SignedDuration::from_secs(20),
    cost_micro_usd_max: None,
    conversation: Allowance {
        tokens_max: None,
        cost_micro_usd_max: None,
    },
    visitor: Allowance {
        tokens_max: None,
        cost_micro_usd_max: None,
    },
    day: Allowance {
        tokens_max: None,
        cost_micro_usd_max: None,
    },
};

/// From where an answer is said, and with its sources, when the author does not say.
const BANDS: (f32, f32) = (0.70, 0.55);

/// Reads all models, in the order of their names.
pub(super) fn models(decoder: &Decoder<'_>, node: Option<&Node>) -> Vec<ModelDeclaration> {
    let entries = node.and_then(Node::as_map).unwrap_or_default();
    // Who is judged, and where it says so.
    let mut judges = Vec::new();
    let mut read: Vec<ModelDeclaration> = entries
        .iter()
        .map(|(key, value)| model(decoder, key, value, &mut judges))
        .collect();
    read.sort_by(|a, b| a.name.cmp(&b.name));
    review::check_judges(decoder, &read, &judges);
    read
}

fn model(
    decoder: &Decoder<'_>,
    key: &Key,
    node: &Node,
    judges: &mut Vec<(String, Place)>,
) -> ModelDeclaration {
    let scope = Scope::bot();
    let site = |what: &str| Site {
        scope: &scope,
        state: None,
        label: format!("models.{} {what}", key.text),
    };
    let mut model = ModelDeclaration {
        name: key.text.clone(),
        targets: Vec::new(),
        complex_targets: Vec::new(),
        system: None,
        passages_max: PASSAGES,
        tools: Vec::new(),
        may_see: Vec::new(),
        limits: LIMITS,
        check: AnswerCheck {
            send: BANDS.0,
            with_sources: BANDS.1,
            cite: Cite::default(),
            stream: true,
            judge: None,
            samples: 1,
            on_low: Transitions::new(),
        },
        moderation: None,
        on_fail: Transitions::new(),
    };
    let Some(keys) = Keys::read(decoder.cx.findings, node, &schema::MODEL) else {
        return model;
    };
    (model.targets, model.complex_targets) = targets(decoder, key, keys);
    model.system = template_under(decoder, keys, "system");
    model.passages_max = passages(decoder, keys);
    model.tools = tools(decoder, keys);
    model.may_see = may_see(decoder, keys);
    if let Some(node) = keys.get("limits") {
        model.limits = limits(decoder, node);
    }
    if let Some(node) = keys.get("check") {
        check(decoder, node, &site("check"), &mut model.check);
        let judge = node.get("judge").filter(|_| model.check.judge.is_some());
        judges.extend(judge.map(|node| (key.text.clone(), node.place)));
    }
    if let Some((key, node)) = keys.entry("moderation") {
        model.moderation = review::moderation(decoder, node);
        say_streaming_off(decoder, key);
    }
    model.on_fail = transitions_under(decoder, keys, "on_fail", &site("on_fail"));
    model
}

/// Those for simple questions, and those for complex ones where they differ.
fn targets(decoder: &Decoder<'_>, key: &Key, keys: Keys<'_>) -> (Vec<String>, Vec<String>) {
    let findings = decoder.cx.findings;
    let Some(node) = keys.required(findings, "targets") else {
        return Default::default();
    };
    let texts = |node: &Node| -> Vec<String> {
        keys::one_or_many(node)
            .iter()
            .filter_map(|one| keys::name(findings, one, "a target").map(str::to_owned))
            .collect()
    };
    let found = if node.as_map().is_some() {
        let Some(keys) = Keys::read(findings, node, &schema::TARGETS) else {
            return Default::default();
        };
        let of = |key| keys.get(key).map(texts).unwrap_or_default();
        (of("simple"), of("complex"))
    } else {
        (texts(node), Vec::new())
    };
    if found.0.is_empty() {
        findings.add(
            &rule::EMPTY_VALUE,
            key.place,
            format!(
                "the model `{}` has no target for simple questions",
                key.text
            ),
        );
    }
    found
}

fn passages(decoder: &Decoder<'_>, keys: Keys<'_>) -> u32 {
    let findings = decoder.cx.findings;
    keys.get("knowledge")
        .and_then(|node| Keys::read(findings, node, &schema::KNOWLEDGE))
        .and_then(|keys| keys.get("passages_max"))
        .and_then(|node| keys::whole(findings, node, "passages_max", 0))
        .unwrap_or(PASSAGES)
}

fn tools(decoder: &Decoder<'_>, keys: Keys<'_>) -> Vec<ToolId> {
    keys.get("tools")
        .and_then(|node| keys::list(decoder.cx.findings, node, "`tools`"))
        .unwrap_or_default()
        .iter()
        .filter_map(|node| {
            let id = actions::tool(decoder, node)?;
            review::check_model_tool(decoder, node, id);
            Some(id)
        })
        .collect()
}

fn may_see(decoder: &Decoder<'_>, keys: Keys<'_>) -> Vec<String> {
    let findings = decoder.cx.findings;
    let names = decoder.cx.names;
    let nodes = keys
        .get("may_see")
        .and_then(|node| keys::list(findings, node, "`may_see`"))
        .unwrap_or_default();
    let mut seen = Vec::new();
    for node in nodes {
        let Some(name) = keys::name(findings, node, "a slot") else {
            continue;
        };
        let all = || {
            names
                .slots
                .iter()
                .chain(names.flows.iter().flat_map(|flow| &flow.slots))
        };
        if all().any(|slot| slot.name == name && slot.secret) {
            findings.add(
                &rule::SECRET_EXPOSED,
                node.place,
                format!("the slot `{name}` is secret, so no model may see it"),
            );
        } else if all().any(|slot| slot.name == name) {
            seen.push(name.to_owned());
        } else {
            let _ = actions::slot(decoder, name, node.place, None);
        }
    }
    seen
}

fn limits(decoder: &Decoder<'_>, node: &Node) -> ModelLimits {
    let findings = decoder.cx.findings;
    let Some(keys) = Keys::read(findings, node, &schema::LIMITS) else {
        return LIMITS;
    };
    let count = |key, default| {
        keys.get(key)
            .and_then(|node| keys::whole(findings, node, key, 1))
            .unwrap_or(default)
    };
    ModelLimits {
        turns_max: count("turns_max", LIMITS.turns_max),
        tokens_max: count("tokens_max", LIMITS.tokens_max),
        deadline: keys
            .get("deadline")
            .and_then(|node| keys::duration(findings, node, "deadline"))
            .unwrap_or(LIMITS.deadline),
        cost_micro_usd_max: keys.get("cost_max").and_then(|node| cost(decoder, node)),
        conversation: allowance(decoder, keys.get("conversation")),
        visitor: allowance(decoder, keys.get("visitor")),
        day: allowance(decoder, keys.get("day")),
    }
}

fn allowance(decoder: &Decoder<'_>, node: Option<&Node>) -> Allowance {
    let findings = decoder.cx.findings;
    let Some(keys) = node.and_then(|node| Keys::read(findings, node, &schema::ALLOWANCE)) else {
        return Allowance::default();
    };
    Allowance {
        tokens_max: keys
            .get("tokens_max")
            .and_then(|node| keys::whole(findings, node, "tokens_max", 1))
            .map(u64::from),
        cost_micro_usd_max: keys.get("cost_max").and_then(|node| cost(decoder, node)),
    }
}

/// `0.02 USD` in millionths of a dollar.
fn cost(decoder: &Decoder<'_>, node: &Node) -> Option<u64> {
    let text = keys::text(decoder.cx.findings, node, "`cost_max`")?;
    let amount = text
        .strip_suffix("USD")
        .and_then(|amount| amount.trim().parse::<f64>().ok())
        .filter(|amount| (0.0..=1_000_000.0).contains(amount));
    if amount.is_none() {
        decoder.cx.findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`cost_max` is an amount like `0.02 USD`, not `{text}`"),
        );
    }
    amount.map(|amount| (amount * 1_000_000.0).round() as u64)
}

fn check(decoder: &Decoder<'_>, node: &Node, site: &Site<'_>, check: &mut AnswerCheck) {
    let findings = decoder.cx.findings;
    let Some(keys) = Keys::read(findings, node, &schema::CHECK) else {
        return;
    };
    if let Some(bands) = keys
        .get("bands")
        .and_then(|node| Keys::read(findings, node, &schema::CHECK_BANDS))
    {
        let band = |key| {
            bands
                .get(key)
                .and_then(|node| keys::share(findings, node, key))
        };
        check.send = band("send").unwrap_or(check.send);
        check.with_sources = band("with_sources").unwrap_or(check.with_sources);
    }
    let cites = [
        ("required", Cite::Required),
        ("wanted", Cite::Wanted),
        ("off", Cite::Off),
    ];
    check.cite = keys
        .get("cite")
        .and_then(|node| keys::word(findings, node, "cite", &cites))
        .unwrap_or_default();
    check.stream = keys
        .get("stream")
        .and_then(|node| keys::bool(findings, node, "stream"))
        .unwrap_or(true);
    for key in keys.present(&["cite", "judge", "samples"]) {
        if key.text != "cite" || check.cite == Cite::Required {
            say_streaming_off(decoder, key);
        }
    }
    check.judge = keys
        .get("judge")
        .and_then(|node| actions::model(decoder, node));
    check.samples = keys
        .get("samples")
        .map_or(1, |node| review::samples(decoder, node));
    check.on_low = transitions_under(decoder, keys, "on_low", site);
}

fn say_streaming_off(decoder: &Decoder<'_>, key: &Key) {
    decoder.cx.findings.add(
        &rule::STREAMING_OFF,
        key.place,
        format!(
            "`{}` needs the whole answer, so nothing is said sentence by sentence",
            key.text
        ),
    );
}
