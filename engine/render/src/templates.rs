//! A bot's compiled templates, and a message from them.

use std::collections::BTreeMap;

use dialog::{Choice, Label, Link as MessageLink, Locale, Message, OfferedChoice, Response, Value};
use jiff::tz::TimeZone;

use crate::error::RenderError;
use crate::escape::{Escape, Format, is_harmless};
use crate::evaluate::{self, Surroundings};
use crate::program::Program;
use crate::source::Labels;
use crate::words::Words;

/// The last resort's language: the built-in templates are complete in it.
const LAST_RESORT: &str = "en";

/// Where and how a message will be shown.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The channel's name: its own forms are preferred.
    pub channel: &'a str,
    /// The format of its texts.
    pub format: Format,
    /// The customer's zone, for dates and times.
    pub tz: &'a TimeZone,
}

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
    /// A message from a response, in the form of its channel.
    ///
    /// The language falls back from `de-CH` to `de` to the bot's default; of several variants the response's number decides.
    pub fn render(&self, response: &Response, target: &Target<'_>) -> Result<Message, RenderError> {
        let field = self.field(
            &response.template,
            &response.locale,
            response.variant,
            target,
        )?;
        let form = field.form;
        let values = &response.values;
        Ok(Message {
            text: field.text(&form.text, values)?.trim().to_owned(),
            choices: response
                .choices
                .iter()
                .map(|choice| self.choice(choice, response, target))
                .collect::<Result<_, _>>()?,
            cards: field.cards(values)?,
            attachments: field.attachments(values)?,
            pause: response.pause,
        })
    }

    /// Only a template's text, with these values: a prompt, a label.
    pub fn text(
        &self,
        template: &str,
        values: &BTreeMap<String, Value>,
        locale: &Locale,
        variant: u32,
        target: &Target<'_>,
    ) -> Result<String, RenderError> {
        let field = self.field(template, locale, variant, target)?;
        Ok(field.text(&field.form.text, values)?.trim().to_owned())
    }

    /// The words for a choice, always plain text.
    pub fn label_text(
        &self,
        label: &Label,
        locale: &Locale,
        tz: &TimeZone,
    ) -> Result<String, RenderError> {
        let known = |group: Option<&str>, key: &str| {
            self.label(&locale.0, group, key).unwrap_or(key).to_owned()
        };
        Ok(match label {
            Label::Template { template, values } => self.text(
                template,
                values,
                locale,
                0,
                &Target {
                    channel: "",
                    format: Format::Plain,
                    tz,
                },
            )?,
            Label::Choice(name) => known(None, name),
            Label::Value { group, value } => known(Some(group), value),
            Label::Text(text) => text.clone(),
        })
    }

    /// The templates' names, sorted; the built-in ones are among them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// Whether there is a template of that name, in any language.
    pub fn has(&self, name: &str) -> bool {
        self.templates.contains_key(name)
    }

    fn choice(
        &self,
        choice: &OfferedChoice,
        response: &Response,
        target: &Target<'_>,
    ) -> Result<Choice, RenderError> {
        Ok(Choice {
            id: choice.id.clone(),
            label: self.label_text(&choice.label, &response.locale, target.tz)?,
        })
    }

    fn field<'a>(
        &'a self,
        name: &'a str,
        locale: &'a Locale,
        variant: u32,
        target: &Target<'a>,
    ) -> Result<Fields<'a>, RenderError> {
        let unknown = || RenderError::NoTemplate {
            template: name.to_owned(),
        };
        let (found, _) = self.in_locale(name, &locale.0).ok_or_else(unknown)?;
        let form = self
            .form(name, &locale.0, target.channel, variant)
            .ok_or_else(unknown)?;
        // A text of `de` for `de-CH` has Swiss numbers; an English text for `fr` has English ones.
        let locale = if is_parent(found, &locale.0) {
            locale.0.as_str()
        } else {
            found
        };
        let around = Surroundings {
            templates: self,
            template: name,
            locale,
            words: self.words(locale),
            channel: target.channel,
            variant,
            tz: target.tz,
            escape: Escape::Text(target.format),
        };
        Ok(Fields { form, around })
    }
}

/// A form with all that its fields are rendered for.
struct Fields<'a> {
    form: &'a CompiledForm,
    around: Surroundings<'a>,
}

type Values = BTreeMap<String, Value>;

impl Fields<'_> {
    fn text(&self, program: &Program, values: &Values) -> Result<String, RenderError> {
        evaluate::text(program, values, self.around)
    }

    fn plain(&self, program: &Program, values: &Values) -> Result<String, RenderError> {
        evaluate::text(
            program,
            values,
            Surroundings {
                escape: Escape::Text(Format::Plain),
                ..self.around
            },
        )
    }

    fn address(&self, program: &Program, values: &Values) -> Result<String, RenderError> {
        let address = evaluate::text(
            program,
            values,
            Surroundings {
                escape: Escape::Address,
                ..self.around
            },
        )?;
        let address = address.trim();
        if !is_harmless(address) {
            return Err(RenderError::Address {
                template: self.around.template.to_owned(),
                url: address.to_owned(),
            });
        }
        Ok(address.to_owned())
    }

    /// The cards that say something.
    fn cards(&self, values: &Values) -> Result<Vec<dialog::Card>, RenderError> {
        let mut cards = Vec::with_capacity(self.form.cards.len());
        for card in &self.form.cards {
            let card = dialog::Card {
                title: self.text(&card.title, values)?.trim().to_owned(),
                text: self.text(&card.text, values)?.trim().to_owned(),
                image: self.image(card.image.as_ref(), values)?,
                links: self.links(&card.links, values)?,
            };
            if card != dialog::Card::default() {
                cards.push(card);
            }
        }
        Ok(cards)
    }

    fn image(
        &self,
        image: Option<&Program>,
        values: &Values,
    ) -> Result<Option<String>, RenderError> {
        let Some(image) = image else { return Ok(None) };
        Ok(Some(self.address(image, values)?).filter(|address| !address.is_empty()))
    }

    fn links(&self, links: &[Link], values: &Values) -> Result<Vec<MessageLink>, RenderError> {
        let mut shown = Vec::with_capacity(links.len());
        for link in links {
            let url = self.address(&link.url, values)?;
            if !url.is_empty() {
                shown.push(MessageLink {
                    label: self.plain(&link.label, values)?,
                    url,
                });
            }
        }
        Ok(shown)
    }

    /// The attachments that have an address.
    fn attachments(&self, values: &Values) -> Result<Vec<dialog::Attachment>, RenderError> {
        let mut shown = Vec::with_capacity(self.form.attachments.len());
        for one in &self.form.attachments {
            let url = self.address(&one.url, values)?;
            if !url.is_empty() {
                let (name, mime, alt) = (
                    self.plain(&one.name, values)?,
                    self.plain(&one.mime, values)?,
                    self.plain(&one.alt, values)?,
                );
                shown.push(dialog::Attachment {
                    name,
                    mime,
                    url,
                    alt,
                });
            }
        }
        Ok(shown)
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

fn is_parent(parent: &str, locale: &str) -> bool {
    parents(locale).any(|tag| tag == parent)
}
