//! Our expressions against cel's own interpreter, on random ones: both give the same value, or both give none.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use cel::{Context, Env};
use dialog::{
    Bindings, Locale, Scope as Lifetime, SlotDeclaration, SlotKind, SlotRef, Value, ValueType,
    Variable,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{Scope, lower};
use crate::context::Cx;
use crate::diagnostic::Findings;
use crate::names::Names;
use crate::place::{Place, Sources};
use crate::yaml::{Node, NodeKind, Scalar, Style};

/// The slots that the random expressions read; `u` is never set.
fn slots() -> Vec<(&'static str, ValueType, Option<Value>)> {
    let list = |of| ValueType::List {
        of: Box::new(of),
        max: 10,
    };
    let numbers = [3, -1, 0].map(Value::Int).to_vec();
    vec![
        ("a", ValueType::Int, Some(Value::Int(7))),
        ("z", ValueType::Int, Some(Value::Int(0))),
        ("b", ValueType::Bool, Some(Value::Bool(true))),
        ("t", ValueType::Text, Some(Value::from("lost card"))),
        ("l", list(ValueType::Int), Some(Value::List(numbers))),
        ("u", ValueType::Int, None),
    ]
}

struct Given {
    values: Vec<Option<Value>>,
    tz: TimeZone,
}

impl Bindings for Given {
    fn read(&self, variable: &Variable) -> Option<Cow<'_, Value>> {
        match variable {
            Variable::Slot(SlotRef::Shared(at)) => {
                self.values[usize::from(*at)].as_ref().map(Cow::Borrowed)
            }
            _ => None,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn tz(&self) -> &TimeZone {
        &self.tz
    }
}

fn names() -> Names {
    let slot = |name: &str, value_type: ValueType| SlotDeclaration {
        name: name.to_owned(),
        kind: SlotKind::Typed(value_type),
        from: None,
        scope: Lifetime::Session,
        default: None,
        pattern: None,
        secret: false,
        ttl: None,
        consent: None,
        from_visitor: false,
    };
    Names {
        locales: vec![Locale::from("en")],
        slots: slots()
            .into_iter()
            .map(|(name, of, _)| slot(name, of))
            .collect(),
        ..Names::default()
    }
}

/// What our evaluation gives; `Err` when there is none, and what was reported when the expression is refused.
fn ours(source: &str) -> Result<Result<Value, ()>, Vec<String>> {
    let mut sources = Sources::default();
    let file = sources.add("flows/x.yaml", source.to_owned());
    let findings = Findings::default();
    let names = names();
    let cx = Cx {
        sources: &sources,
        findings: &findings,
        names: &names,
    };
    let node = Node {
        kind: NodeKind::Scalar(Scalar {
            text: source.to_owned(),
            style: Style::Plain,
        }),
        place: Place::start_of(file),
    };
    let lowered = lower(cx, &node, &Scope::bot());
    let Some(lowered) = lowered else {
        let found = findings.finish(&sources);
        return Err(found.iter().map(ToString::to_string).collect());
    };
    let given = Given {
        values: slots().into_iter().map(|(_, _, value)| value).collect(),
        tz: TimeZone::UTC,
    };
    Ok(lowered.expression.evaluate(&given).map_err(|_| ()))
}

/// What cel's interpreter gives.
fn theirs(source: &str) -> Result<Value, ()> {
    let program = Env::stdlib().compile(source).map_err(|_| ())?;
    let mut context = Context::default();
    let map: HashMap<String, cel::Value> = slots()
        .into_iter()
        .filter_map(|(name, _, value)| Some((name.to_owned(), to_cel(&value?))))
        .collect();
    context.add_variable_from_value("slots", map);
    let value = program.execute(&context).map_err(|_| ())?;
    from_cel(&value).ok_or(())
}

fn to_cel(value: &Value) -> cel::Value {
    match value {
        Value::Bool(b) => cel::Value::Bool(*b),
        Value::Int(i) => cel::Value::Int(*i),
        Value::Text(t) => cel::Value::from(t.as_str()),
        Value::List(list) => cel::Value::from(list.iter().map(to_cel).collect::<Vec<_>>()),
        other => unreachable!("no slot of the test holds {other:?}"),
    }
}

fn from_cel(value: &cel::Value) -> Option<Value> {
    Some(match value {
        cel::Value::Bool(b) => Value::Bool(*b),
        cel::Value::Int(i) => Value::Int(*i),
        cel::Value::Float(n) => Value::Number(*n),
        cel::Value::String(t) => Value::Text(t.to_string()),
        cel::Value::List(list) => Value::List(list.iter().map(from_cel).collect::<Option<_>>()?),
        _ => return None,
    })
}

/// Expressions by type, each with its parts in brackets; `depth` bounds them.
fn expression(depth: u32) -> BTreeMap<&'static str, BoxedStrategy<String>> {
    let leaf = |items: &[&str]| {
        let items: Vec<String> = items.iter().map(|one| (*one).to_owned()).collect();
        prop::sample::select(items).boxed()
    };
    let mut all = BTreeMap::from([
        (
            "int",
            leaf(&[
                "0",
                "1",
                "-3",
                "42",
                "slots.a",
                "slots.z",
                "slots.u",
                "slots.l[0]",
                "slots.l[5]",
                "size(slots.t)",
                "9223372036854775807",
            ]),
        ),
        (
            "bool",
            leaf(&["true", "false", "slots.b", "has(slots.u)", "has(slots.a)"]),
        ),
        (
            "text",
            leaf(&["''", "'card'", "\"lost\"", "slots.t", "'ü'"]),
        ),
        ("list", leaf(&["slots.l", "[1, 2]", "[slots.a]"])),
    ]);
    for _ in 0..depth {
        let (int, bool, text, list) = (
            all["int"].clone(),
            all["bool"].clone(),
            all["text"].clone(),
            all["list"].clone(),
        );
        let infix =
            |a: &BoxedStrategy<String>, operators: &[&'static str], b: &BoxedStrategy<String>| {
                let operators = prop::sample::select(operators.to_vec());
                (a.clone(), operators, b.clone())
                    .prop_map(|(a, operator, b)| format!("({a} {operator} {b})"))
                    .boxed()
            };
        let choose = |of: &BoxedStrategy<String>| {
            (bool.clone(), of.clone(), of.clone())
                .prop_map(|(c, a, b)| format!("({c} ? {a} : {b})"))
                .boxed()
        };
        let bodies = |a: &BoxedStrategy<String>, name: &'static str, operator: &'static str| {
            (a.clone(), int.clone())
                .prop_map(move |(a, b)| format!("{a}.{name}(x, x {operator} {b})"))
                .boxed()
        };
        let methods = (
            text.clone(),
            prop::sample::select(vec!["contains", "startsWith", "endsWith"]),
            text.clone(),
        )
            .prop_map(|(a, name, b)| format!("{a}.{name}({b})"));
        let next = BTreeMap::from([
            (
                "int",
                prop_oneof![
                    int.clone(),
                    infix(&int, &["+", "-", "*", "/", "%"], &int),
                    choose(&int),
                    list.clone().prop_map(|a| format!("size({a})"))
                ]
                .boxed(),
            ),
            (
                "bool",
                prop_oneof![
                    bool.clone(),
                    infix(&int, &["==", "!=", "<", "<=", ">", ">="], &int),
                    infix(&text, &["==", "!=", "<"], &text),
                    infix(&bool, &["&&", "||", "==", "!="], &bool),
                    infix(&int, &["in"], &list),
                    bool.clone().prop_map(|a| format!("!{a}")),
                    methods,
                    bodies(&list, "exists", ">"),
                    bodies(&list, "all", "<"),
                    bodies(&list, "exists_one", "==")
                ]
                .boxed(),
            ),
            (
                "text",
                prop_oneof![text.clone(), infix(&text, &["+"], &text), choose(&text)].boxed(),
            ),
            (
                "list",
                prop_oneof![
                    list.clone(),
                    infix(&list, &["+"], &list),
                    bodies(&list, "filter", ">"),
                    bodies(&list, "map", "*")
                ]
                .boxed(),
            ),
        ]);
        all = next;
    }
    all
}

fn any_expression() -> impl Strategy<Value = String> {
    let all = expression(3);
    prop_oneof![
        all["int"].clone(),
        all["bool"].clone(),
        all["text"].clone(),
        all["list"].clone()
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_expression_is_worth_what_cel_says(source in any_expression()) {
        match ours(&source) {
            Ok(ours) => prop_assert_eq!(ours, theirs(&source), "{}", source),
            Err(refused) => {
                // Lists in lists of macros are refused, and so are too many operators; nothing else may be.
                let allowed = ["nested", "operators", "deep"];
                let known = refused.iter().all(|one| allowed.iter().any(|word| one.contains(word)));
                prop_assert!(known, "{}: {:?}", source, refused);
            }
        }
    }
}

#[test]
fn the_judge_judges() {
    assert_eq!(ours("slots.a + 1"), Ok(Ok(Value::Int(8))));
    assert_eq!(theirs("slots.a + 1"), Ok(Value::Int(8)));
    assert_eq!(theirs("slots.u"), Err(()));
    assert_eq!(
        ours("slots.l.map(x, x * 2)"),
        Ok(Ok(Value::List([6, -2, 0].map(Value::Int).to_vec())))
    );
    assert_eq!(
        theirs("slots.l.map(x, x * 2)"),
        Ok(Value::List([6, -2, 0].map(Value::Int).to_vec()))
    );
}
