//! A bot's folder, ready to run: read, compiled, trained (or the trained model taken from the cache).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use author::{Catalogue, Compiled, Severity};
use encode::Shelf;
use knowledge::{Articles, Library};
use tools::{Login, Secret};
use tracing::{info, warn};
use understand::{Encoder, Model, Trainer, TrainingData};

use crate::config::Config;
use crate::reader;

/// Reads and compiles a folder. The diagnostics are in what comes back.
///
/// # Errors
/// When there is no bot or a file cannot be read.
pub(crate) fn compile(dir: &Path, catalogue: &Catalogue) -> anyhow::Result<Compiled> {
    if !dir.join("bot.yaml").is_file() {
        bail!(
            "there is no bot in {}: bot.yaml is missing. `switchboard new mybot` makes one.",
            dir.display()
        );
    }
    let files = author::read(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    Ok(author::compile(&files, catalogue))
}

/// The parts of a folder that a version of the bot is compiled from; its tests and articles are none.
const NO_SOURCES: [&str; 2] = ["tests/", "knowledge/"];

/// What a bot was compiled from, as it is kept for the next start.
pub(crate) fn sources(compiled: &Compiled) -> Vec<u8> {
    let files = compiled.files.iter();
    let texts: BTreeMap<&String, String> = files
        .filter(|(path, _)| !NO_SOURCES.iter().any(|part| path.starts_with(part)))
        .map(|(path, bytes)| (path, String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    serde_json::to_vec(&texts).expect("texts always serialise")
}

/// Compiles what was kept.
///
/// # Errors
/// When it is no bot any more, for this program or in this place.
pub(crate) fn compile_kept(sources: &[u8], catalogue: &Catalogue) -> anyhow::Result<Compiled> {
    let texts: BTreeMap<String, String> = serde_json::from_slice(sources)?;
    let files = texts
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()));
    let compiled = author::compile(&files.collect(), catalogue);
    let mut wrong = compiled.diagnostics.iter();
    match wrong.find(|one| one.severity == Severity::Error) {
        Some(first) => bail!("{}", first.sentence),
        None => Ok(compiled),
    }
}

/// Reads what changed among a bot's articles. One that can't be read is told, and the others are there all the same.
pub(crate) fn read_articles(library: &mut Library, files: &author::Files) {
    for problem in library.update(files).errors {
        warn!(%problem, "An article can't be read.");
    }
    for article in library.articles().filter(|article| article.orders > 0) {
        warn!(
            article = article.name,
            lines = article.orders,
            "An article tells machines what to do; those lines are left out."
        );
    }
}

/// Prints what is wrong with a bot; whether it can run all the same.
pub(crate) fn report(compiled: &Compiled) -> bool {
    let errors = count(compiled, Severity::Error);
    if errors > 0 {
        eprint!(
            "{}",
            author::print::human(&compiled.diagnostics, &compiled.files)
        );
        eprintln!(
            "{}. `switchboard explain CODE` says more about one.",
            counted(errors, "error")
        );
    }
    errors == 0
}

/// How many diagnostics are this severe.
pub(crate) fn count(compiled: &Compiled, severity: Severity) -> usize {
    let all = compiled.diagnostics.iter();
    all.filter(|one| one.severity == severity).count()
}

/// "1 error", "2 errors".
pub(crate) fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// Where trained models are kept, and the encoders they may need.
#[derive(Clone)]
pub(crate) struct Models {
    pub(crate) folder: PathBuf,
    pub(crate) shelf: Shelf,
}

impl Models {
    /// Those of a bot's folder in this place.
    pub(crate) fn of(config: &Config, dir: &Path) -> Self {
        Self::within(&config.data(dir), config, dir)
    }

    /// The same with another data folder.
    pub(crate) fn within(data: &Path, config: &Config, dir: &Path) -> Self {
        Self {
            folder: data.join("models"),
            shelf: Shelf::new(config.encoders(dir)),
        }
    }

    /// The model for this training data, read with this encoder: from the cache, else trained now.
    ///
    /// # Errors
    /// When the cache can't be written.
    pub(crate) fn model(
        &self,
        training: &TrainingData,
        encoder: Option<Arc<dyn Encoder>>,
    ) -> anyhow::Result<Arc<Model>> {
        let mut trainer = reader::trainer(encoder, &self.folder);
        let file = self.file(&trainer.hash(training));
        if let Some(model) = cached(&file, trainer.encoder().cloned()) {
            return Ok(model);
        }
        let model = train(&mut trainer, training)?;
        reader::keep(&trainer, &self.folder)?;
        write(&file, &model.to_bytes())?;
        Ok(Arc::new(model))
    }

    /// The articles of a library, ready to be searched; `encoder` says with what a locale's texts are read.
    ///
    /// # Errors
    /// When an encoder fails, or the cache can't be written.
    pub(crate) fn articles(
        &self,
        library: &mut Library,
        encoder: impl Fn(&str) -> Option<Arc<dyn Encoder>>,
    ) -> anyhow::Result<Articles> {
        let kept = self.folder.join("articles.vectors");
        library.remember(&std::fs::read(&kept).unwrap_or_default());
        let known = library.vectors_count();
        let articles = Articles::new(library, encoder)?;
        if library.vectors_count() > known {
            write(&kept, &library.vectors())?;
        }
        Ok(articles)
    }

    /// Where a model lies.
    pub(crate) fn file(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{hash}.model"))
    }
}

/// Writes a file beside its place and renames it: a process that dies in between leaves no half of one under this name.
pub(crate) fn write(file: &Path, content: &[u8]) -> anyhow::Result<()> {
    let part = file.with_extension(format!("part-{}", std::process::id()));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(&part, content).with_context(|| format!("cannot write {}", part.display()))?;
    std::fs::rename(&part, file).with_context(|| format!("cannot write {}", file.display()))
}

fn cached(file: &Path, encoder: Option<Arc<dyn Encoder>>) -> Option<Arc<Model>> {
    let bytes = std::fs::read(file).ok()?;
    let model = match encoder {
        Some(encoder) => Model::from_bytes_with(&bytes, encoder),
        None => Model::from_bytes(&bytes),
    };
    match model {
        Ok(model) => Some(Arc::new(model)),
        Err(error) => {
            warn!(file = %file.display(), %error, "A cached model can't be read; it is trained again.");
            None
        }
    }
}

fn train(trainer: &mut Trainer, training: &TrainingData) -> anyhow::Result<Model> {
    let bar = reader::bar();
    let model = trainer.train(training, &mut |progress| reader::show(&bar, progress))?;
    bar.finish_and_clear();
    info!(model = model.hash(), "Model trained.");
    Ok(model)
}

/// What this build and this place can do. With an environment, variables that tools need and that are not set are errors.
pub(crate) fn catalogue(environment: Option<&BTreeMap<String, String>>) -> Catalogue {
    Catalogue {
        desks: BTreeSet::from(["console".to_owned()]),
        environment: environment.map(|all| all.keys().cloned().collect()),
        ..Catalogue::default()
    }
}

/// Values for the variables that a bot's tools name, where it is only looked at and nothing is called.
pub(crate) fn stand_ins(compiled: &Compiled) -> BTreeMap<String, String> {
    let urls = compiled
        .bot
        .iter()
        .flat_map(|bot| &bot.tools)
        .filter_map(|tool| match &tool.kind {
            dialog::ToolKind::Http { url, .. } => Some(url.as_str()),
            dialog::ToolKind::Builtin(_) => None,
        });
    let secrets = compiled
        .logins
        .values()
        .flat_map(|login| login.settings.values().map(String::as_str));
    let named = |text: &str| -> Vec<String> {
        text.split("${")
            .skip(1)
            .filter_map(|rest| Some(rest.split('}').next()?.split(":-").next()?.to_owned()))
            .collect()
    };
    urls.chain(secrets)
        .flat_map(named)
        .map(|name| (name, "http://nowhere.invalid".to_owned()))
        .collect()
}

/// How tools show who they are, with the environment's secrets filled in.
///
/// # Errors
/// A kind that this build does not know, a missing setting or variable.
pub(crate) fn logins(
    declared: &BTreeMap<String, author::Login>,
    variables: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, Login>> {
    declared
        .iter()
        .map(|(name, login)| Ok((name.clone(), one_login(name, login, variables)?)))
        .collect()
}

fn one_login(
    name: &str,
    login: &author::Login,
    variables: &BTreeMap<String, String>,
) -> anyhow::Result<Login> {
    let setting = |key: &str| -> anyhow::Result<String> {
        let text = login
            .settings
            .get(key)
            .with_context(|| format!("login `{name}` needs `{key}`"))?;
        fill(text, variables).with_context(|| format!("login `{name}`"))
    };
    match login.kind.as_str() {
        "api_key" => Ok(Login::ApiKey {
            header: setting("header")?,
            secret: Secret::new(setting("secret")?),
        }),
        "bearer" => Ok(Login::Bearer {
            token: Secret::new(setting("secret")?),
        }),
        other => bail!(
            "login `{name}` is of the kind `{other}`, which this version does not know; it knows api_key and bearer"
        ),
    }
}

/// `${NAME}` and `${NAME:-default}`.
pub(crate) fn fill(text: &str, variables: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let mut parts = text.split("${");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, after) = part.split_once('}').context("a `${` is not closed")?;
        let (variable, default) = inside
            .split_once(":-")
            .map_or((inside, None), |(name, default)| (name, Some(default)));
        let value = variables.get(variable).map(String::as_str).or(default);
        filled.push_str(value.with_context(|| format!("the variable {variable} is not set"))?);
        filled.push_str(after);
    }
    Ok(filled)
}
