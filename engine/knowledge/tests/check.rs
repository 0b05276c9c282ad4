//! The check of answers: what is vetoed, what is not, and what is supported more than what.

use knowledge::Language;
use knowledge::check::{Cause, Check, Material, Verdict};

const CARDS: &str = "The replacement is free of charge. Within Germany it takes up to 5 working days; express costs €15.00 and is \
    there after 2 working days. Call 040 66969 116 or write to cards@ternbank.example, see https://ternbank.example/cards. The \
    offer ends on 21 November 2026 at 16:00. The reference begins with TX-47.";
const KARTEN: &str = "Die Ersatzkarte ist kostenlos. Innerhalb Deutschlands dauert es bis zu 5 Bankarbeitstage; Express kostet 15,00 € und \
    dauert 2 Tage. Eine verlorene Karte bekommt eine neue PIN. Überziehungszinsen betragen 9,9 % im Jahr.";

fn judge(material: &Material<'_>, answer: &str) -> Verdict {
    Check::new(material, None)
        .judge(answer)
        .expect("nothing can fail without an encoder")
}

fn of(source: &str, answer: &str) -> Verdict {
    judge(
        &Material {
            sources: &[source],
            ..Material::default()
        },
        answer,
    )
}

fn causes(verdict: &Verdict) -> Vec<Cause> {
    verdict.vetoes.iter().map(|veto| veto.cause).collect()
}

#[test]
fn what_stands_in_the_source_is_not_vetoed() {
    for answer in [
        "Express costs 15 euros and takes two working days [1].",
        "It ends on 21.11.2026, at 4 pm.",
        "It ends on November 21st at 16:00.",
        "See ternbank.example/cards, or write to cards@ternbank.example.",
        "1. Call 040 66969 116.\n2. Wait up to five days.",
        "Your reference begins with TX47.",
    ] {
        assert_eq!(causes(&of(CARDS, answer)), [], "{answer}");
    }
    assert_eq!(
        causes(&of(
            KARTEN,
            "Express kostet 15 Euro, die Zinsen sind 9,9 Prozent."
        )),
        []
    );
}

#[test]
fn what_stands_nowhere_is_vetoed() {
    for (answer, cause) in [
        ("Express costs €16.00.", Cause::Price),
        ("Express costs $15.00.", Cause::Price),
        ("It takes up to 5 weeks.", Cause::Unit),
        ("It takes up to 7 working days.", Cause::Number),
        ("It takes up to seven working days.", Cause::Number),
        ("The offer ends on 22 November 2026.", Cause::Date),
        ("The offer ends at 17:00.", Cause::Date),
        (
            "See https://ternbank.example.evil.com/cards for more.",
            Cause::Link,
        ),
        ("Write to cards@ternbank.com today.", Cause::Mail),
        ("Your reference is TX-48.", Cause::Id),
        ("The replacement is free of charge [2].", Cause::Citation),
        ("I'm sorry, but I can't help with that.", Cause::Refusal),
        (
            "I don't know how long the replacement takes.",
            Cause::Refusal,
        ),
        ("The key is sk-abcdefghijklmnop1234.", Cause::Secret),
        ("", Cause::Empty),
        (" \n…", Cause::Empty),
    ] {
        assert!(
            causes(&of(CARDS, answer)).contains(&cause),
            "{answer}: {:?}",
            causes(&of(CARDS, answer))
        );
    }
}

#[test]
fn a_veto_shows_its_place() {
    let answer = "It is free. Express costs €16.00.";
    let verdict = of(CARDS, answer);
    assert_eq!(verdict.vetoes.len(), 1);
    assert_eq!(verdict.vetoes[0].text, "16.00");
    assert_eq!(&answer[verdict.vetoes[0].at.clone()], "16.00");
}

#[test]
fn slots_results_and_the_message_may_be_said_and_secrets_not() {
    let sources = [CARDS];
    let material = Material {
        message: Some("I pay 42 euros a month, why?"),
        sources: &sources,
        facts: &["Order A-1734 arrives on 3 May"],
        secrets: &["4711"],
        language: Some(Language::En),
    };
    assert_eq!(
        causes(&judge(
            &material,
            "You pay 42 euros; order A-1734 arrives on May 3rd."
        )),
        []
    );
    assert!(causes(&judge(&material, "Your PIN is 4711.")).contains(&Cause::Secret));
}

