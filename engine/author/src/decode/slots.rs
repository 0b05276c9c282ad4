//! Slots.

use dialog::{
    EntityDeclaration, Pattern, Scope, SlotDeclaration, SlotKind, SlotRef, SlotSource, TemplateId,
    ValueType,
};

use super::keys::{self, Keys, check_name};
use super::literal::literal;
use super::types::value_type;
use crate::diagnostic::Findings;
use crate::expression::ty;
use crate::names::{BUILT_IN_ENTITIES, Names, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node};

/// Which slots are read.
pub(super) enum Owner<'a> {
    /// The bot's shared ones.
    Bot,
    /// A flow's; the names already taken by the bot.
    Flow(&'a [SlotDeclaration]),
}

/// Reads a map of slots.
pub(super) fn slots(
    findings: &Findings,
    names: &Names,
    node: &Node,
    owner: &Owner<'_>,
) -> (Vec<SlotDeclaration>, Vec<Place>) {
    let mut read = (Vec::new(), Vec::new());
    let Some(entries) = keys::map(findings, node, "`slots`") else {
        return read;
    };
    for (key, value) in entries {
        check_name(findings, key, "a slot");
        report_shared_name(findings, key, owner);
        if let Some(slot) = slot(findings, names, key, value, owner, &read.0) {
            read.0.push(slot);
            read.1.push(key.place);
        }
    }
    read
}

fn report_shared_name(findings: &Findings, key: &Key, owner: &Owner<'_>) {
    if let Owner::Flow(shared) = owner
        && shared.iter().any(|slot| slot.name == key.text)
    {
        findings.add(
            &rule::DUPLICATE_NAME,
            key.place,
            format!(
                "`{}` is a shared slot of the bot; a flow's slot needs a name of its own",
                key.text
            ),
        );
    }
}

fn slot(
    findings: &Findings,
    names: &Names,
    key: &Key,
    node: &Node,
    owner: &Owner<'_>,
    before: &[SlotDeclaration],
) -> Option<SlotDeclaration> {
    let keys = Keys::read(findings, node, &schema::SLOT)?;
    let kind = kind(findings, keys, owner, before)?;
    let of = type_of(&kind);
    let scope = scope(findings, keys, owner);
    let pattern = keys.get("pattern").and_then(|node| pattern(findings, node));
    Some(SlotDeclaration {
        name: key.text.clone(),
        from: source(findings, names, keys, &of),
        scope,
        default: keys
            .get("default")
            .and_then(|node| literal(findings, node, &of)),
        pattern,
        secret: flag(findings, keys, "secret"),
        ttl: keys
            .get("ttl")
            .and_then(|node| keys::duration(findings, node, "ttl")),
        consent: keys
            .get("consent")
            .and_then(|node| consent(findings, names, node)),
        from_visitor: flag(findings, keys, "from_visitor"),
        kind,
    })
}

fn flag(findings: &Findings, keys: Keys<'_>, key: &str) -> bool {
    keys.get(key)
        .and_then(|node| keys::bool(findings, node, key))
        .unwrap_or(false)
}

fn type_of(kind: &SlotKind) -> ValueType {
    match kind {
        SlotKind::Typed(value_type) => value_type.clone(),
        SlotKind::ItemOf { of, max: None, .. } => of.clone(),
        SlotKind::ItemOf {
            of, max: Some(max), ..
        } => ValueType::List {
            of: Box::new(of.clone()),
            max: *max,
        },
    }
}

fn kind(
    findings: &Findings,
    keys: Keys<'_>,
    owner: &Owner<'_>,
    before: &[SlotDeclaration],
) -> Option<SlotKind> {
    keys.at_most_one(findings, &["type", "item_of"]);
    if let Some(node) = keys.get("item_of") {
        return item_of(findings, keys, node, owner, before);
    }
    // A type that cannot be read is reported; the slot stays, so that what refers to it is not reported too.
    let found = keys
        .required(findings, "type")
        .and_then(|node| value_type(findings, node))
        .unwrap_or(ValueType::Text);
    Some(SlotKind::Typed(match found {
        ValueType::File { .. } => file(findings, keys),
        other => other,
    }))
}

fn file(findings: &Findings, keys: Keys<'_>) -> ValueType {
    let accept = keys
        .get("accept")
        .and_then(|node| keys::list(findings, node, "`accept`"))
        .unwrap_or_default()
        .iter()
        .filter_map(|node| keys::text(findings, node, "a MIME type").map(str::to_owned))
        .collect();
    let size_max = keys.get("size_max").and_then(|node| {
        let text = keys::text(findings, node, "`size_max`")?;
        let size = bytes(text);
        if size.is_none() {
            findings.add(
                &rule::WRONG_VALUE,
                node.place,
                format!("`size_max` is a size like `10MB`, not `{text}`"),
            );
        }
        size
    });
    ValueType::File { accept, size_max }
}

fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let factor = match text[digits..].trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

