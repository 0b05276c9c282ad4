//! A message fits every channel, and loses nothing on the way.

use dialog::{Attachment, Card, Choice, Link, Message};
use expect_test::expect;
use proptest::prelude::*;
use render::{Capabilities, Format, fit};

fn message() -> Message {
    let choice = |index: usize, label: &str| Choice {
        id: format!("1.c{index}").parse().expect("an id"),
        label: label.to_owned(),
    };
    Message {
        text: "Which card is it? Please choose one of these.".to_owned(),
        choices: vec![choice(1, "Visa *Gold*"), choice(2, "Girokarte")],
        cards: vec![Card {
            title: "Visa".to_owned(),
            text: "A credit card".to_owned(),
            image: Some("media/visa.jpg".to_owned()),
            links: vec![Link {
                label: "Terms & more".to_owned(),
                url: "https://example.org/visa_terms".to_owned(),
            }],
        }],
        sources: Vec::new(),
        attachments: vec![Attachment {
            name: "fees.pdf".to_owned(),
            mime: "application/pdf".to_owned(),
            url: "media/fees.pdf".to_owned(),
            alt: "All fees".to_owned(),
        }],
        pause: Some(jiff::SignedDuration::from_secs(2)),
    }
}

const TEXT_ONLY: Capabilities = Capabilities {
    format: Format::Plain,
    text_max: None,
    choices_max: 0,
    label_max: None,
    cards: false,
    attachments: false,
};

#[test]
fn a_channel_that_shows_everything_gets_it_as_it_is() {
    assert_eq!(fit(message(), &Capabilities::default()), [message()]);
}

