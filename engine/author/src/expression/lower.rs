//! CEL's tree → ours, with its types checked on the way.
//!
//! Every part comes back with its type, with what it needs to be set, and with what is known when it turned out true or
//! false; `a && b` checks `b` knowing `a`.

use std::cell::RefCell;

use cel::common::ast::{Expr, LiteralValue, SourceInfo};
use cel::{Env, IdedExpr};
use dialog::{Expression, Value, ValueType, Variable};

use super::extent::extent;
use super::facts::{Fact, Facts, Need, covers};
use super::scan::{Refusal, scan};
use super::{Scope, Ty, ty};
use crate::context::Cx;
use crate::names::did_you_mean;
use crate::place::Place;
use crate::rule;
use crate::yaml::{Node, NodeKind, place_within};

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) struct Lowered {
    /// What the core evaluates.
    pub(crate) expression: Expression,
    /// Its type.
    pub(crate) ty: Ty,
    /// What must hold for it to have a value, where it does not see to it itself.
    pub(crate) needs: Vec<Need>,
    /// What holds when it is true.
    pub(crate) yes: Facts,
    /// What holds when it is false.
    pub(crate) no: Facts,
    /// Where it stands.
    pub(crate) place: Place,
}

/// Parses, checks and lowers the expression in a node; what is wrong is reported, and then there is none.
pub(crate) fn lower(cx: Cx<'_>, node: &Node, scope: &Scope) -> Option<Lowered> {
    if node.kind == NodeKind::Broken {
        return None;
    }
    let Some(text) = node.as_text() else {
        cx.findings.add_with_help(
            &rule::WRONG_SHAPE,
            node.place,
            format!("an expression is wanted here, not {}", node.describe()),
            "an expression is written as a text; put quotes around one with brackets",
        );
        return None;
    };
    if let Err(refusal) = scan(text) {
        report_refusal(cx, node, refusal);
        return None;
    }
    let parser = Env::default().with_optional_support(false).parser();
    let (tree, info) = match parser.parse_with_source_info(text) {
        Ok(parsed) => parsed,
        Err(errors) => {
            report_syntax(cx, node, text, &errors);
            return None;
        }
    };
    let lowering = Lowering {
        cx,
        node,
        scope,
        text,
        info: &info,
        known: RefCell::new(scope.facts.clone()),
        item: RefCell::new(None),
    };
    let mut lowered = lowering.lower(&tree)?;
    lowered.place = node.place;
    Some(lowered)
}

fn report_refusal(cx: Cx<'_>, node: &Node, refusal: Refusal) {
    match refusal {
        Refusal::Bounds(sentence) => {
            cx.findings
                .add(&rule::EXPRESSION_SYNTAX, node.place, sentence)
        }
        Refusal::Unbalanced(sentence, at) => cx.findings.add(
            &rule::UNBALANCED,
            place_within(cx.sources, node, at, 1),
            sentence,
        ),
    }
}

fn report_syntax(cx: Cx<'_>, node: &Node, text: &str, errors: &cel::ParseErrors) {
    let (line, column) = errors.errors.first().map_or((1, 1), |error| error.pos);
    let before: usize = text
        .lines()
        .take(usize::try_from(line - 1).unwrap_or(0))
        .map(|line| line.chars().count() + 1)
        .sum();
    let at = before + usize::try_from(column - 1).unwrap_or(0);
    let place = place_within(cx.sources, node, at.min(text.chars().count()), 1);
    let single = text.contains(" = ") && !text.contains("==");
    if single {
        cx.findings.add_with_help(
            &rule::EXPRESSION_SYNTAX,
            place,
            format!("`{text}` is no expression"),
            "two values are compared with `==`",
        );
    } else if text.contains(" and ") || text.contains(" or ") || text.starts_with("not ") {
        cx.findings.add_with_help(
            &rule::EXPRESSION_SYNTAX,
            place,
            format!("`{text}` is no expression"),
            "write `&&` for and, `||` for or, `!` for not",
        );
    } else if !text.contains(['(', '.', '=', '<', '>', '&', '|', '"', '\'']) {
        cx.findings.add_with_help(
            &rule::BARE_WORD,
            node.place,
            format!("`{text}` is no expression"),
            format!("a text is written with quotes within quotes: \"'{text}'\""),
        );
    } else {
        cx.findings.add(
            &rule::EXPRESSION_SYNTAX,
            place,
            format!("`{text}` is no expression: something is missing or too much here"),
        );
    }
}

/// One expression being lowered.
pub(super) struct Lowering<'a> {
    pub(super) cx: Cx<'a>,
    pub(super) node: &'a Node,
    pub(super) scope: &'a Scope,
    text: &'a str,
    info: &'a SourceInfo,
    /// What holds where the lowering is now.
    known: RefCell<Facts>,
    /// The variable of the list macro around it.
    pub(super) item: RefCell<Option<(String, Ty)>>,
}

