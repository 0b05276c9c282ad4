//! What is measured: a bot's folder or a corpus, and the messages to measure it on.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use dialog::Locale;
use understand::{
    CorpusLine, CorpusSplits, Examined, Places, TestMessage, TrainingData, read_corpus_file,
};

use super::Args;
use crate::folder;

/// Training data with where its examples stand, and what to measure it on.
pub(super) struct Subject {
    pub(super) data: TrainingData,
    pub(super) places: Places,
    /// The messages to measure on; none = its own examples, by cross-validation.
    pub(super) test: Option<Vec<TestMessage>>,
    /// The encoder that it wants.
    pub(super) encoder: &'static str,
    /// The folder whose settings count.
    pub(super) dir: PathBuf,
    /// What it was compiled from, if it is a bot.
    pub(super) bot: Option<std::sync::Arc<dialog::Bot>>,
}

impl Subject {
    pub(super) fn load(what: &Path, args: &Args) -> anyhow::Result<Self> {
        let mut subject = match what.is_dir() {
            true => Self::of_bot(what)?,
            false => Self::of_file(what, args)?,
        };
        if let Some(file) = &args.on {
            subject.test = Some(messages_of(file, args)?);
        }
        Ok(subject)
    }

    pub(super) fn of_bot(dir: &Path) -> anyhow::Result<Self> {
        let compiled = folder::compile(dir, &folder::catalogue(None))?;
        if !folder::report(&compiled) {
            bail!("the bot has mistakes; mend them first");
        }
        let data = compiled.training;
        Ok(Self {
            data: data.context("a bot without mistakes has training data")?,
            places: compiled.places,
            test: None,
            encoder: compiled.encoder,
            dir: dir.to_owned(),
            bot: compiled.bot,
        })
    }

    fn of_file(file: &Path, args: &Args) -> anyhow::Result<Self> {
        let lines = read(file)?;
        let splits = splits(args, args.test_split.clone());
        let data = splits.training(&lines, &Locale::from(args.locale.as_str()));
        if data.intents.is_empty() {
            bail!(
                "no line of {} has the split `{}`",
                file.display(),
                args.train_split
            );
        }
        let test = splits.test(&lines);
        if test.is_empty() && args.test_split.is_some() && args.on.is_none() {
            bail!("no line of {} has the split to measure on", file.display());
        }
        Ok(Self {
            data,
            places: splits.places(&lines),
            test: args.test_split.is_some().then_some(test),
            encoder: "auto",
            dir: PathBuf::from("."),
            bot: None,
        })
    }

    pub(super) fn examined(&self) -> Examined<'_> {
        Examined {
            data: &self.data,
            places: &self.places,
            deal: None,
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<CorpusLine>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    read_corpus_file(&name, &text).with_context(|| format!("in {name}"))
}

fn splits(args: &Args, test: Option<String>) -> CorpusSplits {
    CorpusSplits {
        train: args.train_split.clone(),
        test,
        oos_label: args.oos_label.clone(),
        shots: args.shots,
    }
}

/// The messages of `--on`: of the test split, or all.
fn messages_of(file: &Path, args: &Args) -> anyhow::Result<Vec<TestMessage>> {
    let mut lines = read(file)?;
    if args.test_split.is_none() {
        lines.iter_mut().for_each(|line| line.split.clear());
    }
    let split = args.test_split.clone().unwrap_or_default();
    let messages = splits(args, Some(split)).test(&lines);
    if messages.is_empty() {
        bail!("there is no message to measure on in {}", file.display());
    }
    Ok(messages)
}