#[test]
fn an_answer_in_another_language_is_vetoed() {
    let sources = [CARDS];
    let material = Material {
        message: Some("how long does it take?"),
        sources: &sources,
        language: Some(Language::En),
        ..Material::default()
    };
    let german =
        "Die Karte ist kostenlos und es dauert bis zu 5 Tage, wenn Sie sie mit der Post bekommen.";
    assert!(causes(&judge(&material, german)).contains(&Cause::Language));
    assert_eq!(
        causes(&judge(&material, "The replacement is free of charge.")),
        []
    );
}

#[test]
fn support_falls_with_what_the_source_does_not_say() {
    for (source, better, worse) in [
        (
            CARDS,
            "The replacement is free of charge.",
            "The replacement is not free of charge.",
        ),
        (
            CARDS,
            "The replacement is free of charge.",
            "The replacement is made of recycled ocean plastic.",
        ),
        (CARDS, "Express costs €15.00.", "Express costs €25.00."),
        (
            CARDS,
            "Within Germany it takes up to 5 working days.",
            "Within France it takes up to 5 working days.",
        ),
        (
            KARTEN,
            "Die Ersatzkarte ist kostenlos.",
            "Die Ersatzkarte ist nicht kostenlos.",
        ),
        (
            KARTEN,
            "Eine verlorene Karte bekommt eine neue PIN.",
            "Eine verlorene Karte bekommt einen Gutschein für das Kino.",
        ),
        (KARTEN, "Express kostet 15 €.", "Express kostet 18 €."),
    ] {
        let (high, low) = (of(source, better).support, of(source, worse).support);
        assert!(high > 0.7, "{better}: {high:.2}");
        assert!(low < 0.75 * high, "{worse}: {low:.2} of {high:.2}");
    }
}

#[test]
fn one_invented_sentence_spoils_a_long_answer_and_is_the_one_that_is_shown() {
    let good = "The replacement is free of charge. Within Germany it takes up to 5 working days. Express is there after 2 working days.";
    let bad = format!("{good} Our branches hand out umbrellas to loyal customers.");
    let (whole, spoilt) = (of(CARDS, good), of(CARDS, &bad));
    assert!(whole.support > 0.8, "{:.2}", whole.support);
    assert!(spoilt.support < 0.5, "{:.2}", spoilt.support);
    let worst = spoilt
        .sentences
        .iter()
        .min_by(|a, b| a.support.total_cmp(&b.support))
        .expect("it has sentences");
    assert!(bad[worst.at.clone()].contains("umbrellas"));
}

#[test]
fn foreign_sources_beside_the_right_one_change_little() {
    let foreign = [
        "Standing orders are sent in the morning.",
        "Savings spaces earn 1.5% a year.",
        CARDS,
        "Powers of attorney end at once.",
    ];
    let among = judge(
        &Material {
            sources: &foreign,
            ..Material::default()
        },
        "Express costs €15.00.",
    );
    assert!((among.support - of(CARDS, "Express costs €15.00.").support).abs() < 0.1);
}

#[test]
fn hostile_texts_are_judged_in_bounded_time() {
    let long = "card ".repeat(100_000);
    let digits = "1,".repeat(50_000);
    let nested = "[".repeat(20_000) + &"(".repeat(20_000);
    for text in [
        long.as_str(),
        &digits,
        &nested,
        "\u{0}\u{202e}\u{fffd}",
        "[99999999999999999999]",
        "٣ ۴ ５",
        "€€€ 5%5%5% 31.02.9999 99:99",
    ] {
        let verdict = of(CARDS, text);
        assert!((0.0..=1.0).contains(&verdict.support));
        let sourced = of(text, "The replacement is free of charge.");
        assert!((0.0..=1.0).contains(&sourced.support));
    }
}

#[test]
fn the_same_is_judged_the_same() {
    let answer = "Express costs €15.00 and takes 2 days. Nobody knows why.";
    assert_eq!(of(CARDS, answer), of(CARDS, answer));
}
