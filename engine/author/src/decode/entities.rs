//! Entities: values with their phrases, patterns, roles.

use dialog::{EntityDeclaration, Locale, ValueType};
use understand::{EntityDefinition, EntityKind, ValueDefinition};

use super::keys::{self, Keys, check_name};
use super::slots::pattern;
use crate::diagnostic::Findings;
use crate::names::{BUILT_IN_ENTITIES, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node, NodeKind};

/// An entity as read, before roles know what they are.
#[derive(Debug)]
pub(super) struct ReadEntity {
    /// For `understand`.
    pub(super) definition: EntityDefinition,
    /// For the core; a role's type is that of its base.
    pub(super) declaration: EntityDeclaration,
    /// Where its name stands.
    pub(super) place: Place,
    /// Where a role names its base.
    base: Option<Place>,
}

/// The most letters that `fuzzy` may forgive: with more, everything is like everything.
const FUZZY_MAX: u32 = 3;

/// Reads one entity.
pub(super) fn entity(
    findings: &Findings,
    locales: &[Locale],
    key: &Key,
    node: &Node,
) -> Option<ReadEntity> {
    check_name(findings, key, "an entity");
    let keys = Keys::read(findings, node, &schema::ENTITY)?;
    keys.at_most_one(findings, &["values", "pattern", "learned", "is"]);
    let (kind, value_type, found) = if let Some(values) = keys.get("values") {
        let values = values_of(findings, locales, values)?;
        let names = values.iter().map(|value| value.key.clone()).collect();
        (EntityKind::Values(values), ValueType::Enum(names), None)
    } else if let Some(node) = keys.get("pattern") {
        let found = pattern(findings, node)?;
        let source = found.regex().as_str().to_owned();
        (EntityKind::Pattern(source), ValueType::Text, Some(found))
    } else if keys
        .get("learned")
        .is_some_and(|node| keys::bool(findings, node, "learned") == Some(true))
    {
        (EntityKind::Learned, ValueType::Text, None)
    } else if let Some(node) = keys.get("is") {
        let of = keys::name(findings, node, "an entity")?.to_owned();
        let cue = keys
            .get("cue")
            .map(|node| cue(findings, locales, node))
            .unwrap_or_default();
        (EntityKind::Role { of, cue }, ValueType::Text, None)
    } else {
        findings.add(
            &rule::MISSING_KEY,
            key.place,
            format!(
                "the entity `{}` needs `values`, a `pattern`, `learned: true`, or `is` with a `cue`",
                key.text
            ),
        );
        return None;
    };
    Some(ReadEntity {
        definition: EntityDefinition {
            name: key.text.clone(),
            kind,
            fuzzy: fuzzy(findings, keys),
        },
        declaration: EntityDeclaration {
            name: key.text.clone(),
            value_type,
            pattern: found,
        },
        place: key.place,
        base: keys.get("is").map(|node| node.place),
    })
}

fn fuzzy(findings: &Findings, keys: Keys<'_>) -> u8 {
    let Some(node) = keys.get("fuzzy") else {
        return 0;
    };
    let number = keys::whole(findings, node, "fuzzy", 0).unwrap_or(0);
    if number > FUZZY_MAX {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("`fuzzy` is at most {FUZZY_MAX}: with more, every word is like every other"),
        );
    }
    u8::try_from(number.min(FUZZY_MAX)).unwrap_or(0)
}

fn values_of(findings: &Findings, locales: &[Locale], node: &Node) -> Option<Vec<ValueDefinition>> {
    let entries = keys::map(findings, node, "`values`")?;
    if entries.is_empty() {
        findings.add(
            &rule::EMPTY_VALUE,
            node.place,
            "an entity needs at least one value",
        );
        return None;
    }
    let values = entries
        .iter()
        .map(|(key, node)| ValueDefinition {
            key: key.text.clone(),
            phrases: phrases(findings, locales, node),
        })
        .collect();
    Some(values)
}

fn phrases(findings: &Findings, locales: &[Locale], node: &Node) -> Vec<(Option<Locale>, String)> {
    by_locale(findings, locales, node, "a phrase")
}

fn cue(findings: &Findings, locales: &[Locale], node: &Node) -> Vec<(Option<Locale>, String)> {
    by_locale(findings, locales, node, "a cue")
}

/// A list for every language, or a map of languages to lists.
fn by_locale(
    findings: &Findings,
    locales: &[Locale],
    node: &Node,
    what: &str,
) -> Vec<(Option<Locale>, String)> {
    let texts = |node: &Node, locale: Option<&Locale>| -> Vec<(Option<Locale>, String)> {
        keys::one_or_many(node)
            .iter()
            .filter_map(|item| {
                keys::text(findings, item, what).map(|text| (locale.cloned(), text.to_owned()))
            })
            .collect()
    };
    match &node.kind {
        NodeKind::Map(entries) => entries
            .iter()
            .flat_map(|(key, value)| {
                let locale = locales.iter().find(|locale| locale.0 == key.text);
                if locale.is_none() && !locales.is_empty() {
                    let known = locales.iter().map(Locale::as_str);
                    findings.add(
                        &rule::UNKNOWN_LOCALE,
                        key.place,
                        format!(
                            "`{}` is no language of this bot{}",
                            key.text,
                            did_you_mean(&key.text, known)
                        ),
                    );
                }
                texts(value, locale)
            })
            .collect(),
        _ => texts(node, None),
    }
}

/// Gives roles the type of what they are, and adds the built-in kinds. Ordered by name.
pub(super) fn finish(
    findings: &Findings,
    mut read: Vec<ReadEntity>,
) -> (
    Vec<EntityDefinition>,
    Vec<(EntityDeclaration, Option<Place>)>,
) {
    read.sort_by(|a, b| a.declaration.name.cmp(&b.declaration.name));
    let plain: Vec<(String, ValueType)> = read
        .iter()
        .filter(|one| one.base.is_none())
        .map(|one| {
            (
                one.declaration.name.clone(),
                one.declaration.value_type.clone(),
            )
        })
        .chain(built_in())
        .collect();
    for one in &mut read {
        if let (EntityKind::Role { of, .. }, Some(place)) = (&one.definition.kind, one.base) {
            match plain.iter().find(|(name, _)| name == of) {
                Some((_, value_type)) => one.declaration.value_type = value_type.clone(),
                None => findings.add(
                    &rule::UNKNOWN_ENTITY,
                    place,
                    format!(
                        "no entity `{of}` that a role can be{}",
                        did_you_mean(of, plain.iter().map(|(name, _)| name.as_str()))
                    ),
                ),
            }
        }
    }
    let declared: Vec<String> = read
        .iter()
        .map(|one| one.declaration.name.clone())
        .collect();
    let definitions = read.iter().map(|one| one.definition.clone()).collect();
    let mut declarations: Vec<(EntityDeclaration, Option<Place>)> = read
        .into_iter()
        .map(|one| (one.declaration, Some(one.place)))
        .collect();
    declarations.extend(built_in().filter(|(name, _)| !declared.contains(name)).map(
        |(name, value_type)| {
            (
                EntityDeclaration {
                    name,
                    value_type,
                    pattern: None,
                },
                None,
            )
        },
    ));
    declarations.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    (definitions, declarations)
}

fn built_in() -> impl Iterator<Item = (String, ValueType)> {
    BUILT_IN_ENTITIES
        .iter()
        .map(|(name, value_type)| ((*name).to_owned(), value_type.clone()))
}
