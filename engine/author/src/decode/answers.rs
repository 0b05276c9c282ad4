//! One answer: an intent's template, call or model.

use dialog::AnswerKind;

use super::actions;
use super::keys::Keys;
use super::record::{Decoder, Spot};
use super::say::{SaidAt, say_under};
use super::transition::{Site, check_last_resort, transitions};
use crate::expression::{Scope, Ty};
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// Reads an answer.
pub(super) fn answer(decoder: &Decoder<'_>, key: &Key, node: &Node) -> Option<AnswerKind> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::ANSWER)?;
    keys.at_most_one(findings, &["call", "generate"]);
    keys.at_most_one(findings, &["say", "generate"]);
    if let Some(node) = keys.get("generate") {
        return actions::model(decoder, node).map(AnswerKind::Generate);
    }
    let label = format!("answers.{}", key.text);
    if keys.get("call").is_some() {
        return call(decoder, key, keys, &label);
    }
    for key in keys.present(&["with", "error"]) {
        findings.add(
            &rule::CONFLICTING_KEYS,
            key.place,
            format!("`{}` only goes with `call`", key.text),
        );
    }
    keys.required(findings, "say")?;
    let scope = Scope::bot();
    let at = SaidAt {
        spot: Spot::Bot,
        scope: &scope,
        label: &label,
    };
    Some(AnswerKind::Say(say_under(decoder, keys, "say", at)))
}

fn call(decoder: &Decoder<'_>, key: &Key, keys: Keys<'_>, label: &str) -> Option<AnswerKind> {
    let findings = decoder.cx.findings;
    let scope = Scope::bot();
    let tool = actions::tool(decoder, keys.get("call")?);
    let declared = tool.map(|tool| &decoder.cx.names.tools[tool.index()]);
    let with = declared.map(|tool| {
        actions::tool_arguments(
            decoder,
            tool,
            keys.get("with"),
            key.place,
            &scope,
            Spot::Bot,
        )
    });
    let result = declared
        .and_then(|tool| tool.returns.clone())
        .map_or(Ty::Any, Ty::Of);
    let done = scope.with_result(result);
    keys.required(findings, "say");
    let say = say_under(
        decoder,
        keys,
        "say",
        SaidAt {
            spot: Spot::Bot,
            scope: &done,
            label,
        },
    );
    let failed = scope.with_error();
    let site = Site {
        scope: &failed,
        state: None,
        label: format!("{label} error"),
    };
    let error = match keys.get("error") {
        Some(node) => {
            let read = transitions(decoder, node, &site);
            check_last_resort(decoder, &read, node, "error");
            read
        }
        None => {
            findings.add_with_help(
                &rule::MISSING_OUTCOME,
                key.place,
                format!(
                    "the answer `{}` does not say what happens when the call fails",
                    key.text
                ),
                "add `error: { say: … }`",
            );
            Vec::new()
        }
    };
    Some(AnswerKind::Call {
        tool: tool?,
        with: with?,
        say,
        error,
    })
}
