//! The helpers in five languages: what CLDR says, as customers read it.

use expect_test::{Expect, expect};

use crate::common::{say, say_in};

const LOCALES: [&str; 5] = ["en", "de", "fr", "pl", "ar"];

/// The same template in each language, a line each; no-break spaces are shown as `·`, direction marks as `‹›`.
fn table(text: &str, values: &str, expected: Expect) {
    let line = |locale: &&str| {
        let said = say_in(locale, text, values).unwrap_or_else(|error| format!("error: {error}"));
        let said = said
            .replace(['\u{a0}', '\u{202f}', '\u{2009}'], "·")
            .replace(['\u{200f}', '\u{200e}', '\u{61c}'], "‹›");
        format!("{locale}: {said}\n")
    };
    expected.assert_eq(&LOCALES.iter().map(line).collect::<String>());
}

#[test]
fn numbers() {
    let values = r#"{"n": 1234567.891, "i": 42, "t": "0.5"}"#;
    table(
        "{{number n}} | {{number n digits=0}} | {{number i digits=2}} | {{number t}} | {{number -0.1234}}",
        values,
        expect![[r#"
            en: 1,234,567.891 | 1,234,568 | 42.00 | 0.5 | -0.123
            de: 1.234.567,891 | 1.234.568 | 42,00 | 0,5 | -0,123
            fr: 1·234·567,891 | 1·234·568 | 42,00 | 0,5 | -0,123
            pl: 1·234·567,891 | 1·234·568 | 42,00 | 0,5 | -0,123
            ar: 1,234,567.891 | 1,234,568 | 42.00 | 0.5 | ‹›-0.123
        "#]],
    );
}

#[test]
fn money() {
    let values = r#"{"m": {"amount": 1234.5, "currency": "EUR"}, "n": -7, "c": "USD"}"#;
    table(
        "{{money m}} | {{money n c}} | {{money 1000 'JPY'}} | {{money '12.345' 'CHF'}} | {{money 5 'PLN'}} | {{money 5 'XTS'}}",
        values,
        expect![[r#"
            en: €1,234.50 | -$7.00 | ¥1,000 | CHF·12.35 | PLN·5.00 | XTS·5.00
            de: 1.234,50·€ | -7,00·$ | 1.000·¥ | 12,35·CHF | 5,00·PLN | 5,00·XTS
            fr: 1·234,50·€ | -7,00·$US | 1·000·JP¥ | 12,35·CHF | 5,00·PLN | 5,00·XTS
            pl: 1234,50·€ | -7,00·US$ | 1000·JP¥ | 12,35·CHF | 5,00·zł | 5,00·XTS
            ar: ‹›1,234.50·€ | ‹›‹›-7.00·US$ | ‹›1,000·JP¥ | ‹›12.35·CHF | ‹›5.00·PLN | ‹›5.00·XTS
        "#]],
    );
}

#[test]
fn dates() {
    let values = r#"{"d": "2026-03-02"}"#;
    table(
        "{{date d}} | {{date d style='short'}} | {{date d style='long'}} | {{date d style='full'}}",
        values,
        expect![[r#"
            en: Mar 2, 2026 | 3/2/26 | March 2, 2026 | Monday, March 2, 2026
            de: 02.03.2026 | 02.03.26 | 2. März 2026 | Montag, 2. März 2026
            fr: 2 mars 2026 | 02/03/2026 | 2 mars 2026 | lundi 2 mars 2026
            pl: 2 mar 2026 | 02.03.2026 | 2 marca 2026 | poniedziałek, 2 marca 2026
            ar: 02‹›/03‹›/2026 | 2‹›/3‹›/2026 | 2 مارس 2026 | الاثنين، 2 مارس 2026
        "#]],
    );
}

#[test]
fn times() {
    let values = r#"{"t": "17:05", "m": "2026-03-02T08:00:00Z"}"#;
    table(
        "{{time t}} | {{time t style='medium'}} | {{time m}} | {{time m style='long'}}",
        values,
        expect![[r#"
            en: 5:05·PM | 5:05:00·PM | 9:00·AM | 9:00:00·AM GMT+1
            de: 17:05 | 17:05:00 | 09:00 | 09:00:00 GMT+1
            fr: 17:05 | 17:05:00 | 09:00 | 09:00:00 UTC+1
            pl: 17:05 | 17:05:00 | 09:00 | 09:00:00 GMT+1
            ar: 5:05 م | 5:05:00 م | 9:00 ص | 9:00:00 ص غرينتش‹›+1
        "#]],
    );
}

#[test]
fn dates_with_times() {
    let values = r#"{"m": "2026-03-02T08:00:00Z", "l": "2026-07-02T09:00:00"}"#;
    table(
        "{{datetime m}} | {{datetime m style='short'}} | {{datetime m style='long'}} | {{datetime l style='full'}}",
        values,
        expect![[r#"
            en: Mar 2, 2026, 9:00·AM | 3/2/26, 9:00·AM | March 2, 2026 at 9:00·AM | Thursday, July 2, 2026 at 9:00·AM
            de: 02.03.2026, 09:00 | 02.03.26, 09:00 | 2. März 2026 um 09:00 | Donnerstag, 2. Juli 2026 um 09:00
            fr: 2 mars 2026, 09:00 | 02/03/2026 09:00 | 2 mars 2026 à 09:00 | jeudi 2 juillet 2026 à 09:00
            pl: 2 mar 2026, 09:00 | 02.03.2026, 09:00 | 2 marca 2026 09:00 | czwartek, 2 lipca 2026 09:00
            ar: 02‹›/03‹›/2026، 9:00 ص | 2‹›/3‹›/2026، 9:00 ص | 2 مارس 2026 في 9:00 ص | الخميس، 2 يوليو 2026 في 9:00 ص
        "#]],
    );
}

#[test]
fn lists() {
    let values = r#"{"l": ["A", "B", "C"], "two": ["A", "B"], "cards": [{"label": "Visa"}, {"label": "Giro"}], "none": []}"#;
    table(
        "{{list l}} | {{list two}} | {{list l kind='or'}} | {{list cards field='label'}} | {{list none}}",
        values,
        expect![[r#"
            en: A, B, and C | A and B | A, B, or C | Visa and Giro |
            de: A, B und C | A und B | A, B oder C | Visa und Giro |
            fr: A, B et C | A et B | A, B ou C | Visa et Giro |
            pl: A, B i C | A i B | A, B lub C | Visa i Giro |
            ar: A وB وC | A وB | A أو B أو C | Visa وGiro |
        "#]],
    );
}

#[test]
fn halves_are_rounded_up_as_people_do() {
    assert_eq!(
        say(
            "{{number 0.5 digits=0}} {{number 2.5 digits=0}} {{number -2.5 digits=0}}",
            "{}"
        ),
        "1 3 -3"
    );
}

#[test]
fn plurals() {
    let say = |locale: &str, forms: &str, numbers: &[&str]| -> Vec<String> {
        let one = |number: &&str| {
            say_in(
                locale,
                &format!("{{{{plural n {forms}}}}}"),
                &format!(r#"{{"n": {number}}}"#),
            )
            .unwrap()
        };
        numbers.iter().map(one).collect()
    };
    let en = say(
        "en",
        "one='day' other='days'",
        &["0", "1", "2", "1.5", "1000"],
    );
    assert_eq!(en, ["0 days", "1 day", "2 days", "1.5 days", "1,000 days"]);
    let de = say("de", "one='ein Tag' other='# Tage'", &["1", "2500"]);
    assert_eq!(de, ["ein Tag", "2.500 Tage"]);
    let fr = say("fr", "one='jour' other='jours'", &["0", "1.5", "2"]);
    assert_eq!(fr, ["0 jour", "1,5 jour", "2 jours"]);
    let pl = say(
        "pl",
        "one='karta' few='karty' many='kart' other='karty'",
        &["1", "2", "5", "22", "1.5"],
    );
    assert_eq!(
        pl,
        ["1 karta", "2 karty", "5 kart", "22 karty", "1,5 karty"]
    );
    let ar = say(
        "ar",
        "zero='z' one='o' two='t' few='f' many='m' other='x' no_number=true",
        &["0", "1", "2", "3", "11", "100"],
    );
    assert_eq!(ar, ["z", "o", "t", "f", "m", "x"]);
}

#[test]
fn a_bare_value_is_said_in_words() {
    use dialog::Value;
    let values = std::collections::BTreeMap::from([
        (
            "at".to_owned(),
            Value::Time("2026-03-02T08:00:00Z".parse().unwrap()),
        ),
        (
            "wait".to_owned(),
            Value::Duration("PT25H30M".parse().unwrap()),
        ),
        (
            "late".to_owned(),
            Value::Duration("-PT90S".parse().unwrap()),
        ),
        (
            "none".to_owned(),
            Value::Duration("PT0.5S".parse().unwrap()),
        ),
    ]);
    let line = |locale: &str| {
        let templates = crate::common::templates(&[render::TemplateSource::texts(
            "t",
            locale,
            &["{{at}} | {{wait}} | {{late}} | {{none}} | {{time at}}"],
        )]);
        let response = dialog::Response {
            values: values.clone(),
            ..crate::common::response("t", locale, "{}")
        };
        format!(
            "{locale}: {}\n",
            crate::common::render_as(&templates, &response, render::Format::Plain)
                .unwrap()
                .text
        )
    };
    expect![[r#"
        en: Mar 2, 2026, 9:00 AM | 1 day, 1 hour, 30 minutes | -1 minute, 30 seconds | 0 seconds | 9:00 AM
        de: 02.03.2026, 09:00 | 1 Tag, 1 Stunde und 30 Minuten | -1 Minute, 30 Sekunden | 0 Sekunden | 09:00
        fr: 2 mars 2026, 09:00 | 1 jour, 1 heure et 30 minutes | -1 minute et 30 secondes | 0 seconde | 09:00
        pl: 2 mar 2026, 09:00 | 1 dzień, 1 godzina i 30 minut | -1 minuta i 30 sekund | 0 sekund | 09:00
        ar: 02‏/03‏/2026، 9:00 ص | يوم، وساعة، و30 دقيقة | دقيقة و30 ثانية | 0 ثانية | 9:00 ص
    "#]]
    .assert_eq(&LOCALES.map(line).concat());
}

#[test]
fn what_is_no_number_or_date_is_an_error() {
    expect!["error: The template `t` needs a number where it has `x`."]
        .assert_eq(&say("{{number x}}", r#"{"x": "many"}"#));
    expect!["error: The template `t` needs a number where it has `x`."]
        .assert_eq(&say("{{plural x other='y'}}", r#"{"x": "inf"}"#));
    expect!["error: The template `t` needs a date where it has `x`."]
        .assert_eq(&say("{{date x}}", r#"{"x": "tomorrow"}"#));
    expect!["error: The template `t` needs a time where it has `x`."]
        .assert_eq(&say("{{time x}}", r#"{"x": 9}"#));
    expect!["error: The template `t` needs a list where it has `x`."]
        .assert_eq(&say("{{list x}}", r#"{"x": 9}"#));
    expect!["error: The template `t` needs money: a map of `amount` and `currency`, or a number and a currency's code where it has `5`."].assert_eq(&say("{{money 5 x}}", r#"{"x": "Euro"}"#));
}
