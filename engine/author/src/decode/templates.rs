//! Templates and labels, one folder a language. What stands in the texts is read by `render`.

use std::collections::BTreeMap;

use dialog::Locale;
use render::{AttachmentForm, CardForm, Form, Labels, LinkForm, TemplateSource};

use super::keys::{self, Keys};
use crate::diagnostic::Findings;
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node, NodeKind};

/// All templates of a bot, as read.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    /// For `render`, in the order of files.
    pub(crate) sources: Vec<TemplateSource>,
    /// By language.
    pub(crate) labels: BTreeMap<Locale, Labels>,
    /// Where each template's name stands.
    pub(crate) places: BTreeMap<(String, Locale), Place>,
    /// Every text with its place.
    pub(crate) fields: BTreeMap<Field, Node>,
}

/// Which text of which template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Field {
    /// The template's name.
    pub(crate) template: String,
    /// Its language.
    pub(crate) locale: Locale,
    /// The channel, for a form of its own.
    pub(crate) channel: Option<String>,
    /// The variant, from 0.
    pub(crate) variant: usize,
    /// `text`, `cards[0].title` and so on.
    pub(crate) name: String,
}

/// Reads one file of a language.
pub(super) fn file(findings: &Findings, locale: &Locale, node: &Node, read: &mut Templates) {
    let Some(entries) = keys::map(findings, node, "a file of templates") else {
        return;
    };
    for (key, value) in entries {
        if key.text == "labels" {
            labels(
                findings,
                value,
                read.labels.entry(locale.clone()).or_default(),
            );
        } else {
            template(findings, locale, key, value, read);
        }
    }
}

fn template(findings: &Findings, locale: &Locale, key: &Key, node: &Node, read: &mut Templates) {
    let id = (key.text.clone(), locale.clone());
    if let Some(first) = read.places.get(&id) {
        let sentence = format!(
            "the template `{}` stands twice in this language, first in line {} of {}",
            key.text,
            first.line,
            if first.file == key.place.file {
                "this file"
            } else {
                "another file"
            }
        );
        return findings.add(&rule::DUPLICATE_NAME, key.place, sentence);
    }
    read.places.insert(id, key.place);
    let mut reader = Reader {
        findings,
        field: Field {
            template: key.text.clone(),
            locale: locale.clone(),
            channel: None,
            variant: 0,
            name: String::new(),
        },
        fields: &mut read.fields,
    };
    let variants = reader.variants(node);
    let channels = node
        .get("channels")
        .and_then(|node| keys::map(findings, node, "`channels`"))
        .unwrap_or_default();
    let channels = channels
        .iter()
        .map(|(channel, node)| {
            reader.field.channel = Some(channel.text.clone());
            (channel.text.clone(), reader.variants(node))
        })
        .collect();
    read.sources.push(TemplateSource {
        name: key.text.clone(),
        locale: locale.clone(),
        variants,
        channels,
    });
}

struct Reader<'a> {
    findings: &'a Findings,
    field: Field,
    fields: &'a mut BTreeMap<Field, Node>,
}

