//! What can be chosen: the author's choices, an enum's values, a list's items, yes and no.

use super::cx::Cx;
use crate::conversation::{InterludeKind, Stage};
use crate::{
    ChoiceDeclaration, CollectItem, Entry, Label, SlotDeclaration, SlotKind, TemplateId, Value,
    ValueType, from_text,
};

/// The key of the choice that shows the next page.
pub(crate) const MORE: &str = "_more";
/// The key of the choice that keeps an offered value.
pub(crate) const KEEP: &str = "_keep";
/// The keys of yes and no.
pub(crate) const AFFIRM: &str = "affirm";
pub(crate) const DENY: &str = "deny";

/// How many choices are shown at once, the one for more included: as many as the narrowest list of the common channels takes.
const SHOWN_MAX: usize = 10;

/// Something to choose.
pub(crate) struct Choosable {
    pub(crate) key: String,
    pub(crate) label: Label,
    /// The value that it stands for; none = it is taken by `choice.KEY`.
    pub(crate) value: Option<Value>,
}

impl<'b> Cx<'b> {
    /// What is shown with the open question of this number, page by page.
    pub(crate) fn open_options(&self, entry: Entry) -> Vec<Choosable> {
        if let Some(interlude) = self
            .inside()
            .interlude
            .as_ref()
            .filter(|one| one.entry == entry)
        {
            return interlude_options(&interlude.kind, |intent| {
                self.bot.intents[intent.index()].name.clone()
            });
        }
        let question = self.top().and_then(|frame| frame.question.as_ref());
        match question.filter(|question| question.entry == entry) {
            Some(question) => page(self.options(), usize::from(question.page)),
            None => Vec::new(),
        }
    }

    /// All that can be chosen at the open question of the top state.
    pub(crate) fn options(&self) -> Vec<Choosable> {
        match self.asked_item() {
            Some((_, Stage::Confirm, _)) => yes_or_no(),
            Some((_, Stage::Value, item)) => self.item_options(item),
            None => {
                let choices = self.leaf_state().map_or(&[][..], |state| &state.choices);
                choices
                    .iter()
                    .map(|choice| self.declared(choice, None))
                    .collect()
            }
        }
    }

    fn item_options(&self, item: &'b CollectItem) -> Vec<Choosable> {
        let declaration = self.declaration(item.slot);
        let mut options = match &declaration.kind {
            SlotKind::Typed(value_type) => self.typed_options(item, declaration, value_type),
            SlotKind::ItemOf { list, .. } => self.list_options(item, self.slot(*list)),
        };
        let value_of = |choice: &ChoiceDeclaration| match &declaration.kind {
            SlotKind::Typed(value_type) => from_text(&choice.key, value_type)
                .and_then(|value| self.fitting(item.slot, value))
                .filter(|_| choice.intent.is_none()),
            SlotKind::ItemOf { .. } => None,
        };
        options.extend(
            item.choices
                .iter()
                .map(|choice| self.declared(choice, value_of(choice))),
        );
        options
    }

    fn typed_options(
        &self,
        item: &CollectItem,
        declaration: &SlotDeclaration,
        value_type: &ValueType,
    ) -> Vec<Choosable> {
        match value_type {
            ValueType::Bool => yes_or_no(),
            ValueType::Enum(values) => values
                .iter()
                .enumerate()
                .map(|(index, value)| Choosable {
                    key: value.clone(),
                    label: match item.label {
                        Some(label) => self.item_label(label, index, &Value::from(value.as_str())),
                        None => Label::Value {
                            group: declaration.name.clone(),
                            value: value.clone(),
                        },
                    },
                    value: Some(Value::from(value.as_str())),
                })
                .collect(),
            _ => self.kept(item, declaration),
        }
    }

    /// The value that an `again` item offers.
    fn kept(&self, item: &CollectItem, declaration: &SlotDeclaration) -> Vec<Choosable> {
        let Some(value) = self.slot(item.slot).filter(|_| item.again) else {
            return Vec::new();
        };
        let label = Label::Text(plain(&self.shown(declaration, value)));
        vec![Choosable {
            key: KEEP.to_owned(),
            label,
            value: None,
        }]
    }