fn item_of(
    findings: &Findings,
    keys: Keys<'_>,
    node: &Node,
    owner: &Owner<'_>,
    before: &[SlotDeclaration],
) -> Option<SlotKind> {
    let name = keys::name(findings, node, "a slot")?;
    let position = |slots: &[SlotDeclaration]| slots.iter().position(|slot| slot.name == name);
    let index = |at: usize| u16::try_from(at).expect("a file's bounds keep slots below this");
    let shared: &[SlotDeclaration] = match owner {
        Owner::Bot => before,
        Owner::Flow(shared) => shared,
    };
    let found = match owner {
        Owner::Bot => position(before).map(|at| (SlotRef::Shared(index(at)), &before[at])),
        Owner::Flow(_) => position(before)
            .map(|at| (SlotRef::Flow(index(at)), &before[at]))
            .or_else(|| position(shared).map(|at| (SlotRef::Shared(index(at)), &shared[at]))),
    };
    let Some((list, declared)) = found else {
        let known = before.iter().chain(shared).map(|slot| slot.name.as_str());
        findings.add(
            &rule::UNKNOWN_SLOT,
            node.place,
            format!(
                "no list slot `{name}` is declared before this one{}",
                did_you_mean(name, known)
            ),
        );
        return None;
    };
    let SlotKind::Typed(ValueType::List { of, .. }) = &declared.kind else {
        findings.add(
            &rule::TYPE_ERROR,
            node.place,
            format!("`{name}` is no list, so it has no items to choose from"),
        );
        return None;
    };
    let max = keys
        .get("max")
        .and_then(|node| keys::whole(findings, node, "max", 1))
        .map(|max| max as usize);
    Some(SlotKind::ItemOf {
        list,
        max,
        of: (**of).clone(),
    })
}

fn scope(findings: &Findings, keys: Keys<'_>, owner: &Owner<'_>) -> Scope {
    let words = [
        ("flow", Scope::Flow),
        ("session", Scope::Session),
        ("user", Scope::User),
    ];
    let default = match owner {
        Owner::Bot => Scope::Session,
        Owner::Flow(_) => Scope::Flow,
    };
    let Some(node) = keys.get("scope") else {
        return default;
    };
    let found = keys::word(findings, node, "scope", &words).unwrap_or(default);
    match (owner, found) {
        (Owner::Bot, Scope::Flow) => {
            findings.add(
                &rule::WRONG_VALUE,
                node.place,
                "a shared slot lives for the `session` or the `user`; a flow's own slots are declared in the flow",
            );
            default
        }
        (Owner::Flow(_), Scope::Session | Scope::User) => {
            findings.add_with_help(
                &rule::WRONG_VALUE,
                node.place,
                "a slot that outlives its flow is declared in bot.yaml",
                "move it to `slots` in bot.yaml",
            );
            default
        }
        _ => found,
    }
}

/// A regular expression of the author's.
pub(super) fn pattern(findings: &Findings, node: &Node) -> Option<Pattern> {
    let source = keys::text(findings, node, "a pattern")?;
    Pattern::new(source)
        .map_err(|error| {
            findings.add(
                &rule::WRONG_VALUE,
                node.place,
                format!(
                    "the pattern cannot be read: {}",
                    crate::expression::pattern_problem(&error)
                ),
            );
        })
        .ok()
}

fn source(
    findings: &Findings,
    names: &Names,
    keys: Keys<'_>,
    value_type: &ValueType,
) -> Option<SlotSource> {
    let Some(node) = keys.get("from") else {
        return default_source(value_type);
    };
    let text = keys::text(findings, node, "`from`")?;
    let Some(name) = text.strip_prefix("entity.") else {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`from` names an entity, `entity.{text}`, not `{text}`"),
        );
        return None;
    };
    let Some(id) = names.entity(name) else {
        if !names.broken.contains(&crate::files::FileKind::Intents) {
            let known = names.entities.iter().map(|(one, _)| one.name.as_str());
            findings.add(
                &rule::UNKNOWN_ENTITY,
                node.place,
                format!("no entity `{name}`{}", did_you_mean(name, known)),
            );
        }
        return None;
    };
    let (entity, place) = &names.entities[id.index()];
    check_source(findings, node, entity, value_type);
    match place {
        Some(_) => Some(SlotSource::Entity(id)),
        None => Some(SlotSource::BuiltIn(name.to_owned())),
    }
}

fn check_source(
    findings: &Findings,
    node: &Node,
    entity: &EntityDeclaration,
    value_type: &ValueType,
) {
    let fits = match (&entity.value_type, value_type) {
        (ValueType::Enum(given), ValueType::Enum(wanted)) => {
            given.iter().any(|value| wanted.contains(value))
        }
        (ValueType::Number, ValueType::Int) => true,
        (given, ValueType::List { of, .. }) => {
            ty::fits(&crate::expression::Ty::Of(given.clone()), of)
        }
        (given, wanted) => ty::fits(&crate::expression::Ty::Of(given.clone()), wanted),
    };
    if !fits {
        findings.add(
            &rule::TYPE_ERROR,
            node.place,
            format!(
                "the entity `{}` gives {}, but the slot holds {}",
                entity.name,
                ty::describe(&entity.value_type),
                ty::describe(value_type)
            ),
        );
    }
}

/// The built-in kind of a type, by which a slot is filled when the author says nothing.
fn default_source(value_type: &ValueType) -> Option<SlotSource> {
    let kind = match value_type {
        ValueType::Int => "number",
        other => {
            BUILT_IN_ENTITIES
                .iter()
                .find(|(name, of)| of == other && *name != "card_number")?
                .0
        }
    };
    Some(SlotSource::BuiltIn(kind.to_owned()))
}

fn consent(findings: &Findings, names: &Names, node: &Node) -> Option<TemplateId> {
    let name = keys::name(findings, node, "a template")?;
    super::say::template_id(findings, names, node.place, name)
}
