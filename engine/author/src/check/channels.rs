//! What a configured channel or desk cannot do, as far as the place knows its connectors.

use dialog::{FlowId, State};

use super::{Checked, graph};
use crate::ChannelLimits;
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    for (name, channel) in checked.channels {
        let Some(limits) = checked.catalogue.channels.get(&channel.via) else {
            continue;
        };
        for (id, flow) in checked.flows() {
            for state in &flow.states {
                choices(checked, name, limits, id, state);
            }
        }
        cards(checked, name, limits);
    }
    desks(checked);
}

fn choices(
    checked: &Checked<'_>,
    channel: &str,
    limits: &ChannelLimits,
    flow: FlowId,
    state: &State,
) {
    let count = state.choices.len();
    if count <= limits.choices_max || limits.choices_max == 0 {
        return;
    }
    let id = graph::ids(&checked.bot.flows[flow.index()])
        .find(|id| checked.bot.flows[flow.index()].states[id.index()].path == state.path);
    let Some(id) = id else { return };
    checked.cx.findings.add_with_help(
        &rule::CHANNEL_LIMIT,
        checked.key_place(flow, id, "choices"),
        format!(
            "the channel `{channel}` shows at most {} choices, and here are {count}",
            limits.choices_max
        ),
        "offer fewer, or live with a numbered list there",
    );
}

fn cards(checked: &Checked<'_>, channel: &str, limits: &ChannelLimits) {
    for source in &checked.declared.templates.sources {
        let has_form = source.channels.contains_key(channel);
        let place = checked
            .declared
            .templates
            .places
            .get(&(source.name.clone(), source.locale.clone()));
        let (Some(place), false) = (place, has_form) else {
            continue;
        };
        if !limits.cards && source.variants.iter().any(|form| !form.cards.is_empty()) {
            checked.cx.findings.add_with_help(
                &rule::CHANNEL_LIMIT,
                *place,
                format!(
                    "the channel `{channel}` shows no cards, so those of `{}` become text there",
                    source.name
                ),
                format!("write a form for it: channels: {{ {channel}: {{ text: … }} }}"),
            );
        }
        if source
            .variants
            .iter()
            .any(|form| form.text.chars().count() > limits.text_max)
        {
            checked.cx.findings.add(
                &rule::CHANNEL_LIMIT,
                *place,
                format!(
                    "the channel `{channel}` shows at most {} characters, so `{}` is sent in pieces there",
                    limits.text_max, source.name
                ),
            );
        }
    }
}

fn desks(checked: &Checked<'_>) {
    let known = &checked.catalogue.desks;
    for desk in &checked.bot.desks {
        if !known.is_empty() && !known.contains(&desk.via) {
            let place = super::person::desk_place(checked, &desk.name);
            checked.cx.findings.add(
                &rule::NOT_CONNECTED,
                place,
                format!("this build has no connector for `via: {}`", desk.via),
            );
        }
    }
}
