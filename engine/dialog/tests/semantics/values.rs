//! Expressions, values from outside, masks, hours.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use dialog::*;
use expect_test::expect;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::support::cel::{Names, parse};

/// `slots.a` is 7, `slots.none` is unset, `slots.list`, `slots.map`, `slots.text`.
struct Given {
    slots: Vec<Option<Value>>,
    now: Timestamp,
    tz: TimeZone,
}

const SLOTS: [&str; 6] = ["a", "none", "list", "map", "text", "half"];

impl Names for Given {
    fn slot(&self, name: &str) -> SlotRef {
        let at = SLOTS.iter().position(|one| *one == name);
        SlotRef::Flow(at.expect("a slot of this test") as u16)
    }

    fn entity(&self, _: &str) -> EntityId {
        EntityId(0)
    }
}

impl Bindings for Given {
    fn read(&self, variable: &Variable) -> Option<Cow<'_, Value>> {
        match variable {
            Variable::Slot(SlotRef::Flow(at)) => {
                self.slots[usize::from(*at)].as_ref().map(Cow::Borrowed)
            }
            Variable::Locale => Some(Cow::Owned("en".into())),
            _ => None,
        }
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn tz(&self) -> &TimeZone {
        &self.tz
    }
}

fn given() -> Given {
    let list = [1, 2, 3].map(Value::Int).to_vec();
    let map = Value::Map(BTreeMap::from([("x".to_owned(), Value::Int(1))]));
    Given {
        slots: vec![
            Some(Value::Int(7)),
            None,
            Some(Value::List(list)),
            Some(map),
            Some("Grüße".into()),
            Some(Value::Number(0.5)),
        ],
        now: "2026-03-28T21:30:00Z".parse().expect("a time"),
        tz: TimeZone::get("Europe/Berlin").expect("a zone"),
    }
}

fn table(expressions: &[&str]) -> String {
    let given = given();
    let mut table = String::new();
    for text in expressions {
        let shown = match parse(text, &given).evaluate(&given) {
            Ok(value) => format!("{value:?}"),
            Err(error) => format!("error: {error}"),
        };
        writeln!(table, "{text}  →  {shown}").expect("a text takes all");
    }
    table
}

