//! Prompts: the system templates of models. They stand outside every flow, and no secret may reach them.

use render::ReadVariable;

use super::{Checked, template_variables};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let Some(templates) = checked.templates else {
        return;
    };
    for model in &checked.bot.models {
        let Some(system) = model.system else { continue };
        let name = &checked.bot.templates[system.index()].name;
        for read in templates.reads(name) {
            prompt(checked, &model.name, name, &read);
        }
    }
}

fn prompt(checked: &Checked<'_>, model: &str, template: &str, read: &ReadVariable) {
    let [root, name, ..] = read.path.as_slice() else {
        return;
    };
    if root != "slots" {
        return;
    }
    let place = || template_variables::place(checked, template, &read.place);
    match checked.bot.slots.iter().find(|slot| slot.name == *name) {
        Some(slot) if slot.secret => checked.cx.findings.add(
            &rule::SECRET_EXPOSED,
            place(),
            format!("the secret slot `{name}` would stand in the prompt of the model `{model}`"),
        ),
        Some(_) => {}
        None => checked.cx.findings.add(
            &rule::TEMPLATE_VARIABLE,
            place(),
            format!("there is no shared slot `{name}`, and the prompt of the model `{model}` can only read shared ones"),
        ),
    }
}
