//! The helpers: what each takes, and which mistakes can be made with it.

use std::collections::{BTreeMap, HashMap};

use handlebars::template::Parameter;

use super::options::{Options, literal_text};
use super::{BLOCKS, HELPERS, Lower};
use crate::program::{Call, Count, Expression, PluralForm};
use crate::suggest::did_you_mean;
use crate::words::{ListKind, Moment, Style};

impl Lower<'_> {
    pub(super) fn call(
        &mut self,
        name: &str,
        params: &[Parameter],
        hash: &HashMap<String, Parameter>,
    ) -> Option<Expression> {
        let mut options = Options::new(hash);
        let call = match name {
            "eq" => self
                .two(name, params)
                .map(|(left, right)| Call::Eq(left, right)),
            "lookup" => self
                .two(name, params)
                .map(|(value, key)| Call::Lookup(value, key)),
            "label" => self.label(params),
            "plural" => self.plural(params, &mut options),
            "date" => self.moment(Moment::Date, params, &mut options),
            "time" => self.moment(Moment::Time, params, &mut options),
            "datetime" => self.moment(Moment::DateTime, params, &mut options),
            "money" => self.money(params),
            "number" => self.number(params, &mut options),
            "list" => self.list(params, &mut options),
            other => return self.unknown(other),
        };
        options.finish(self, name);
        call.map(|call| Expression::Call(Box::new(call)))
    }

    fn unknown<T>(&mut self, name: &str) -> Option<T> {
        if BLOCKS.contains(&name) {
            return self.needs_hash(name);
        }
        let hint = did_you_mean(name, HELPERS);
        self.mistake(format!("There is no helper `{name}`{hint}"))
    }

    fn one(&mut self, helper: &str, params: &[Parameter]) -> Option<Expression> {
        match params {
            [one] => self.expression(one),
            other => self.mistake(format!("`{helper}` takes one value, not {}.", other.len())),
        }
    }

    fn two(&mut self, helper: &str, params: &[Parameter]) -> Option<(Expression, Expression)> {
        match params {
            [left, right] => {
                let left = self.expression(left);
                let right = self.expression(right);
                Some((left?, right?))
            }
            other => self.mistake(format!("`{helper}` takes two values, not {}.", other.len())),
        }
    }

    /// `{{label slots.reason}}`, `{{label item.state 'status'}}`, `{{label 'affirm'}}`.
    fn label(&mut self, params: &[Parameter]) -> Option<Call> {
        let (value, group) = match params {
            [value] => (self.expression(value)?, None),
            [value, group] => match literal_text(group) {
                Some(group) => (self.expression(value)?, Some(group)),
                None => return self.mistake("The second value of `label` is the group's name in quotes: `{{label x 'status'}}`."),
            },
            other => return self.mistake(format!("`label` takes a value and perhaps a group, not {} values.", other.len())),
        };
        if matches!(value, Expression::Literal(_)) {
            return Some(Call::Label { value, group });
        }
        match group.or_else(|| self.group_of(&value)) {
            Some(group) => Some(Call::Label { value, group: Some(group) }),
            None => self.mistake("`label` can't tell whose labels are meant: name the group, `{{label x 'status'}}`."),
        }
    }

    /// `{{plural n one='day' other='days'}}`.
    fn plural(&mut self, params: &[Parameter], options: &mut Options<'_>) -> Option<Call> {
        let number = self.one("plural", params);
        let without = options.flag(self, "no_number")?.unwrap_or(false);
        let mut forms = BTreeMap::new();
        for (name, form) in PluralForm::NAMES {
            if let Some(text) = options.text(self, name)? {
                forms.insert(form, text);
            }
        }
        if !forms.contains_key(&PluralForm::Other) {
            return self.mistake("`plural` needs `other`: `{{plural n one='day' other='days'}}`.");
        }
        let known = self.words.plural_forms();
        if let Some((name, _)) = PluralForm::NAMES
            .iter()
            .find(|(_, form)| forms.contains_key(form) && !known.contains(form))
        {
            let known: Vec<&str> = PluralForm::NAMES
                .iter()
                .filter(|(_, form)| known.contains(form))
                .map(|(name, _)| *name)
                .collect();
            return self.mistake(format!(
                "This language has no plural form `{name}`, only {}.",
                known.join(", ")
            ));
        }
        Some(Call::Plural {
            number: number?,
            count: match without {
                true => Count::Unsaid,
                false if forms.values().any(|form| form.contains('#')) => Count::Inside,
                false => Count::Before,
            },
            forms,
        })
    }

    /// `{{date slots.day style='long'}}`.
    fn moment(
        &mut self,
        kind: Moment,
        params: &[Parameter],
        options: &mut Options<'_>,
    ) -> Option<Call> {
        let style = options.choice(self, "style", &Style::NAMES)?;
        let value = self.one(kind.helper(), params)?;
        Some(Call::Moment {
            kind,
            value,
            style: style.unwrap_or(kind.default_style()),
        })
    }

    /// `{{money slots.price}}`, `{{money 5 'EUR'}}`.
    fn money(&mut self, params: &[Parameter]) -> Option<Call> {
        match params {
            [amount] => Some(Call::Money {
                amount: self.expression(amount)?,
                currency: None,
            }),
            [amount, currency] => {
                let amount = self.expression(amount);
                let currency = self.expression(currency);
                Some(Call::Money {
                    amount: amount?,
                    currency: Some(currency?),
                })
            }
            other => self.mistake(format!(
                "`money` takes an amount, or a number and a currency, not {} values.",
                other.len()
            )),
        }
    }

    /// `{{number slots.share digits=1}}`.
    fn number(&mut self, params: &[Parameter], options: &mut Options<'_>) -> Option<Call> {
        let digits = options.digits(self, "digits")?;
        let number = self.one("number", params)?;
        Some(Call::Number { number, digits })
    }

    /// `{{list slots.cards kind='or' field='label'}}`.
    fn list(&mut self, params: &[Parameter], options: &mut Options<'_>) -> Option<Call> {
        let kind = options
            .choice(self, "kind", &ListKind::NAMES)?
            .unwrap_or(ListKind::And);
        let field = options.text(self, "field")?;
        let labels = options.text(self, "labels")?;
        let items = self.one("list", params)?;
        Some(Call::List {
            items,
            kind,
            field,
            labels,
        })
    }
}
