//! A bot's compiled templates, by name and language, with the languages' words and labels.

use std::collections::BTreeMap;

use dialog::Locale;

use crate::program::Program;
use crate::source::Labels;
use crate::words::Words;

/// The last resort's language: the built-in templates are complete in it.
const LAST_RESORT: &str = "en";
/// A bot's templates, compiled.
#[derive(Debug)]
pub struct Templates {
    /// By name, then by language.
    templates: BTreeMap<String, BTreeMap<String, Template>>,
    /// By language.
    labels: BTreeMap<String, Labels>,
    /// By language; never empty.
    words: BTreeMap<String, Words>,
    default: String,
}

/// One template in one language.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pub(crate) variants: Vec<CompiledForm>,
    pub(crate) channels: BTreeMap<String, Vec<CompiledForm>>,
}

#[derive(Debug, Default)]
pub(crate) struct CompiledForm {
    pub(crate) text: Program,
    pub(crate) cards: Vec<Card>,
    pub(crate) attachments: Vec<Attachment>,
}

#[derive(Debug)]
pub(crate) struct Card {
    pub(crate) title: Program,
    pub(crate) text: Program,
    pub(crate) image: Option<Program>,
    pub(crate) links: Vec<Link>,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) label: Program,
    pub(crate) url: Program,
}

#[derive(Debug)]
pub(crate) struct Attachment {
    pub(crate) name: Program,
    pub(crate) mime: Program,
    pub(crate) url: Program,
    pub(crate) alt: Program,
}

/// Where in a template a text stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) channel: Option<String>,
    pub(crate) variant: usize,
    pub(crate) field: String,
}

impl Templates {
    /// The templates' names, sorted; the built-in ones are among them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// Whether there is a template of that name, in any language.
    pub fn has(&self, name: &str) -> bool {
        self.templates.contains_key(name)
    }
}

impl Templates {
    /// No templates yet, but the words of every language that there will be one in.
    pub(crate) fn empty<'a>(
        locales: &'a [Locale],
        others: impl Iterator<Item = &'a Locale>,
        labels: BTreeMap<String, Labels>,
    ) -> Self {
        let default = locales
            .first()
            .map_or_else(|| LAST_RESORT.to_owned(), |locale| locale.0.clone());
        let tags = locales
            .iter()
            .chain(others)
            .map(|locale| locale.0.as_str())
            .chain([LAST_RESORT]);
        let mut words = BTreeMap::new();
        for tag in tags {
            words
                .entry(tag.to_owned())
                .or_insert_with(|| Words::new(tag));
        }
        Self {
            templates: BTreeMap::new(),
            labels,
            words,
            default,
        }
    }

    pub(crate) fn insert(&mut self, name: &str, locale: &str, template: Template) {
        self.templates
            .entry(name.to_owned())
            .or_default()
            .insert(locale.to_owned(), template);
    }

    pub(crate) fn words(&self, locale: &str) -> &Words {
        let found = self.fall_back(&self.words, locale).map(|(_, words)| words);
        found.expect("the default language always has words")
    }

    /// The author's word for a value (with a group) or a choice (without), in the nearest language that has one.
    pub(crate) fn label(&self, locale: &str, group: Option<&str>, key: &str) -> Option<&str> {
        let in_labels = |labels: &'_ Labels| match group {
            Some(group) => labels
                .groups
                .get(group)
                .is_some_and(|group| group.contains_key(key)),
            None => labels.choices.contains_key(key),
        };
        let tag = fallbacks(locale, &self.default)
            .find(|tag| self.labels.get(*tag).is_some_and(in_labels))?;
        let labels = self.labels.get(tag)?;
        match group {
            Some(group) => labels.groups.get(group)?.get(key),
            None => labels.choices.get(key),
        }
        .map(String::as_str)
    }

    /// The form that a channel shows.
    pub(crate) fn form(
        &self,
        name: &str,
        locale: &str,
        channel: &str,
        variant: u32,
    ) -> Option<&CompiledForm> {
        let (_, template) = self.in_locale(name, locale)?;
        let forms = template.channels.get(channel).unwrap_or(&template.variants);
        forms.get(variant as usize % forms.len().max(1))
    }

    /// A template in the nearest language that it is written in, and that language.
    pub(crate) fn in_locale(&self, name: &str, locale: &str) -> Option<(&str, &Template)> {
        self.fall_back(self.templates.get(name)?, locale)
    }

    fn fall_back<'a, T>(
        &self,
        by_locale: &'a BTreeMap<String, T>,
        locale: &str,
    ) -> Option<(&'a str, &'a T)> {
        fallbacks(locale, &self.default)
            .find_map(|tag| by_locale.get_key_value(tag))
            .map(|(tag, found)| (tag.as_str(), found))
    }

    /// Every template in every language.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, &Template)> {
        self.templates.iter().flat_map(|(name, by_locale)| {
            by_locale
                .iter()
                .map(|(locale, template)| (name.as_str(), locale.as_str(), template))
        })
    }

    /// Every text (without cards and attachments) of a template: what `{{> name}}` can mean.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &Program> {
        let templates = self
            .templates
            .get(name)
            .into_iter()
            .flat_map(BTreeMap::values);
        templates.flat_map(|template| {
            template
                .variants
                .iter()
                .chain(template.channels.values().flatten())
                .map(|form| &form.text)
        })
    }
}

