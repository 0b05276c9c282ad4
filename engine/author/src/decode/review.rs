//! What looks at a model's questions and answers beside the local check: another model, further answers, the author's tool.

use dialog::{
    ArgDeclaration, ModelDeclaration, ModelId, Repeat, ToolDeclaration, ToolId, ValueType, Writer,
};

use super::actions;
use super::keys;
use super::record::Decoder;
use crate::place::Place;
use crate::rule;
use crate::yaml::Node;

/// How many answers may be compared. Each costs as much as the first, and the method's authors found little gain beyond a handful.
const SAMPLES_MAX: u32 = 5;
/// Fewer than two answers can't be compared.
const SAMPLES_MIN: u32 = 2;
/// The target that quotes; it judges nothing.
const EXTRACTIVE: &str = "extractive";

/// A model has no secrets, so it can't give one.
pub(super) fn check_model_tool(decoder: &Decoder<'_>, node: &Node, id: ToolId) {
    let tool = &decoder.cx.names.tools[id.index()];
    let secret = tool.args.iter().find(|arg| arg.secret && !arg.optional);
    if let Some(arg) = secret {
        decoder.cx.findings.add_with_help(
            &rule::SECRET_EXPOSED,
            node.place,
            format!(
                "`{}` wants the secret `{}`, which no model may know",
                tool.name, arg.name
            ),
            "let a flow call it",
        );
    }
}

/// How many answers are compared.
pub(super) fn samples(decoder: &Decoder<'_>, node: &Node) -> u32 {
    let findings = decoder.cx.findings;
    let Some(samples) = keys::whole(findings, node, "samples", SAMPLES_MIN) else {
        return 1;
    };
    if samples > SAMPLES_MAX {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!(
                "at most {SAMPLES_MAX} answers are compared, and each costs as much as the first"
            ),
        );
    }
    samples.min(SAMPLES_MAX)
}

/// The tool that looks at questions and answers.
pub(super) fn moderation(decoder: &Decoder<'_>, node: &Node) -> Option<ToolId> {
    let id = actions::tool(decoder, node)?;
    let tool = &decoder.cx.names.tools[id.index()];
    let wrong = |why: String, help: &str| {
        decoder
            .cx
            .findings
            .add_with_help(&rule::UNFIT_REVIEWER, node.place, why, help);
    };
    let name = &tool.name;
    if tool.confirm {
        wrong(
            format!("`{name}` asks the customer first, so it can't moderate"),
            "leave out its `confirm: user`",
        );
    }
    if tool.repeat != Repeat::Safe {
        wrong(
            format!(
                "`{name}` may be asked the same again after a crash, so it has to be `repeat: safe`"
            ),
            "a moderation only reads: say `repeat: safe`",
        );
    }
    if let Some(why) = unfit_args(tool) {
        wrong(
            format!("`{name}` can't moderate: {why}"),
            "its `args` are `{ text: text, by: [customer, model] }`, and others that are `optional`",
        );
    }
    if let Some(why) = unfit_result(tool) {
        wrong(
            format!("`{name}` can't moderate: {why}"),
            "it says `returns: { allowed: bool }`, perhaps with `why: text`",
        );
    }
    Some(id)
}

fn unfit_args(tool: &ToolDeclaration) -> Option<String> {
    let arg = |name: &str| tool.args.iter().find(|arg| arg.name == name);
    let takes_text = |arg: &ArgDeclaration| arg.value_type == ValueType::Text;
    let takes_writer = |arg: &ArgDeclaration| match &arg.value_type {
        ValueType::Text => true,
        ValueType::Enum(values) => [Writer::Customer, Writer::Model]
            .iter()
            .all(|writer| values.iter().any(|value| value == writer.name())),
        _ => false,
    };
    let unknown = |arg: &&ArgDeclaration| !arg.optional && arg.name != "text" && arg.name != "by";
    if !arg("text").is_some_and(takes_text) {
        return Some("it takes no argument `text` of type text".to_owned());
    }
    if !arg("by").is_some_and(takes_writer) {
        return Some("it takes no argument `by`, which is `customer` or `model`".to_owned());
    }
    let unknown = tool.args.iter().find(unknown)?;
    Some(format!("nobody gives it the argument `{}`", unknown.name))
}

fn unfit_result(tool: &ToolDeclaration) -> Option<String> {
    let Some(ValueType::Map(fields)) = &tool.returns else {
        return Some("it returns no fields".to_owned());
    };
    if fields.get("allowed") != Some(&ValueType::Bool) {
        return Some("it returns no `allowed` of type bool".to_owned());
    }
    let is_word = |one: &ValueType| matches!(one, ValueType::Text | ValueType::Enum(_));
    let is_unfit = fields.get("why").is_some_and(|one| !is_word(one));
    is_unfit.then(|| "its `why` is no text".to_owned())
}

/// Judges, once all models are known: none quotes, and none is judged by whom it judges.
pub(super) fn check_judges(
    decoder: &Decoder<'_>,
    models: &[ModelDeclaration],
    places: &[(String, Place)],
) {
    for (name, place) in places {
        let judged = models.iter().find(|model| model.name == *name);
        let Some(judge) = judged.and_then(|model| judge_of(models, model)) else {
            continue;
        };
        if judge.all_targets().any(|target| target == EXTRACTIVE) {
            decoder.cx.findings.add_with_help(
                &rule::UNFIT_REVIEWER,
                *place,
                format!(
                    "`{}` has the target `extractive`, which quotes and can't judge",
                    judge.name
                ),
                "let a model judge whose targets are all language models",
            );
        }
        if leads_back(models, judge, name) {
            decoder.cx.findings.add_with_help(
                &rule::UNFIT_REVIEWER,
                *place,
                match judge.name == *name {
                    true => format!("`{name}` would judge itself"),
                    false => format!(
                        "`{name}` judges `{}` in turn: they would judge in a circle",
                        judge.name
                    ),
                },
                "declare a model of its own under `models:` that only judges",
            );
        }
    }
}

fn judge_of<'a>(
    models: &'a [ModelDeclaration],
    model: &ModelDeclaration,
) -> Option<&'a ModelDeclaration> {
    let judge: ModelId = model.check.judge?;
    models.get(judge.index())
}

/// Whether a judge's own judges lead to this model.
fn leads_back(models: &[ModelDeclaration], judge: &ModelDeclaration, name: &str) -> bool {
    let judges = std::iter::successors(Some(judge), |model| judge_of(models, model));
    judges.take(models.len()).any(|model| model.name == name)
}
