//! Versions of the bot, side by side: what runs now, and what older conversations still run on.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};

use dialog::{Bot, BotVersion, Expected, Locale, Understanding};
use knowledge::Articles;
use render::Templates;
use tools::Toolbox;
use tracing::info;
use understand::Reading;

use crate::answer::Targets;
use crate::runtime::Runtime;

/// So many versions are kept for conversations that are in the middle of a flow. One deploys rarely more often than
/// conversations last; a conversation on a version that is gone goes on with the newest, if its states still exist there.
pub const VERSIONS_MAX: usize = 8;

/// How text is understood: the sparse model, or a larger encoder.
pub trait Understand: Send + Sync {
    /// What a message means. Same text, same reading, same answer.
    fn understand(&self, text: &str, reading: &Reading<'_>) -> Understanding;

    /// Which of the bot's languages a text is clearly in.
    fn language(&self, text: &str) -> Option<Locale>;

    /// Whether one message takes more than a millisecond: then it is understood beside the workers that serve connections.
    fn is_slow(&self) -> bool;
}

impl Understand for understand::Model {
    fn understand(&self, text: &str, reading: &Reading<'_>) -> Understanding {
        self.understand(text, reading)
    }

    fn language(&self, text: &str) -> Option<Locale> {
        self.language(text).cloned()
    }

    /// N-grams alone take about a tenth of that, an encoder ten times as long.
    fn is_slow(&self) -> bool {
        self.encoder().is_some()
    }
}

/// One version of a bot, ready to run.
#[derive(Clone)]
pub struct Deployment {
    /// What it does.
    pub bot: Arc<Bot>,
    /// What it says.
    pub templates: Arc<Templates>,
    /// How it understands.
    pub model: Arc<dyn Understand>,
    /// What it calls.
    pub tools: Toolbox,
    /// What it knows.
    pub articles: Arc<Articles>,
    /// Whom it asks.
    pub targets: Targets,
}

/// All versions that run.
pub(crate) struct Versions {
    /// The current one first.
    running: RwLock<VecDeque<Arc<Deployment>>>,
    /// Older ones that cannot be had any more.
    missing: RwLock<BTreeSet<BotVersion>>,
}

impl Versions {
    pub(crate) fn new(first: Deployment) -> Self {
        Self {
            running: RwLock::new(VecDeque::from([Arc::new(first)])),
            missing: RwLock::default(),
        }
    }

    /// The one that new conversations take.
    pub(crate) fn current(&self) -> Arc<Deployment> {
        let versions = self.running.read().unwrap_or_else(PoisonError::into_inner);
        versions.front().expect("there is always one").clone()
    }

    /// The one of that version, if it still runs.
    pub(crate) fn get(&self, version: &BotVersion) -> Option<Arc<Deployment>> {
        let versions = self.running.read().unwrap_or_else(PoisonError::into_inner);
        versions
            .iter()
            .find(|one| one.bot.version == *version)
            .cloned()
    }

    /// Makes this the current one. The same version again replaces it: its examples, and so its model, may have changed.
    pub(crate) fn deploy(&self, deployment: Deployment) {
        let mut versions = self.running.write().unwrap_or_else(PoisonError::into_inner);
        versions.retain(|one| one.bot.version != deployment.bot.version);
        versions.push_front(Arc::new(deployment));
        versions.truncate(VERSIONS_MAX);
    }

    /// Lets one run that older conversations are on.
    pub(crate) fn add_older(&self, deployment: Deployment) {
        let mut versions = self.running.write().unwrap_or_else(PoisonError::into_inner);
        versions.truncate(VERSIONS_MAX - 1);
        versions.push_back(Arc::new(deployment));
    }

    /// Notes that one cannot be had any more.
    pub(crate) fn miss(&self, version: &BotVersion) {
        let mut missing = self.missing.write().unwrap_or_else(PoisonError::into_inner);
        missing.insert(version.clone());
    }

    /// Whether one runs, or is known not to be had any more.
    pub(crate) fn is_known(&self, version: &BotVersion) -> bool {
        let missing = self.missing.read().unwrap_or_else(PoisonError::into_inner);
        missing.contains(version) || self.get(version).is_some()
    }

    /// All that run, the current one first.
    pub(crate) fn all(&self) -> Vec<BotVersion> {
        let versions = self.running.read().unwrap_or_else(PoisonError::into_inner);
        versions.iter().map(|one| one.bot.version.clone()).collect()
    }
}

impl Runtime {
    /// Makes a version the one that new conversations and those between flows take. Others stay on theirs.
    pub fn deploy(&self, deployment: Deployment) {
        info!(version = %deployment.bot.version, "Version deployed.");
        self.inner.versions.deploy(deployment);
    }

    /// The version that new conversations take.
    pub fn current(&self) -> Arc<Deployment> {
        self.inner.versions.current()
    }

    /// A version, if it runs.
    pub fn version(&self, version: &BotVersion) -> Option<Arc<Deployment>> {
        self.inner.versions.get(version)
    }

    /// The versions that run, the current one first.
    pub fn versions(&self) -> Vec<BotVersion> {
        self.inner.versions.all()
    }

    /// What a text means to the current version, outside any conversation.
    pub fn understand(&self, text: &str, locale: Option<Locale>) -> Understanding {
        let deployment = self.current();
        let bot = &deployment.bot;
        let reading = Reading {
            locale: locale.as_ref().unwrap_or_else(|| bot.default_locale()),
            now: self.now().to_zoned(bot.tz.clone()),
            expected: &Expected::default(),
            bands: bot.bands,
        };
        deployment.model.understand(text, &reading)
    }
}
