//! What the models cost, summed up: the same for the command line and the HTTP API.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::journal::{self, Line};

/// By what calls are summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, clap::ValueEnum, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// The day, in UTC
    #[default]
    Day,
    /// The bot
    Bot,
    /// The provider's model
    Model,
}

/// Which calls, and by what they are summed up.
#[derive(Clone, Debug, Default, Deserialize, clap::Args, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// By what the calls are summed up
    #[arg(long, value_enum, default_value = "day")]
    #[serde(default)]
    #[param(inline)]
    pub(crate) by: By,
    /// From this day of UTC on, as 2026-03-02
    #[arg(long, value_name = "DAY")]
    #[serde(default)]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) from: Option<Date>,
    /// Up to this day of UTC, which is included
    #[arg(long, value_name = "DAY")]
    #[serde(default)]
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) to: Option<Date>,
}

impl Which {
    /// As it stands in an address.
    pub(crate) fn query(&self) -> String {
        let by = match self.by {
            By::Day => "day",
            By::Bot => "bot",
            By::Model => "model",
        };
        let day =
            |name, day: Option<Date>| day.map_or(String::new(), |day| format!("&{name}={day}"));
        format!("by={by}{}{}", day("from", self.from), day("to", self.to))
    }
}

/// What some calls took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Sum {
    pub(crate) calls: u64,
    pub(crate) input_tokens: u64,
    /// Of the input, what the provider had in its cache.
    pub(crate) cached_tokens: u64,
    pub(crate) output_tokens: u64,
    /// Millionths of a US dollar.
    pub(crate) micro_usd: u64,
    /// Calls whose price nobody knows.
    pub(crate) unpriced: u64,
}

/// The sums, by name, and all of it.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
pub(crate) struct Costs {
    pub(crate) rows: BTreeMap<String, Sum>,
    pub(crate) total: Sum,
}

impl Costs {
    /// Of the calls that are noted in a data folder. Reads the whole file: not for the workers that serve connections.
    ///
    /// # Errors
    /// When the file is there but can't be read.
    pub(crate) fn read(data: &Path, which: &Which) -> anyhow::Result<Self> {
        let mut costs = Self::default();
        journal::read(data, |line| costs.add(&line, which))?;
        Ok(costs)
    }

    fn add(&mut self, line: &Line, which: &Which) {
        let day = journal::day(line.at);
        if which.from.is_some_and(|from| day < from) || which.to.is_some_and(|to| day > to) {
            return;
        }
        let name = match which.by {
            By::Day => day.to_string(),
            By::Bot => line.bot.clone(),
            By::Model => line.target.clone(),
        };
        self.rows.entry(name).or_default().add(line);
        self.total.add(line);
    }
}

impl Sum {
    fn add(&mut self, line: &Line) {
        self.calls += 1;
        self.input_tokens += line.usage.input;
        self.cached_tokens += line.usage.cached;
        self.output_tokens += line.usage.output;
        self.micro_usd += line.micro_usd.unwrap_or_default();
        self.unpriced += u64::from(line.micro_usd.is_none());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_utc_and_both_ends_count() {
        let data = tempfile::tempdir().unwrap();
        let line = |at: &str, price: &str| {
            format!(
                "{{\"at\":\"{at}\",\"bot\":\"b\",\"model\":\"m\",\"target\":\"t:x\",\"visitor\":\"v\",\"input\":5,\"cached\":1,\"output\":2,\"estimated\":false,\"micro_usd\":{price}}}\n"
            )
        };
        let lines = [
            line("2026-03-01T23:59:59Z", "7"),
            line("2026-03-02T01:00:00+02:00", "7"),
            line("2026-03-02T00:00:00Z", "null"),
            line("2026-03-04T00:00:00Z", "9"),
            "{\"at\":\"2026-03-0".to_owned(),
        ];
        std::fs::write(data.path().join("costs.jsonl"), lines.concat()).unwrap();
        let rows = |from: Option<&str>, to: Option<&str>| -> Vec<(String, u64, u64)> {
            let day = |day: &str| day.parse().unwrap();
            let (from, to) = (from.map(day), to.map(day));
            let which = Which {
                by: By::Day,
                from,
                to,
            };
            let costs = Costs::read(data.path(), &which).unwrap();
            assert_eq!(
                costs.total.calls,
                costs.rows.values().map(|sum| sum.calls).sum::<u64>()
            );
            let rows = costs.rows.into_iter();
            rows.map(|(day, sum)| (day, sum.micro_usd, sum.unpriced))
                .collect()
        };
        let of = |day: &str, micro_usd, unpriced| (day.to_owned(), micro_usd, unpriced);
        let (first, second) = (of("2026-03-01", 14, 0), of("2026-03-02", 0, 1));
        let third = of("2026-03-04", 9, 0);
        let all = [first.clone(), second.clone(), third.clone()];
        assert_eq!(rows(None, None), all);
        assert_eq!(rows(Some("2026-03-02"), None), [second.clone(), third]);
        assert_eq!(rows(None, Some("2026-03-02")), [first, second.clone()]);
        assert_eq!(rows(Some("2026-03-02"), Some("2026-03-02")), [second]);
    }
}
