//! `switchboard train`: the model, ahead of time.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use crate::config::Config;
use crate::{folder, reader, serving};

/// Train what a bot understands, and keep it. `serve` does this by itself; the same files give the same bytes.
///
/// Example: switchboard train mybot
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The data folder
    #[arg(long)]
    data: Option<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(
        &args.dir,
        &[
            ("data", super::serve::absolute(args.data.as_deref())?),
            ("log.level", Some("warn".to_owned())),
        ],
    )?;
    serving::log(&config);
    let compiled = folder::compile(&args.dir, &folder::catalogue(None))?;
    if !folder::report(&compiled) {
        return Ok(ExitCode::FAILURE);
    }
    let training = compiled
        .training
        .context("a bot without mistakes has training data")?;
    let models = folder::Models::of(&config, &args.dir);
    let model = models.model(&training, reader::open(compiled.encoder, &models.shelf)?)?;
    println!(
        "{} intents understood, read with {}; the model is {}",
        model.intents().len(),
        model
            .encoder()
            .map_or("the built-in model", |encoder| encoder.fingerprint()),
        models.file(model.hash()).display()
    );
    Ok(ExitCode::SUCCESS)
}
