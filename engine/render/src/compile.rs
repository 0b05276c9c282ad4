//! All templates of a bot at once: its own and the built-in ones, every mistake in one run.

use std::collections::{BTreeMap, BTreeSet};

use dialog::Locale;

use crate::built_in;
use crate::lower::{self, Mistake};
use crate::partials;
use crate::program::{At, Program};
use crate::source::{
    AttachmentForm, CardForm, Form, Labels, LinkForm, TemplateProblem, TemplateSource,
};
use crate::templates::{Attachment, Card, CompiledForm, Link, Spot, Template, Templates};
use crate::words::Words;

impl Templates {
    /// Compiles a bot's templates, or says everything that is wrong with them.
    ///
    /// `locales` are the bot's, the default first. The built-in templates and labels are added wherever the bot has none of
    /// that name in that language.
    ///
    /// ```
    /// use render::{TemplateSource, Templates};
    ///
    /// let hello = TemplateSource::texts("hello", "en", &["Hello, {{slots.nickname}}!"]);
    /// let templates = Templates::compile(&[hello], &Default::default(), &["en".into()]).unwrap();
    /// assert_eq!(templates.reads("hello")[0].path, ["slots", "nickname"]);
    ///
    /// let typo = TemplateSource::texts("price", "en", &["It is {{mony slots.price}}."]);
    /// let problems = Templates::compile(&[typo], &Default::default(), &["en".into()]).unwrap_err();
    /// assert_eq!(problems[0].sentence, "There is no helper `mony`; did you mean `money`?");
    /// ```
    pub fn compile(
        sources: &[TemplateSource],
        labels: &BTreeMap<Locale, Labels>,
        locales: &[Locale],
    ) -> Result<Templates, Vec<TemplateProblem>> {
        let all = with_built_in(sources);
        let mut templates = Templates::empty(
            locales,
            all.iter().map(|source| &source.locale),
            with_built_in_labels(labels),
        );
        let mut problems = Vec::new();
        for source in &all {
            compile_one(&mut templates, source, &mut problems);
        }
        partials::check(&templates, &mut problems);
        if problems.is_empty() {
            return Ok(templates);
        }
        problems.sort();
        Err(problems)
    }
}

fn with_built_in(sources: &[TemplateSource]) -> Vec<TemplateSource> {
    let own: BTreeSet<(&str, &Locale)> = sources
        .iter()
        .map(|source| (source.name.as_str(), &source.locale))
        .collect();
    let missing = built_in::built_in()
        .into_iter()
        .filter(|source| !own.contains(&(source.name.as_str(), &source.locale)));
    sources.iter().cloned().chain(missing).collect()
}

fn with_built_in_labels(own: &BTreeMap<Locale, Labels>) -> BTreeMap<String, Labels> {
    let mut labels: BTreeMap<String, Labels> = own
        .iter()
        .map(|(locale, labels)| (locale.0.clone(), labels.clone()))
        .collect();
    for (locale, built_in) in built_in::built_in_labels() {
        let labels = labels.entry(locale.0).or_default();
        for (choice, text) in built_in.choices {
            labels.choices.entry(choice).or_insert(text);
        }
    }
    labels
}

fn compile_one(
    templates: &mut Templates,
    source: &TemplateSource,
    problems: &mut Vec<TemplateProblem>,
) {
    let words = templates.words(&source.locale.0);
    let mut compiler = Compiler {
        source,
        words,
        spot: Spot::default(),
        problems,
    };
    let variants = compiler.forms(None, &source.variants);
    let channels = source
        .channels
        .iter()
        .map(|(channel, forms)| (channel.clone(), compiler.forms(Some(channel), forms)))
        .collect();
    templates.insert(
        &source.name,
        &source.locale.0,
        Template { variants, channels },
    );
}

struct Compiler<'a> {
    source: &'a TemplateSource,
    words: &'a Words,
    spot: Spot,
    problems: &'a mut Vec<TemplateProblem>,
}

impl Compiler<'_> {
    fn forms(&mut self, channel: Option<&String>, forms: &[Form]) -> Vec<CompiledForm> {
        self.spot = Spot {
            channel: channel.cloned(),
            variant: 0,
            field: "text".to_owned(),
        };
        if forms.is_empty() {
            let sentence = "This template says nothing: give it a text.".to_owned();
            self.report(Mistake {
                at: At { line: 1, column: 1 },
                sentence,
            });
        }
        forms
            .iter()
            .enumerate()
            .map(|(variant, form)| self.form(variant, form))
            .collect()
    }

    fn form(&mut self, variant: usize, form: &Form) -> CompiledForm {
        self.spot.variant = variant;
        CompiledForm {
            text: self.field("text", &form.text),
            cards: form
                .cards
                .iter()
                .enumerate()
                .map(|(index, card)| self.card(index, card))
                .collect(),
            attachments: form
                .attachments
                .iter()
                .enumerate()
                .map(|(index, one)| self.attachment(index, one))
                .collect(),
        }
    }

    fn card(&mut self, index: usize, card: &CardForm) -> Card {
        Card {
            title: self.field(&format!("cards[{index}].title"), &card.title),
            text: self.field(&format!("cards[{index}].text"), &card.text),
            image: card
                .image
                .as_ref()
                .map(|image| self.field(&format!("cards[{index}].image"), image)),
            links: card
                .links
                .iter()
                .enumerate()
                .map(|(at, link)| self.link(&format!("cards[{index}].links[{at}]"), link))
                .collect(),
        }
    }

    fn link(&mut self, field: &str, link: &LinkForm) -> Link {
        Link {
            label: self.field(&format!("{field}.label"), &link.label),
            url: self.field(&format!("{field}.url"), &link.url),
        }
    }

    fn attachment(&mut self, index: usize, form: &AttachmentForm) -> Attachment {
        let mut field =
            |name: &str, source: &str| self.field(&format!("attachments[{index}].{name}"), source);
        Attachment {
            name: field("name", &form.name),
            mime: field("mime", &form.mime),
            url: field("url", &form.url),
            alt: field("alt", &form.alt),
        }
    }

    fn field(&mut self, field: &str, source: &str) -> Program {
        self.spot.field = field.to_owned();
        match lower::program(source, self.words) {
            Ok(program) => program,
            Err(mistakes) => {
                mistakes
                    .into_iter()
                    .for_each(|mistake| self.report(mistake));
                Program::default()
            }
        }
    }

    fn report(&mut self, mistake: Mistake) {
        self.problems.push(problem(
            &self.source.name,
            &self.source.locale.0,
            &self.spot,
            mistake,
        ));
    }
}

/// A mistake with the spot that it stands at.
pub(crate) fn problem(name: &str, locale: &str, spot: &Spot, mistake: Mistake) -> TemplateProblem {
    TemplateProblem {
        name: name.to_owned(),
        locale: locale.into(),
        channel: spot.channel.clone(),
        variant: spot.variant,
        field: spot.field.clone(),
        line: mistake.at.line,
        column: mistake.at.column,
        sentence: mistake.sentence,
    }
}
