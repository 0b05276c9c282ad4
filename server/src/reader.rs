//! With what texts are read here: the encoder that the bot asks for, if it is there, and the vectors that were kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use encode::{Kind, Shelf};
use indicatif::{ProgressBar, ProgressStyle};
use tracing::info;
use understand::{Encoder, Progress, Trainer};

use crate::command::encoders::kind;
use crate::folder;

/// Opens the encoder with this name: `auto` is the best that is there, `sparse` (and `auto` where there is none) is none.
///
/// # Errors
/// When one is named that is not there, or its files are damaged.
pub(crate) fn open(name: &str, shelf: &Shelf) -> anyhow::Result<Option<Arc<dyn Encoder>>> {
    let kind: Option<&'static Kind> = match name {
        "sparse" => None,
        "auto" => shelf.best(),
        name => Some(kind(name)?),
    };
    let Some(kind) = kind else { return Ok(None) };
    let encoder = shelf.open(kind)?;
    info!(encoder = kind.name, "Texts are read with an encoder.");
    Ok(Some(encoder))
}

/// One that trains with this encoder and the vectors kept in this folder.
pub(crate) fn trainer(encoder: Option<Arc<dyn Encoder>>, cache: &Path) -> Trainer {
    let Some(encoder) = encoder else {
        return Trainer::sparse();
    };
    let vectors = std::fs::read(vectors(cache, encoder.as_ref())).unwrap_or_default();
    Trainer::with(encoder, &vectors)
}

/// Keeps the vectors of what was trained on, so that training again encodes only what is new.
pub(crate) fn keep(trainer: &Trainer, cache: &Path) -> anyhow::Result<()> {
    let (Some(encoder), Some(content)) = (trainer.encoder(), trainer.vectors()) else {
        return Ok(());
    };
    folder::write(&vectors(cache, encoder.as_ref()), &content)
        .context("the texts' vectors can't be kept")
}

fn vectors(cache: &Path, encoder: &dyn Encoder) -> PathBuf {
    cache.join(format!("{}.vectors", encoder.fingerprint()))
}

/// A bar for [`show`].
pub(crate) fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:8} {bar:30} {pos} of {len}");
    let bar = ProgressBar::new(0).with_style(style.expect("the template is ours"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Shows how far training is.
pub(crate) fn show(bar: &ProgressBar, progress: Progress) {
    let (what, done, of) = match progress {
        Progress::Encoding { done, of } => ("encoding", done, of),
        Progress::Fitting { part, parts, .. } => ("training", part, parts),
    };
    bar.set_message(what);
    bar.set_length(of as u64);
    bar.set_position(done as u64);
}
