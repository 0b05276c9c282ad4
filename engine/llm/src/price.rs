//! Tokens → money, in whole millionths of a US dollar, rounded up. The prices are data (`prices.json`), with their source and date.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::Usage;

/// Tokens that a price is for.
const MILLION: u128 = 1_000_000;

/// What a model's tokens cost.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars for a million tokens of input.
    pub input: f64,
    /// The same for input that the provider had in its cache; as `input` if it is not said.
    #[serde(default)]
    pub cached: Option<f64>,
    /// The same for output, thinking included.
    pub output: f64,
    /// What counts instead for long input.
    #[serde(default)]
    pub long: Option<Long>,
}

/// The price of calls with a long input; it then counts for all of their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Long {
    /// From how many tokens of input on, not included.
    pub above: u64,
    /// As in [`Price`].
    pub input: f64,
    /// As in [`Price`].
    #[serde(default)]
    pub cached: Option<f64>,
    /// As in [`Price`].
    pub output: f64,
}

impl Price {
    /// What a call cost, in millionths of a US dollar, rounded up.
    pub fn of(&self, usage: &Usage) -> u64 {
        let (input, cached, output) = match self.long {
            Some(long) if usage.input > long.above => (long.input, long.cached, long.output),
            _ => (self.input, self.cached, self.output),
        };
        let from_cache = usage.cached.min(usage.input);
        let sum = part(usage.input - from_cache, input)
            + part(from_cache, cached.unwrap_or(input))
            + part(usage.output, output);
        u64::try_from(sum.div_ceil(MILLION)).unwrap_or(u64::MAX)
    }
}

/// Millionths of a millionth of a dollar, so that only the sum is rounded. A price has at most six decimals.
fn part(tokens: u64, dollars: f64) -> u128 {
    u128::from(tokens) * (dollars * 1e6).round().max(0.0) as u128
}

/// The prices that are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices(BTreeMap<String, Price>);

impl Prices {
    /// The prices that come with this crate.
    pub fn known() -> Self {
        static KNOWN: LazyLock<Prices> = LazyLock::new(|| {
            let file: File = serde_json::from_str(include_str!("prices.json"))
                .expect("a test reads the file that is built in");
            Prices(
                file.sources
                    .into_iter()
                    .flat_map(|source| source.prices)
                    .collect(),
            )
        });
        KNOWN.clone()
    }

    /// Adds a place's own price, or replaces one. A name that ends with `*` is for all models whose names begin so and that
    /// have no price of their own.
    pub fn set(&mut self, target: &str, price: Price) {
        self.0.insert(target.to_owned(), price);
    }

    /// The price of a target, as `provider:model`; `None` if nobody has said what it costs. A model with a date in its name
    /// costs what it costs without, unless it has a price of its own.
    pub fn get(&self, target: &str) -> Option<&Price> {
        self.0
            .get(target)
            .or_else(|| self.0.get(undated(target)?))
            .or_else(|| self.pattern(target))
    }

    fn pattern(&self, target: &str) -> Option<&Price> {
        let begins = |name: &str| {
            name.strip_suffix('*')
                .is_some_and(|begin| target.starts_with(begin))
        };
        let fitting = self.0.iter().filter(|(name, _)| begins(name));
        fitting
            .max_by_key(|(name, _)| name.len())
            .map(|(_, price)| price)
    }

    /// What a call of a target cost, in millionths of a US dollar; `None` if its price is unknown.
    pub fn cost(&self, target: &str, usage: &Usage) -> Option<u64> {
        self.get(target).map(|price| price.of(usage))
    }
}

/// A name without the date at its end: `-20251001` or `-2025-10-01`.
fn undated(target: &str) -> Option<&str> {
    const FORMS: [&[u8]; 2] = [b"-dddddddd", b"-dddd-dd-dd"];
    FORMS.into_iter().find_map(|form| {
        let (name, end) = target.split_at_checked(target.len().checked_sub(form.len())?)?;
        let fits =
            |(byte, form): (u8, &u8)| byte == *form || (*form == b'd' && byte.is_ascii_digit());
        end.bytes().zip(form).all(fits).then_some(name)
    })
}

#[derive(Deserialize)]
struct File {
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    prices: BTreeMap<String, Price>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input: u64, cached: u64, output: u64) -> Usage {
        Usage {
            input,
            cached,
            output,
            estimated: false,
        }
    }

    #[test]
    fn the_built_in_prices_are_sane() {
        let known = Prices::known();
        assert!(known.0.len() > 30);
        for (target, price) in &known.0 {
            assert!(crate::parse_target(target).is_some(), "{target}");
            assert!(price.output >= price.input, "{target}");
            assert!(price.cached.unwrap_or_default() <= price.input, "{target}");
        }
    }

    #[test]
    fn a_cost_is_rounded_up_once() {
        let known = Prices::known();
        // 1,000 × 0.25 + 100 × 2.00 dollars a million.
        let cost = |usage| known.cost("openai:gpt-5-mini", &usage);
        assert_eq!(cost(usage(1000, 0, 100)), Some(450));
        assert_eq!(cost(usage(1, 0, 0)), Some(1));
        assert_eq!(cost(usage(0, 0, 0)), Some(0));
        // 600 fresh, 400 from the cache at a tenth.
        assert_eq!(cost(usage(1000, 400, 0)), Some(160));
    }

    #[test]
    fn long_input_has_its_own_price() {
        let known = Prices::known();
        let cost = |input| known.cost("gemini:gemini-2.5-pro", &usage(input, 0, 0));
        assert_eq!(cost(200_000), Some(250_000));
        assert_eq!(cost(200_001), Some(500_003));
    }

    #[test]
    fn a_date_in_the_name_changes_nothing() {
        let known = Prices::known();
        for (dated, plain) in [
            ("openai:gpt-5-mini-2025-08-07", "openai:gpt-5-mini"),
            (
                "anthropic:claude-haiku-4-5-20251001",
                "anthropic:claude-haiku-4-5",
            ),
        ] {
            assert!(known.get(dated).is_some());
            assert_eq!(known.get(dated), known.get(plain));
        }
        assert_eq!(known.get("openai:gpt-5-mini-turbo"), None);
    }

    #[test]
    fn an_unknown_price_is_none_and_a_place_can_say_it() {
        let mut prices = Prices::known();
        assert_eq!(prices.get("openai:gpt-99"), None);
        assert_eq!(prices.cost("ollama:llama3.2:3b", &usage(9, 0, 9)), Some(0));
        let price: Price = serde_json::from_str(r#"{ "input": 1, "output": 2 }"#).unwrap();
        prices.set("vllm:*", price);
        assert_eq!(
            prices.cost("vllm:qwen", &usage(1000, 1000, 1000)),
            Some(3000)
        );
    }
}