    fn list_options(&self, item: &CollectItem, list: Option<&Value>) -> Vec<Choosable> {
        let Some(Value::List(items)) = list else {
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, one)| Choosable {
                key: item_key(index, one),
                label: match item.label {
                    Some(label) => self.item_label(label, index, one),
                    None => Label::Text(item_text(index, one)),
                },
                value: Some(one.clone()),
            })
            .collect()
    }

    fn item_label(&self, template: TemplateId, index: usize, item: &Value) -> Label {
        let extra = vec![
            ("item".to_owned(), item.clone()),
            ("index".to_owned(), Value::Int(index as i64)),
        ];
        Label::Template {
            template: self.bot.templates[template.index()].name.clone(),
            values: self.values(template, &extra),
        }
    }

    fn declared(&self, choice: &ChoiceDeclaration, value: Option<Value>) -> Choosable {
        let label = match choice.label {
            Some(template) => Label::Template {
                template: self.bot.templates[template.index()].name.clone(),
                values: self.values(template, &Vec::new()),
            },
            None => Label::Choice(choice.key.clone()),
        };
        Choosable {
            key: choice.key.clone(),
            label,
            value,
        }
    }
}

fn interlude_options(
    kind: &InterludeKind,
    name: impl Fn(crate::IntentId) -> String,
) -> Vec<Choosable> {
    match kind {
        InterludeKind::Clarify { intents, .. } => intents
            .iter()
            .map(|&intent| Choosable {
                key: name(intent),
                label: Label::Value {
                    group: "intents".to_owned(),
                    value: name(intent),
                },
                value: None,
            })
            .collect(),
        InterludeKind::Offer(_)
        | InterludeKind::Consent { .. }
        | InterludeKind::Helpful { .. }
        | InterludeKind::Permit(_) => yes_or_no(),
    }
}

fn yes_or_no() -> Vec<Choosable> {
    [(AFFIRM, true), (DENY, false)]
        .into_iter()
        .map(|(key, value)| Choosable {
            key: key.to_owned(),
            label: Label::Choice(key.to_owned()),
            value: Some(Value::Bool(value)),
        })
        .collect()
}

fn page(mut options: Vec<Choosable>, page: usize) -> Vec<Choosable> {
    if options.len() <= SHOWN_MAX {
        return options;
    }
    let size = SHOWN_MAX - 1;
    let pages = options.len().div_ceil(size);
    let start = page % pages * size;
    let end = (start + size).min(options.len());
    let mut shown: Vec<Choosable> = options.drain(start..end).collect();
    shown.push(Choosable {
        key: MORE.to_owned(),
        label: Label::Choice("more".to_owned()),
        value: None,
    });
    shown
}

/// An item's key: its `id`, else its place.
fn item_key(index: usize, item: &Value) -> String {
    match item.field("id") {
        Some(Value::Text(id)) => id.clone(),
        Some(Value::Int(id)) => id.to_string(),
        _ => index.to_string(),
    }
}

fn item_text(index: usize, item: &Value) -> String {
    match item {
        Value::Map(map) => map
            .get("label")
            .map_or_else(|| item_key(index, item), plain),
        other => plain(other),
    }
}

/// Whether a text or an entity's value names the item: by its id, its label, or itself.
pub(crate) fn names_item(item: &Value, text: &str) -> bool {
    let same = |value: &Value| plain(value).to_lowercase() == text.trim().to_lowercase();
    match item {
        Value::Map(map) => ["id", "label"]
            .iter()
            .filter_map(|name| map.get(*name))
            .any(same),
        other => same(other),
    }
}

pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Map(map) if map.is_empty() => String::new(),
        other => match other.to_json() {
            serde_json::Value::String(text) => text,
            json => json.to_string(),
        },
    }
}