impl Lowering<'_> {
    /// Lowers one part; what is wrong is reported.
    pub(super) fn lower(&self, part: &IdedExpr) -> Option<Lowered> {
        match &part.expr {
            Expr::Literal(literal) => self.literal(part, literal),
            Expr::Ident(name) => self.name(part, name),
            Expr::Select(select) => self.field(part, &select.operand, &select.field),
            Expr::List(list) => self.list(part, &list.elements),
            Expr::Map(map) => self.map(part, &map.entries),
            Expr::Call(call) => self.call(part, call),
            Expr::Comprehension(_) | Expr::Struct(_) | Expr::Unspecified => {
                self.report(
                    part,
                    &rule::EXPRESSION_SYNTAX,
                    "this form of expression is not in the bot language",
                );
                None
            }
        }
    }

    /// Lowers a part knowing more than its surroundings do.
    pub(super) fn lower_knowing(&self, part: &IdedExpr, facts: &Facts) -> Option<Lowered> {
        let before = self.known.borrow().clone();
        self.known.borrow_mut().extend(facts.iter().cloned());
        let lowered = self.lower(part);
        *self.known.borrow_mut() = before;
        lowered
    }

    /// A part that needs nothing and tells nothing.
    pub(super) fn plain(&self, part: &IdedExpr, expression: Expression, ty: Ty) -> Lowered {
        Lowered {
            expression,
            ty,
            needs: Vec::new(),
            yes: Facts::new(),
            no: Facts::new(),
            place: self.place(part),
        }
    }

    /// A need, unless it is known to hold.
    pub(super) fn need(&self, fact: Fact, place: Place) -> Vec<Need> {
        if covers(&self.known.borrow(), &fact) {
            Vec::new()
        } else {
            vec![Need { fact, place }]
        }
    }

    pub(super) fn report(
        &self,
        part: &IdedExpr,
        rule: &'static rule::Rule,
        sentence: impl Into<String>,
    ) {
        self.cx.findings.add(rule, self.place(part), sentence);
    }

    pub(super) fn place(&self, part: &IdedExpr) -> Place {
        let (first, end) = extent(self.info, self.text, part);
        let length = end.saturating_sub(first).max(1);
        place_within(self.cx.sources, self.node, first, length)
    }

    fn literal(&self, part: &IdedExpr, literal: &LiteralValue) -> Option<Lowered> {
        let (value, value_type) = match literal {
            LiteralValue::Boolean(b) => (Value::Bool(*b.inner()), ValueType::Bool),
            LiteralValue::Int(i) => (Value::Int(*i.inner()), ValueType::Int),
            LiteralValue::Double(n) => (Value::Number(*n.inner()), ValueType::Number),
            LiteralValue::String(t) => (Value::from(t.inner()), ValueType::Text),
            LiteralValue::UInt(_) | LiteralValue::Bytes(_) | LiteralValue::Null => {
                self.report(
                    part,
                    &rule::EXPRESSION_SYNTAX,
                    "this kind of value is not in the bot language; to ask whether something is set, write `has(…)`",
                );
                return None;
            }
        };
        Some(self.plain(part, Expression::Literal(value), Ty::Of(value_type)))
    }

    fn name(&self, part: &IdedExpr, name: &str) -> Option<Lowered> {
        if let Some((item, ty)) = self.item.borrow().as_ref()
            && item == name
        {
            return Some(self.plain(part, Expression::Item, ty.clone()));
        }
        let (variable, ty) = match name {
            "result" => (
                Variable::Result,
                self.scope.result.clone().or_else(|| {
                    self.missing(part, "result", "after a call, a flow or a model's answer")
                })?,
            ),
            "error" => {
                if !self.scope.error {
                    self.missing(part, "error", "where a call failed");
                    return None;
                }
                (Variable::Error, Ty::Of(error_type()))
            }
            "event" => match &self.scope.event {
                Some(fields) => (Variable::Event, Ty::Of(ValueType::Map(fields.clone()))),
                None => {
                    self.missing(part, "event", "where an event is taken");
                    return None;
                }
            },
            "value" => match &self.scope.value {
                Some(value_type) => (Variable::Value, Ty::Of(value_type.clone())),
                None => {
                    self.missing(part, "value", "in a question's `accept`");
                    return None;
                }
            },
            "knowledge" => {
                if !self.scope.knowledge {
                    self.missing(part, "knowledge", "in the router");
                    return None;
                }
                (
                    Variable::Knowledge,
                    Ty::Of(map_of([("support", ValueType::Number)])),
                )
            }
            "user" => (Variable::User, Ty::Of(self.user_type())),
            "desk" => (Variable::Desk, Ty::Of(self.desk_type())),
            "locale" => (
                Variable::Locale,
                Ty::Of(ValueType::Enum(
                    self.cx.names.locales.iter().map(|l| l.0.clone()).collect(),
                )),
            ),
            "now" => (Variable::Now, Ty::Of(ValueType::Datetime)),
            "today" => (Variable::Today, Ty::Of(ValueType::Date)),
            "attempts" => (Variable::Attempts, Ty::Of(ValueType::Int)),
            "slots" | "entity" => {
                self.report(
                    part,
                    &rule::EXPRESSION_SYNTAX,
                    format!("`{name}` needs a name behind it: `{name}.…`"),
                );
                return None;
            }
            _ => return self.bare_word(part, name),
        };
        Some(self.plain(part, Expression::Variable(variable), ty))
    }

    /// Reports a name that this place does not have.
    fn missing(&self, part: &IdedExpr, name: &str, place: &str) -> Option<Ty> {
        self.report(
            part,
            &rule::NOT_AVAILABLE_HERE,
            format!("there is no `{name}` here: it is only known {place}"),
        );
        None
    }

    fn bare_word(&self, part: &IdedExpr, name: &str) -> Option<Lowered> {
        let slots = self.cx.names.slot_names(self.scope.flow);
        if slots.contains(&name) {
            self.cx.findings.add_with_help(
                &rule::BARE_WORD,
                self.place(part),
                format!("`{name}` alone is no name of the language"),
                format!("the slot is written `slots.{name}`"),
            );
            return None;
        }
        if let Some(meant) = bool_word(name) {
            self.cx.findings.add_with_help(
                &rule::BARE_WORD,
                self.place(part),
                format!("`{name}` is no name of the language"),
                format!("write `{meant}`; the text is written \"'{name}'\""),
            );
            return None;
        }
        let near = did_you_mean(name, VARIABLES.iter().copied());
        let (rule, sentence) = if near.is_empty() {
            (
                &rule::BARE_WORD,
                format!("`{name}` is no name of the language"),
            )
        } else {
            (
                &rule::UNKNOWN_NAME,
                format!("there is no name `{name}`{near}"),
            )
        };
        self.cx.findings.add_with_help(
            rule,
            self.place(part),
            sentence,
            format!("a text is written with quotes within quotes: \"'{name}'\""),
        );
        None
    }

    /// `operand.field`.
    fn field(&self, part: &IdedExpr, operand: &IdedExpr, field: &str) -> Option<Lowered> {
        match &operand.expr {
            Expr::Ident(name) if name == "slots" => return self.slot(part, field),
            Expr::Ident(name) if name == "entity" => return self.entity(part, field),
            _ => {}
        }
        let base = self.lower(operand)?;
        let ty = self.field_type(part, &base.ty, field)?;
        let mut needs = base.needs;
        if self.field_may_be_unset(operand, field) {
            needs.extend(self.need(Fact::Set(path(part)?), self.place(part)));
        }
        Some(told_by_needs(Lowered {
            expression: Expression::Field(Box::new(base.expression), field.to_owned()),
            needs,
            ..self.plain(part, Expression::Item, ty)
        }))
    }

    fn slot(&self, part: &IdedExpr, name: &str) -> Option<Lowered> {
        let names = self.cx.names;
        let Some(slot) = names.slot(self.scope.flow, name) else {
            let near = did_you_mean(name, names.slot_names(self.scope.flow));
            if !names.broken.contains(&crate::files::FileKind::Bot) {
                self.report(
                    part,
                    &rule::UNKNOWN_SLOT,
                    format!("no slot `{name}` here{near}"),
                );
            }
            return None;
        };
        let declared = names.declaration(self.scope.flow, slot);
        let ty = Ty::Of(slot_type(declared));
        let needs = if declared.default.is_some() {
            Vec::new()
        } else {
            self.need(Fact::Set(format!("slots.{name}")), self.place(part))
        };
        let lowered = Lowered {
            needs,
            ..self.plain(part, Expression::Variable(Variable::Slot(slot)), ty)
        };
        Some(told_by_needs(lowered))
    }

    fn entity(&self, part: &IdedExpr, name: &str) -> Option<Lowered> {
        let names = self.cx.names;
        let Some(entity) = names.entity(name) else {
            if !names.broken.contains(&crate::files::FileKind::Intents) {
                let near = did_you_mean(
                    name,
                    names.entities.iter().map(|(one, _)| one.name.as_str()),
                );
                self.report(
                    part,
                    &rule::UNKNOWN_ENTITY,
                    format!("no entity `{name}`{near}"),
                );
            }
            return None;
        };
        let ty = Ty::Of(names.entities[entity.index()].0.value_type.clone());
        let lowered = Lowered {
            needs: self.need(Fact::Set(format!("entity.{name}")), self.place(part)),
            ..self.plain(part, Expression::Variable(Variable::Entity(entity)), ty)
        };
        Some(told_by_needs(lowered))
    }

    fn field_type(&self, part: &IdedExpr, base: &Ty, field: &str) -> Option<Ty> {
        let Ty::Of(value_type) = base else {
            return Some(Ty::Any);
        };
        if let Some(found) = ty::field(value_type, field) {
            return Some(Ty::Of(found));
        }
        let fields = ty::field_names(value_type);
        let sentence = if fields.is_empty() {
            format!("{} has no field `{field}`", base.describe())
        } else {
            format!(
                "no field `{field}` here{}",
                did_you_mean(field, fields.iter().copied())
            )
        };
        let rule = if fields.is_empty() {
            &rule::TYPE_ERROR
        } else {
            &rule::UNKNOWN_NAME
        };
        self.report(part, rule, sentence);
        None
    }

    /// What the language says is not always there.
    fn field_may_be_unset(&self, operand: &IdedExpr, field: &str) -> bool {
        matches!(&operand.expr, Expr::Ident(name) if name == "user")
            && !matches!(field, "id" | "first" | "facts" | "episodes")
    }

    fn user_type(&self) -> ValueType {
        let remembered = self
            .cx
            .names
            .slots
            .iter()
            .filter(|slot| slot.scope == dialog::Scope::User)
            .map(|slot| (slot.name.as_str(), slot_type(slot)));
        map_of(
            [
                ("id", ValueType::Text),
                ("first", ValueType::Bool),
                ("tz", ValueType::Text),
            ]
            .into_iter()
            .chain(ty::user_lists())
            .chain(remembered),
        )
    }

    fn desk_type(&self) -> ValueType {
        let status = map_of([("open", ValueType::Bool), ("waiting", ValueType::Int)]);
        map_of(
            self.cx
                .names
                .desks
                .iter()
                .map(|desk| (desk.as_str(), status.clone())),
        )
    }
}