#[test]
fn a_channel_of_text_gets_text() {
    let messages = fit(message(), &TEXT_ONLY);
    expect![[r#"
        Which card is it? Please choose one of these.

        Visa
        A credit card
        Terms & more: https://example.org/visa_terms

        All fees (fees.pdf): media/fees.pdf

        Visa (visa.jpg): media/visa.jpg

        1. Visa *Gold*
        2. Girokarte"#]]
    .assert_eq(&messages[0].text);
    assert_eq!(messages.len(), 1);
}

#[test]
fn what_becomes_text_is_escaped_for_the_channel() {
    let markdown = fit(
        message(),
        &Capabilities {
            format: Format::Markdown,
            ..TEXT_ONLY
        },
    );
    expect![[r#"
        Which card is it? Please choose one of these.

        Visa
        A credit card
        [Terms \& more](<https://example.org/visa_terms>)

        [All fees (fees.pdf)](<media/fees.pdf>)

        [Visa (visa.jpg)](<media/visa.jpg>)

        1. Visa \*Gold\*
        2. Girokarte"#]]
    .assert_eq(&markdown[0].text);
    let html = fit(
        message(),
        &Capabilities {
            format: Format::Html,
            ..TEXT_ONLY
        },
    );
    expect![[r#"
        Which card is it? Please choose one of these.

        Visa
        A credit card
        <a href="https://example.org/visa_terms">Terms &amp; more</a>

        <a href="media/fees.pdf">All fees (fees.pdf)</a>

        <a href="media/visa.jpg">Visa (visa.jpg)</a>

        1. Visa *Gold*
        2. Girokarte"#]]
    .assert_eq(&html[0].text);
}

#[test]
fn choices_stay_buttons_only_if_all_of_them_can() {
    let with = |choices_max, label_max| {
        fit(
            message(),
            &Capabilities {
                choices_max,
                label_max,
                ..Capabilities::default()
            },
        )
    };
    assert_eq!(with(2, Some(11))[0].choices.len(), 2);
    assert_eq!(with(1, None)[0].choices.len(), 0);
    let long = &with(2, Some(10))[0];
    assert!(
        long.choices.is_empty() && long.text.ends_with("1. Visa *Gold*\n2. Girokarte"),
        "{}",
        long.text
    );
}

#[test]
fn of_a_long_text_the_last_part_carries_the_rest() {
    let messages = fit(
        message(),
        &Capabilities {
            text_max: Some(30),
            ..Capabilities::default()
        },
    );
    let texts: Vec<&str> = messages
        .iter()
        .map(|message| message.text.as_str())
        .collect();
    assert_eq!(texts, ["Which card is it?", "Please choose one of these."]);
    assert_eq!(
        (
            messages[0].choices.len(),
            messages[1].choices.len(),
            messages[1].cards.len()
        ),
        (0, 2, 1)
    );
    assert_eq!(
        (messages[0].pause, messages[1].pause),
        (message().pause, None)
    );
}

fn visible(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

prop_compose! {
    fn any_text()(text in "[a-z .!?\n€ß語🇩🇪é]{0,80}") -> String { text }
}

prop_compose! {
    fn any_message()(
        text in any_text(),
        labels in proptest::collection::vec(any_text(), 0..5),
        cards in proptest::collection::vec((any_text(), any_text(), proptest::option::of("[a-z]{1,9}"), proptest::collection::vec(any_text(), 0..3)), 0..3),
        files in proptest::collection::vec((any_text(), any_text()), 0..3),
    ) -> Message {
        let link = |label: String| Link { label, url: "https://example.org".to_owned() };
        let choice = |(index, label): (usize, String)| Choice { id: format!("1.c{index}").parse().expect("an id"), label };
        Message {
            text,
            choices: labels.into_iter().enumerate().map(choice).collect(),
            cards: cards.into_iter().map(|(title, text, image, links)| Card { title, text, image, links: links.into_iter().map(link).collect() }).collect(),
            sources: Vec::new(),
            attachments: files.into_iter().map(|(name, alt)| Attachment { name, mime: "image/png".to_owned(), url: "media/x.png".to_owned(), alt }).collect(),
            pause: None,
        }
    }
}

prop_compose! {
    fn any_capabilities()(
        text_max in proptest::option::of(1_usize..60),
        choices_max in 0_usize..5,
        label_max in proptest::option::of(0_usize..40),
        cards in any::<bool>(),
        attachments in any::<bool>(),
    ) -> Capabilities {
        Capabilities { format: Format::Plain, text_max, choices_max, label_max, cards, attachments }
    }
}

/// Every text of a message that a customer reads.
fn texts(message: &Message) -> Vec<String> {
    let cards = message.cards.iter().flat_map(|card| {
        let links = card
            .links
            .iter()
            .flat_map(|link| [link.label.clone(), link.url.clone()]);
        [card.title.clone(), card.text.clone()]
            .into_iter()
            .chain(card.image.clone())
            .chain(links)
    });
    let files = message
        .attachments
        .iter()
        .flat_map(|one| [one.name.clone(), one.alt.clone(), one.url.clone()]);
    let labels = message.choices.iter().map(|choice| choice.label.clone());
    [message.text.clone()]
        .into_iter()
        .chain(cards)
        .chain(files)
        .chain(labels)
        .map(|text| visible(&text))
        .collect()
}

proptest! {
    #[test]
    fn fitting_a_message_loses_no_text(message in any_message(), can in any_capabilities()) {
        let fitted = fit(message.clone(), &can);
        // A text that was divided is whole again when its parts are read in order.
        let said: String = fitted.iter().map(|message| visible(&message.text)).collect();
        let shown = fitted.last().map(texts).unwrap_or_default();
        prop_assert!(said.starts_with(&visible(&message.text)));
        for text in texts(&message) {
            prop_assert!(said.contains(&text) || shown.contains(&text), "{text:?} is lost in {fitted:?}");
        }
    }

    #[test]
    fn what_is_fitted_fits(message in any_message(), can in any_capabilities()) {
        for fitted in fit(message, &can) {
            prop_assert!(can.text_max.is_none_or(|text_max| fitted.text.chars().count() <= text_max));
            prop_assert!(fitted.choices.len() <= can.choices_max);
            prop_assert!(fitted.choices.iter().all(|choice| can.label_max.is_none_or(|label_max| choice.label.chars().count() <= label_max)));
            prop_assert!(can.cards || fitted.cards.is_empty());
            prop_assert!(can.attachments || fitted.attachments.is_empty());
        }
    }
}
