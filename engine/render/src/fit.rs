//! A message, divided by what a channel can show. Nothing is lost: what has no form of its own there becomes text, and a text
//! that is too long becomes several messages.

use dialog::{Attachment, Card, Choice, Link, Message};

use crate::escape::Format;

mod split;

/// What a channel can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The format of its texts.
    pub format: Format,
    /// The longest text, in characters; none = no limit.
    pub text_max: Option<usize>,
    /// How many buttons a message may have; 0 = it has none.
    pub choices_max: usize,
    /// The longest label of a button, in characters; none = no limit.
    pub label_max: Option<usize>,
    /// Whether it shows cards.
    pub cards: bool,
    /// Whether it shows images and files.
    pub attachments: bool,
}

impl Default for Capabilities {
    /// A channel that can show everything, as plain text.
    fn default() -> Self {
        Self {
            format: Format::Plain,
            text_max: None,
            choices_max: usize::MAX,
            label_max: None,
            cards: true,
            attachments: true,
        }
    }
}

/// The messages that a channel shows for one: at least one, in order.
///
/// Choices that are too many, or too long for a button, become numbered lines: a customer then answers with the number or the
/// words, which count as the choice.
///
/// ```
/// use render::{Capabilities, fit};
///
/// let message = dialog::Message { text: "First. Second.".to_owned(), ..Default::default() };
/// let sms = Capabilities { text_max: Some(10), choices_max: 0, ..Default::default() };
/// let texts: Vec<String> = fit(message, &sms).into_iter().map(|message| message.text).collect();
/// assert_eq!(texts, ["First.", "Second."]);
/// ```
pub fn fit(mut message: Message, can: &Capabilities) -> Vec<Message> {
    if !can.cards {
        cards_to_text(&mut message, can);
    }
    if !can.attachments {
        attachments_to_text(&mut message, can.format);
    }
    if !are_buttons(&message.choices, can) {
        choices_to_text(&mut message, can.format);
    }
    match can.text_max {
        Some(text_max) => divide(message, text_max, can.format),
        None => vec![message],
    }
}

fn cards_to_text(message: &mut Message, can: &Capabilities) {
    for card in std::mem::take(&mut message.cards) {
        add_block(&mut message.text, &card_text(&card, can.format));
        let image = card.image.map(|url| picture(&card.title, url));
        message.attachments.extend(image);
    }
}

fn card_text(card: &Card, format: Format) -> String {
    let links = card.links.iter().map(|link| link_text(link, format));
    let lines: Vec<String> = [card.title.clone(), card.text.clone()]
        .into_iter()
        .chain(links)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// A link as the format writes it.
fn link_text(Link { label, url }: &Link, format: Format) -> String {
    let shown = format.escaped(label);
    match format {
        Format::Plain => format!("{label}: {url}"),
        Format::Markdown => format!(
            "[{shown}](<{}>)",
            url.replace('<', "%3C").replace('>', "%3E")
        ),
        Format::Html => format!("<a href=\"{}\">{shown}</a>", format.escaped(url)),
    }
}

/// A card's picture as an image of its own.
fn picture(title: &str, url: String) -> Attachment {
    let name = url.rsplit('/').next().unwrap_or_default().to_owned();
    let extension = name
        .rsplit('.')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mime = match extension.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        _ => "image/png",
    };
    Attachment {
        name,
        mime: mime.to_owned(),
        url,
        alt: title.to_owned(),
    }
}

fn attachments_to_text(message: &mut Message, format: Format) {
    for one in std::mem::take(&mut message.attachments) {
        let label = match (one.alt.as_str(), one.name.as_str()) {
            ("", name) => name.to_owned(),
            (alt, "") => alt.to_owned(),
            (alt, name) => format!("{alt} ({name})"),
        };
        add_block(
            &mut message.text,
            &link_text(
                &Link {
                    label,
                    url: one.url,
                },
                format,
            ),
        );
    }
}

fn are_buttons(choices: &[Choice], can: &Capabilities) -> bool {
    let fits = |choice: &Choice| {
        can.label_max
            .is_none_or(|label_max| choice.label.chars().count() <= label_max)
    };
    choices.len() <= can.choices_max && choices.iter().all(fits)
}

fn choices_to_text(message: &mut Message, format: Format) {
    let choices = std::mem::take(&mut message.choices);
    let line = |(index, choice): (usize, &Choice)| {
        format!("{}. {}", index + 1, format.escaped(&choice.label))
    };
    let lines: Vec<String> = choices.iter().enumerate().map(line).collect();
    add_block(&mut message.text, &lines.join("\n"));
}

/// A paragraph of its own.
fn add_block(text: &mut String, block: &str) {
    if !text.is_empty() && !block.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(block);
}

/// Several messages for one text: the pause is before the first, everything else belongs to the last.
fn divide(message: Message, text_max: usize, format: Format) -> Vec<Message> {
    let mut texts = split::split(&message.text, text_max, format);
    let last = texts.pop().unwrap_or_default();
    let mut messages: Vec<Message> = texts
        .into_iter()
        .map(|text| Message {
            text,
            ..Message::default()
        })
        .collect();
    messages.push(Message {
        text: last,
        pause: None,
        ..message
    });
    messages[0].pause = message.pause;
    messages
}
