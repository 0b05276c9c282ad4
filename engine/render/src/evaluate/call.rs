//! The helpers at work.

use std::borrow::Cow;

use dialog::Value;
use jiff::{Timestamp, civil};

use super::scope::field_or_item;
use super::{Run, Scope, Worth};
use crate::error::RenderError;
use crate::program::{Call, Count, Expression};
use crate::spoken;
use crate::words::{ListKind, Moment, Style};

impl<'a> Run<'a> {
    /// What an expression is worth.
    pub(super) fn worth<'s>(
        &self,
        expression: &'a Expression,
        scope: &'s Scope<'s>,
    ) -> Result<Worth<'s>, RenderError>
    where
        'a: 's,
    {
        match expression {
            Expression::Literal(value) => Ok(Worth::Is(value)),
            Expression::Read(read) => Ok(scope.read(&read.path)),
            Expression::Call(call) => self.call(call, scope),
        }
    }

    fn call<'s>(&self, call: &'a Call, scope: &'s Scope<'s>) -> Result<Worth<'s>, RenderError>
    where
        'a: 's,
    {
        Ok(match call {
            Call::Eq(left, right) => Worth::Made(Value::Bool(self.equal(left, right, scope)?)),
            Call::Lookup(value, key) => self.lookup(value, key, scope)?,
            Call::Label { value, group } => self.label(value, group.as_deref(), scope)?,
            Call::Plural {
                number,
                forms,
                count,
            } => {
                let text = self.number_text(number, scope)?;
                let form = self.around.words.plural_form(&text);
                let form = form.ok_or_else(|| self.wrong_kind(number, "a number"))?;
                let other = forms
                    .last_key_value()
                    .map(|(_, other)| other.as_str())
                    .unwrap_or_default();
                let word = forms.get(&form).map_or(other, String::as_str);
                Worth::Words(self.counted(*count, &text, word))
            }
            Call::Moment { kind, value, style } => {
                Worth::Spoken(self.moment(*kind, *style, value, scope)?)
            }
            Call::Money { amount, currency } => {
                Worth::Spoken(self.money(amount, currency.as_ref(), scope)?)
            }
            Call::Number { number, digits } => {
                let text = self.number_text(number, scope)?;
                let text = self.around.words.number(&text, *digits);
                Worth::Spoken(text.ok_or_else(|| self.wrong_kind(number, "a number"))?)
            }
            Call::List {
                items,
                kind,
                field,
                labels,
            } => Worth::Spoken(self.list(
                items,
                *kind,
                field.as_deref(),
                labels.as_deref(),
                scope,
            )?),
        })
    }

    /// A value that must be set.
    fn needed<'s>(
        &self,
        expression: &'a Expression,
        scope: &'s Scope<'s>,
    ) -> Result<Worth<'s>, RenderError>
    where
        'a: 's,
    {
        match self.worth(expression, scope)? {
            Worth::Unset => Err(self.unset(expression)),
            set => Ok(set),
        }
    }

    /// What is not set equals nothing.
    fn equal(
        &self,
        left: &'a Expression,
        right: &'a Expression,
        scope: &Scope<'_>,
    ) -> Result<bool, RenderError> {
        let left = self.worth(left, scope)?.into_value();
        let right = self.worth(right, scope)?.into_value();
        Ok(match (left, right) {
            (Some(left), Some(right)) => match (left.as_number(), right.as_number()) {
                (Some(left), Some(right)) => left == right,
                _ => left == right,
            },
            _ => false,
        })
    }

    fn lookup<'s>(
        &self,
        value: &'a Expression,
        key: &'a Expression,
        scope: &'s Scope<'s>,
    ) -> Result<Worth<'s>, RenderError>
    where
        'a: 's,
    {
        let key = self.needed(key, scope)?.into_value();
        let key = key.map(|key| spoken::key(&key)).unwrap_or_default();
        Ok(match self.needed(value, scope)? {
            Worth::Is(value) => field_or_item(value, &key).map_or(Worth::Unset, Worth::Is),
            Worth::Made(value) => field_or_item(&value, &key)
                .cloned()
                .map_or(Worth::Unset, Worth::Made),
            Worth::Unset | Worth::Spoken(_) | Worth::Words(_) => Worth::Unset,
        })
    }

    /// The author's word for a value; the value itself if there is none.
    fn label<'s>(
        &self,
        value: &'a Expression,
        group: Option<&'a str>,
        scope: &'s Scope<'s>,
    ) -> Result<Worth<'s>, RenderError>
    where
        'a: 's,
    {
        let worth = self.needed(value, scope)?;
        if let Some(Value::List(items)) = worth.value() {
            let items: Vec<String> = items
                .iter()
                .map(|item| self.label_text(group, &spoken::key(item)))
                .collect();
            return Ok(Worth::Spoken(self.around.words.list(ListKind::And, &items)));
        }
        let key = worth
            .into_value()
            .map(|key| spoken::key(&key))
            .unwrap_or_default();
        Ok(
            match self.around.templates.label(self.around.locale, group, &key) {
                Some(label) => Worth::Words(label.into()),
                None => Worth::Spoken(key),
            },
        )
    }

    fn label_text(&self, group: Option<&str>, key: &str) -> String {
        let label = self.around.templates.label(self.around.locale, group, key);
        label.unwrap_or(key).to_owned()
    }

    /// A word with its number.
    fn counted<'s>(&self, count: Count, number: &str, word: &'s str) -> Cow<'s, str> {
        let spoken = || self.around.words.number(number, None).unwrap_or_default();
        match count {
            Count::Before => format!("{} {word}", spoken()).into(),
            Count::Inside if word.contains('#') => word.replace('#', &spoken()).into(),
            Count::Inside | Count::Unsaid => word.into(),
        }
    }

    /// A number as JSON writes it.
    fn number_text(
        &self,
        number: &'a Expression,
        scope: &Scope<'_>,
    ) -> Result<String, RenderError> {
        let worth = self.needed(number, scope)?;
        let text = worth.value().and_then(spoken::number);
        text.ok_or_else(|| self.wrong_kind(number, "a number"))
    }

    fn moment(
        &self,
        kind: Moment,
        style: Style,
        value: &'a Expression,
        scope: &Scope<'_>,
    ) -> Result<String, RenderError> {
        let worth = self.needed(value, scope)?;
        let text = match worth.value() {
            Some(Value::Time(moment)) => Some(self.moment_of(*moment, kind, style)),
            Some(Value::Text(text)) => self.moment_in(text, kind, style),
            _ => None,
        };
        text.ok_or_else(|| match kind {
            Moment::Date => self.wrong_kind(value, "a date"),
            Moment::Time => self.wrong_kind(value, "a time"),
            Moment::DateTime => self.wrong_kind(value, "a date with a time"),
        })
    }

    fn moment_of(&self, moment: Timestamp, kind: Moment, style: Style) -> String {
        let local = moment.to_zoned(self.around.tz.clone());
        let words = self.around.words;
        match kind {
            Moment::Date => words.date(local.date(), style),
            Moment::Time => words.time(local.time(), Some(local.offset()), style),
            Moment::DateTime => words.datetime(local.datetime(), style),
        }
    }

    /// A moment in the text of a slot or a result: `2026-03-02`, `09:00`, or both, with or without an offset.
    fn moment_in(&self, text: &str, kind: Moment, style: Style) -> Option<String> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(self.moment_of(moment, kind, style));
        }
        let words = self.around.words;
        Some(match kind {
            Moment::Date => words.date(text.parse::<civil::Date>().ok()?, style),
            Moment::Time => words.time(text.parse::<civil::Time>().ok()?, None, style),
            Moment::DateTime => words.datetime(text.parse::<civil::DateTime>().ok()?, style),
        })
    }

    fn money(
        &self,
        amount: &'a Expression,
        currency: Option<&'a Expression>,
        scope: &Scope<'_>,
    ) -> Result<String, RenderError> {
        let worth = self.needed(amount, scope)?;
        let text = match (worth.value(), currency) {
            (Some(money @ Value::Map(_)), None) => spoken::money(self.around.words, money),
            (Some(number), Some(currency)) => {
                let code = self.needed(currency, scope)?.into_value();
                let code = code.as_deref().and_then(Value::as_text).unwrap_or_default();
                spoken::number(number).and_then(|number| self.around.words.money(&number, code))
            }
            _ => None,
        };
        text.ok_or_else(|| {
            self.wrong_kind(
                amount,
                "money: a map of `amount` and `currency`, or a number and a currency's code",
            )
        })
    }

    fn list(
        &self,
        items: &'a Expression,
        kind: ListKind,
        field: Option<&str>,
        labels: Option<&str>,
        scope: &Scope<'_>,
    ) -> Result<String, RenderError> {
        let worth = self.needed(items, scope)?;
        let Some(Value::List(list)) = worth.value() else {
            return Err(self.wrong_kind(items, "a list"));
        };
        let mut texts = Vec::with_capacity(list.len());
        for item in list {
            let item = match field {
                Some(field) => item
                    .field(field)
                    .ok_or_else(|| self.wrong_kind(items, "a list of maps that have the field"))?,
                None => item,
            };
            texts.push(match labels {
                Some(group) => self.label_text(Some(group), &spoken::key(item)),
                None => self.spoken(item, items)?,
            });
        }
        Ok(self.around.words.list(kind, &texts))
    }

    /// How a value is said that no helper was asked to say.
    pub(super) fn spoken(
        &self,
        value: &Value,
        expression: &Expression,
    ) -> Result<String, RenderError> {
        spoken::value(value, self.around.words, self.around.tz).ok_or_else(|| {
            self.wrong_kind(
                expression,
                "a text or number, not a map: name one of its fields",
            )
        })
    }
}
