//! How one language writes numbers, money, dates and lists: CLDR's data by `icu`, each formatter made once, when first needed.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, RwLock};

use icu::decimal::DecimalFormatter;
use icu::experimental::dimension::currency::formatter::CurrencyFormatter;
use icu::experimental::duration::DurationFormatter;
use icu::list::ListFormatter;
use icu::list::options::ListFormatterOptions;
use icu::locale::Locale as Tag;
use icu::plurals::{PluralCategory, PluralRules};

use crate::program::PluralForm;

mod decimal;
mod duration;
mod moment;
mod money;

pub(crate) use moment::{Moment, Style};

/// One language's formatters.
#[derive(Debug)]
pub(crate) struct Words {
    tag: Tag,
    plurals: PluralRules,
    decimal: DecimalFormatter,
    and: OnceLock<ListFormatter>,
    or: OnceLock<ListFormatter>,
    durations: OnceLock<DurationFormatter>,
    moments: moment::Moments,
    currencies: RwLock<BTreeMap<String, Arc<CurrencyFormatter<DecimalFormatter>>>>,
}

/// What joins a list's last two items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListKind {
    /// "a, b and c"
    And,
    /// "a, b or c"
    Or,
}

impl ListKind {
    /// As authors write them.
    pub(crate) const NAMES: [(&str, ListKind); 2] = [("and", ListKind::And), ("or", ListKind::Or)];
}

/// Compiled data falls back to the root locale, so there is some for every tag.
const ROOT: &str = "compiled data has a root locale";

impl Words {
    /// The words of a language tag; one that is none gets the root locale's.
    pub(crate) fn new(tag: &str) -> Self {
        let tag: Tag = tag.parse().unwrap_or(Tag::UNKNOWN);
        Self {
            plurals: PluralRules::try_new_cardinal((&tag).into()).expect(ROOT),
            decimal: DecimalFormatter::try_new((&tag).into(), Default::default()).expect(ROOT),
            and: OnceLock::new(),
            or: OnceLock::new(),
            durations: OnceLock::new(),
            moments: moment::Moments::default(),
            currencies: RwLock::default(),
            tag,
        }
    }

    /// The plural forms that the language has.
    pub(crate) fn plural_forms(&self) -> Vec<PluralForm> {
        self.plurals.categories().map(plural_form).collect()
    }

    /// The plural form for a number; none if it is not one.
    pub(crate) fn plural_form(&self, number: &str) -> Option<PluralForm> {
        let decimal = decimal::parse(number)?;
        Some(plural_form(self.plurals.category_for(&decimal)))
    }

    /// Joins texts.
    pub(crate) fn list(&self, kind: ListKind, items: &[String]) -> String {
        let options = ListFormatterOptions::default();
        let formatter = match kind {
            ListKind::And => self.and.get_or_init(|| {
                ListFormatter::try_new_and((&self.tag).into(), options).expect(ROOT)
            }),
            ListKind::Or => self.or.get_or_init(|| {
                ListFormatter::try_new_or((&self.tag).into(), options).expect(ROOT)
            }),
        };
        formatter.format_to_string(items.iter())
    }
}

fn plural_form(category: PluralCategory) -> PluralForm {
    match category {
        PluralCategory::Zero => PluralForm::Zero,
        PluralCategory::One => PluralForm::One,
        PluralCategory::Two => PluralForm::Two,
        PluralCategory::Few => PluralForm::Few,
        PluralCategory::Many => PluralForm::Many,
        PluralCategory::Other => PluralForm::Other,
    }
}