/// What other languages call true and false.
fn bool_word(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "yes" | "on" | "true" => Some("true"),
        "no" | "off" | "false" => Some("false"),
        _ => None,
    }
}

/// Words that an expression can begin with.
const VARIABLES: &[&str] = &[
    "slots",
    "entity",
    "result",
    "error",
    "event",
    "user",
    "locale",
    "now",
    "today",
    "attempts",
    "knowledge",
    "desk",
    "value",
    "true",
    "false",
];

/// A part that had a value was set: its needs hold afterwards, whatever it was compared with.
pub(super) fn told_by_needs(mut lowered: Lowered) -> Lowered {
    lowered
        .yes
        .extend(lowered.needs.iter().map(|need| need.fact.clone()));
    lowered
}

/// The path that a part reads, if it only reads: `slots.cards[0].id`.
pub(super) fn path(part: &IdedExpr) -> Option<String> {
    match &part.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        Expr::Call(call) if call.func_name == "_[_]" => {
            let [list, index] = call.args.as_slice() else {
                return None;
            };
            match &index.expr {
                Expr::Literal(LiteralValue::Int(i)) => {
                    Some(format!("{}[{}]", path(list)?, i.inner()))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a slot holds.
pub(crate) fn slot_type(slot: &dialog::SlotDeclaration) -> ValueType {
    match &slot.kind {
        dialog::SlotKind::Typed(value_type) => value_type.clone(),
        dialog::SlotKind::ItemOf { of, max: None, .. } => of.clone(),
        dialog::SlotKind::ItemOf {
            of, max: Some(max), ..
        } => ValueType::List {
            of: Box::new(of.clone()),
            max: *max,
        },
    }
}

/// A map type.
pub(super) fn map_of<'a>(fields: impl IntoIterator<Item = (&'a str, ValueType)>) -> ValueType {
    ValueType::Map(
        fields
            .into_iter()
            .map(|(name, value_type)| (name.to_owned(), value_type))
            .collect(),
    )
}

/// `error`.
pub(crate) fn error_type() -> ValueType {
    use dialog::ErrorKind::{Cancelled, Failed, Invalid, Refused, Timeout, Unknown, Unreachable};
    let kinds = [
        Timeout,
        Unreachable,
        Refused,
        Failed,
        Invalid,
        Cancelled,
        Unknown,
    ];
    map_of([
        (
            "kind",
            ValueType::Enum(kinds.iter().map(|kind| kind.name().to_owned()).collect()),
        ),
        ("status", ValueType::Int),
        ("code", ValueType::Text),
    ])
}
