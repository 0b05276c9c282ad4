//! A message from a response: which form, for whom, and what each of its fields becomes.

use std::collections::BTreeMap;

use dialog::{Choice, Label, Link as MessageLink, Locale, Message, OfferedChoice, Response, Value};
use jiff::tz::TimeZone;

use crate::error::RenderError;
use crate::escape::{Escape, Format, is_harmless};
use crate::evaluate::{self, Surroundings};
use crate::program::Program;
use crate::templates::{CompiledForm, Link, Templates, is_parent};

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
            sources: Vec::new(),
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