impl Reader<'_> {
    fn variants(&mut self, node: &Node) -> Vec<Form> {
        let mut forms = Vec::new();
        for (number, one) in keys::one_or_many(node).iter().enumerate() {
            self.field.variant = number;
            forms.extend(self.form(one));
        }
        if forms.is_empty() && !matches!(node.kind, NodeKind::Broken) {
            self.findings.add(
                &rule::EMPTY_VALUE,
                node.place,
                format!("the template `{}` says nothing", self.field.template),
            );
        }
        forms
    }

    fn form(&mut self, node: &Node) -> Option<Form> {
        if matches!(node.kind, NodeKind::Scalar(_)) {
            return Some(Form {
                text: self.text(node, "text".to_owned()),
                ..Form::default()
            });
        }
        let keys = Keys::read(self.findings, node, &schema::TEMPLATE)?;
        let attachments = ["images", "files"]
            .iter()
            .filter_map(|key| keys.get(key))
            .flat_map(|node| keys::list(self.findings, node, "attachments").unwrap_or_default())
            .enumerate()
            .filter_map(|(number, node)| self.attachment(number, node))
            .collect();
        Some(Form {
            text: keys
                .get("text")
                .map(|node| self.text(node, "text".to_owned()))
                .unwrap_or_default(),
            cards: self.cards(keys),
            attachments,
        })
    }

    fn cards(&mut self, keys: Keys<'_>) -> Vec<CardForm> {
        let cards = keys
            .get("cards")
            .and_then(|node| keys::list(self.findings, node, "`cards`"))
            .unwrap_or_default();
        cards
            .iter()
            .enumerate()
            .filter_map(|(number, node)| self.card(number, node))
            .collect()
    }

    fn card(&mut self, number: usize, node: &Node) -> Option<CardForm> {
        let keys = Keys::read(self.findings, node, &schema::CARD)?;
        let title = keys.required(self.findings, "title")?;
        let path = |field: &str| format!("cards[{number}].{field}");
        let links = keys
            .get("links")
            .and_then(|node| keys::list(self.findings, node, "`links`"))
            .unwrap_or_default();
        Some(CardForm {
            title: self.text(title, path("title")),
            text: self
                .optional(keys, "text", path("text"))
                .unwrap_or_default(),
            image: self.optional(keys, "image", path("image")),
            links: links
                .iter()
                .enumerate()
                .filter_map(|(at, node)| self.link(&path(&format!("links[{at}]")), node))
                .collect(),
        })
    }

    fn link(&mut self, path: &str, node: &Node) -> Option<LinkForm> {
        let keys = Keys::read(self.findings, node, &schema::LINK)?;
        let label = keys.required(self.findings, "label")?;
        let url = keys.required(self.findings, "url")?;
        Some(LinkForm {
            label: self.text(label, format!("{path}.label")),
            url: self.text(url, format!("{path}.url")),
        })
    }

    fn attachment(&mut self, number: usize, node: &Node) -> Option<AttachmentForm> {
        let keys = Keys::read(self.findings, node, &schema::ATTACHMENT)?;
        let url_node = keys.required(self.findings, "url")?;
        let path = |field: &str| format!("attachments[{number}].{field}");
        let url = self.text(url_node, path("url"));
        let name = self.optional(keys, "name", path("name"));
        let mime = self.optional(keys, "mime", path("mime"));
        Some(AttachmentForm {
            name: name.unwrap_or_else(|| file_name(&url).to_owned()),
            mime: mime.unwrap_or_else(|| mime_type(&url).to_owned()),
            alt: self.optional(keys, "alt", path("alt")).unwrap_or_default(),
            url,
        })
    }

    fn optional(&mut self, keys: Keys<'_>, key: &str, path: String) -> Option<String> {
        keys.get(key).map(|node| self.text(node, path))
    }

    fn text(&mut self, node: &Node, name: String) -> String {
        let Some(text) = keys::text(self.findings, node, "what is said") else {
            return String::new();
        };
        let field = Field {
            name,
            ..self.field.clone()
        };
        self.fields.insert(field, node.clone());
        text.to_owned()
    }
}

fn file_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The MIME type that a file's ending stands for.
fn mime_type(url: &str) -> &'static str {
    let end = url.rsplit('.').next().unwrap_or_default();
    match end.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "pdf" => "application/pdf",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

/// `labels`: a text for a choice, a map for the values of a slot, field or entity.
fn labels(findings: &Findings, node: &Node, labels: &mut Labels) {
    let Some(entries) = keys::map(findings, node, "`labels`") else {
        return;
    };
    for (key, value) in entries {
        match &value.kind {
            NodeKind::Map(values) => {
                let group = labels.groups.entry(key.text.clone()).or_default();
                for (key, value) in values {
                    if let Some(text) = keys::text(findings, value, "a label") {
                        group.insert(key.text.clone(), text.to_owned());
                    }
                }
            }
            _ => {
                if let Some(text) = keys::text(findings, value, "a label") {
                    labels.choices.insert(key.text.clone(), text.to_owned());
                }
            }
        }
    }
}