impl Template {
    /// Every text of the template, with its spot.
    pub(crate) fn programs(&self) -> Vec<(Spot, &Program)> {
        let channels = self
            .channels
            .iter()
            .map(|(channel, forms)| (Some(channel), forms));
        let forms = [(None, &self.variants)]
            .into_iter()
            .chain(channels)
            .flat_map(|(channel, forms)| {
                forms
                    .iter()
                    .enumerate()
                    .map(move |(variant, form)| (channel, variant, form))
            });
        forms
            .flat_map(|(channel, variant, form)| {
                let spot = move |field| Spot {
                    channel: channel.cloned(),
                    variant,
                    field,
                };
                form.programs()
                    .into_iter()
                    .map(move |(field, program)| (spot(field), program))
            })
            .collect()
    }
}

impl CompiledForm {
    fn programs(&self) -> Vec<(String, &Program)> {
        let mut programs = vec![("text".to_owned(), &self.text)];
        for (index, card) in self.cards.iter().enumerate() {
            programs.push((format!("cards[{index}].title"), &card.title));
            programs.push((format!("cards[{index}].text"), &card.text));
            programs.extend(
                card.image
                    .as_ref()
                    .map(|image| (format!("cards[{index}].image"), image)),
            );
            for (at, link) in card.links.iter().enumerate() {
                programs.push((format!("cards[{index}].links[{at}].label"), &link.label));
                programs.push((format!("cards[{index}].links[{at}].url"), &link.url));
            }
        }
        for (index, one) in self.attachments.iter().enumerate() {
            let fields = [
                ("name", &one.name),
                ("mime", &one.mime),
                ("url", &one.url),
                ("alt", &one.alt),
            ];
            programs.extend(
                fields.map(|(field, program)| (format!("attachments[{index}].{field}"), program)),
            );
        }
        programs
    }
}

/// A tag, its parents, the default language and its parents, the last resort.
fn fallbacks<'a>(locale: &'a str, default: &'a str) -> impl Iterator<Item = &'a str> {
    parents(locale).chain(parents(default)).chain([LAST_RESORT])
}

/// `de-CH`, `de`.
fn parents(locale: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(locale), |tag| tag.rfind('-').map(|end| &tag[..end]))
}

/// Whether a tag is another, or one of its parents.
pub(crate) fn is_parent(parent: &str, locale: &str) -> bool {
    parents(locale).any(|tag| tag == parent)
}