#[test]
fn what_expressions_are_worth() {
    let table = table(&[
        "1 + 2 * 3",
        "7 / 2",
        "-7 / 2",
        "-7 % 3",
        "7.0 / 2.0",
        "1 + 1.0",
        "9223372036854775807 + 1",
        "1 / 0",
        "1.0 / 0.0",
        "1 == 1.0",
        "1 < 1.5",
        "\"a\" == 1",
        "\"a\" < \"b\"",
        "\"a\" + \"b\"",
        "slots.a > 5 && slots.none == 1",
        "slots.none == 1 && slots.a > 10",
        "slots.none == 1 || slots.a > 5",
        "slots.none == 1 || slots.a > 10",
        "slots.a > 5 ? \"big\" : \"small\"",
        "has(slots.none)",
        "has(slots.map.x)",
        "has(slots.map.y)",
        "or(slots.none, 3)",
        "or(slots.map.y, \"none\")",
        "slots.list[0]",
        "slots.list[3]",
        "slots.list[-1]",
        "slots.map[\"x\"]",
        "slots.map.x",
        "slots.map.y",
        "2 in slots.list",
        "\"x\" in slots.map",
        "size(slots.text)",
        "lower(slots.text)",
        "slots.text.startsWith(\"Gr\")",
        "slots.text.contains(\"z\")",
        "slots.text.matches(\"^G.+e$\")",
        "slots.list.exists(n, n > 2)",
        "slots.list.all(n, n > 2)",
        "slots.list.exists(n, 1 / (n - 1) == 1)",
        "slots.list.all(n, 1 / (n - 1) == 1)",
        "slots.list.filter(n, n != 2)",
        "slots.list.map(n, n * 2)",
        "slots.list.exists_one(n, n == 2)",
        "[1] + [2]",
        "int(\"12\")",
        "int(2.9)",
        "int(\"x\")",
        "number(3)",
        "text(1.0)",
        "text(duration(\"90s\"))",
        "duration(\"1h30m\") > duration(\"80m\")",
        "timestamp(\"2026-03-02T09:00:00Z\") + duration(\"1d\")",
        "now - timestamp(\"2026-03-28T21:00:00Z\")",
        "today",
        "next(\"23:00\")",
        "next(\"09:00\")",
        "next(\"02:30\")",
        "locale",
        "!slots.a",
        "slots.half * 2.0",
    ]);
    expect![[r#"
        1 + 2 * 3  →  Int(7)
        7 / 2  →  Int(3)
        -7 / 2  →  Int(-3)
        -7 % 3  →  Int(-1)
        7.0 / 2.0  →  Number(3.5)
        1 + 1.0  →  error: `+` is not defined for these values
        9223372036854775807 + 1  →  error: the result is too large
        1 / 0  →  error: division by zero
        1.0 / 0.0  →  error: division by zero
        1 == 1.0  →  Bool(true)
        1 < 1.5  →  Bool(true)
        "a" == 1  →  Bool(false)
        "a" < "b"  →  Bool(true)
        "a" + "b"  →  Text("ab")
        slots.a > 5 && slots.none == 1  →  error: a slot is not set
        slots.none == 1 && slots.a > 10  →  Bool(false)
        slots.none == 1 || slots.a > 5  →  Bool(true)
        slots.none == 1 || slots.a > 10  →  error: a slot is not set
        slots.a > 5 ? "big" : "small"  →  Text("big")
        has(slots.none)  →  Bool(false)
        has(slots.map.x)  →  Bool(true)
        has(slots.map.y)  →  Bool(false)
        or(slots.none, 3)  →  Int(3)
        or(slots.map.y, "none")  →  Text("none")
        slots.list[0]  →  Int(1)
        slots.list[3]  →  error: the list has no item at 3
        slots.list[-1]  →  error: the list has no item at -1
        slots.map["x"]  →  Int(1)
        slots.map.x  →  Int(1)
        slots.map.y  →  error: the field `y` is not set
        2 in slots.list  →  Bool(true)
        "x" in slots.map  →  Bool(true)
        size(slots.text)  →  Int(5)
        lower(slots.text)  →  Text("grüße")
        slots.text.startsWith("Gr")  →  Bool(true)
        slots.text.contains("z")  →  Bool(false)
        slots.text.matches("^G.+e$")  →  Bool(true)
        slots.list.exists(n, n > 2)  →  Bool(true)
        slots.list.all(n, n > 2)  →  Bool(false)
        slots.list.exists(n, 1 / (n - 1) == 1)  →  Bool(true)
        slots.list.all(n, 1 / (n - 1) == 1)  →  Bool(false)
        slots.list.filter(n, n != 2)  →  List([Int(1), Int(3)])
        slots.list.map(n, n * 2)  →  List([Int(2), Int(4), Int(6)])
        slots.list.exists_one(n, n == 2)  →  Bool(true)
        [1] + [2]  →  List([Int(1), Int(2)])
        int("12")  →  Int(12)
        int(2.9)  →  Int(2)
        int("x")  →  error: the text is no whole number
        number(3)  →  Number(3.0)
        text(1.0)  →  Text("1")
        text(duration("90s"))  →  Text("90s")
        duration("1h30m") > duration("80m")  →  Bool(true)
        timestamp("2026-03-02T09:00:00Z") + duration("1d")  →  Time(2026-03-03T09:00:00Z)
        now - timestamp("2026-03-28T21:00:00Z")  →  Duration(30m)
        today  →  Text("2026-03-28")
        next("23:00")  →  Time(2026-03-28T22:00:00Z)
        next("09:00")  →  Time(2026-03-29T07:00:00Z)
        next("02:30")  →  Time(2026-03-29T01:30:00Z)
        locale  →  Text("en")
        !slots.a  →  error: `!` is not defined for these values
        slots.half * 2.0  →  Number(1.0)
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_expressions_read() {
    let given = given();
    let reads = parse("slots.a > 5 ? slots.list[0] : or(slots.none, now)", &given).reads();
    let slot = |index| Variable::Slot(SlotRef::Flow(index));
    assert_eq!(
        reads.into_iter().collect::<Vec<_>>(),
        [slot(0), slot(1), slot(2), Variable::Now]
    );
}

#[test]
fn a_list_beyond_the_bound_is_an_error() {
    let mut given = given();
    given.slots[2] = Some(Value::List(vec![Value::Int(1); Value::LIST_MAX]));
    let sum = parse("slots.list + [1]", &given).evaluate(&given);
    assert_eq!(sum, Err(EvaluationError::TooLong));
}

fn coerced(json: &str, value_type: &ValueType) -> String {
    let json = serde_json::from_str(json).expect("JSON");
    match coerce(&json, value_type) {
        Ok(value) => value.to_json().to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn json_is_read_by_its_type() {
    let status = ValueType::Enum(vec!["active".to_owned(), "blocked".to_owned()]);
    let card = ValueType::Map(BTreeMap::from([
        ("id".to_owned(), ValueType::Text),
        ("status".to_owned(), status),
    ]));
    let cards = ValueType::Map(BTreeMap::from([(
        "cards".to_owned(),
        ValueType::List {
            of: Box::new(card),
            max: 2,
        },
    )]));
    let one = r#"{"id":"a","status":"active","more":1}"#;
    let mut table = String::new();
    for json in [
        format!(r#"{{"cards":[{one}],"more":2}}"#),
        r#"{"cards":[{"id":"a"}]}"#.to_owned(),
        r#"{"cards":[{"id":"a","status":"gone"}]}"#.to_owned(),
        r#"{"cards":[{"id":1,"status":"active"}]}"#.to_owned(),
        format!(r#"{{"cards":[{one},{one},{one}]}}"#),
        r#"{"cards":null}"#.to_owned(),
        "{}".to_owned(),
        "[]".to_owned(),
    ] {
        writeln!(table, "{json}  →  {}", coerced(&json, &cards)).expect("a text takes all");
    }
    for (json, value_type) in [
        ("5.0", ValueType::Int),
        ("5.5", ValueType::Int),
        ("5", ValueType::Number),
        (r#""2026-02-30""#, ValueType::Date),
        (r#""09:00""#, ValueType::Time),
        (r#""2026-03-02T09:00:00+01:00""#, ValueType::Datetime),
        (r#""PT5M""#, ValueType::Duration),
        (r#"{"amount":5,"currency":"EUR"}"#, ValueType::Money),
        (r#""a@b.example""#, ValueType::Email),
        (r#""a b@c""#, ValueType::Email),
        (r#""DE89 3704 0044 0532 0130 00""#, ValueType::Iban),
        (r#""DE89 3704 0044 0532 0130 01""#, ValueType::Iban),
        (r#""+49 30 123456""#, ValueType::Phone),
        (r#""https://example.com/a""#, ValueType::Url),
        (r#""true""#, ValueType::Bool),
    ] {
        writeln!(
            table,
            "{value_type:?} {json}  →  {}",
            coerced(json, &value_type)
        )
        .expect("a text takes all");
    }
    expect![[r#"
        {"cards":[{"id":"a","status":"active","more":1}],"more":2}  →  {"cards":[{"id":"a","status":"active"}]}
        {"cards":[{"id":"a"}]}  →  error: cards[0].status must be one of active, blocked
        {"cards":[{"id":"a","status":"gone"}]}  →  error: cards[0].status must be one of active, blocked
        {"cards":[{"id":1,"status":"active"}]}  →  error: cards[0].id must be a text
        {"cards":[{"id":"a","status":"active","more":1},{"id":"a","status":"active","more":1},{"id":"a","status":"active","more":1}]}  →  error: cards must be a list of at most 2
        {"cards":null}  →  error: cards must be a list
        {}  →  error: cards must be a list
        []  →  error: the value must be a map of fields
        Int 5.0  →  5
        Int 5.5  →  error: the value must be a whole number
        Number 5  →  5.0
        Date "2026-02-30"  →  error: the value must be a day like 2026-03-02
        Time "09:00"  →  "09:00"
        Datetime "2026-03-02T09:00:00+01:00"  →  "2026-03-02T08:00:00Z"
        Duration "PT5M"  →  "PT5M"
        Money {"amount":5,"currency":"EUR"}  →  {"amount":5.0,"currency":"EUR"}
        Email "a@b.example"  →  "a@b.example"
        Email "a b@c"  →  error: the value must be an e-mail address
        Iban "DE89 3704 0044 0532 0130 00"  →  "DE89 3704 0044 0532 0130 00"
        Iban "DE89 3704 0044 0532 0130 01"  →  error: the value must be an IBAN
        Phone "+49 30 123456"  →  "+49 30 123456"
        Url "https://example.com/a"  →  "https://example.com/a"
        Bool "true"  →  error: the value must be true or false
    "#]].assert_eq(&table);
}

#[test]
fn lengths_of_time() {
    let seconds = |text| parse_duration(text).map(|d| d.as_millis());
    assert_eq!(seconds("5m"), Some(300_000));
    assert_eq!(seconds("1d2h"), Some(93_600_000));
    assert_eq!(seconds("1.5s"), Some(1_500));
    assert_eq!(seconds("-2s"), Some(-2_000));
    for wrong in [
        "",
        "5",
        "m",
        "5 m",
        "5x",
        "--5s",
        "99999999999999999999d",
        "200000000000d",
    ] {
        assert_eq!(seconds(wrong), None, "{wrong}");
    }
}

#[test]
fn opening_hours_are_local() {
    let weekdays = (0..5).map(|weekday| OpeningHours {
        weekday,
        from_minute: 8 * 60,
        until_minute: 20 * 60,
    });
    let hours = Hours {
        open: weekdays.collect(),
        holidays: vec!["2026-12-25".to_owned()],
    };
    let tz = TimeZone::get("Europe/Berlin").expect("a zone");
    let is_open = |at: &str| hours.is_open(at.parse().expect("a time"), &tz);
    assert!(is_open("2026-03-02T07:00:00Z"), "eight in the morning");
    assert!(!is_open("2026-03-02T06:59:59Z"));
    assert!(!is_open("2026-03-02T19:00:00Z"), "eight in the evening");
    assert!(!is_open("2026-03-01T10:00:00Z"), "a Sunday");
    assert!(!is_open("2026-12-25T10:00:00Z"), "a holiday");
}

#[test]
fn secrets_are_masked_whole() {
    let expected = Expected {
        secrets: vec![
            (
                "last4".to_owned(),
                Some(Pattern::new("[0-9]{4}").expect("a pattern")),
            ),
            (
                "word".to_owned(),
                Some(Pattern::new("[a-z]+!").expect("a pattern")),
            ),
        ],
        ..Expected::default()
    };
    let masked = |text| {
        let (text, values) = mask(text, &expected);
        format!("{text} {values:?}")
    };
    expect![[r#"
        it is ‹last4›, ok? {"last4": "4711"}
        ‹last4› {"last4": "47112"}
        ‹last4› {"last4": "a4711b"}
        ‹last4› and ‹last4› {"last4": "4711"}
        nothing {}
        ‹last4› ‹word› {"last4": "4711", "word": "last!"}
        ‹last4› {}"#]]
    .assert_eq(
        &[
            "it is 4711, ok?",
            "47112",
            "a4711b",
            "4711 and 4712",
            "nothing",
            "4711 last!",
            "‹last4›",
        ]
        .map(masked)
        .join("\n"),
    );
    let whole = Expected {
        secrets: vec![("pin".to_owned(), None)],
        ..Expected::default()
    };
    assert_eq!(mask("any thing", &whole).0, "‹pin›");
}

fn any_expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("slots.a".to_owned()),
        Just("slots.none".to_owned()),
        Just("slots.list".to_owned()),
        Just("slots.text".to_owned()),
        Just("slots.map.x".to_owned()),
        Just("slots.map.y".to_owned()),
        Just("true".to_owned()),
        (0_i64..10).prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", "&&", "||", "in",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("has({a})")),
            inner.clone().prop_map(|a| format!("size({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("or({a}, {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

proptest! {
    /// Any expression has one value or one error, and reads nothing that it does not name.
    #[test]
    fn evaluation_is_a_function(text in any_expression()) {
        let given = given();
        let expression = parse(&text, &given);
        let value = expression.evaluate(&given);
        prop_assert_eq!(&value, &expression.evaluate(&given));
        let mut blind = given;
        let reads = expression.reads();
        for index in 0..SLOTS.len() {
            if !reads.contains(&Variable::Slot(SlotRef::Flow(index as u16))) {
                blind.slots[index] = None;
            }
        }
        prop_assert_eq!(value, expression.evaluate(&blind));
    }

    /// Nothing that a pattern matches is left in a masked text, and no other text is touched.
    #[test]
    fn no_match_is_left(text in "[a-c0-9 ,.‹›]{0,40}") {
        let pattern = Pattern::new("[0-9]{4}").expect("a pattern");
        let expected = Expected { secrets: vec![("s".to_owned(), Some(pattern.clone()))], ..Expected::default() };
        let (masked, values) = mask(&text, &expected);
        if values.is_empty() {
            prop_assert_eq!(&masked, &text);
        }
        let left = masked.replace("‹s›", " ");
        prop_assert!(!pattern.regex().is_match(&left) || left.contains('‹'), "{} → {}", text, masked);
    }
}

/// The digit in the name of a secret's slot is no number of the customer's.
#[test]
fn nothing_is_found_inside_a_marker() {
    let number = |value: i64, start: u16| Entity {
        entity: "number".to_owned(),
        value: Value::Int(value),
        words: Words {
            start,
            end: start + 1,
        },
        text: value.to_string(),
        negated: false,
        confidence: Confidence(1.0),
    };
    let mut understanding = Understanding {
        entities: vec![number(4, 2), number(7, 4)],
        ..Understanding::default()
    };
    drop_marked(&mut understanding, "it is ‹last4› times 7");
    assert_eq!(understanding.entities, [number(7, 4)]);
}
