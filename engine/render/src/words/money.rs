//! Amounts of money with the language's symbol, place and separators; as many digits as the currency has.

use std::sync::Arc;

use icu::decimal::DecimalFormatter;
use icu::experimental::dimension::currency::CurrencyType;
use icu::experimental::dimension::currency::formatter::CurrencyFormatter;

use super::{ROOT, Words, decimal};

/// How many currencies' formatters are kept: there are about 180 in use, and a value from outside may name any three letters.
const CURRENCIES_MAX: usize = 200;

impl Words {
    /// An amount, as `12.5` and `EUR`. None if it is no number, or no currency's code.
    pub(crate) fn money(&self, amount: &str, currency: &str) -> Option<String> {
        let amount = decimal::parse(amount)?;
        let code = currency.to_ascii_uppercase();
        let formatter = self.currency(&code)?;
        Some(formatter.format_fixed_decimal(&amount).to_string())
    }

    fn currency(&self, code: &str) -> Option<Arc<CurrencyFormatter<DecimalFormatter>>> {
        let kept = self
            .currencies
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .get(code)
            .cloned();
        if kept.is_some() {
            return kept;
        }
        let currency = CurrencyType::try_from_str(code).ok()?;
        let formatter =
            CurrencyFormatter::try_new_symbol((&self.tag).into(), currency, Default::default())
                .expect(ROOT);
        let formatter = Arc::new(formatter);
        let mut kept = self
            .currencies
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if kept.len() < CURRENCIES_MAX {
            kept.insert(code.to_owned(), Arc::clone(&formatter));
        }
        Some(formatter)
    }
}
