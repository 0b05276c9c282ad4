//! A runtime, put together from a bot's folder: the same for a server, a talk in the terminal and data that is only looked at.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, bail};
use author::Compiled;
use knowledge::Library;
use runtime::{Compile, Config, Deployment, Runtime, SystemClock, Targets};
use store::Store;
use tokio::runtime::Handle;
use tools::{HttpClient, Place, PrivateAddresses, Toolbox};

use crate::folder::{self, Models};
use crate::providers::Providers;
use crate::reader;

/// What a runtime is put together from.
#[derive(Clone)]
pub(crate) struct Assembly {
    /// The bot's folder.
    pub(crate) dir: PathBuf,
    /// Where trained models are kept, and encoders.
    pub(crate) models: Models,
    /// Values for `${NAME}`.
    pub(crate) variables: Variables,
    /// Whether tools may call this network.
    pub(crate) private: PrivateAddresses,
    /// Whom the bot's models are asked of; none = nobody, the bot is only looked at.
    pub(crate) providers: Option<Providers>,
    /// The articles that were read: only what changes is read again.
    pub(crate) library: Arc<Mutex<Library>>,
}

/// Where the values for `${NAME}` come from.
#[derive(Clone)]
pub(crate) enum Variables {
    /// From here; one that is missing is a mistake.
    Known(BTreeMap<String, String>),
    /// From nowhere: the bot is only looked at, and nothing is called.
    StandIns,
}

impl Assembly {
    /// Takes the store over and runs conversations with the bot as it is now; its sources are kept for the next start.
    ///
    /// # Errors
    /// A bot with mistakes, which are printed; a tool that can't be had; the store's.
    pub(crate) async fn start(
        &self,
        config: Config,
        store: Arc<dyn Store>,
    ) -> anyhow::Result<Runtime> {
        let (deployment, sources) = self.newest()?;
        let config = self.with_older(config);
        let runtime = Runtime::start(config, store, Arc::new(SystemClock), deployment).await?;
        runtime.keep_sources(sources).await?;
        Ok(runtime)
    }

    /// Opens the store to look at it: nothing is taken up, no timer fires.
    ///
    /// # Errors
    /// As [`Assembly::start`].
    pub(crate) async fn look(&self, store: Arc<dyn Store>) -> anyhow::Result<Runtime> {
        let (deployment, _) = self.newest()?;
        let config = self.with_older(Config::default());
        Ok(Runtime::look(config, store, Arc::new(SystemClock), deployment).await?)
    }

    /// Takes over what the folder has become. Blocks; not for the workers that serve.
    ///
    /// # Errors
    /// As [`Assembly::start`]; the old bot goes on then.
    pub(crate) fn reload(&self, runtime: &Runtime) -> anyhow::Result<()> {
        let (deployment, sources) = self.newest()?;
        runtime.deploy(deployment);
        Ok(Handle::current().block_on(runtime.keep_sources(sources))?)
    }

    /// The bot as it is now, compiled and trained, and its sources.
    fn newest(&self) -> anyhow::Result<(Deployment, Vec<u8>)> {
        let compiled = folder::compile(&self.dir, &self.variables.catalogue())?;
        if !folder::report(&compiled) {
            bail!(
                "the bot in {} has mistakes; mend them first",
                self.dir.display()
            );
        }
        folder::read_articles(&mut self.library(), &compiled.files);
        let sources = folder::sources(&compiled);
        Ok((self.deployment(compiled)?, sources))
    }

    /// Older versions, in the middle of which conversations are, are taken up again from their kept sources.
    fn with_older(&self, config: Config) -> Config {
        let assembly = self.clone();
        let compile = Compile(Arc::new(move |sources| {
            folder::compile_kept(sources, &assembly.variables.catalogue())
                .and_then(|compiled| assembly.deployment(compiled))
                .map_err(|problem| format!("{problem:#}"))
        }));
        Config {
            compile: Some(compile),
            ..config
        }
    }

    fn deployment(&self, compiled: Compiled) -> anyhow::Result<Deployment> {
        let variables = self.variables.of(&compiled);
        deployment(
            compiled,
            &self.models,
            &mut self.library(),
            variables,
            self.private,
            self.providers.as_ref(),
        )
    }

    fn library(&self) -> MutexGuard<'_, Library> {
        self.library.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Variables {
    fn catalogue(&self) -> author::Catalogue {
        match self {
            Variables::Known(all) => folder::catalogue(Some(all)),
            Variables::StandIns => folder::catalogue(None),
        }
    }

    fn of(&self, compiled: &Compiled) -> BTreeMap<String, String> {
        match self {
            Variables::Known(all) => all.clone(),
            Variables::StandIns => folder::stand_ins(compiled),
        }
    }
}

/// A compiled bot that is trained and has read its articles; nothing is called.
///
/// # Errors
/// A bot with mistakes; an encoder that can't be had; the cache can't be written.
pub(crate) fn without_tools(
    compiled: &mut Compiled,
    models: &Models,
    library: &mut Library,
) -> anyhow::Result<Deployment> {
    let (Some(bot), Some(templates), Some(training)) = (
        compiled.bot.clone(),
        compiled.templates.take(),
        &compiled.training,
    ) else {
        bail!("the bot has mistakes; mend them first");
    };
    let encoder = reader::open(compiled.encoder, &models.shelf)?;
    let model = models.model(training, encoder.clone())?;
    let articles = models.articles(library, |locale| {
        encoder.clone().filter(|_| model.reads(&locale.into()))
    })?;
    Ok(Deployment {
        bot,
        templates: Arc::new(templates),
        model,
        tools: Toolbox::default(),
        articles: Arc::new(articles),
        targets: Targets::new(),
    })
}

/// The same with its tools.
fn deployment(
    mut compiled: Compiled,
    models: &Models,
    library: &mut Library,
    variables: BTreeMap<String, String>,
    private: PrivateAddresses,
    providers: Option<&Providers>,
) -> anyhow::Result<Deployment> {
    let bare = without_tools(&mut compiled, models, library)?;
    let targets = match providers {
        Some(providers) => providers.targets(&bare.bot, &variables)?,
        None => Targets::new(),
    };
    let logins = folder::logins(&compiled.logins, &variables)?;
    let client = HttpClient::new(private).context("the system's certificates can't be read")?;
    let place = Place {
        variables,
        logins,
        private,
    };
    let tools = Toolbox::new(&bare.bot.tools, &place, &client).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("the tools can't be had here:\n  {}", lines.join("\n  "))
    })?;
    Ok(Deployment {
        tools,
        targets,
        ..bare
    })
}
