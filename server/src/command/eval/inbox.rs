//! Messages of customers that were not understood, grouped, as a file of intents that the author can edit.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use dialog::Bot;
use understand::{Group, Grouped, GroupedText, Model, Written, group};

use super::Args;
use super::report::line;
use super::subject::Subject;
use crate::command::DataArgs;
use crate::config::Config;
use crate::{folder, reader};

/// Examples of a group that are written down: more teach little, and the author reads each.
const EXAMPLES_MAX: usize = 30;
/// Messages that nothing else is like, as comments.
const ALONE_MAX: usize = 30;
/// A longer message is a story, and no example.
const EXAMPLE_CHARS_MAX: usize = 200;

/// What became of the messages in a store.
#[derive(serde::Serialize)]
pub(super) struct Inbox {
    /// How many were not understood.
    messages: usize,
    /// How many of those this version of the bot would understand.
    understood_now: usize,
    #[serde(flatten)]
    grouped: Grouped,
}

/// Reads the messages and groups those that the bot would still not understand.
pub(super) fn of(args: &Args, subject: &Subject, data: &str) -> anyhow::Result<Inbox> {
    let bot = subject.bot.as_deref();
    let bot = bot.context("`--inbox` needs a bot's folder")?;
    let written = super::super::block_on(read(&args.what, data))?;
    let config = Config::load(&subject.dir, &[])?;
    let models = folder::Models::of(&config, &subject.dir);
    let name = args.encoder.as_deref().unwrap_or(subject.encoder);
    let encoder = reader::open(name, &models.shelf)?;
    let model = models.model(&subject.data, encoder.clone())?;
    let (known, unknown): (Vec<Written>, Vec<Written>) = written
        .into_iter()
        .partition(|one| is_understood(bot, &model, &one.text));
    let mut trainer = reader::trainer(encoder, &models.folder);
    let count = |all: &[Written]| all.iter().map(|one| one.times).sum::<usize>();
    Ok(Inbox {
        messages: count(&known) + count(&unknown),
        understood_now: count(&known),
        grouped: group(&mut trainer, subject.examined(), &model, &unknown)?,
    })
}

/// All messages in the store that were not understood, each text once.
async fn read(bot: &Path, data: &str) -> anyhow::Result<Vec<Written>> {
    let remote = DataArgs::of(bot, data).connect().await?;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let mut path = "/v1/not-understood".to_owned();
    loop {
        let page = remote.get(&path).await?;
        let messages = page["messages"].as_array().into_iter().flatten();
        for text in messages.filter_map(|message| message["text"].as_str()) {
            *times.entry(text.to_owned()).or_default() += 1;
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/v1/not-understood?cursor={next}"),
            None => break,
        }
    }
    remote.close().await;
    let written = times.into_iter();
    Ok(written
        .map(|(text, times)| Written { text, times })
        .collect())
}

fn is_understood(bot: &Bot, model: &Model, text: &str) -> bool {
    let answer = model.classify(text);
    let best = answer.intents.first().map_or(0.0, |best| best.confidence.0);
    best >= bot.bands.accept && answer.in_scope.0 >= bot.bands.confirm
}

/// The groups as a file of intents, to be put into `intents/<locale>/`.
pub(super) fn yaml(inbox: &Inbox) -> String {
    let mut out = String::new();
    let grouped = &inbox.grouped;
    line!(
        out,
        "# {} messages were not understood; this version of the bot understands {} of them.",
        inbox.messages,
        inbox.understood_now
    );
    line!(
        out,
        "# Below, those that seem to ask for the same stand together. Give each group the name of an intent, or move its lines"
    );
    line!(
        out,
        "# to an intent that is there already; delete what is none; keep this file in intents/<locale>/."
    );
    if grouped.left_out > 0 {
        line!(out, "# {} texts more were left out.", grouped.left_out);
    }
    line!(
        out,
        "intents:{}",
        if grouped.groups.is_empty() { " {}" } else { "" }
    );
    for (number, group) in grouped.groups.iter().enumerate() {
        intent(&mut out, number + 1, group);
    }
    if !grouped.alone.is_empty() {
        line!(
            out,
            "# {} texts that nothing else is like:",
            grouped.alone.len()
        );
        for one in grouped.alone.iter().take(ALONE_MAX) {
            line!(out, "#   {}{}", plain(&one.text), times(one));
        }
    }
    out
}

fn intent(out: &mut String, number: usize, group: &Group) {
    let nearest = group
        .nearest
        .iter()
        .map(|one| format!("{} {:.2}", one.intent, one.confidence.0));
    let nearest: Vec<String> = nearest.collect();
    line!(
        out,
        "  # {} messages; nearest to {}",
        group.messages,
        nearest.join(", ")
    );
    line!(out, "  inbox_{number}:");
    line!(out, "    examples: |");
    let short = group.texts.iter().map(|one| plain(&one.text));
    let short: Vec<String> = short
        .filter(|text| !text.is_empty() && text.chars().count() <= EXAMPLE_CHARS_MAX)
        .collect();
    for text in short.iter().take(EXAMPLES_MAX) {
        line!(out, "      {text}");
    }
    let left = group.texts.len() - short.len().min(EXAMPLES_MAX);
    if left > 0 {
        line!(out, "    # {left} texts more");
    }
}

fn times(one: &GroupedText) -> String {
    match one.times {
        1 => String::new(),
        times => format!("  ({times} times)"),
    }
}

/// A message as one line of a block of YAML: what would be a control character, a list's dash or an annotation is none.
fn plain(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() && !matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<String> = words
        .map(|word| word.chars().filter(is_kept).collect::<String>())
        .filter(|word: &String| !word.is_empty())
        .collect();
    let line = words.join(" ").replace("](", "] (");
    line.trim_start_matches(['-', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_customers_write_becomes_examples_that_compile() {
        let hostile = [
            "  - a list?\n  with: a map",
            "my [card](number) {{is}} # gone",
            "\u{7}\u{85}\u{2028}\u{feff}'quotes\" & *alias !tag %dir @at `tick`",
            "---",
            "| > block",
            "card ‹last4› 💳",
        ];
        let text = |text: &str| GroupedText {
            text: text.to_owned(),
            times: 1,
        };
        let grouped = Grouped {
            groups: vec![Group {
                messages: hostile.len(),
                texts: hostile.into_iter().map(text).collect(),
                nearest: Vec::new(),
            }],
            alone: hostile.into_iter().map(text).collect(),
            left_out: 0,
        };
        let yaml = yaml(&Inbox {
            messages: hostile.len(),
            understood_now: 0,
            grouped,
        });
        let bot = "bot: b\nlocales: [en]\ndesks: { d: { via: console } }\nrouter: [ { do: handoff, to: d, why: x } ]\n";
        let files = [("bot.yaml", bot), ("intents/en/inbox.yaml", yaml.as_str())];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let compiled = author::compile(&files.into(), &folder::catalogue(None));
        let errors: Vec<String> = compiled
            .diagnostics
            .iter()
            .filter(|one| one.severity == author::Severity::Error)
            .map(ToString::to_string)
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{yaml}");
        let data = compiled.training.expect("it compiles");
        let intent = data.intents.iter().find(|one| one.intent == "inbox_1");
        let examples: Vec<&str> = intent
            .expect("it is there")
            .examples
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        assert_eq!(
            examples,
            [
                "a list? with: a map",
                "my [card] (number) {{is}} # gone",
                "'quotes\" & *alias !tag %dir @at `tick`",
                "| > block",
                "card ‹last4› 💳"
            ]
        );
    }
}
