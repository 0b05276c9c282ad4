//! Whom a bot's models are asked of: providers and their keys, what tokens cost, what is recorded or replayed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use dialog::Bot;
use llm::cassette::{Cassette, Player, Tape};
use llm::price::{Price, Prices};
use llm::{Client, Key, Kind, Model, Provider, parse_target};
use runtime::{EXTRACTIVE, Target, Targets};

use crate::config::Config;
use crate::folder;

/// The keys of a provider in switchboard.yaml.
const KEYS: [&str; 4] = ["kind", "base_url", "key", "idle_s"];

/// The models of a place.
#[derive(Clone)]
pub(crate) struct Providers {
    by_name: BTreeMap<String, Provider>,
    client: Client,
    replay: Option<Arc<Tape>>,
}

impl Providers {
    /// Those of `switchboard.yaml`, and the well-known ones with the keys that the environment has.
    ///
    /// # Errors
    /// A setting that can't be read, a cassette that can't be replayed.
    pub(crate) fn of(
        config: &Config,
        variables: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let mut by_name = BTreeMap::new();
        for kind in Kind::ALL {
            let mut provider = Provider::defaults(kind);
            provider.key = variables.get(key_variable(kind)).map(Key::new);
            by_name.insert(kind.name().to_owned(), provider);
        }
        for (name, settings) in &config.providers {
            let known = by_name.get(name).cloned();
            let provider = read(name, settings, known, variables)
                .with_context(|| format!("in `providers.{name}`"))?;
            by_name.insert(name.clone(), provider);
        }
        let replay = match config.text("models.replay") {
            "" => None,
            file => Some(Arc::new(Tape::read(Path::new(file))?)),
        };
        Ok(Self {
            by_name,
            client: Client::new()?,
            replay,
        })
    }

    /// What the targets of a bot's models stand for here.
    ///
    /// # Errors
    /// A target that is none, or whose provider or key this place does not have.
    pub(crate) fn targets(
        &self,
        bot: &Bot,
        variables: &BTreeMap<String, String>,
    ) -> anyhow::Result<Targets> {
        let mut targets = Targets::new();
        for model in &bot.models {
            for written in model.all_targets() {
                let target = folder::fill(written, variables)
                    .and_then(|name| self.target(&name))
                    .with_context(|| format!("the model `{}`, target `{written}`", model.name))?;
                targets.insert(written.clone(), target);
            }
        }
        check_judges(bot, &targets)?;
        Ok(targets)
    }

    fn target(&self, name: &str) -> anyhow::Result<Target> {
        if name == EXTRACTIVE {
            return Ok(Target::Extractive);
        }
        let (provider, model) = parse_target(name).with_context(|| {
            format!("`{name}` is no target: it is `extractive`, or a provider and its model like `openai:gpt-5-mini`")
        })?;
        let known = || self.by_name.keys().cloned().collect::<Vec<_>>().join(", ");
        let provider = self.by_name.get(provider).with_context(|| {
            format!("there is no provider `{provider}`; there are: {}", known())
        })?;
        if let Some(tape) = &self.replay {
            return Ok(Target::Model(Arc::new(Player::new(name, tape.clone()))));
        }
        let own = Provider::defaults(provider.kind);
        if provider.key.is_none()
            && provider.kind != Kind::Ollama
            && provider.base_url == own.base_url
        {
            bail!(
                "the provider `{}` wants a key: set the variable {}, or `providers.{}.key` in switchboard.yaml",
                provider.name,
                key_variable(provider.kind),
                provider.name
            );
        }
        let model: Arc<dyn Model> = provider.model(model, &self.client);
        Ok(Target::Model(model))
    }
}

/// A target may turn out to quote only here, where its variables are filled in.
fn check_judges(bot: &Bot, targets: &Targets) -> anyhow::Result<()> {
    let judged = bot.models.iter();
    for (model, judge) in judged.filter_map(|model| Some((model, model.check.judge?))) {
        let judge = &bot.models[judge.index()];
        let quotes = |target: &&String| matches!(targets.get(*target), Some(Target::Extractive));
        if let Some(target) = judge.all_targets().find(quotes) {
            bail!(
                "the model `{}` is judged by `{}`, whose target `{target}` quotes here and can't judge",
                model.name,
                judge.name
            );
        }
    }
    Ok(())
}

/// What tokens cost: the published prices, and this place's own.
///
/// # Errors
/// A file that can't be read.
pub(crate) fn prices(config: &Config) -> anyhow::Result<Prices> {
    let mut prices = Prices::known();
    let file = config.text("models.prices");
    if file.is_empty() {
        return Ok(prices);
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
    let own: BTreeMap<String, Price> =
        serde_saphyr::from_str(&text).with_context(|| format!("in {file}"))?;
    for (target, price) in own {
        prices.set(&target, price);
    }
    Ok(prices)
}

/// Where this place records its models' calls, if it does.
///
/// # Errors
/// A file that can't be written.
pub(crate) fn record(config: &Config) -> anyhow::Result<Option<Arc<Cassette>>> {
    match config.text("models.record") {
        "" => Ok(None),
        file => Cassette::open(PathBuf::from(file))
            .map(Some)
            .with_context(|| format!("calls can't be recorded in {file}")),
    }
}

fn read(
    name: &str,
    settings: &BTreeMap<String, String>,
    known: Option<Provider>,
    variables: &BTreeMap<String, String>,
) -> anyhow::Result<Provider> {
    if let Some(wrong) = settings.keys().find(|key| !KEYS.contains(&key.as_str())) {
        bail!("unknown key `{wrong}`; there are: {}", KEYS.join(", "));
    }
    let setting = |key: &str| {
        let written = settings.get(key);
        written
            .map(|text| folder::fill(text, variables))
            .transpose()
    };
    let kinds = Kind::ALL.map(Kind::name).join(", ");
    let kind = setting("kind")?
        .map(|kind| {
            Kind::named(&kind)
                .with_context(|| format!("there is no kind `{kind}`; there are: {kinds}"))
        })
        .transpose()?;
    let mut provider = match (kind, known) {
        (None, Some(known)) => known,
        (Some(kind), _) => Provider::defaults(kind),
        (None, None) => bail!("it needs a `kind`: {kinds}"),
    };
    provider.name = name.to_owned();
    if let Some(url) = setting("base_url")? {
        provider.base_url = url;
    }
    if let Some(key) = setting("key")? {
        provider.key = Some(Key::new(key));
    }
    if let Some(seconds) = setting("idle_s")? {
        let seconds = seconds
            .parse()
            .context("`idle_s` is a whole number of seconds")?;
        provider.idle = std::time::Duration::from_secs(seconds);
    }
    Ok(provider)
}

/// The variable that holds a provider's key, as its own tools have it.
fn key_variable(kind: Kind) -> &'static str {
    match kind {
        Kind::OpenAi => "OPENAI_API_KEY",
        Kind::Anthropic => "ANTHROPIC_API_KEY",
        Kind::Gemini => "GEMINI_API_KEY",
        Kind::OpenRouter => "OPENROUTER_API_KEY",
        Kind::Ollama => "OLLAMA_API_KEY",
    }
}
